/* SPDX-License-Identifier: Apache-2.0
 *
 * header: the fields of one mail, read from its bytes as leniently as mails
 * in complaints need it.
 *
 * Serves whole mails, enclosed mails, text/rfc822-headers, header blocks
 * pasted into text, and the fields of message/feedback-report. A leading mbox
 * line ("From ", ">From ") and blank lines are skipped. A line that is no
 * field and not indented continues a Received field (people's mail programs
 * unindent them); anywhere else it is passed over.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum { HEADERS_MAX = 1000, RECEIVED_MAX = 500, HEADER_RUNS_MAX = 100 };

struct header {
	str name;  /* as written */
	str value; /* unfolded to one line, trimmed; not decoded (see header_text) */
};

struct headers {
	struct header *at; /* in the arena */
	size_t count;
	size_t end; /* offset behind the blank line that ends them: where the body starts */
	bool cut;   /* there were more than HEADERS_MAX */
};

/* text is borrowed; values that needed no unfolding point into it. */
void headers_parse(struct arena *arena, str text, struct headers *out);
/* The first run of fields in a text that fits; false when none of the first HEADER_RUNS_MAX does. */
bool headers_find(struct arena *arena, str text, bool (*fits)(const struct headers *), struct headers *out);
/* The value of the first field of that name, or the empty str. */
str headers_get(const struct headers *headers, const char *name);
bool headers_has(const struct headers *headers, const char *name);
/* "Name: rest" at the start of line: the name's length, else 0. */
size_t header_name_length(str line);
/* The next line of *rest without its end (LF or CR LF). */
str header_line(str *rest);
