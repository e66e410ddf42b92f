/* SPDX-License-Identifier: Apache-2.0
 *
 * freeze, thaw: the -frozen line of queued messages, put in or taken out under
 * Exim's lock. The -H is replaced by rename, as Exim itself does, and keeps
 * its owner, mode and times, so that undo leaves the very bytes that were
 * there. (exim -Mf does the same but looks at nothing else; it cannot tell
 * whether the message is still the one that was meant.)
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "act/queue.h"
#include "base/own.h"

/* text with remove bytes at offset at replaced by insert. */
struct splice {
	size_t at, remove;
	str insert;
};

static int write_head(struct queue_message *message, const char *name, const struct buf *text, const struct stat *like,
		      struct err *err)
{
	const struct timespec times[2] = { like->st_atim, like->st_mtim };
	unlinkat(message->folder, name, 0);
	OWN_FD int fd = openat(message->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s", name);
	int rc = buf_write(text, fd, err);
	if (!rc && (fchown(fd, like->st_uid, like->st_gid) < 0 || fchmod(fd, like->st_mode & 07777) < 0 ||
		    futimens(fd, times) < 0 || fsync(fd) < 0))
		rc = err_errno(err, "%s", name);
	return rc;
}

static void temporary_name(const struct queue_message *message, char out[64])
{
	snprintf(out, 64, "%.*s-quell.new", STR_ARG(message->id));
}

static int rewrite(struct queue_message *message, const struct splice *splice, struct err *err)
{
	char name[64], temporary[64];
	struct stat status;
	__attribute__((cleanup(buf_done))) struct buf text = BUF_INIT;
	str old = buf_str(&message->text);
	snprintf(name, sizeof(name), "%.*s-H", STR_ARG(message->id));
	temporary_name(message, temporary);
	if (fstatat(message->folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "%s", name);
	buf_add(&text, str_head(old, splice->at));
	buf_add(&text, splice->insert);
	buf_add(&text, str_from_at(old, splice->at + splice->remove));
	int rc = write_head(message, temporary, &text, &status, err);
	if (!rc && renameat(message->folder, temporary, message->folder, name) < 0)
		rc = err_errno(err, "%s", name);
	if (rc)
		unlinkat(message->folder, temporary, 0);
	return rc;
}

static struct splice insertion(struct arena *arena, str line, size_t at)
{
	return (struct splice){ .at = at, .insert = arena_printf(arena, "%.*s\n", STR_ARG(line)) };
}

static struct splice removal(const struct queue_message *message)
{
	return (struct splice){ .at = (size_t)(message->head.frozen.at - message->text.at),
				.remove = message->head.frozen.len + 1 };
}

/* The line that we put in: since when is part of the facts, so that it is told from anybody else's. */
static str our_line(const struct deed *deed)
{
	return arena_printf(deed->arena, "-frozen %.*s", STR_ARG(facts_get(&deed->facts, "since")));
}

static int survey_freeze(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	facts_set_number(&deed->facts, deed->arena, "since", (uint64_t)(world->now / USEC_PER_SEC));
	return queue_survey(world, deed, &queue, err);
}

/* Undo puts the line back where it was. */
static int survey_thaw(const struct act_world *world, struct deed *deed, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	int rc = queue_survey(world, deed, &queue, err);
	if (rc)
		return rc;
	str *places = arena_alloc(deed->arena, (queue.count + 1) * sizeof(*places));
	for (size_t i = 0; i < queue.count; i++) {
		str line = queue.messages[i].head.frozen;
		places[i] = line.len ? arena_printf(deed->arena, "%zu %.*s", removal(&queue.messages[i]).at, STR_ARG(line)) :
				       STR("");
	}
	facts_set_list(&deed->facts, deed->arena, "places", places, queue.count);
	return 0;
}

static int look_for(const struct act_world *world, const struct deed *deed, bool frozen, enum state *out, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	const struct fact *done = queue_done_ids(deed);
	size_t as_wanted = 0;
	int rc = queue_open(world, deed, false, done, &queue, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < queue.count; i++)
		as_wanted += (queue.messages[i].head.frozen.len > 0) == frozen;
	if (as_wanted == queue.count)
		*out = queue.count || done ? STATE_AFTER : STATE_OTHER;
	else
		*out = done ? STATE_OTHER : STATE_BEFORE;
	if (*out == STATE_OTHER)
		err_set(err, ERR_NONE, "%zu of %zu messages are %s", queue.count - as_wanted, queue.count,
			frozen ? "not frozen" : "frozen");
	return 0;
}

static int look_freeze(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	return look_for(world, deed, true, out, err);
}

static int look_thaw(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	return look_for(world, deed, false, out, err);
}

/* What is to be done with a message: NULL and *out, or the reason why nothing. */
typedef const char *decision(const struct deed *, const struct queue_message *, struct splice *out);

static const char *freeze_it(const struct deed *deed, const struct queue_message *message, struct splice *out)
{
	*out = insertion(deed->arena, our_line(deed), message->head.options_at);
	return message->head.frozen.len ? "is frozen already" : NULL;
}

static const char *unfreeze_it(const struct deed *deed, const struct queue_message *message, struct splice *out)
{
	if (!str_eq(message->head.frozen, our_line(deed)))
		return "is not frozen by us any more";
	*out = removal(message);
	return NULL;
}

static const char *thaw_it(const struct deed *deed, const struct queue_message *message, struct splice *out)
{
	(void)deed;
	if (!message->head.frozen.len)
		return "is not frozen";
	*out = removal(message);
	return NULL;
}

static const char *refreeze_it(const struct deed *deed, const struct queue_message *message, struct splice *out)
{
	const struct fact *ids = facts_find(&deed->facts, "ids"), *places = facts_find(&deed->facts, "places");
	uint64_t at = 0;
	for (size_t i = 0; i < ids->count && i < places->count; i++) {
		str line = places->values[i];
		if (!str_eq(ids->values[i], message->id) || !str_cut_u64(&line, message->text.len, &at))
			continue;
		bool fits = at >= message->head.options_at && message->text.at[at - 1] == '\n';
		*out = insertion(deed->arena, str_from_at(line, 1), fits ? at : message->head.options_at);
		return message->head.frozen.len ? "is frozen again" : NULL;
	}
	return "was not frozen";
}

static int each(const struct act_world *world, struct deed *deed, const struct fact *only, decision *decide, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	int rc = queue_open(world, deed, true, only, &queue, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < queue.count; i++) {
		struct queue_message *message = &queue.messages[i];
		struct splice splice;
		struct err why;
		const char *reason = decide(deed, message, &splice);
		int problem = reason ? err_set(&why, ERR_REFUSED, "%s", reason) : rewrite(message, &splice, &why);
		if (problem)
			queue_leave(&queue, deed, message->id, &why);
		message->taken = !problem;
	}
	queue_report(&queue, deed);
	rc = queue_sync(&queue, err);
	return rc ? rc : queue_trouble(&queue, err);
}

static int make_freeze(const struct act_world *world, struct deed *deed, struct err *err)
{
	return each(world, deed, NULL, freeze_it, err);
}

static int undo_freeze(const struct act_world *world, struct deed *deed, struct err *err)
{
	return each(world, deed, queue_done_ids(deed), unfreeze_it, err);
}

static int make_thaw(const struct act_world *world, struct deed *deed, struct err *err)
{
	return each(world, deed, NULL, thaw_it, err);
}

static int undo_thaw(const struct act_world *world, struct deed *deed, struct err *err)
{
	return each(world, deed, queue_done_ids(deed), refreeze_it, err);
}

static void tidy(const struct act_world *world, const struct deed *deed)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	char temporary[64];
	if (queue_open(world, deed, false, NULL, &queue, NULL))
		return;
	for (size_t i = 0; i < queue.count; i++) {
		temporary_name(&queue.messages[i], temporary);
		unlinkat(queue.messages[i].folder, temporary, 0);
	}
}

/* Each message is whole at any time, so what a crash left is settled by saying which of them are frozen by the line (or, for
 * frozen false, are not). */
static int tell(const struct act_world *world, struct deed *deed, str line, bool frozen, struct err *err)
{
	__attribute__((cleanup(queue_close))) struct queue queue;
	int rc = queue_open(world, deed, false, queue_done_ids(deed), &queue, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < queue.count; i++)
		queue.messages[i].taken = str_eq(queue.messages[i].head.frozen, line) == frozen;
	queue_report(&queue, deed);
	return queue_trouble(&queue, err);
}

static int settle_freeze(const struct act_world *world, struct deed *deed, bool undoing, struct err *err)
{
	int rc = undoing ? undo_freeze(world, deed, err) : 0;
	return rc ? rc : tell(world, deed, our_line(deed), !undoing, err);
}

static int settle_thaw(const struct act_world *world, struct deed *deed, bool undoing, struct err *err)
{
	int rc = undoing ? undo_thaw(world, deed, err) : 0;
	return rc ? rc : tell(world, deed, STR(""), !undoing, err);
}

const struct op op_freeze = {
	.name = "freeze",
	.keys = "spool by ids marks since",
	.survey = survey_freeze,
	.look = look_freeze,
	.make = make_freeze,
	.undo = undo_freeze,
	.tidy = tidy,
	.settle = settle_freeze,
};

const struct op op_thaw = {
	.name = "thaw",
	.keys = "spool by ids marks places",
	.survey = survey_thaw,
	.look = look_thaw,
	.make = make_thaw,
	.undo = undo_thaw,
	.tidy = tidy,
	.settle = settle_thaw,
};
