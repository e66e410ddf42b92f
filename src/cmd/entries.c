/* SPDX-License-Identifier: Apache-2.0
 *
 * entries: one walk over files of lines and over journals.
 */
#include "cmd/entries.h"

#include <stdlib.h>

#include "base/inflate.h"
#include "base/mem.h"

enum { BLOCK_BYTES = 64 * 1024 };

static int open_journal(struct entries *entries, const struct input *input, uint64_t max_bytes, struct err *err)
{
	entries->inflate = inflate_open(input->fd, max_bytes, err);
	if (!entries->inflate)
		return err->code;
	entries->block = mem_alloc(BLOCK_BYTES);
	return 0;
}

int entries_open(struct entries *entries, const struct input *input, uint64_t max_bytes, struct err *err)
{
	struct line first;
	*entries = (struct entries){ .journald = JOURNALD_INIT };
	int rc = lines_open(&entries->lines, input->fd, max_bytes, err);
	if (rc)
		return rc;
	entries->is_journal = lines_next(&entries->lines, &first, err) == 1 && journald_probe(first.text);
	lines_close(&entries->lines);
	return entries->is_journal ? open_journal(entries, input, max_bytes, err) :
				     lines_open(&entries->lines, input->fd, max_bytes, err);
}

static bool next_line(struct entries *entries, struct entry *out)
{
	struct line line;
	struct err err;
	if (lines_next(&entries->lines, &line, &err) != 1)
		return false;
	*out = (struct entry){ .text = line.text, .offset = line.offset, .line = (uint32_t)line.number };
	return true;
}

static bool next_record(struct entries *entries, struct entry *out)
{
	struct err err;
	struct syslog_line record;
	while (!journald_next(&entries->journald, &entries->chunk, &record)) {
		int64_t len = inflate_read(entries->inflate, entries->block, BLOCK_BYTES, &err);
		if (len <= 0)
			return false;
		entries->chunk = (str){ entries->block, (size_t)len };
	}
	entries->shown.len = 0;
	buf_add(&entries->shown, record.tag);
	if (record.pid)
		buf_printf(&entries->shown, "[%u]", record.pid);
	buf_add(&entries->shown, STR(": "));
	buf_add(&entries->shown, record.message);
	*out = (struct entry){ .text = buf_str(&entries->shown), .offset = entries->journald.record_offset,
			       .line = (uint32_t)entries->journald.record_newlines + 1, .is_record = true, .record = record };
	return true;
}

bool entries_next(struct entries *entries, struct entry *out)
{
	return entries->is_journal ? next_record(entries, out) : next_line(entries, out);
}

void entries_close(struct entries *entries)
{
	if (!entries->is_journal)
		lines_close(&entries->lines);
	inflate_close(entries->inflate);
	journald_done(&entries->journald);
	buf_done(&entries->shown);
	free(entries->block);
}
