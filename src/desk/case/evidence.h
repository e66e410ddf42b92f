/* SPDX-License-Identifier: Apache-2.0
 *
 * evidence: what was found on hosts, appended to a case and never changed.
 */
#pragma once
#include "desk/case/cases.h"

/* An item of a case that no host has confirmed yet. Strings are valid during the callback. */
struct unproven {
	int64_t id;
	str mta_ids; /* separated by blanks */
	str recipient, message_id;
	usec hop_time;
	uint64_t size; /* 0 = unknown */
};
typedef int unproven_each(void *context, const struct unproven *item, struct err *err);
/* The newest first, at most limit; items about other people's addresses are left out. */
int evidence_each_unproven(const struct actor_at *at, int64_t case_id, int64_t limit, unproven_each *each,
			   void *context, struct err *err);

struct finding {
	str kind; /* log, script, incident, ... */
	str host, text;
	int64_t item; /* the item that it proves; 0 = none */
	str account;  /* the responsible account, when the finding names one */
};
/* One transaction: the record, the item's confidence, the case's account, the reporter's quality, the audit. */
int evidence_add(const struct actor_at *at, const struct abuse_case *abuse_case, const struct finding *finding,
		 struct err *err);
/* The item was looked up on that host, whose log does not know it: the item says so from now on. */
int evidence_not_found(const struct actor_at *at, const struct abuse_case *abuse_case, int64_t item, str host,
		       struct err *err);
