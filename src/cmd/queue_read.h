/* SPDX-License-Identifier: Apache-2.0
 *
 * queue_read: which queued messages are meant, and their facts as
 * quell.queue/1. Runs in the jail.
 */
#pragma once
#include "base/jsonw.h"
#include "base/pattern.h"
#include "platform/host.h"

enum queue_verb { QUEUE_LIST, QUEUE_COUNT, QUEUE_SHOW };
enum queue_key {
	QUEUE_BY_NONE, QUEUE_BY_SENDER, QUEUE_BY_LOGIN, QUEUE_BY_ACCOUNT, QUEUE_BY_SCRIPT, QUEUE_BY_DOMAIN, QUEUE_BY_HOST,
	QUEUE_BY_AGE, QUEUE_BY_STATE,
};

struct queue_query {
	enum queue_verb verb;
	const char *id;                /* of QUEUE_SHOW */
	enum queue_key by;
	const char *sender, *recipient, *login, *account; /* exact; NULL = any */
	struct pattern *sender_like, *recipient_like, *size_like; /* NULL = any */
	usec older, younger;           /* ages; USEC_NEVER = any */
	uint64_t size_min, size_max;
	bool frozen_only, thawed_only;
	bool all_recipients;           /* -r looks at delivered ones too */
	bool reverse;
	uint64_t newest;               /* only so many, the last to arrive; 0 = all */
	usec now;                      /* USEC_NEVER: the newest event of main log and queue */
};

/* A reader_work with a struct queue_query as its context. */
void queue_read(struct host *host, const void *context, struct buf *out);
