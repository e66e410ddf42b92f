/* SPDX-License-Identifier: Apache-2.0
 *
 * cases: what people do with cases. Each change is one transaction with its
 * record in the audit log.
 */
#pragma once
#include "base/arena.h"
#include "desk/store/store.h"
#include "model/case.h"

/* Who acts, and when. */
struct actor_at {
	struct store *store;
	struct arena *arena; /* for strings that are handed out */
	str who;
	usec now;
};

struct case_filter {
	const char *state, *class, *owner; /* NULL = any; state "all" shows closed ones too, the default is open ones */
	const char *text;		   /* a part of name, address, host, account, sender or subject */
	int64_t limit;
};

typedef int case_each(void *context, const struct abuse_case *abuse_case, struct err *err);
int cases_list(const struct actor_at *at, const struct case_filter *filter, case_each *each, void *context,
	       struct err *err);
/* The case of that name with all that belongs to it; ERR_USAGE when there is none. Release with case_done(). */
int cases_get(const struct actor_at *at, str name, struct abuse_case *out, struct err *err);
int cases_note(const struct actor_at *at, str name, str text, struct err *err);
int cases_assign(const struct actor_at *at, str name, str owner, struct err *err);
/* All items of `from` count for `into` from now on; cases_unmerge() takes it back. */
int cases_merge(const struct actor_at *at, str from, str into, struct err *err);
int cases_unmerge(const struct actor_at *at, str name, struct err *err);
/* The items become a case of their own on the same key; *out_name is its name, in the arena. */
int cases_split(const struct actor_at *at, str name, const int64_t *items, size_t count, str *out_name,
		struct err *err);
/* into: the state; only as the table of states allows. A new case that is closed is rejected. */
int cases_set_state(const struct actor_at *at, str name, enum case_state into, struct err *err);
/* Compares each case's counters with its links; ERR_INPUT names the first that differs. */
int cases_check_counters(struct store *store, struct err *err);
