/* SPDX-License-Identifier: Apache-2.0
 *
 * text_file: a small file that root or a mail server reads, read whole and
 * replaced whole by rename, with owner, mode, ACL and extended attributes kept.
 */
#pragma once
#include <sys/stat.h>

#include "act/ops.h"

enum { TEXT_FILE_BYTES_MAX = 16 << 20, TEXT_FILE_NAME_MAX = 255 };

struct text_file {
	int folder; /* also holds our lock */
	int lock;   /* of the program that owns the file; -1 when it has none */
	char name[TEXT_FILE_NAME_MAX + 1];
	struct stat status;
	struct buf text;
};

/* The file that the fact "file" names, a regular file with one name; with lock, under our own lock and that of the file in
 * the fact "lock" (as lckpwdf(3), with an end). To be closed in any case. */
int text_file_read(const struct act_world *world, const struct deed *deed, bool lock, struct text_file *out, struct err *err);
/* Puts text in the file's place if nobody touched the file since it was read. times may be NULL. */
int text_file_replace(struct text_file *file, const struct buf *text, const struct timespec *times, struct err *err);
/* Writes a new file of mode 0600 and syncs it; out_fd may be NULL. */
int text_file_write(int dir, const char *name, const struct buf *text, int *out_fd, struct err *err);
/* Removes what a killed text_file_replace() left. */
void text_file_tidy(const struct text_file *file);
void text_file_close(struct text_file *file);
