/* SPDX-License-Identifier: Apache-2.0
 *
 * scan_forms: quell.scan/1 as rows for programs and as one HTML file to hand
 * on: sentence, plot, addresses, proof, who was cleared, what was not visible.
 */
#pragma once
#include "show/view.h"

/* Text and JSON are scan_show()'s. */
int scan_show_form(const json_t *report, enum output output, int fd, struct err *err);
