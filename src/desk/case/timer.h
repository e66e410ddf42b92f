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
/* How many timers of open cases are overdue. */
int timer_count_due(struct store *store, usec now, int64_t *out, struct err *err);
