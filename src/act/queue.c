/* SPDX-License-Identifier: Apache-2.0
 *
 * queue: find, lock and compare queued messages.
 */
#include "act/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/own.h"
#include "base/sha256.h"
#include "base/walk.h"
#include "model/exim_id.h"

enum { HEAD_BYTES_MAX = 16 << 20, MARK_LEN = 16 };

/* An option's name and value: "-name value", "--name value", "--(quoter)name value" before tainted values. */
static str option_name(str *line)
{
	while (str_skip(line, STR("-")))
		;
	if (str_skip(line, STR("(")))
		str_cut(line, ')');
	return str_cut(line, ' ');
}

/* Skips the value of an ACL variable: its length stands last on the line, a newline follows it. */
static bool skip_acl_value(str line, str *rest)
{
	size_t blank = str_rfind(line, ' ');
	uint64_t len;
	if (blank == STR_NONE || !str_u64(str_from_at(line, blank + 1), HEAD_BYTES_MAX, &len) || len + 1 > rest->len)
		return false;
	*rest = str_from_at(*rest, len + 1);
	return true;
}

static bool read_options(str rest, struct queue_head *out)
{
	while (str_starts(rest, STR("-"))) {
		str line = str_cut(&rest, '\n'), value = line;
		str name = option_name(&value);
		if (str_starts(name, STR("acl")) && !skip_acl_value(line, &rest))
			return false;
		if (str_eq(name, STR("auth_id")))
			out->auth_id = value;
		if (str_eq(name, STR("frozen")))
			out->frozen = line;
	}
	return true;
}

int queue_head_parse(str text, str id, struct queue_head *out, struct err *err)
{
	str rest = text, line = str_cut(&rest, '\n');
	*out = (struct queue_head){ 0 };
	if (line.len != id.len + 2 || !str_starts(line, id) || !str_ends(line, STR("-H")))
		return err_set(err, ERR_INPUT, "not the -H of this id");
	const char *start = rest.at;
	line = str_cut(&rest, '\n');
	out->login = str_cut(&line, ' ');
	line = str_cut(&rest, '\n');
	if (line.len < 2 || line.at[0] != '<' || line.at[line.len - 1] != '>')
		return err_set(err, ERR_INPUT, "no sender in its third line");
	out->sender = (str){ line.at + 1, line.len - 2 };
	line = str_cut(&rest, '\n');
	str time = str_cut(&line, ' ');
	out->fixed = (str){ start, (size_t)(time.at + time.len - start) };
	out->options_at = (size_t)(rest.at - text.at);
	return out->login.len && time.len && read_options(rest, out) ? 0 : err_set(err, ERR_INPUT, "damaged -H");
}

str queue_mark(struct arena *arena, const struct queue_head *head)
{
	struct sha256 sha;
	char hex[MARK_LEN + 1];
	sha256_init(&sha);
	sha256_add(&sha, head->fixed);
	sha256_add(&sha, STR("\n"));
	sha256_add(&sha, head->auth_id);
	sha256_hex(&sha, MARK_LEN, hex);
	return arena_copy(arena, str_from(hex));
}

/* Opens ID-SUFFIX in folder; it must be the spool owner's plain file. */
static int open_part(const struct queue *queue, int folder, str id, const char *suffix, int flags, struct err *err)
{
	const struct walk_rule rule = { .owner = queue->owner, .one_device = true };
	char name[64];
	struct stat status;
	int len = snprintf(name, sizeof(name), "%.*s%s", STR_ARG(id), suffix);
	OWN_FD int fd = walk_file(folder, (str){ name, (size_t)len }, &rule, flags, &status, err);
	if (fd < 0)
		return fd;
	if (!S_ISREG(status.st_mode) || status.st_nlink > 1)
		return err_set(err, ERR_REFUSED, "%s is not a regular file with one name", name);
	return own_take_fd(&fd);
}

static int load_head(const struct queue *queue, struct queue_message *message, struct err *err)
{
	OWN_FD int fd = open_part(queue, message->folder, message->id, "-H", O_RDONLY, err);
	if (fd < 0)
		return fd;
	message->text.len = 0;
	int rc = buf_read(&message->text, fd, HEAD_BYTES_MAX, err);
	return rc ? rc : queue_head_parse(buf_str(&message->text), message->id, &message->head, err);
}

static int open_folder(const struct queue *queue, struct arena *arena, struct queue_message *message, struct err *err)
{
	const struct walk_rule rule = { .owner = queue->owner, .one_device = true };
	const str folders[] = { STR("input"),
				arena_printf(arena, "input/%c", exim_id_split_char(message->id)) };
	struct stat status;
	int rc = ERR_GONE;
	for (size_t i = 0; i < 2; i++) {
		message->folder_name = folders[i];
		OWN_FD int fd = walk_file(queue->spool, folders[i], &rule, O_RDONLY | O_DIRECTORY, &status, err);
		OWN_FD int head = fd < 0 ? -1 : open_part(queue, fd, message->id, "-H", O_RDONLY, err);
		rc = fd < 0 ? fd : head;
		if (head >= 0) {
			message->folder = own_take_fd(&fd);
			return 0;
		}
		if (rc != ERR_GONE)
			break;
	}
	return rc == ERR_GONE ? err_set(err, rc, "is not in the queue any more") : rc;
}

static int lock_data(const struct queue *queue, struct queue_message *message, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = (off_t)message->id.len + 3 };
	struct stat status;
	message->data = open_part(queue, message->folder, message->id, "-D", O_RDWR, err);
	if (message->data < 0)
		return message->data;
	if (fcntl(message->data, F_SETLK, &lock) < 0)
		return errno == EAGAIN || errno == EACCES ? err_set(err, ERR_REFUSED, "is being delivered") :
							    err_errno(err, "lock");
	if (fstat(message->data, &status) < 0)
		return err_errno(err, "fstat");
	if (status.st_nlink == 0)
		return err_set(err, ERR_GONE, "is not in the queue any more");
	return 0;
}

/* Chosen by what Exim attests; compared again under the lock. */
static int check_choice(const struct deed *deed, const struct queue_head *head, struct err *err)
{
	const struct {
		const char *by;
		str value;
	} choices[] = { { "login", head->login }, { "auth_id", head->auth_id }, { "sender", head->sender } };
	str by = facts_get(&deed->facts, "by");
	if (str_eq(by, STR("id")))
		return 0;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (str_eq(by, str_from(choices[i].by)))
			return str_eq(choices[i].value, facts_get(&deed->facts, "value")) ?
				       0 :
				       err_set(err, ERR_REFUSED, "has another %s than it was chosen by", choices[i].by);
	return err_set(err, ERR_INPUT, "messages cannot be chosen by %.*s", STR_ARG(by));
}

static int check_mark(const struct deed *deed, size_t i, const struct queue_head *head, struct err *err)
{
	const struct fact *marks = facts_find(&deed->facts, "marks");
	if (!marks)
		return 0;
	if (i >= marks->count || !str_eq(queue_mark(deed->arena, head), marks->values[i]))
		return err_set(err, ERR_REFUSED, "is another message than the one planned on");
	return 0;
}

static int take_message(const struct deed *deed, size_t i, bool lock, struct queue *queue, struct err *err)
{
	struct queue_message *message = &queue->messages[queue->count];
	*message = (struct queue_message){ .id = facts_find(&deed->facts, "ids")->values[i], .folder = -1, .data = -1 };
	if (!exim_id_shape(message->id))
		return err_set(err, ERR_INPUT, "is no message id");
	int rc = open_folder(queue, deed->arena, message, err);
	if (!rc && lock)
		rc = lock_data(queue, message, err);
	if (!rc)
		rc = load_head(queue, message, err);
	if (!rc)
		rc = check_choice(deed, &message->head, err);
	return rc ? rc : check_mark(deed, i, &message->head, err);
}

static void message_close(struct queue_message *message)
{
	own_close_fd(&message->folder);
	own_close_fd(&message->data);
	buf_done(&message->text);
}

static int open_spool(const struct act_world *world, const struct deed *deed, struct queue *queue, struct err *err)
{
	struct stat status;
	queue->spool = walk_file(world->root, facts_get(&deed->facts, "spool"), WALK_FREE, O_RDONLY | O_DIRECTORY, &status,
				 err);
	queue->owner = status.st_uid;
	return queue->spool < 0 ? queue->spool : 0;
}

bool queue_has(const struct fact *only, str id)
{
	bool found = !only;
	for (size_t i = 0; !found && i < only->count; i++)
		found = str_eq(only->values[i], id);
	return found;
}

int queue_open(const struct act_world *world, const struct deed *deed, bool lock, const struct fact *only, struct queue *out,
	       struct err *err)
{
	const struct fact *ids = facts_find(&deed->facts, "ids");
	*out = (struct queue){ .spool = -1 };
	if (!ids || ids->count > QUEUE_BATCH_MAX)
		return err_set(err, ERR_INPUT, "a step takes at most %d messages", QUEUE_BATCH_MAX);
	int rc = open_spool(world, deed, out, err);
	if (rc)
		return rc;
	out->messages = arena_alloc(deed->arena, (ids->count + 1) * sizeof(*out->messages));
	for (size_t i = 0; i < ids->count; i++) {
		struct err why = { 0 };
		if (!queue_has(only, ids->values[i]))
			continue;
		if (take_message(deed, i, lock, out, &why) == 0) {
			out->count++;
			continue;
		}
		message_close(&out->messages[out->count]);
		queue_leave(out, deed, ids->values[i], &why);
	}
	return 0;
}

void queue_close(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++)
		message_close(&queue->messages[i]);
	own_close_fd(&queue->spool);
}

void queue_leave(struct queue *queue, const struct deed *deed, str id, const struct err *why)
{
	queue->left[queue->left_count++] = arena_printf(deed->arena, "%.*s %s", STR_ARG(id), why->text);
	if (why->code == ERR_SYSTEM && !queue->trouble.code)
		queue->trouble = *why;
}

int queue_trouble(const struct queue *queue, struct err *err)
{
	if (queue->trouble.code)
		*err = queue->trouble;
	return queue->trouble.code;
}

void queue_report(const struct queue *queue, struct deed *deed)
{
	str *ids = arena_alloc(deed->arena, (queue->count + 1) * sizeof(*ids));
	size_t count = 0;
	for (size_t i = 0; i < queue->count; i++)
		if (queue->messages[i].taken)
			ids[count++] = queue->messages[i].id;
	facts_set_list(&deed->done, deed->arena, "ids", ids, count);
	facts_set_list(&deed->done, deed->arena, "left", queue->left, queue->left_count);
}

int queue_sync(const struct queue *queue, struct err *err)
{
	for (size_t i = 0; i < queue->count; i++)
		if (fsync(queue->messages[i].folder) < 0)
			return err_errno(err, "fsync of the spool");
	return 0;
}

const struct fact *queue_done_ids(const struct deed *deed)
{
	return facts_find(&deed->made, "ids");
}

int queue_survey(const struct act_world *world, struct deed *deed, struct queue *queue, struct err *err)
{
	int rc = queue_open(world, deed, false, NULL, queue, err);
	if (rc)
		return rc;
	str *ids = arena_alloc(deed->arena, (queue->count + 1) * sizeof(*ids));
	str *marks = arena_alloc(deed->arena, (queue->count + 1) * sizeof(*marks));
	for (size_t i = 0; i < queue->count; i++) {
		ids[i] = queue->messages[i].id;
		marks[i] = queue_mark(deed->arena, &queue->messages[i].head);
	}
	facts_set_list(&deed->facts, deed->arena, "ids", ids, queue->count);
	facts_set_list(&deed->facts, deed->arena, "marks", marks, queue->count);
	return queue->count ? 0 : err_set(err, ERR_GONE, "none of these messages is in the queue");
}
