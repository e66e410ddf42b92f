/* SPDX-License-Identifier: Apache-2.0
 *
 * walk: descriptor walk without following links.
 */
#include "base/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "base/own.h"

enum { NAME_LEN_MAX = 255 };

static int step_openat2(int dir, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* One component; the fallback differs only in that a link is opened as such and then recognised by its type. */
static int step(int dir, const char *name)
{
	int fd = step_openat2(dir, name);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd;
}

static int check_step(const struct stat *status, const struct walk_rule *rule, dev_t device, str name, struct err *err)
{
	if (S_ISLNK(status->st_mode))
		return err_set(err, ERR_REFUSED, "%.*s is a symbolic link", STR_ARG(name));
	if (rule->one_device && status->st_dev != device)
		return err_set(err, ERR_REFUSED, "%.*s lies on another file system", STR_ARG(name));
	bool roots_folder = status->st_uid == 0 && S_ISDIR(status->st_mode);
	if (rule->owner != WALK_ANY && status->st_uid != rule->owner && !roots_folder)
		return err_set(err, ERR_REFUSED, "%.*s belongs to uid %u, not to uid %u", STR_ARG(name),
			       (unsigned)status->st_uid, (unsigned)rule->owner);
	return 0;
}

static int walk_step(int dir, str name, const struct walk_rule *rule, dev_t device, struct err *err)
{
	char cname[NAME_LEN_MAX + 1];
	if (name.len > NAME_LEN_MAX || memchr(name.at, 0, name.len))
		return err_set(err, ERR_REFUSED, "a path component is longer than %d bytes or holds NUL", NAME_LEN_MAX);
	if (str_eq(name, STR(".")) || str_eq(name, STR("..")))
		return err_set(err, ERR_REFUSED, "a path with \".\" or \"..\" is not walked");
	memcpy(cname, name.at, name.len);
	cname[name.len] = 0;
	OWN_FD int fd = step(dir, cname);
	if (fd < 0)
		return errno == ELOOP ? err_set(err, ERR_REFUSED, "%s is a symbolic link", cname) :
					err_errno(err, "%s", cname);
	struct stat status;
	if (fstat(fd, &status) < 0)
		return err_errno(err, "%s", cname);
	int rc = check_step(&status, rule, device, name, err);
	return rc ? rc : own_take_fd(&fd);
}

int walk_open(int base, str path, const struct walk_rule *rule, struct err *err)
{
	struct stat status;
	OWN_FD int at = openat(base, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at < 0 || fstat(at, &status) < 0)
		return err_errno(err, "base folder");
	for (str rest = path; rest.len;) {
		str name = str_cut(&rest, '/');
		if (!name.len)
			continue;
		int next = walk_step(at, name, rule, status.st_dev, err);
		if (next < 0)
			return err_context(err, "%.*s", STR_ARG(path));
		close(at);
		at = next;
	}
	return own_take_fd(&at);
}

int walk_reopen(int pin, int flags, struct err *err)
{
	struct stat status;
	if (fstat(pin, &status) < 0)
		return err_errno(err, "pinned object");
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return err_set(err, ERR_REFUSED, "neither a regular file nor a folder");
	char link[40];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", pin);
	int fd = open(link, flags | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? err_errno(err, "reopening the pinned object") : fd;
}

int walk_file(int base, str path, const struct walk_rule *rule, int flags, struct stat *out_status, struct err *err)
{
	OWN_FD int pin = walk_open(base, path, rule, err);
	if (pin < 0)
		return pin;
	OWN_FD int fd = walk_reopen(pin, flags, err);
	if (fd < 0)
		return err_context(err, "%.*s", STR_ARG(path));
	if (fstat(fd, out_status) < 0)
		return err_errno(err, "%.*s", STR_ARG(path));
	return own_take_fd(&fd);
}

void walk_split(str path, str *out_folder, str *out_name)
{
	size_t slash = str_rfind(path, '/');
	*out_folder = slash == STR_NONE ? STR("") : str_head(path, slash);
	*out_name = slash == STR_NONE ? path : str_from_at(path, slash + 1);
}
