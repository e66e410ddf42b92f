/* SPDX-License-Identifier: Apache-2.0
 *
 * choose: which actions stop an incident: the smallest sufficient set, in the
 * order in which they are safe, each with its reason.
 */
#pragma once
#include "base/str.h"

/* What a step is done to. */
enum object { OBJECT_SCRIPT, OBJECT_CRONTAB, OBJECT_MAILBOX, OBJECT_SESSIONS, OBJECT_ALIAS, OBJECT_ACCOUNT, OBJECT_MESSAGES, OBJECT_ADDRESSES };

struct choice {
	const char *vectors; /* blank separated names as in quell.scan/1 */
	const char *verb;    /* disable, cron_off, hold, alias_off, password, sessions, hangup, freeze, purge, block */
	enum object object;
	bool is_cause;       /* it stops the sending itself; the others clean up after it */
	bool only_if_refused; /* taken when the choice before it was refused or has no target */
	const char *why;
};

/* Rows for vector in order; NULL at the end. Start with at = 0. */
const struct choice *choose_next(str vector, size_t *at);
