/* SPDX-License-Identifier: Apache-2.0
 *
 * findings: what scanners have found, kept in the state folder (malware.json)
 * and told with the incidents of the same account.
 */
#pragma once
#include <jansson.h>

#include "base/err.h"

/* Adds the findings of report (quell.malware/1) to those kept; what was found before below one of its "targets" is replaced.
 * At most 10,000 are kept. */
int findings_save(const char *state, const json_t *report, struct err *err);
/* Gives each incident of a report the array "malware" when its account has findings. */
void findings_attach(const char *state, json_t *report);
