/* SPDX-License-Identifier: Apache-2.0
 *
 * timer: when a case wants to be looked at again. Due times are stored, so a
 * restart loses none; each fires once.
 */
#pragma once
#include "desk/store/store.h"
#include "model/case.h"

/* The case came into that state: timers of the state before end, those of this one start. */
int timer_enter(struct store *store, int64_t case_id, enum case_state state, bool urgent, usec now, struct err *err);
/* A case that has become a flood is looked at as soon as one that began as an urgent one; any other case stays as it is. */
int timer_hurry(struct store *store, int64_t case_id, usec now, struct err *err);
struct due_timer {
	str case_name, kind;
	usec due;
};
typedef void due_each(void *context, const struct due_timer *timer);
/* The timers that are overdue, the longest first, at most TIMERS_SHOWN of them. */
enum { TIMERS_SHOWN = 1000 };
int timer_each_due(struct store *store, usec now, due_each *each, void *context, struct err *err);
/* How many those are altogether. */
int timer_count_due(struct store *store, usec now, int64_t *out, struct err *err);
