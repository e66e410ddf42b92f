/* SPDX-License-Identifier: Apache-2.0
 *
 * attached: a person's complaint with the mail enclosed, whole or as headers.
 */
#include "desk/intake/formats.h"

static bool read(struct reading *reading)
{
	if (!reading_add_enclosed(reading, &CLAIM_NONE))
		return false;
	reading_set(reading, "attached", CLASS_SPAM, REPORTER_PERSON);
	return true;
}

const struct intake intake_attached = { "attached", "person, mail attached", read };
