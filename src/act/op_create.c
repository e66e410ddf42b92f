/* SPDX-License-Identifier: Apache-2.0
 *
 * create: a file or folder of root's that was not there before: what a mail
 * server's configuration is then told to read.
 *
 * A file stands there whole or not at all (written beside, renamed without
 * replacing anything). Undo removes it only with the content that it was made
 * with, a folder only when it is empty.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "act/program.h"
#include "act/text_file.h"
#include "base/own.h"

enum { NAME_MAX_HERE = TEXT_FILE_NAME_MAX + 8 };

static bool is_folder(const struct deed *deed)
{
	return str_eq(facts_get(&deed->facts, "kind"), STR("folder"));
}

static void temporary_name(const struct text_file *file, char out[NAME_MAX_HERE])
{
	snprintf(out, NAME_MAX_HERE, ".%s.new", file->name);
}

static enum state state_of(const struct deed *deed, const struct text_file *file, int rc)
{
	const struct stat *status = &file->status;
	if (rc == ERR_GONE)
		return STATE_BEFORE;
	if (status->st_uid != 0 || (status->st_mode & 022))
		return STATE_OTHER;
	if (is_folder(deed))
		return S_ISDIR(status->st_mode) ? STATE_AFTER : STATE_OTHER;
	return !rc && str_eq(buf_str(&file->text), facts_get(&deed->facts, "content")) ? STATE_AFTER : STATE_OTHER;
}

static int open_place(const struct act_world *world, const struct deed *deed, struct text_file *file, enum state *out,
		      struct err *err)
{
	int rc = text_file_read(world, deed, false, file, err);
	if (rc && rc != ERR_GONE && rc != ERR_REFUSED)
		return rc;
	*out = state_of(deed, file, rc);
	if (*out == STATE_OTHER)
		err_set(err, ERR_NONE, "something else stands there");
	return 0;
}

static int survey(const struct act_world *world, struct deed *deed, struct err *err)
{
	(void)world;
	str path = facts_get(&deed->facts, "file");
	return path.len && path.at[0] == '/' ? 0 : err_set(err, ERR_REFUSED, "not an absolute path");
}

static int look(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	return open_place(world, deed, &file, out, err);
}

static int make_file(const struct deed *deed, const struct text_file *file, struct err *err)
{
	__attribute__((cleanup(buf_done))) struct buf content = BUF_INIT;
	char temporary[NAME_MAX_HERE];
	OWN_FD int fd = -1;
	temporary_name(file, temporary);
	buf_add(&content, facts_get(&deed->facts, "content"));
	int rc = text_file_write(file->folder, temporary, &content, &fd, err);
	if (!rc && (fchmod(fd, 0644) < 0 || fsync(fd) < 0 ||
		    renameat2(file->folder, temporary, file->folder, file->name, RENAME_NOREPLACE) < 0))
		rc = err_errno(err, "%s", file->name);
	if (rc)
		unlinkat(file->folder, temporary, 0);
	return rc;
}

static int make(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	enum state state;
	int rc = open_place(world, deed, &file, &state, err);
	if (!rc && (state != STATE_BEFORE || file.folder < 0))
		rc = err_set(err, ERR_REFUSED, "%s cannot be made there", file.name);
	if (!rc && is_folder(deed))
		rc = mkdirat(file.folder, file.name, 0755) < 0 ? err_errno(err, "%s", file.name) : 0;
	else if (!rc)
		rc = make_file(deed, &file, err);
	if (!rc && fsync(file.folder) < 0)
		rc = err_errno(err, "fsync");
	if (!rc)
		rc = program_then(deed, err);
	return rc ? rc : program_confirm(deed, err);
}

static int undo(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	enum state state;
	int rc = open_place(world, deed, &file, &state, err);
	if (!rc && state != STATE_AFTER)
		rc = err_set(err, ERR_REFUSED, "%s is not as it was made", file.name);
	if (!rc && unlinkat(file.folder, file.name, is_folder(deed) ? AT_REMOVEDIR : 0) < 0)
		rc = errno == ENOTEMPTY ? err_set(err, ERR_REFUSED, "%s is not empty", file.name) : err_errno(err, "%s", file.name);
	if (!rc && fsync(file.folder) < 0)
		rc = err_errno(err, "fsync");
	return rc ? rc : program_then(deed, err);
}

static void tidy(const struct act_world *world, const struct deed *deed)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	enum state state;
	char temporary[NAME_MAX_HERE];
	struct err unused;
	if (open_place(world, deed, &file, &state, &unused) || file.folder < 0)
		return;
	temporary_name(&file, temporary);
	unlinkat(file.folder, temporary, 0);
	/* Whichever stands there now: the programs may not have been told. */
	program_then(deed, &unused);
}

const struct op op_create = {
	.name = "create",
	.keys = "file kind content",
	.survey = survey,
	.look = look,
	.make = make,
	.undo = undo,
	.tidy = tidy,
};
