/* SPDX-License-Identifier: Apache-2.0
 *
 * scan_text: quell.scan/1 for people, or checked and printed again for programs.
 */
#pragma once
#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

/* The report of a scan from its JSON text, which is as untrusted as the reader that wrote it. NULL with *err filled when it
 * is no JSON. */
json_t *scan_parse(str report, struct err *err);
/* Prints it to fd, for people or as indented ASCII JSON; the exit code of the contract (0, 1 or 3), or an error. */
int scan_show(const json_t *report, bool as_json, bool color, int fd, struct err *err);
int scan_print_json(const json_t *report, int fd, struct err *err);
/* Its exit code: 1 when a blamed or inbound incident is listed, 3 when none is but something needed was hidden, else 0. */
int scan_code(const json_t *report);
/* One incident as on the screen of a scan, without its reasons; the list of cleared actors. */
void scan_print_incident(struct buf *out, const json_t *incident, bool color);
void scan_print_cleared(struct buf *out, const json_t *list);
