/* SPDX-License-Identifier: Apache-2.0
 *
 * act: the state folder and the plans in it.
 */
#include "act/act.h"
#include "act/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/own.h"

enum { PLAN_NAME_LEN = PLAN_ID_LEN + 5 };

static int open_folder(int dir, const char *name, bool make, struct err *err)
{
	if (make && mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", name);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_errno(err, "%s", name) : fd;
}

/* Only root's own folder is believed: what stands in it decides what is done as root. */
static int check_state(int fd, const char *path, struct err *err)
{
	struct stat status;
	if (fstat(fd, &status) < 0)
		return err_errno(err, "%s", path);
	if (status.st_uid != geteuid() || (status.st_mode & 077))
		return err_set(err, ERR_REFUSED, "%s must belong to root and be closed to others (0700)", path);
	return 0;
}

static int take_lock(struct act *act, struct err *err)
{
	act->lock = openat(act->state, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (act->lock < 0)
		return err_errno(err, "lock");
	if (flock(act->lock, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, ERR_REFUSED, "another run of quell is acting on this host");
	return 0;
}

static int open_folders(struct act *act, const struct act_options *options, struct err *err)
{
	struct {
		const char *name;
		int *fd;
	} const folders[] = { { "plans", &act->plans }, { "undo", &act->world.undo } };
	act->state = open_folder(AT_FDCWD, options->state, options->acting, err);
	int rc = act->state < 0 ? act->state : check_state(act->state, options->state, err);
	for (size_t i = 0; !rc && i < sizeof(folders) / sizeof(folders[0]); i++)
		if ((*folders[i].fd = open_folder(act->state, folders[i].name, options->acting, err)) < 0)
			rc = *folders[i].fd;
	if (rc)
		return rc;
	act->world.archive = open_folder(options->archive ? AT_FDCWD : act->state,
					 options->archive ? options->archive : "archive", options->acting, err);
	if (act->world.archive < 0)
		return act->world.archive;
	return options->acting && fsync(act->state) < 0 ? err_errno(err, "%s", options->state) : 0;
}

static int drop_old(const struct act *act, const struct act_options *options, struct err *err)
{
	int archives = archive_drop(act->world.archive, ARCHIVE_SUFFIX, options->now, options->keep, err);
	int secrets = archives < 0 ? 0 : archive_drop(act->world.undo, SECRET_SUFFIX, options->now, options->keep, err);
	return archives < 0 ? archives : secrets < 0 ? secrets : 0;
}

int act_open(struct act *act, const struct act_options *options, struct err *err)
{
	*act = ACT_CLOSED;
	act->world = (struct act_world){ .root = options->root,
				     .live = options->live,
				     .undo = -1,
				     .archive = -1,
				     .archive_max = options->archive_max,
				     .now = options->now,
				     .gate = &act->gate,
				     .journal = &act->journal,
				     .password = options->password,
				     .restore_password = options->restore_password };
	act->caps = options->caps;
	int rc = open_folders(act, options, err);
	if (!rc && options->acting)
		rc = take_lock(act, err);
	if (!rc && options->acting && options->keep)
		rc = drop_old(act, options, err);
	if (!rc)
		rc = journal_open(&act->journal, act->state, options->acting, options->now, err);
	if (!rc)
		rc = gate_open(&act->gate, options->root, options->live, err);
	if (rc)
		act_close(act);
	return rc ? err_context(err, "state") : 0;
}

void act_close(struct act *act)
{
	int *const fds[] = { &act->plans, &act->world.undo, &act->world.archive, &act->state, &act->lock };
	journal_close(&act->journal);
	gate_close(&act->gate);
	arena_done(&act->arena);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		own_close_fd(fds[i]);
		*fds[i] = -1;
	}
}

int act_save_plan(struct act *act, const struct plan *plan, struct err *err)
{
	char name[PLAN_NAME_LEN + 1], temporary[PLAN_NAME_LEN + 5];
	__attribute__((cleanup(buf_done))) struct buf text = BUF_INIT;
	snprintf(name, sizeof(name), "%.*s.json", STR_ARG(plan->id));
	snprintf(temporary, sizeof(temporary), "%s.new", name);
	plan_print(&text, plan);
	OWN_FD int fd = openat(act->plans, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s", temporary);
	int rc = buf_write(&text, fd, err);
	if (!rc && (fsync(fd) < 0 || renameat(act->plans, temporary, act->plans, name) < 0 || fsync(act->plans) < 0))
		rc = err_errno(err, "%s", name);
	return rc;
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec > b->st_mtim.tv_sec :
							 a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

static int newest_plan(struct act *act, char name[PLAN_NAME_LEN + 1], struct err *err)
{
	struct stat newest = { 0 }, status;
	int fd = openat(act->plans, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	name[0] = 0;
	if (!entries)
		return err_errno(err, "plans");
	for (const struct dirent *entry; (entry = readdir(entries));) {
		if (strlen(entry->d_name) != PLAN_NAME_LEN || fstatat(act->plans, entry->d_name, &status, 0) < 0)
			continue;
		if (name[0] && !is_newer(&status, &newest))
			continue;
		newest = status;
		memcpy(name, entry->d_name, PLAN_NAME_LEN + 1);
	}
	closedir(entries);
	return name[0] ? 0 : err_set(err, ERR_GONE, "there is no plan yet");
}

static bool is_plan_id(str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!strchr("0123456789abcdef", id.at[i]))
			return false;
	return id.len == PLAN_ID_LEN;
}

int act_load_plan(struct act *act, const char *id, struct plan *out, struct err *err)
{
	char name[PLAN_NAME_LEN + 1];
	__attribute__((cleanup(buf_done))) struct buf text = BUF_INIT;
	int rc = 0;
	if (!id)
		rc = newest_plan(act, name, err);
	else if (is_plan_id(str_from(id)))
		snprintf(name, sizeof(name), "%s.json", id);
	else
		rc = err_set(err, ERR_USAGE, "%s is no plan: 12 hexadecimal digits", id);
	if (rc)
		return rc;
	OWN_FD int fd = openat(act->plans, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "plan %s", name);
	rc = buf_read(&text, fd, PLAN_BYTES_MAX, err);
	if (!rc)
		rc = plan_parse(out, buf_str(&text), err);
	if (!rc && !str_starts(str_from(name), out->id)) {
		plan_done(out);
		return err_set(err, ERR_INPUT, "%s holds another plan", name);
	}
	return rc;
}
