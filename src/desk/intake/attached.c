/* SPDX-License-Identifier: Apache-2.0
 *
 * attached: a person's complaint with the mail enclosed, whole or as headers;
 * or a report that somebody passes on as an enclosure.
 */
#include "desk/intake/formats.h"

static bool read(struct reading *reading)
{
	reading->unwraps = true;
	if (!reading_add_enclosed(reading, &CLAIM_NONE))
		return false;
	if (!reading->out->format.len) /* else a report was enclosed, which has said what it is */
		reading_set(reading, "attached", CLASS_SPAM, REPORTER_PERSON);
	return true;
}

const struct intake intake_attached = { "attached", "person, mail attached", read, ENCLOSED_NEVER };
