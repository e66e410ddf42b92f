/* SPDX-License-Identifier: Apache-2.0
 *
 * state_file: read whole; written beside, synced, renamed.
 */
#include "cmd/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/own.h"

enum { FILE_MAX = 1 << 30, NAME_LEN_MAX = 64 };

json_t *state_file_load(const char *state, const char *name)
{
	OWN_FD int folder = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct buf text = BUF_INIT;
	json_t *value = NULL;
	if (fd >= 0 && !buf_read(&text, fd, FILE_MAX, NULL))
		value = json_loadb(text.at, text.len, 0, NULL);
	buf_done(&text);
	return value;
}

static int write_whole(int fd, const char *text, struct err *err)
{
	struct buf buf = BUF_INIT;
	buf_add(&buf, str_from(text));
	int rc = buf_write(&buf, fd, err);
	buf_done(&buf);
	return !rc && fsync(fd) ? err_errno(err, "fsync") : rc;
}

int state_file_save(const char *state, const char *name, const json_t *value, struct err *err)
{
	char temporary[NAME_LEN_MAX];
	snprintf(temporary, sizeof(temporary), "%s.new", name);
	if (mkdir(state, 0700) && errno != EEXIST)
		return err_errno(err, "%s", state);
	OWN_FD int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return err_errno(err, "%s", state);
	OWN_FD int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s/%s", state, name);
	OWN_MEM char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(4));
	int rc = text ? write_whole(fd, text, err) : err_set(err, ERR_SYSTEM, "it cannot be written as JSON");
	if (rc)
		return err_context(err, "%s/%s", state, name);
	if (renameat(folder, temporary, folder, name) || fsync(folder))
		return err_errno(err, "%s/%s", state, name);
	return 0;
}
