/* SPDX-License-Identifier: Apache-2.0
 *
 * pasted: a person's complaint with the headers of the mail in its text, in
 * any transfer encoding or HTML, quoted, indented or double-spaced; or in a
 * text file beside it.
 */
#include "desk/intake/formats.h"

/* A part that may hold text, though readers of mail do not show it: attached files, the HTML twin of a plain text. */
static bool is_text_file(const struct part *part)
{
	static const char *const ends[] = { ".txt", ".text", ".hdr", ".log", ".eml", ".html", ".htm" };
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (part_is_named(part, ends[i]))
			return true;
	return str_starts(part->type, STR("text/"));
}

static bool read(struct reading *reading)
{
	const struct mime *mime = reading->mime;
	size_t found = reading_add_pasted(reading, reading->text, &CLAIM_NONE);
	for (size_t i = 0; i < mime->count && !found; i++)
		if (is_text_file(&mime->parts[i]))
			found = reading_add_pasted(reading, part_text(mime, &mime->parts[i]), &CLAIM_NONE);
	if (found)
		reading_set(reading, "pasted", CLASS_SPAM, REPORTER_PERSON);
	return found > 0;
}

const struct intake intake_pasted = { "pasted", "person, headers pasted", read, ENCLOSED_REPORT };
