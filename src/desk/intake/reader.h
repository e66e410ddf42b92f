/* SPDX-License-Identifier: Apache-2.0
 *
 * reader: from the bytes of one complaint to what it says.
 *
 * Pure: no file, no network, no clock. complaint_read() is what runs inside
 * the jail; reader_run() starts the jailed child and takes its answer.
 */
#pragma once
#include "desk/intake/chain.h"
#include "desk/intake/mime.h"

/* Never fails: what cannot be read gives a complaint that says so. Strings live in the arena or in bytes. */
void complaint_read(struct arena *arena, str bytes, const struct view *view, struct complaint *out);

/* The names and titles of all formats, one a line; for help. */
void reader_list(struct buf *buf);

enum { READER_CPU_SECONDS = 2, READER_DEADLINE_MS = 5000, READER_ADDRESS_SPACE = 128 * 1024 * 1024 };

/* complaint_read() in a child process without rights: no files, no network, bounded memory and time. When the child
 * dies or answers nonsense, out says format "unreadable" with the limit "reader". Fails only when there can be no
 * child. */
int reader_run(struct arena *arena, str bytes, const struct view *view, struct complaint *out, struct err *err);
