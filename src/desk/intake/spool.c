/* SPDX-License-Identifier: Apache-2.0
 *
 * spool: write, sync, rename, sync.
 */
#include "desk/intake/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

enum { NAMES_TRIED_MAX = 10000 };

static int make_folder(const char *path, struct err *err)
{
	return mkdir(path, 0700) < 0 && errno != EEXIST ? err_errno(err, "%s", path) : 0;
}

static str join(struct arena *arena, const char *directory, const char *name)
{
	return arena_printf(arena, "%s/%s", directory, name);
}

int spool_prepare(const char *directory, struct err *err)
{
	static const char *const names[] = { "tmp", "new", "cur" };
	OWN(arena_done) struct arena arena = ARENA_INIT;
	int rc = make_folder(directory, err);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !rc; i++)
		rc = make_folder(join(&arena, directory, names[i]).at, err);
	return rc;
}

int folder_sync(const char *directory, struct err *err)
{
	OWN_FD int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? err_errno(err, "%s", directory) : 0;
}

static int write_all(int fd, str bytes)
{
	while (bytes.len) {
		ssize_t wrote = write(fd, bytes.at, bytes.len);
		if (wrote < 0 && errno != EINTR)
			return -1;
		bytes = str_from_at(bytes, wrote < 0 ? 0 : (size_t)wrote);
	}
	return 0;
}

static int copy_all(int from, int to)
{
	char block[65536];
	size_t total = 0;
	ssize_t got;
	while ((got = read(from, block, sizeof(block))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		size_t room =
			SPOOL_MAIL_MAX - total; /* the rest is read, so that the sender is not told of a broken pipe */
		size_t taken = (size_t)got < room ? (size_t)got : room;
		if (write_all(to, (str){ block, taken }) < 0)
			return -1;
		total += taken;
	}
	return fsync(to);
}

/* A name that is free: two mails of one moment get different ones, and none replaces another. */
static int add_to_new(struct arena *arena, const char *directory, const char *temporary, str name)
{
	for (unsigned i = 0; i < NAMES_TRIED_MAX; i++) {
		str final = arena_printf(arena, "%s/new/%s_%04u", directory, name.at, i);
		if (link(temporary, final.at) == 0)
			return unlink(temporary);
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

int spool_accept(const char *directory, int fd, usec now, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	str name = arena_printf(&arena, "%lld.%d", (long long)now, (int)getpid());
	str temporary = arena_printf(&arena, "%s/tmp/%s", directory, name.at);
	int rc = spool_prepare(directory, err);
	if (rc)
		return rc;
	OWN_FD int to = open(temporary.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (to < 0)
		return err_errno(err, "%s", temporary.at);
	if (copy_all(fd, to) < 0 || add_to_new(&arena, directory, temporary.at, name) < 0) {
		rc = err_errno(err, "%s", temporary.at);
		unlink(temporary.at);
		return rc;
	}
	return folder_sync(join(&arena, directory, "new").at, err);
}

int spool_backlog(const char *directory, int64_t *out_count, usec *out_oldest, struct err *err)
{
	OWN(dir_names_done) struct dir_names names = { 0 };
	OWN(arena_done) struct arena arena = ARENA_INIT;
	*out_count = 0;
	*out_oldest = USEC_NEVER;
	if (access(join(&arena, directory, "new").at, F_OK) < 0)
		return 0;
	OWN_FD int folder = root_open_root(directory, err);
	int rc = folder < 0 ? folder : root_list(folder, "/new", &names, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < names.list.count; i++) {
		struct stat st;
		if (stat(arena_printf(&arena, "%s/new/%s", directory, names.list.at[i]).at, &st) < 0)
			continue;
		usec at = (usec)st.st_mtim.tv_sec * USEC_PER_SEC;
		++*out_count;
		if (*out_oldest == USEC_NEVER || at < *out_oldest)
			*out_oldest = at;
	}
	return 0;
}

/* A regular file gets a buffer of its size at once, so that none is copied while it grows. */
static void reserve(struct buf *buf, const struct stat *st, size_t max)
{
	size_t size = !S_ISREG(st->st_mode) ? 0 : (size_t)st->st_size < max ? (size_t)st->st_size : max;
	if (size)
		*buf = (struct buf){ mem_alloc(size + 1), 0, size + 1 };
}

int message_load(const char *path, size_t max, struct message *out, struct err *err)
{
	struct stat st;
	char block[65536];
	ssize_t got = 0;
	OWN_FD int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: is a folder", path);
	*out = (struct message){ .modified = (usec)st.st_mtim.tv_sec * USEC_PER_SEC };
	reserve(&out->bytes, &st, max);
	while (out->bytes.len < max && (got = read(fd, block, sizeof(block))) > 0)
		buf_add(&out->bytes, str_head((str){ block, (size_t)got }, max - out->bytes.len));
	return got < 0 ? err_errno(err, "%s", path) : 0;
}

void message_done(struct message *message)
{
	buf_done(&message->bytes);
}

/* True when path is now a name of the file at source, whose bytes are on disk. */
static bool link_synced(const char *source, const char *path)
{
	OWN_FD int fd = source ? open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	return fd >= 0 && fsync(fd) == 0 && link(source, path) == 0;
}

int message_keep(const struct message *message, const char *source, const char *path, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	str temporary = arena_printf(&arena, "%s.part", path);
	if (access(path, F_OK) == 0 || link_synced(source, path))
		return 0;
	OWN_FD int to = open(temporary.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (to < 0 || write_all(to, buf_str(&message->bytes)) < 0 || fsync(to) < 0 || rename(temporary.at, path) < 0)
		return err_errno(err, "%s", path);
	return 0;
}
