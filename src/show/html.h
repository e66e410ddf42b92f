/* SPDX-License-Identifier: Apache-2.0
 *
 * html: the frame of a report that is one file: style inside, no script, no
 * network, readable from disk, in the dark and on paper. A Content Security
 * Policy in the page allows its own style sheet by hash and nothing else.
 */
#pragma once
#include "base/buf.h"

/* From the doctype to the heading; title is outside text. */
void html_begin(struct buf *out, str title);
void html_end(struct buf *out);

/* A heading of the second level and, in the same section, what follows until html_section_end(). */
void html_section(struct buf *out, const char *heading);
void html_section_end(struct buf *out);

/* A bar chart: one bar for each hour; marked bars stand out. */
struct html_bar {
	long long value;
	bool marked;
	str label; /* outside text; shown below every so many bars and by the bar's own title */
};
void html_chart(struct buf *out, const char *id, str title, const struct html_bar *bars, size_t count);
