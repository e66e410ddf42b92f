/* SPDX-License-Identifier: Apache-2.0
 *
 * lines: a block that slides over the file.
 */
#include "base/lines.h"

#include <stdlib.h>

#include "base/inflate.h"
#include "base/mem.h"

enum { BLOCK_SIZE = 256 * 1024 };

int lines_open(struct lines *lines, int fd, uint64_t max_bytes, struct err *err)
{
	*lines = (struct lines){ .number = 1 };
	lines->inflate = inflate_open(fd, max_bytes, err);
	if (!lines->inflate)
		return err ? err->code : ERR_SYSTEM;
	lines->cap = BLOCK_SIZE;
	lines->block = mem_realloc(NULL, lines->cap);
	return 0;
}

/* Moves the unread part to the front and reads on behind it. */
static int refill(struct lines *lines, struct err *err)
{
	size_t kept = lines->to - lines->from;
	memmove(lines->block, lines->block + lines->from, kept);
	lines->from = 0;
	lines->to = kept;
	if (kept == lines->cap) {
		lines->cap *= 2;
		lines->block = mem_realloc(lines->block, lines->cap);
	}
	int64_t n = inflate_read(lines->inflate, lines->block + kept, lines->cap - kept, err);
	if (n < 0)
		return (int)n;
	lines->to += (size_t)n;
	lines->at_end = n == 0;
	return 0;
}

static void take(struct lines *lines, size_t len, bool newline, struct line *out)
{
	str text = { lines->block + lines->from, len };
	if (text.len && text.at[text.len - 1] == '\r')
		text.len--;
	if (text.len > LINE_MAX_BYTES) {
		text.len = LINE_MAX_BYTES;
		lines->cut_count++;
	}
	*out = (struct line){ text, lines->offset, lines->number, !newline };
	lines->from += len + newline;
	lines->offset += len + newline;
	lines->number++;
}

/* Drops bytes of an over-long line from the block, keeping its first LINE_MAX_BYTES + 1 so that take() sees the cut. */
static void shorten(struct lines *lines, size_t *searched)
{
	size_t keep = LINE_MAX_BYTES + 1;
	size_t dropped = lines->to - lines->from - keep;
	lines->to -= dropped;
	lines->offset += dropped;
	*searched = keep;
}

/* A whole line whose first searched bytes hold no newline. */
static bool take_held(struct lines *lines, size_t searched, struct line *out)
{
	const char *from = lines->block + lines->from + searched;
	const char *hit = memchr(from, '\n', (size_t)(lines->block + lines->to - from));
	if (hit)
		take(lines, (size_t)(hit - lines->block) - lines->from, true, out);
	return hit;
}

bool lines_next_held(struct lines *lines, struct line *out)
{
	return take_held(lines, 0, out);
}

int lines_next(struct lines *lines, struct line *out, struct err *err)
{
	size_t searched = 0;
	for (;;) {
		if (take_held(lines, searched, out))
			return 1;
		searched = lines->to - lines->from;
		if (searched > LINE_MAX_BYTES + 1)
			shorten(lines, &searched);
		if (lines->at_end)
			break;
		int rc = refill(lines, err);
		if (rc)
			return rc;
	}
	if (lines->from == lines->to)
		return 0;
	return take(lines, lines->to - lines->from, false, out), 1;
}

void lines_close(struct lines *lines)
{
	inflate_close(lines->inflate);
	free(lines->block);
	*lines = (struct lines){ 0 };
}
