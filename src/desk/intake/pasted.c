/* SPDX-License-Identifier: Apache-2.0
 *
 * pasted: a person's complaint with the headers of the mail in its text, in
 * any transfer encoding or HTML, quoted, indented or double-spaced; or in a
 * text file beside it.
 */
#include "desk/intake/formats.h"

static bool read(struct reading *reading)
{
	if (!reading_add_written(reading, &CLAIM_NONE))
		return false;
	reading_set(reading, "pasted", CLASS_SPAM, REPORTER_PERSON);
	return true;
}

const struct intake intake_pasted = { "pasted", "person, headers pasted", read, ENCLOSED_REPORT };
