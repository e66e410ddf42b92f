/* SPDX-License-Identifier: Apache-2.0
 *
 * reader: from the bytes of one complaint to what it says.
 *
 * Pure: no file, no network, no clock. complaint_read() is what runs inside
 * the jail; a struct reader is a jailed child that answers one mail after the
 * other. Making such a child costs ten times what reading a mail does, so one
 * serves a batch; it is replaced when it dies or has served enough.
 */
#pragma once
#include <sys/types.h>

#include "desk/intake/chain.h"
#include "desk/intake/mime.h"

/* Never fails: what cannot be read gives a complaint that says so. Strings live in the arena or in bytes. */
void complaint_read(struct arena *arena, str bytes, const struct view *view, struct complaint *out);

enum {
	READER_MAILS_MAX = 64,
	READER_CPU_SECONDS = 2,
	READER_DEADLINE_MS = 5000,
	READER_ADDRESS_SPACE = 128 * 1024 * 1024,
};

struct reader {
	const struct view *view; /* borrowed */
	pid_t child;		 /* 0 = none yet */
	int to, from;
	unsigned served;
};

/* Makes the first child; better before a large mail is loaded, since the child shares what its parent holds. */
int reader_open(struct reader *reader, const struct view *view, struct err *err);
/* complaint_read() in the child: no files, no network, bounded memory and time. A mail that ends a child which had
 * served others is tried again with a new one; when that ends too, or answers nonsense, out says format "unreadable"
 * with the limit "reader". Fails only when there can be no child. */
int reader_ask(struct reader *reader, struct arena *arena, str bytes, struct complaint *out, struct err *err);
void reader_close(struct reader *reader);
