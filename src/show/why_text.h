/* SPDX-License-Identifier: Apache-2.0
 *
 * why_text: what a report says about one incident, actor or address.
 */
#pragma once
#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

/* Prints the incidents and cleared actors that word names (number, id, message id, file, mailbox, account or IP) as text or
 * as quell.why/1. Returns 1 when a blamed or inbound incident is among them, else 0, or an error. */
int why_show(const json_t *report, str word, bool as_json, bool color, int fd, struct err *err);
