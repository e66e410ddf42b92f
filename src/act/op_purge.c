/* SPDX-License-Identifier: Apache-2.0
 *
 * purge: queued messages sealed and removed, and put back by undo.
 *
 * Under Exim's lock -H, -D, -J and the message log are sealed; then -H is
 * renamed to a name that Exim does not look at, which hides the message in one
 * step; then that is journaled, and only then are the files unlinked. A crash
 * before the journal's word is taken back, a crash after it is finished. The
 * hidden -H tells a message taken by us from one that Exim delivered meanwhile:
 * without it the two could not be told apart, and undo would send mail twice.
 * Undo goes the same way back: everything but the name -H is written, that is
 * journaled, then the hidden -H gets its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "act/archive.h"
#include "act/queue.h"
#include "base/own.h"
#include "base/walk.h"

enum { PATH_LEN_MAX = 128 };

/* Files of a message in the order in which they are written back; the hidden -H comes first and goes last. */
static const char *const parts[] = { "H", "D", "J", "log" };
enum { PART_HEAD, PART_DATA, PART_JOURNAL, PART_LOG, PARTS };

static void part_path(char out[PATH_LEN_MAX], str folder, str id, int part)
{
	str sub = str_from_at(folder, sizeof("input") - 1); /* "" or "/X" */
	if (part == PART_LOG)
		snprintf(out, PATH_LEN_MAX, "msglog%.*s/%.*s", STR_ARG(sub), STR_ARG(id));
	else
		snprintf(out, PATH_LEN_MAX, "%.*s/%.*s-%s", STR_ARG(folder), STR_ARG(id), parts[part]);
}

static void hidden_path(char out[PATH_LEN_MAX], str folder, str id)
{
	snprintf(out, PATH_LEN_MAX, "%.*s/%.*s-quell", STR_ARG(folder), STR_ARG(id));
}

static int survey(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	int rc = queue_survey(world, deed, &queue, err);
	if (rc)
		return rc;
	str *folders = arena_alloc(deed->arena, (queue.count + 1) * sizeof(*folders));
	for (size_t i = 0; i < queue.count; i++)
		folders[i] = queue.messages[i].folder_name;
	facts_set_list(&deed->facts, deed->arena, "folders", folders, queue.count);
	return 0;
}

static int look(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	const struct fact *done = queue_done_ids(deed);
	int rc = queue_open(world, deed, false, done, &queue, err);
	if (rc)
		return rc;
	*out = queue.count == 0 ? STATE_AFTER : done ? STATE_OTHER : STATE_BEFORE;
	if (*out == STATE_OTHER)
		err_set(err, ERR_NONE, "%zu of the messages are in the queue again", queue.count);
	return 0;
}

static int open_part(const struct queue *queue, const struct queue_message *message, int part, struct stat *status,
		     struct err *err)
{
	const struct walk_rule rule = { .owner = queue->owner, .one_device = true };
	char path[PATH_LEN_MAX];
	part_path(path, message->folder_name, message->id, part);
	return walk_file(queue->spool, str_from(path), &rule, O_RDONLY, status, err);
}

/* -H and -D must be there; the others may be. The locked descriptor of -D serves, since closing another one of the same
 * file would drop the lock. */
static int seal_message(struct archive *archive, const struct queue *queue, const struct queue_message *message,
			struct err *err)
{
	int rc = 0;
	for (int part = 0; !rc && part < PARTS; part++) {
		char path[PATH_LEN_MAX];
		struct stat status;
		OWN_FD int fd = part == PART_DATA ? -1 : open_part(queue, message, part, &status, err);
		int from = part == PART_DATA ? message->data : fd;
		if (from == ERR_GONE && part > PART_DATA)
			continue;
		if (from < 0)
			return from;
		if (fstat(from, &status) < 0)
			return err_errno(err, "fstat");
		part_path(path, message->folder_name, message->id, part);
		rc = archive_add(archive, str_from(path), from, &status, err);
	}
	return rc;
}

static uint64_t bytes_of(const struct queue *queue)
{
	uint64_t bytes = 0;
	struct stat status;
	for (size_t i = 0; i < queue->count; i++)
		bytes += queue->messages[i].text.len +
			 (fstat(queue->messages[i].data, &status) == 0 ? (uint64_t)status.st_size : 0);
	return bytes;
}

/* What cannot be sealed is not removed: a file of it may be none that Exim writes. How many are left to be taken. */
static size_t take_whole(struct queue *queue, const struct deed *deed)
{
	static const int others[] = { PART_HEAD, PART_JOURNAL, PART_LOG };
	size_t count = 0;
	for (size_t i = 0; i < queue->count; i++) {
		struct queue_message *message = &queue->messages[i];
		struct err why = { 0 };
		message->taken = true;
		for (size_t j = 0; message->taken && j < sizeof(others) / sizeof(*others); j++) {
			struct stat status;
			OWN_FD int fd = open_part(queue, message, others[j], &status, &why);
			message->taken = fd >= 0 || (fd == ERR_GONE && others[j] != PART_HEAD);
		}
		if (!message->taken)
			queue_leave(queue, deed, message->id, &why);
		count += message->taken;
	}
	return count;
}

static int seal_all(const struct act_world *world, const struct deed *deed, const struct queue *queue, struct err *err)
{
	struct archive archive;
	int rc = archive_create(&archive, world->archive, deed->plan, deed->step, bytes_of(queue), world->archive_max, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < queue->count; i++)
		if (queue->messages[i].taken)
			rc = seal_message(&archive, queue, &queue->messages[i], err);
	if (rc)
		archive_abandon(&archive);
	return rc ? rc : archive_finish(&archive, err);
}

static int rename_within(int spool, const char *from, const char *to)
{
	return renameat2(spool, from, spool, to, RENAME_NOREPLACE);
}

/* Between the name -H and the hidden one, for all of the ids whose source name is there. Returns the first errno. */
static int rename_heads(int spool, const struct fact *ids, const struct fact *folders, const struct fact *only, bool hide)
{
	char plain[PATH_LEN_MAX], hidden[PATH_LEN_MAX];
	int first = 0;
	for (size_t i = 0; i < ids->count && i < folders->count; i++) {
		if (!queue_has(only, ids->values[i]))
			continue;
		part_path(plain, folders->values[i], ids->values[i], PART_HEAD);
		hidden_path(hidden, folders->values[i], ids->values[i]);
		if (rename_within(spool, hide ? plain : hidden, hide ? hidden : plain) < 0 && errno != ENOENT && !first)
			first = errno;
	}
	return first;
}

/* Removes all files of the hidden messages; the hidden -H last, so that a crash leaves it as the sign that this is due. */
static int sweep(int spool, const struct fact *ids, const struct fact *folders, const struct fact *only)
{
	char path[PATH_LEN_MAX];
	int first = 0;
	for (size_t i = 0; i < ids->count && i < folders->count; i++) {
		struct stat status;
		if (!queue_has(only, ids->values[i]))
			continue;
		hidden_path(path, folders->values[i], ids->values[i]);
		if (fstatat(spool, path, &status, AT_SYMLINK_NOFOLLOW) < 0) {
			first = first || errno == ENOENT ? first : errno;
			continue;
		}
		for (int part = PART_LOG; part >= PART_DATA; part--) {
			char name[PATH_LEN_MAX];
			part_path(name, folders->values[i], ids->values[i], part);
			if (unlinkat(spool, name, 0) < 0 && errno != ENOENT && !first)
				first = errno;
		}
		if (unlinkat(spool, path, 0) < 0 && !first)
			first = errno;
	}
	return first;
}

static void hide_all(struct queue *queue, struct deed *deed)
{
	char plain[PATH_LEN_MAX], hidden[PATH_LEN_MAX];
	for (size_t i = 0; i < queue->count; i++) {
		struct queue_message *message = &queue->messages[i];
		if (!message->taken)
			continue;
		part_path(plain, message->folder_name, message->id, PART_HEAD);
		hidden_path(hidden, message->folder_name, message->id);
		struct err why;
		message->taken = rename_within(queue->spool, plain, hidden) == 0;
		if (!message->taken) {
			err_errno(&why, "rename");
			queue_leave(queue, deed, message->id, &why);
		}
	}
	queue_report(queue, deed);
}

static int make(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	const struct fact *ids = facts_find(&deed->facts, "ids"), *folders = facts_find(&deed->facts, "folders");
	int rc = queue_open(world, deed, true, NULL, &queue, err);
	if (!rc && !take_whole(&queue, deed)) {
		queue_report(&queue, deed);
		return queue_trouble(&queue, err);
	}
	if (!rc)
		rc = seal_all(world, deed, &queue, err);
	if (rc)
		return rc;
	hide_all(&queue, deed);
	rc = queue_sync(&queue, err);
	if (!rc)
		rc = deed_progress(world, deed, err);
	if (rc) {
		rename_heads(queue.spool, ids, folders, facts_find(&deed->done, "ids"), false);
		deed->done.count = 0;
		return rc;
	}
	int problem = sweep(queue.spool, ids, folders, facts_find(&deed->done, "ids"));
	errno = problem;
	rc = problem ? err_errno(err, "removing what was hidden") : queue_sync(&queue, err);
	return rc ? rc : queue_trouble(&queue, err);
}

static int write_member(int spool, uid_t owner, const char *path, const struct archive_member *member, struct err *err)
{
	const struct walk_rule rule = { .owner = owner, .one_device = true };
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, member->status.st_mtim };
	struct stat status;
	str folder, name;
	walk_split(str_from(path), &folder, &name);
	OWN_FD int dir = walk_file(spool, folder, &rule, O_RDONLY | O_DIRECTORY, &status, err);
	if (dir < 0)
		return dir;
	unlinkat(dir, name.at, 0);
	OWN_FD int fd = openat(dir, name.at, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s", path);
	int rc = archive_extract(member, fd, err);
	if (!rc && (fchown(fd, member->status.st_uid, member->status.st_gid) < 0 ||
		    fchmod(fd, member->status.st_mode & 07777) < 0 || futimens(fd, times) < 0 || fsync(fd) < 0 ||
		    fsync(dir) < 0))
		rc = err_errno(err, "%s", path);
	return rc;
}

struct restoring {
	struct deed *deed;
	int spool;
	uid_t owner;
	const struct fact *ids, *folders, *only;
	str *back, *left;
	size_t back_count, left_count;
};

/* "input/X/ID-D", "msglog/X/ID": whose file it is. */
static bool is_part_of(str name, str folder, str id, int *out_part)
{
	char path[PATH_LEN_MAX];
	for (*out_part = 0; *out_part < PARTS; ++*out_part) {
		part_path(path, folder, id, *out_part);
		if (str_eq(name, str_from(path)))
			return true;
	}
	return false;
}

static int restore_member(void *context, const struct archive_member *member, struct err *err)
{
	struct restoring *restoring = context;
	for (size_t i = 0; i < restoring->ids->count; i++) {
		char path[PATH_LEN_MAX];
		int part;
		str id = restoring->ids->values[i], folder = restoring->folders->values[i];
		if (!is_part_of(member->name, folder, id, &part) || !queue_has(restoring->only, id))
			continue;
		if (part == PART_HEAD)
			hidden_path(path, folder, id);
		else
			part_path(path, folder, id, part);
		return write_member(restoring->spool, restoring->owner, path, member, err);
	}
	return 0;
}

/* A message of that id that stands in the queue is never overwritten. */
static void choose_missing(struct restoring *restoring)
{
	for (size_t i = 0; i < restoring->ids->count; i++) {
		char path[PATH_LEN_MAX];
		struct stat status;
		str id = restoring->ids->values[i];
		if (!queue_has(restoring->only, id))
			continue;
		part_path(path, restoring->folders->values[i], id, PART_HEAD);
		if (fstatat(restoring->spool, path, &status, AT_SYMLINK_NOFOLLOW) == 0)
			restoring->left[restoring->left_count++] =
				arena_printf(restoring->deed->arena, "%.*s stands in the queue", STR_ARG(id));
		else
			restoring->back[restoring->back_count++] = id;
	}
}

static int undo(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	const struct fact *ids = facts_find(&deed->facts, "ids"), *folders = facts_find(&deed->facts, "folders");
	const struct fact none = { 0 };
	int rc = queue_open(world, deed, false, &none, &queue, err);
	if (rc)
		return rc;
	struct restoring restoring = { deed, queue.spool, queue.owner, ids, folders, queue_done_ids(deed) };
	restoring.back = arena_alloc(deed->arena, (ids->count + 1) * sizeof(str));
	restoring.left = arena_alloc(deed->arena, (ids->count + 1) * sizeof(str));
	choose_missing(&restoring);
	facts_set_list(&deed->done, deed->arena, "ids", restoring.back, restoring.back_count);
	facts_set_list(&deed->done, deed->arena, "left", restoring.left, restoring.left_count);
	restoring.only = facts_find(&deed->done, "ids");
	rc = archive_each(world->archive, deed->plan, deed->step, restore_member, &restoring, err);
	if (!rc)
		rc = deed_progress(world, deed, err);
	if (rc) {
		sweep(queue.spool, ids, folders, restoring.only);
		return rc;
	}
	errno = rename_heads(queue.spool, ids, folders, restoring.only, false);
	if (errno || syncfs(queue.spool) < 0)
		return err_errno(err, "putting the messages back into the queue");
	return 0;
}

static int settle(const struct act_world *world, struct deed *deed, bool undoing, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	const struct fact *ids = facts_find(&deed->facts, "ids"), *folders = facts_find(&deed->facts, "folders");
	const struct fact none = { 0 };
	int rc = queue_open(world, deed, false, &none, &queue, err);
	if (rc)
		return rc;
	if (!deed->settled)
		facts_set_list(&deed->done, deed->arena, "ids", NULL, 0);
	/* Hidden messages go back into the queue when a purge was not settled or an undo was; else they go. */
	bool back = undoing == deed->settled;
	errno = back ? rename_heads(queue.spool, ids, folders, NULL, false) : sweep(queue.spool, ids, folders, NULL);
	if (errno || syncfs(queue.spool) < 0)
		return err_errno(err, "finishing what was begun");
	return 0;
}

const struct op op_purge = {
	.name = "purge",
	.keys = "spool by ids marks folders",
	.survey = survey,
	.look = look,
	.make = make,
	.undo = undo,
	.settle = settle,
};
