/* SPDX-License-Identifier: Apache-2.0
 *
 * jmrp: Microsoft's junk mail reports. The newer shape encloses the mail and
 * names the address in the subject; the older one splices the report's own
 * transport fields and the reported mail into one header block, parted where
 * X-HmXmrOriginalRecipient stands. X-Reporter-IP is the complaining user.
 */
#include "desk/intake/formats.h"

#include "desk/intake/text.h"

static const char splice_field[] = "X-HmXmrOriginalRecipient";

static bool is_jmrp(const struct reading *reading)
{
	return str_eq_nocase(reading->out->reporter_address, STR("staff@hotmail.com")) ||
	       headers_has(&reading->mime->headers, splice_field) ||
	       text_contains(reading->subject, "complaint about message from");
}

/* The reported mail's part of a spliced header block. */
static struct headers spliced_mail(const struct reading *reading)
{
	struct headers mail = reading->mime->headers;
	while (mail.count && !str_eq_nocase(mail.at->name, str_from(splice_field))) {
		mail.at++;
		mail.count--;
	}
	return mail;
}

static bool read(struct reading *reading)
{
	if (!is_jmrp(reading))
		return false;
	struct claim claim = reading->fallback;
	struct headers spliced = spliced_mail(reading);
	reading_set(reading, "jmrp", CLASS_SPAM, REPORTER_FBL);
	if (spliced.count)
		reading_add(reading, &spliced, &claim);
	else if (!reading_add_enclosed(reading, &claim))
		reading_add_text(reading, STR(""), &claim);
	return true;
}

const struct intake intake_jmrp = { "jmrp", "Microsoft junk mail report (JMRP)", read, ENCLOSED_REPORT };
