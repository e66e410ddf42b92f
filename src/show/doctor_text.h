/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor_text: quell.doctor/1 for people: gaps with what they cost and the
 * lines that close them, then what is good in one line each.
 */
#pragma once
#include "show/view.h"

extern const struct column doctor_columns[];
/* context: none. */
void doctor_text(struct buf *out, const json_t *report, const void *context, bool color);
