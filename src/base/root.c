/* SPDX-License-Identifier: Apache-2.0
 *
 * root: path resolution inside an image.
 */
#include "base/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/own.h"

enum { LINKS_MAX = 40 };

/* openat2 refuses the last two together with O_PATH. */
static int with_base_flags(int flags)
{
	return flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY);
}

static bool is_image_folder(int fd)
{
	return faccessat(fd, "MANIFEST.tsv", F_OK, 0) == 0 && faccessat(fd, "root/etc", F_OK, 0) == 0 &&
	       faccessat(fd, "etc", F_OK, 0) < 0;
}

int root_open_root(const char *directory, struct err *err)
{
	OWN_FD int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", directory);
	int inner = is_image_folder(fd) ? openat(fd, "root", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	return inner < 0 ? own_take_fd(&fd) : inner;
}

int root_open(int root_fd, const char *path, int flags, struct err *err)
{
	struct open_how how = { .flags = (unsigned)with_base_flags(flags),
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	if (fd >= 0)
		return fd;
	if (errno == ENOSYS || errno == EPERM)
		return root_open_by_hand(root_fd, path, flags, err);
	return err_errno(err, "%s", path);
}

/* The walk: a stack of open folders (the root at the bottom) and the path that is still to go. */
struct walk {
	VEC(int) stack;
	char rest[PATH_MAX];
	unsigned links;
};

static void walk_up(struct walk *walk)
{
	if (walk->stack.count > 1)
		close(walk->stack.at[--walk->stack.count]);
}

static void walk_done(struct walk *walk)
{
	while (walk->stack.count > 1)
		walk_up(walk);
	free(walk->stack.at);
}

static int walk_top(const struct walk *walk)
{
	return walk->stack.at[walk->stack.count - 1];
}

/* Cuts the first component off rest into name; false at the end of the path. */
static bool next_component(struct walk *walk, char name[NAME_MAX + 1], bool *too_long)
{
	str rest = str_from(walk->rest);
	while (str_skip(&rest, STR("/")))
		;
	str part = str_cut(&rest, '/');
	*too_long = part.len > NAME_MAX;
	if (!part.len || *too_long)
		return false;
	memcpy(name, part.at, part.len);
	name[part.len] = 0;
	memmove(walk->rest, rest.at, rest.len);
	walk->rest[rest.len] = 0;
	return true;
}

/* Puts the link's target in front of rest; an absolute target starts at the root again. */
static int follow_link(struct walk *walk, const char *name)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(walk_top(walk), name, target, sizeof(target));
	size_t rest_len = strlen(walk->rest);
	if (len < 0)
		return -1;
	if (++walk->links > LINKS_MAX || (size_t)len + 1 + rest_len + 1 > sizeof(walk->rest)) {
		errno = ELOOP;
		return -1;
	}
	memmove(walk->rest + len + 1, walk->rest, rest_len + 1);
	memcpy(walk->rest, target, (size_t)len);
	walk->rest[len] = '/';
	while (target[0] == '/' && walk->stack.count > 1)
		walk_up(walk);
	return 0;
}

/* Handles one component: 1 = go on, 0 = *out_fd is the object, -1 = errno. */
static int step(struct walk *walk, const char *name, int flags, int *out_fd)
{
	struct stat st;
	if (strcmp(name, ".") == 0)
		return 1;
	if (strcmp(name, "..") == 0)
		return walk_up(walk), 1;
	if (fstatat(walk_top(walk), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return follow_link(walk, name) < 0 ? -1 : 1;
	bool last = walk->rest[strspn(walk->rest, "/")] == 0;
	int want = last ? flags : O_PATH | O_DIRECTORY;
	int fd = openat(walk_top(walk), name, with_base_flags(want | O_NOFOLLOW));
	if (fd < 0)
		return -1;
	if (last)
		return *out_fd = fd, 0;
	*VEC_PUSH(&walk->stack) = fd;
	return 1;
}

int root_open_by_hand(int root_fd, const char *path, int flags, struct err *err)
{
	struct walk walk = { 0 };
	char name[NAME_MAX + 1];
	bool too_long = strlen(path) >= sizeof(walk.rest);
	int fd = -1, state = 1;
	if (!too_long)
		memcpy(walk.rest, path, strlen(path) + 1);
	*VEC_PUSH(&walk.stack) = root_fd;
	while (!too_long && state == 1 && next_component(&walk, name, &too_long))
		state = step(&walk, name, flags, &fd);
	if (too_long)
		errno = ENAMETOOLONG;
	else if (state == 1) /* the path ended in a folder already open */
		fd = openat(walk_top(&walk), ".", with_base_flags(flags));
	int saved = errno;
	walk_done(&walk);
	errno = saved;
	return fd < 0 ? err_errno(err, "%s", path) : fd;
}

int root_open_file(int root_fd, const char *path, struct err *err)
{
	OWN_FD int fd = root_open(root_fd, path, O_RDONLY, err);
	struct stat st;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "%s: not a regular file", path);
	return own_take_fd(&fd);
}

bool root_exists(int root_fd, const char *path)
{
	OWN_FD int fd = root_open(root_fd, path, O_PATH, NULL);
	return fd >= 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int root_list(int root_fd, const char *path, struct dir_names *out, struct err *err)
{
	int fd = root_open(root_fd, path, O_RDONLY | O_DIRECTORY, err);
	if (fd < 0)
		return fd;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_errno(err, "%s", path);
	}
	for (const struct dirent *entry; (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			*VEC_PUSH(&out->list) = strcpy(mem_alloc(strlen(entry->d_name) + 1), entry->d_name);
	closedir(dir);
	if (out->list.count)
		qsort(out->list.at, out->list.count, sizeof(*out->list.at), by_bytes);
	return 0;
}

void dir_names_done(struct dir_names *names)
{
	for (size_t i = 0; i < names->list.count; i++)
		free(names->list.at[i]);
	free(names->list.at);
	*names = (struct dir_names){ 0 };
}
