/* SPDX-License-Identifier: Apache-2.0
 *
 * spool: mails on their way in. Accepted means on disk: file and folder are
 * synced before spool_accept() returns.
 *
 * A spool is laid out as a maildir (tmp, new, cur), so one reader serves both.
 */
#pragma once
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/str.h"

enum { SPOOL_MAIL_MAX = 64 * 1024 * 1024 };

/* Makes the folders that are missing. */
int spool_prepare(const char *directory, struct err *err);
/* Takes one mail from fd; what exceeds SPOOL_MAIL_MAX is cut off, which the reader's limit "size" then names. now only
 * orders the names. */
int spool_accept(const char *directory, int fd, usec now, struct err *err);
/* How many wait in new, and since when the oldest does (USEC_NEVER: none waits). */
int spool_backlog(const char *directory, int64_t *out_count, usec *out_oldest, struct err *err);

struct message {
	struct buf bytes;
	usec modified;
};
#define MESSAGE_INIT ((struct message){ .bytes = BUF_INIT })
/* Reads at most max bytes of it; "-" is standard input. Read, not mapped: a file that is cut meanwhile must not end the
 * program. */
int message_load(const char *path, size_t max, struct message *out, struct err *err);
void message_done(struct message *message);

/* Keeps a message for good under path: as a second name of the file at source (synced first), or as a copy where that
 * cannot be or source is NULL. A file of that name is the same message and left alone. The folder is not synced yet. */
int message_keep(const struct message *message, const char *source, const char *path, struct err *err);
int folder_sync(const char *directory, struct err *err);
