/* SPDX-License-Identifier: Apache-2.0
 *
 * trace_text: quell.trace/1 for people.
 */
#pragma once
#include "show/view.h"

extern const struct column trace_columns[];
/* Each message under a line of its own, as exigrep has them; lines of no message at the end. context: none. */
void trace_text(struct buf *out, const json_t *report, const void *context, bool color);
