/* SPDX-License-Identifier: Apache-2.0
 *
 * archive: files sealed before they are taken away: evidence copies of
 * scripts, and queued messages, from which they come back byte for byte.
 *
 * One file per step, archive/PLAN-STEP.seal, 0600 root, written once: for each
 * member a line of JSON (name, mode, uid, gid, mtime, size), its bytes as one
 * zstd frame, a line with their SHA-256; at last a line with the count. A file
 * without that last line is not an archive. It is read back and compared
 * before anything that is in it may be removed.
 */
#pragma once
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

/* Left free on the archive's file system after sealing: a full disk stops the mail of everybody. */
#define ARCHIVE_RESERVE_BYTES ((uint64_t)64 << 20)
enum { ARCHIVE_NAME_LEN_MAX = 64 };

struct archive {
	int dir; /* borrowed */
	int fd;
	char name[ARCHIVE_NAME_LEN_MAX];
	unsigned members;
};

/* ERR_REFUSED when the file system has not room for bytes more and the reserve, or when the archive would hold more than
 * bytes_max (0 = no bound; nothing younger is dropped to make room). A half-written file of the same step is replaced. */
int archive_create(struct archive *archive, int dir, str plan, unsigned step, uint64_t bytes, uint64_t bytes_max,
		   struct err *err);
/* Seals all of fd (read from its start) under name. ERR_INPUT when it is not as long as status says. */
int archive_add(struct archive *archive, str name, int fd, const struct stat *status, struct err *err);
/* Ends, syncs, reads back. After an error the file is gone and so is nothing else. */
int archive_finish(struct archive *archive, struct err *err);
/* Throws the unfinished file away. */
void archive_abandon(struct archive *archive);

struct archive_member {
	str name;
	struct stat status; /* mode, uid, gid, mtime, size */
	str frame;          /* the compressed bytes */
	char sha256[65];
};
/* Calls each member in the order of adding; a result other than 0 ends the walk and is returned. */
int archive_each(int dir, str plan, unsigned step, int (*each)(void *context, const struct archive_member *, struct err *),
		 void *context, struct err *err);
/* Writes the member's bytes to fd (-1: only checks them). ERR_INPUT when they are not what was sealed. */
int archive_extract(const struct archive_member *member, int fd, struct err *err);

#define ARCHIVE_SUFFIX ".seal"
/* Removes the files of that suffix last written before now - age; returns how many, or an error. */
int archive_drop(int dir, const char *suffix, usec now, usec age, struct err *err);
