/* SPDX-License-Identifier: Apache-2.0
 *
 * print: the sinks' escaping. Input travels as bytes; what goes to a terminal,
 * into JSON, TSV or HTML is escaped here and nowhere else.
 */
#pragma once
#include "base/buf.h"

/* One code point of UTF-8 at s.at (s.len > 0). Returns its length 1-4, or 0 when the bytes are not valid UTF-8
 * (overlong, surrogate, above U+10FFFF, cut short). */
size_t utf8_next(str s, uint32_t *out);

/* For terminals: valid UTF-8 passes, but C0, C1, DEL, bidi controls, zero-width and other format characters (Cf),
 * line and paragraph separators and invalid bytes are written as \n \r \t, \xHH or \u{HHHH}. Backslash is doubled. */
void print_text(struct buf *buf, str s);
/* As print_text, cut with "..." so that it takes at most max columns (code points). */
void print_text_max(struct buf *buf, str s, size_t max);
/* A JSON string with its quotes; invalid bytes appear as the text \xHH (U+005C x H H), control and format
 * characters as \uHHHH. Always valid UTF-8. */
void print_json(struct buf *buf, str s);
/* A TSV cell: tab, LF, CR, backslash as \t \n \r \\, other unsafe bytes as print_text, and a leading ' before = + - @. */
void print_tsv(struct buf *buf, str s);
/* HTML text or a quoted attribute value. */
void print_html(struct buf *buf, str s);
/* One word of a POSIX shell command line, for showing only (nothing here runs a shell): quoted where needed. */
void print_shell(struct buf *buf, str s);
