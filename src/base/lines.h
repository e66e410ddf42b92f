/* SPDX-License-Identifier: Apache-2.0
 *
 * lines: the physical lines of a file, compressed or not, in blocks.
 *
 * A line is a view into the block and valid until lines_next(). A line
 * longer than line_max is cut there; its rest is dropped and counted.
 */
#pragma once
#include "base/err.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 1024 * 1024 };

struct line {
	str text;        /* without its newline (and without a CR before it) */
	uint64_t offset; /* of its first byte in the expanded file */
	uint64_t number; /* from 1 */
	bool torn;       /* the file ends without a newline behind it */
};

struct lines {
	struct inflate *inflate; /* owned */
	char *block;             /* owned */
	size_t from, to, cap;    /* unread part of the block */
	uint64_t offset, number; /* of the next line */
	uint64_t cut_count;      /* lines longer than LINE_MAX_BYTES */
	bool at_end;
};

/* fd stays the caller's. max_bytes bounds the expanded size. */
int lines_open(struct lines *lines, int fd, uint64_t max_bytes, struct err *err);
/* The next line when the block holds all of it: no line before it moves. False: only lines_next() goes on. */
bool lines_next_held(struct lines *lines, struct line *out);
/* 1 = *out is a line, 0 = end, or an error code (damaged compression, read error): lines before it were good. */
int lines_next(struct lines *lines, struct line *out, struct err *err);
void lines_close(struct lines *lines);
