/* SPDX-License-Identifier: Apache-2.0
 *
 * journal: the file in which intent stands before and outcome after.
 *
 * journal.jsonl in the state folder, one record a line:
 *
 *     {"len":N,"chain":"<64 hex>","rec":{...}}
 *
 * len is the length of the text of rec, chain the SHA-256 of the previous
 * chain value and that text. Each record is one write and one fsync. A tail
 * that the power cut tore (too short, or without its newline) is cut off and
 * the cut is recorded; a whole record whose chain does not fit was changed by
 * somebody, and then nothing is done any more. Files that have grown too big
 * are kept as journal.N.jsonl and the chain goes on in the next.
 */
#pragma once
#include "model/journal.h"
#include "base/mem.h"

enum { CHAIN_LEN = 64, JOURNAL_BYTES_MAX = 16 << 20, JOURNAL_SEGMENTS_MAX = 999 };

struct journal {
	struct arena arena;
	VEC(struct record) records; /* of all segments, oldest first */
	char chain[CHAIN_LEN + 1];  /* the head; worth keeping elsewhere */
	uint64_t next;              /* number of the next record */
	int dir;                    /* borrowed */
	int fd;                     /* -1 when opened for reading */
	unsigned segment;           /* number of the current file, from 1 */
	off_t size;                 /* of the current file */
	uint64_t torn;              /* bytes cut off (or, for reading, to be cut off) */
};

/* Reads all records below dir; with writable, cuts a torn tail and opens for appending (the caller holds the lock).
 * ERR_REFUSED when the chain is broken. */
int journal_open(struct journal *journal, int dir, bool writable, usec now, struct err *err);
/* Numbers, appends and syncs; the record is then also in records. On failure the file is as before. */
int journal_add(struct journal *journal, const struct record *record, struct err *err);
void journal_close(struct journal *journal);

/* All records of one step of one plan, folded. */
struct action {
	const struct record *intent, *progress, *outcome, *undo, *undone;
};
struct actions {
	VEC(struct action) list;
};
/* In the order of their intents; pointers are valid until the next journal_add(). */
void journal_fold(const struct journal *journal, struct actions *out);
/* Done by us and still so as far as the journal knows. */
bool action_in_force(const struct action *action);
void actions_done(struct actions *actions);
