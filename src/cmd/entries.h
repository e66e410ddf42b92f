/* SPDX-License-Identifier: Apache-2.0
 *
 * entries: what one log file holds, piece by piece, at the places that tables
 * name: the lines of a file, or the records of a journal's export.
 */
#pragma once
#include "base/lines.h"
#include "platform/host.h"
#include "source/journald.h"

struct entry {
	str text;        /* as shown: the line, or "TAG[PID]: MESSAGE" of a record; valid until the next call */
	uint64_t offset; /* of its first byte in the expanded file */
	uint32_t line;   /* from 1 */
	bool is_record;
	struct syslog_line record; /* only of a record */
};

struct entries {
	bool is_journal;
	struct lines lines;      /* of any other file */
	struct inflate *inflate; /* of a journal; owned */
	struct journald journald;
	char *block;             /* owned */
	str chunk;               /* of block, unread */
	struct buf shown;
};

/* The input must have a descriptor, which stays the host's. max_bytes bounds the expanded size. */
int entries_open(struct entries *entries, const struct input *input, uint64_t max_bytes, struct err *err);
/* False at the end, and where the file is damaged: that was told when it was first read. */
bool entries_next(struct entries *entries, struct entry *out);
void entries_close(struct entries *entries);
