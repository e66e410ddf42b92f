/* SPDX-License-Identifier: Apache-2.0
 *
 * scan_text: quell.scan/1 for people, or checked and printed again for programs.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

/* report: the JSON text of a scan, as untrusted as the reader that wrote it. Prints to fd and returns the exit code of the
 * contract (0, 1 or 3), or an error. */
int scan_show(str report, bool as_json, bool color, int fd, struct err *err);
