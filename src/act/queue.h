/* SPDX-License-Identifier: Apache-2.0
 *
 * queue: messages in Exim's spool as the ops touch them.
 *
 * The spool belongs to Exim's user, so nothing in it is trusted: entries are
 * opened beneath the spool without following links and must be regular files
 * of the spool's owner. A message is touched only under Exim's own lock: an
 * fcntl write lock on the first line of its -D file (spool_in.c,
 * spool_open_datafile()), which every delivery and every exim -M... takes.
 */
#pragma once
#include "act/ops.h"

enum { QUEUE_BATCH_MAX = 100 }; /* messages a step: two descriptors each, below the usual limit of 1024 */

/* What Exim attests of a message, from the first lines of its -H. */
struct queue_head {
	str login;         /* who handed it in */
	str sender;        /* without <> */
	str auth_id;
	str fixed;         /* lines 2 and 3 and the time of arrival: what never changes while it is queued */
	str frozen;        /* the whole option line without its newline; "" when not frozen */
	size_t options_at; /* offset of the first option line */
};

struct queue_message {
	str id;
	str folder_name; /* below the spool: "input" or "input/X" */
	int folder;
	int data;        /* the locked -D; -1 when only looked at */
	struct buf text; /* of -H */
	struct queue_head head;
	bool taken;      /* an op's own mark */
};

struct queue {
	int spool;
	uid_t owner;
	struct queue_message *messages;
	size_t count;
	str left[QUEUE_BATCH_MAX]; /* "ID reason" of those that could not be had */
	size_t left_count;
	struct err trouble;        /* the first reason that was the system's and not the message's */
};

/* ERR_INPUT when it is no -H of id. Values of ACL variables are skipped by their length, never read as options. */
int queue_head_parse(str text, str id, struct queue_head *out, struct err *err);

/* Opens the messages that deed's facts name (spool, ids), with lock under Exim's lock, as far as they are still what was
 * planned: same mark, same value of what they were chosen by. The others go to left. With only, ids not in it are passed
 * over. */
int queue_open(const struct act_world *world, const struct deed *deed, bool lock, const struct fact *only, struct queue *out,
	       struct err *err);
/* What the surveys of all queue ops share: opens what is there and sets the facts ids and marks. ERR_GONE when none is. */
int queue_survey(const struct act_world *world, struct deed *deed, struct queue *queue, struct err *err);
void queue_close(struct queue *queue);
/* As a text that is the same as long as it is the same message: 16 hex digits. */
str queue_mark(struct arena *arena, const struct queue_head *head);
/* Sets the facts ids (those taken) and left of deed->done. */
void queue_report(const struct queue *queue, struct deed *deed);
void queue_leave(struct queue *queue, const struct deed *deed, str id, const struct err *why);
/* The trouble, as what the op returns; 0 when there was none. */
int queue_trouble(const struct queue *queue, struct err *err);
/* Syncs every folder of the queue. */
int queue_sync(const struct queue *queue, struct err *err);
/* id is in only; only NULL means all. */
bool queue_has(const struct fact *only, str id);
/* The ids of the messages taken by make, as recorded; NULL before make. */
const struct fact *queue_done_ids(const struct deed *deed);
