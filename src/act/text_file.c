/* SPDX-License-Identifier: Apache-2.0
 *
 * text_file: read under locks, replace by rename.
 */
#include "act/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <time.h>

#include "base/own.h"
#include "base/walk.h"

enum { LOCK_TRIES = 50, XATTR_LEN_MAX = 4096, TEMPORARY_NAME_MAX = TEXT_FILE_NAME_MAX + 8 };

void text_file_close(struct text_file *file)
{
	own_close_fd(&file->folder);
	own_close_fd(&file->lock);
	buf_done(&file->text);
}

/* What lckpwdf(3) does, with an end. Other programs' locks are honoured where they have one. */
static int take_lock(const struct act_world *world, str path, struct text_file *file, struct err *err)
{
	const struct timespec nap = { .tv_nsec = 100000000 };
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat status;
	if (!path.len)
		return 0;
	file->lock = walk_file(world->root, path, WALK_FREE, O_RDWR, &status, err);
	if (file->lock == ERR_GONE)
		return 0;
	if (file->lock < 0)
		return file->lock;
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(file->lock, F_SETLK, &lock) == 0)
			return 0;
		nanosleep(&nap, NULL);
	}
	return err_set(err, ERR_REFUSED, "%.*s is held by another program", STR_ARG(path));
}

static int open_folder(const struct act_world *world, const struct deed *deed, struct text_file *file, struct err *err)
{
	str folder, name;
	*file = (struct text_file){ .folder = -1, .lock = -1 };
	walk_split(facts_get(&deed->facts, "file"), &folder, &name);
	if (!name.len || name.len > TEXT_FILE_NAME_MAX)
		return err_set(err, ERR_REFUSED, "no file name");
	memcpy(file->name, name.at, name.len);
	file->folder = walk_file(world->root, folder, WALK_FREE, O_RDONLY | O_DIRECTORY, &file->status, err);
	return file->folder < 0 ? file->folder : 0;
}

static int load(struct text_file *file, struct err *err)
{
	OWN_FD int fd = walk_file(file->folder, str_from(file->name), WALK_FREE, O_RDONLY | O_NOATIME, &file->status, err);
	if (fd < 0)
		return fd;
	if (!S_ISREG(file->status.st_mode) || file->status.st_nlink != 1)
		return err_set(err, ERR_REFUSED, "%s is not a regular file with one name", file->name);
	return buf_read(&file->text, fd, TEXT_FILE_BYTES_MAX, err);
}

int text_file_read(const struct act_world *world, const struct deed *deed, bool lock, struct text_file *out, struct err *err)
{
	int rc = open_folder(world, deed, out, err);
	if (!rc && lock && flock(out->folder, LOCK_EX) < 0)
		rc = err_errno(err, "flock");
	if (!rc && lock)
		rc = take_lock(world, facts_get(&deed->facts, "lock"), out, err);
	return rc ? rc : load(out, err);
}

int text_file_write(int dir, const char *name, const struct buf *text, int *out_fd, struct err *err)
{
	unlinkat(dir, name, 0);
	OWN_FD int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s", name);
	int rc = buf_write(text, fd, err);
	if (!rc && fsync(fd) < 0)
		rc = err_errno(err, "%s", name);
	if (rc)
		unlinkat(dir, name, 0);
	else if (out_fd)
		*out_fd = own_take_fd(&fd);
	return rc;
}

static int copy_attributes(const struct text_file *file, int to, struct err *err)
{
	char names[XATTR_LEN_MAX], value[XATTR_LEN_MAX];
	struct stat unused;
	OWN_FD int from = walk_file(file->folder, str_from(file->name), WALK_FREE, O_RDONLY, &unused, err);
	if (from < 0)
		return from;
	if (fchown(to, file->status.st_uid, file->status.st_gid) < 0 || fchmod(to, file->status.st_mode & 07777) < 0)
		return err_errno(err, "owner and mode");
	ssize_t len = flistxattr(from, names, sizeof(names));
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t value_len = fgetxattr(from, names + at, value, sizeof(value));
		if (value_len < 0 || fsetxattr(to, names + at, value, (size_t)value_len, 0) < 0)
			return err_errno(err, "%s", names + at);
	}
	return len < 0 && errno != ENOTSUP ? err_errno(err, "flistxattr") : 0;
}

static void temporary_name(const struct text_file *file, char out[TEMPORARY_NAME_MAX])
{
	snprintf(out, TEMPORARY_NAME_MAX, ".%s.quell", file->name);
}

void text_file_tidy(const struct text_file *file)
{
	char temporary[TEMPORARY_NAME_MAX];
	temporary_name(file, temporary);
	unlinkat(file->folder, temporary, 0);
}

int text_file_replace(struct text_file *file, const struct buf *text, const struct timespec *times, struct err *err)
{
	char temporary[TEMPORARY_NAME_MAX];
	struct stat now;
	OWN_FD int fd = -1;
	temporary_name(file, temporary);
	int rc = text_file_write(file->folder, temporary, text, &fd, err);
	if (rc)
		return rc;
	rc = copy_attributes(file, fd, err);
	if (!rc && times && futimens(fd, times) < 0)
		rc = err_errno(err, "times");
	if (!rc && fsync(fd) < 0)
		rc = err_errno(err, "fsync");
	if (!rc && (fstatat(file->folder, file->name, &now, AT_SYMLINK_NOFOLLOW) < 0 || now.st_ino != file->status.st_ino ||
		    now.st_size != file->status.st_size || now.st_mtim.tv_sec != file->status.st_mtim.tv_sec ||
		    now.st_mtim.tv_nsec != file->status.st_mtim.tv_nsec))
		rc = err_set(err, ERR_REFUSED, "%s is being changed by another program", file->name);
	if (!rc && renameat(file->folder, temporary, file->folder, file->name) < 0)
		rc = err_errno(err, "rename");
	if (rc)
		unlinkat(file->folder, temporary, 0);
	else if (fsync(file->folder) < 0)
		rc = err_errno(err, "fsync");
	return rc;
}

