/* SPDX-License-Identifier: Apache-2.0
 *
 * scan: a whole scan, for the commands that show its report or a part of it.
 */
#pragma once
#include <jansson.h>

#include "cmd/cmd.h"

/* --since, --until, --all-ids */
extern const struct opt scan_options_table[];
/* Reads and judges as the options say; *out is the report (quell.scan/1), the caller's reference. */
int scan_report(struct app *app, const struct opts *opts, json_t **out, struct err *err);
