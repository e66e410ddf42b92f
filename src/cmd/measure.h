/* SPDX-License-Identifier: Apache-2.0
 *
 * measure: has it really stopped? What the logs and the queue say, since the
 * action, of those that actions in force were taken against: what left, what
 * is held, what was refused, and how much it was before.
 */
#pragma once
#include "cmd/acting.h"

/* What is watched; each is one actor of the tables (trace/lead.h). */
enum watched { WATCHED_SCRIPT, WATCHED_MAILBOX, WATCHED_ALIAS, WATCHED_ACCOUNT };

struct measured {
	enum watched kind;
	str who;
	usec since;          /* the first action against it */
	uint64_t before;     /* messages handed in during the day before */
	double before_per_hour, now_per_hour;
	uint64_t taken;      /* messages handed in since, whatever became of them */
	uint64_t sent;       /* deliveries to other hosts of these */
	uint64_t drained;    /* and of messages that were queued before */
	uint64_t refused;    /* calls, logins or recipients refused since */
	uint64_t held, waiting; /* queued now: frozen, and not */
	usec last;           /* newest of sent; USEC_NEVER = none */
	bool ongoing;
};

struct measures {
	VEC(struct measured) list;
};

/* Reads logs and queue in the jail. filter as for act_verify(). Nothing to watch is no error; *out is empty then. */
int measure(struct acting *acting, const struct act_filter *filter, struct measures *out, struct err *err);
unsigned measures_ongoing(const struct measures *measures);
void measures_print_text(struct buf *out, const struct measures *measures, usec now);
/* The array of quell.verify/1. */
void measures_print_json(struct jsonw *w, const struct measures *measures);
void measures_done(struct measures *measures);
