/* SPDX-License-Identifier: Apache-2.0
 *
 * who: steps about a login, an account, a script or an address, for the single
 * verbs and for stop.
 */
#pragma once
#include "cmd/acting.h"

enum { WHO_VALUES = 11 };

/* Appends the step of a verb (hold, lock, password, sessions, suspend) for a login or account. What is refused is said. */
int who_add(struct acting *acting, str who, const char *verb, struct err *err);
/* why may be empty. */
int disable_add(struct acting *acting, str path, bool immutable, str why, struct err *err);
/* Comments out the lines of the account's crontab that name the script; verb and who: under which it is taken back. */
int cron_add(struct acting *acting, str account, str script, const char *verb, str who, struct err *err);
/* Comments out the alias line of a forwarder, list or catch-all (*@domain or the bare domain), or the lines of a .forward. */
int alias_add(struct acting *acting, str address, struct err *err);
/* seconds: how long it lasts. */
int block_add(struct acting *acting, str address, uint64_t seconds, bool wide, struct err *err);

/* Which queued messages: by what Exim attests, or by id. Empty members do not choose. */
struct selection {
	str account, login, sender;
	const str *ids;
	size_t id_count;
	bool frozen, all;
};
/* Appends steps of op (freeze, thaw, purge) for the messages of the selection that are in the queue now. */
int queue_add(struct acting *acting, const char *op, const struct selection *selection, str who, struct err *err);
