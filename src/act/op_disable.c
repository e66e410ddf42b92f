/* SPDX-License-Identifier: Apache-2.0
 *
 * disable: a script out of service. Owner root and mode 000, so that neither
 * the web server nor PHP running as the account can read it and the account
 * cannot change it back; on request immutable, so that it cannot be replaced.
 * Its time of change moves on by a second: PHP's opcache runs a script that it
 * has compiled without opening the file, until that time is another one
 * (ZendAccelerator.c, validate_timestamp_and_record).
 *
 * The path is walked by descriptor, every part of it must belong to the
 * account, and the change goes through the descriptor: a customer who swaps
 * path components meanwhile changes nothing but his own luck. The object is
 * known by its file handle (it holds the inode's generation; inode numbers
 * come back at once) and its hash.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#include "act/archive.h"
#include "act/ops.h"
#include "base/own.h"
#include "base/sha256.h"
#include "base/walk.h"

enum { XATTRS_LEN_MAX = 4096, XATTRS_MAX = 16, HANDLE_LEN_MAX = 128, SCRIPT_BYTES_MAX = 256 << 20 };
#define FLAGS_IN_THE_WAY (FS_IMMUTABLE_FL | FS_APPEND_FL)

struct script {
	int fd;
	struct stat status;
	unsigned flags; /* chattr flags; 0 where the file system has none */
};

static void script_close(struct script *script)
{
	own_close_fd(&script->fd);
}

/* The part of path below home, or "" when it is not below it. */
static str below(str path, str home)
{
	if (!str_starts(path, home) || path.len <= home.len || path.at[home.len] != '/')
		return STR("");
	return str_from_at(path, home.len + 1);
}

static int check_script(const struct stat *status, uid_t uid, struct err *err)
{
	if (!S_ISREG(status->st_mode))
		return err_set(err, ERR_REFUSED, "not a regular file");
	if (status->st_nlink != 1)
		return err_set(err, ERR_REFUSED, "has %lu names; another of them may be somebody else's",
			       (unsigned long)status->st_nlink);
	if (status->st_uid != uid && status->st_uid != 0)
		return err_set(err, ERR_REFUSED, "belongs to uid %u, not to the account", (unsigned)status->st_uid);
	return 0;
}

static int pin_script(const struct act_world *world, const struct deed *deed, uid_t uid, struct err *err)
{
	const struct walk_rule within_home = { .owner = uid, .one_device = true };
	str path = facts_get(&deed->facts, "path"), home = facts_get(&deed->facts, "home"), folder, name;
	struct stat status;
	walk_split(below(path, home), &folder, &name);
	if (!name.len)
		return err_set(err, ERR_REFUSED, "not below the account's home %.*s", STR_ARG(home));
	OWN_FD int home_fd = walk_open(world->root, home, WALK_FREE, err);
	if (home_fd < 0)
		return home_fd;
	if (fstat(home_fd, &status) < 0 || (status.st_uid != uid && status.st_uid != 0))
		return err_set(err, ERR_REFUSED, "%.*s does not belong to the account", STR_ARG(home));
	OWN_FD int folder_fd = walk_open(home_fd, folder, &within_home, err);
	if (folder_fd < 0)
		return folder_fd;
	return walk_open(folder_fd, name, &(struct walk_rule){ WALK_ANY, true }, err);
}

static int script_open(const struct act_world *world, const struct deed *deed, struct script *out, struct err *err)
{
	uint64_t uid;
	out->fd = -1;
	int rc = deed_number(deed, "uid", UINT32_MAX - 1, &uid, err);
	if (rc)
		return rc;
	OWN_FD int pin = pin_script(world, deed, (uid_t)uid, err);
	if (pin < 0)
		return pin;
	if (fstat(pin, &out->status) < 0)
		return err_errno(err, "fstat");
	if ((rc = check_script(&out->status, (uid_t)uid, err)))
		return rc;
	out->fd = walk_reopen(pin, O_RDONLY | O_NOATIME | O_NONBLOCK, err);
	if (out->fd < 0)
		return out->fd;
	if (ioctl(out->fd, FS_IOC_GETFLAGS, &out->flags) < 0)
		out->flags = 0;
	return 0;
}

static void set_hex(struct deed *deed, const char *key, const void *bytes, size_t len)
{
	struct buf hex = BUF_INIT;
	for (size_t i = 0; i < len; i++)
		buf_printf(&hex, "%02x", ((const unsigned char *)bytes)[i]);
	facts_set(&deed->facts, deed->arena, key, buf_str(&hex));
	buf_done(&hex);
}

static void survey_handle(struct deed *deed, const struct script *script)
{
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + HANDLE_LEN_MAX];
	} handle = { .head.handle_bytes = HANDLE_LEN_MAX };
	int mount;
	if (name_to_handle_at(script->fd, "", &handle.head, &mount, AT_EMPTY_PATH) == 0)
		set_hex(deed, "handle", handle.head.f_handle, handle.head.handle_bytes);
	else
		facts_set_number(&deed->facts, deed->arena, "handle", script->status.st_ino);
}

static int survey_hash(struct deed *deed, const struct script *script, struct err *err)
{
	static const size_t chunk_len = 64 * 1024;
	OWN_MEM char *chunk = mem_alloc(chunk_len);
	char hex[65];
	struct sha256 sha;
	if (script->status.st_size > SCRIPT_BYTES_MAX)
		return err_set(err, ERR_REFUSED, "larger than %d bytes: no script", SCRIPT_BYTES_MAX);
	sha256_init(&sha);
	for (off_t at = 0;;) {
		ssize_t n = pread(script->fd, chunk, chunk_len, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "read");
		if (n == 0)
			break;
		sha256_add(&sha, (str){ chunk, (size_t)n });
		at += n;
	}
	sha256_hex(&sha, 64, hex);
	facts_set(&deed->facts, deed->arena, "sha256", str_from(hex));
	return 0;
}

/* ACLs are among these; chmod changes their mask, so undo has to put them back by value. */
static int survey_xattrs(struct deed *deed, const struct script *script, struct err *err)
{
	char names[XATTRS_LEN_MAX], value[XATTRS_LEN_MAX];
	str list[XATTRS_MAX];
	size_t count = 0;
	struct buf text = BUF_INIT;
	ssize_t len = flistxattr(script->fd, names, sizeof(names));
	if (len < 0 && errno != ENOTSUP)
		return err_errno(err, "flistxattr");
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t value_len = fgetxattr(script->fd, names + at, value, sizeof(value));
		if (value_len < 0 || count == XATTRS_MAX) {
			buf_done(&text);
			return err_set(err, ERR_REFUSED, "its extended attributes could not be kept");
		}
		text.len = 0;
		buf_printf(&text, "%s=", names + at);
		buf_add(&text, (str){ value, (size_t)value_len });
		list[count++] = arena_copy(deed->arena, buf_str(&text));
	}
	buf_done(&text);
	facts_set_list(&deed->facts, deed->arena, "xattrs", list, count);
	return 0;
}

static int survey_script(struct deed *deed, const struct script *script, struct err *err)
{
	const struct {
		const char *key;
		uint64_t value;
	} numbers[] = {
		{ "owner", script->status.st_uid }, { "group", script->status.st_gid },
		{ "mode", script->status.st_mode & 07777 }, { "flags", script->flags },
		{ "size", (uint64_t)script->status.st_size }, { "mtime", (uint64_t)script->status.st_mtim.tv_sec },
		{ "mtime_nsec", (uint64_t)script->status.st_mtim.tv_nsec },
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		facts_set_number(&deed->facts, deed->arena, numbers[i].key, numbers[i].value);
	survey_handle(deed, script);
	int rc = survey_hash(deed, script, err);
	return rc ? rc : survey_xattrs(deed, script, err);
}

static int survey(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(script_close))) struct script script;
	int rc = script_open(world, deed, &script, err);
	return rc ? rc : survey_script(deed, &script, err);
}

static unsigned flags_after(const struct deed *deed, unsigned before)
{
	bool immutable = str_eq(facts_get(&deed->facts, "immutable"), STR("yes"));
	return (before & ~(unsigned)FLAGS_IN_THE_WAY) | (immutable ? FS_IMMUTABLE_FL : before & FLAGS_IN_THE_WAY);
}

/* The same object with the same content? Sets *out from its owner, mode and flags. */
static int compare(const struct deed *deed, const struct script *script, enum state *out, struct err *err)
{
	static const char *const identity[] = { "handle", "size", "sha256" };
	struct deed now = { .arena = deed->arena };
	uint64_t owner, group, mode, flags, mtime;
	int rc = survey_script(&now, script, err);
	if (rc)
		return rc;
	*out = STATE_OTHER;
	for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++)
		if (!str_eq(facts_get(&now.facts, identity[i]), facts_get(&deed->facts, identity[i])))
			return err_set(err, ERR_NONE, "another file stands at its path now (%s differs)", identity[i]);
	if ((rc = deed_number(deed, "owner", UINT32_MAX, &owner, err)) ||
	    (rc = deed_number(deed, "group", UINT32_MAX, &group, err)) ||
	    (rc = deed_number(deed, "mode", 07777, &mode, err)) ||
	    (rc = deed_number(deed, "mtime", INT64_MAX, &mtime, err)) ||
	    (rc = deed_number(deed, "flags", UINT32_MAX, &flags, err)))
		return rc;
	const struct stat *status = &script->status;
	unsigned wanted = flags_after(deed, (unsigned)flags), neither = (unsigned)flags & ~(unsigned)FLAGS_IN_THE_WAY;
	bool is_ours = status->st_uid == 0 && status->st_gid == 0, is_theirs = status->st_uid == owner && status->st_gid == group;
	bool same_xattrs = fact_same(facts_find(&now.facts, "xattrs"), facts_find(&deed->facts, "xattrs"));
	bool is_off = (status->st_mode & 07777) == 0, is_on = (status->st_mode & 07777) == mode;
	/* A second on: an undo that was cut short. */
	bool is_marked = status->st_mtim.tv_sec == (time_t)mtime + 1;
	if (is_theirs && is_on && script->flags == flags && same_xattrs && !is_marked)
		*out = STATE_BEFORE;
	else if (is_ours && is_off && script->flags == wanted && is_marked)
		*out = STATE_AFTER;
	else if ((is_ours || is_theirs) && (is_off || is_on) &&
		 (script->flags == flags || script->flags == wanted || script->flags == neither))
		*out = STATE_PARTIAL;
	else
		return err_set(err, ERR_NONE, "somebody changed its owner, mode or flags");
	return 0;
}

static int look(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	__attribute__((cleanup(script_close))) struct script script;
	int rc = script_open(world, deed, &script, err);
	if (rc == ERR_GONE || rc == ERR_REFUSED) {
		*out = STATE_OTHER;
		return 0;
	}
	return rc ? rc : compare(deed, &script, out, err);
}

static int seal(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(script_close))) struct script script;
	struct archive archive;
	int rc = script_open(world, deed, &script, err);
	if (!rc)
		rc = archive_create(&archive, world->archive, deed->plan, deed->step, (uint64_t)script.status.st_size,
				    world->archive_max, err);
	if (rc)
		return rc;
	rc = archive_add(&archive, facts_get(&deed->facts, "path"), script.fd, &script.status, err);
	if (rc)
		archive_abandon(&archive);
	return rc ? rc : archive_finish(&archive, err);
}

static int set_flags(const struct script *script, unsigned flags, struct err *err)
{
	if (flags == script->flags)
		return 0;
	return ioctl(script->fd, FS_IOC_SETFLAGS, &flags) < 0 ? err_errno(err, "chattr") : 0;
}

static int free_flags(struct script *script, struct err *err)
{
	unsigned freed = script->flags & ~(unsigned)FLAGS_IN_THE_WAY;
	int rc = set_flags(script, freed, err);
	if (!rc)
		script->flags = freed;
	return rc;
}

/* Opens it and compares through the descriptor that will be acted on; ERR_REFUSED when it is in none of the two states. */
static int open_same(const struct act_world *world, const struct deed *deed, enum state one, struct script *out,
		     struct err *err)
{
	enum state state = STATE_OTHER;
	int rc = script_open(world, deed, out, err);
	if (!rc)
		rc = compare(deed, out, &state, err);
	if (!rc && state != one && state != STATE_PARTIAL)
		rc = err_set(err, ERR_REFUSED, "it was changed by somebody else");
	return rc;
}

static int make(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(script_close))) struct script script;
	int rc = open_same(world, deed, STATE_BEFORE, &script, err);
	if (rc)
		return rc;
	unsigned wanted = flags_after(deed, script.flags);
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, script.status.st_mtim };
	times[1].tv_sec++;
	if ((rc = free_flags(&script, err)))
		return rc;
	if (fchown(script.fd, 0, 0) < 0 || fchmod(script.fd, 0) < 0 || futimens(script.fd, times) < 0)
		return err_errno(err, "taking it out of service");
	if ((rc = set_flags(&script, wanted, err)))
		return rc;
	return fsync(script.fd) < 0 ? err_errno(err, "fsync") : 0;
}

static int restore_xattrs(const struct deed *deed, const struct script *script, struct err *err)
{
	char have[XATTRS_LEN_MAX];
	const struct fact *kept = facts_find(&deed->facts, "xattrs");
	for (size_t i = 0; kept && i < kept->count; i++) {
		str value = kept->values[i], name = str_cut(&value, '=');
		const char *cname = arena_cstring(deed->arena, name);
		ssize_t len = fgetxattr(script->fd, cname, have, sizeof(have));
		if (len >= 0 && str_eq((str){ have, (size_t)len }, value))
			continue;
		if (fsetxattr(script->fd, cname, value.at, value.len, 0) < 0)
			return err_errno(err, "%s", cname);
	}
	return 0;
}

static int restore(const struct deed *deed, struct script *script, struct err *err)
{
	uint64_t owner, group, mode, flags, mtime, nsec;
	int rc;
	if ((rc = deed_number(deed, "owner", UINT32_MAX, &owner, err)) ||
	    (rc = deed_number(deed, "group", UINT32_MAX, &group, err)) ||
	    (rc = deed_number(deed, "mode", 07777, &mode, err)) ||
	    (rc = deed_number(deed, "flags", UINT32_MAX, &flags, err)) ||
	    (rc = deed_number(deed, "mtime", INT64_MAX, &mtime, err)) ||
	    (rc = deed_number(deed, "mtime_nsec", 999999999, &nsec, err)) || (rc = free_flags(script, err)))
		return rc;
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { (time_t)mtime, (long)nsec } };
	/* The owner first: chown takes set-id bits and capabilities away. */
	if (fchown(script->fd, (uid_t)owner, (gid_t)group) < 0 || fchmod(script->fd, (mode_t)mode) < 0)
		return err_errno(err, "putting owner and mode back");
	if ((rc = restore_xattrs(deed, script, err)))
		return rc;
	if (futimens(script->fd, times) < 0)
		return err_errno(err, "putting the time back");
	if ((rc = set_flags(script, (unsigned)flags, err)))
		return rc;
	return fsync(script->fd) < 0 ? err_errno(err, "fsync") : 0;
}

static int undo(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(script_close))) struct script script;
	int rc = open_same(world, deed, STATE_AFTER, &script, err);
	return rc ? rc : restore(deed, &script, err);
}

const struct op op_disable = {
	.name = "disable",
	.keys = "path home uid owner group mode flags size sha256 handle mtime mtime_nsec xattrs",
	.survey = survey,
	.look = look,
	.seal = seal,
	.make = make,
	.undo = undo,
};
