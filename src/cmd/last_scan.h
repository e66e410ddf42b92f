/* SPDX-License-Identifier: Apache-2.0
 *
 * last_scan: the report of the last scan in the state folder, to which
 * numbers ("stop 1", "why 1") refer and which keeps the first day of an
 * incident when the logs that showed it have rotated away.
 */
#pragma once
#include <jansson.h>

#include "base/err.h"

/* NULL when there is none or it cannot be read. The caller's reference. */
json_t *last_scan_load(const char *state);
/* An incident whose cause was in the last report, and whose mail has not paused for 72 hours since, keeps its id and the
 * time of its first message. */
void last_scan_carry(json_t *report, const json_t *last);
/* Writes the report into the state folder (made 0700 when missing) in one step; the file is 0600. */
int last_scan_save(const char *state, const json_t *report, struct err *err);
