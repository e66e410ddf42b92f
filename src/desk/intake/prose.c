/* SPDX-License-Identifier: Apache-2.0
 *
 * prose: what no format reader knew: running text. Addresses in it are
 * claims; a complaint about spam without headers needs to be asked for them.
 */
#include "desk/intake/formats.h"

#include "desk/intake/addresses.h"
#include "desk/intake/text.h"

static const char *const spam_words[] = { "spam",	   "unsolicited",   "junk mail",   "phish",	 "unerwünschte",
					  "non sollicité", "no solicitado", "indesiderat", "ongewenste", "nevyžádan" };

static bool speaks_of_spam(const struct reading *reading)
{
	for (size_t i = 0; i < sizeof(spam_words) / sizeof(*spam_words); i++)
		if (text_contains(reading->subject, spam_words[i]) || text_contains(reading->text, spam_words[i]))
			return true;
	return false;
}

static bool read(struct reading *reading)
{
	bool spam = speaks_of_spam(reading);
	reading_set(reading, spam ? "prose" : "other-abuse", spam ? CLASS_SPAM : CLASS_OTHER, REPORTER_PERSON);
	addresses_add_named(reading);
	if (!reading->out->items.count)
		reading_add_text(reading, STR(""), &CLAIM_NONE);
	return true;
}

const struct intake intake_prose = { "prose", "running text", read, ENCLOSED_NEVER };
