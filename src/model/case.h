/* SPDX-License-Identifier: Apache-2.0
 *
 * case: one responsible source and class of abuse, with all complaints about
 * it, and its text forms (quell.case/1).
 */
#pragma once
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

enum case_state {
	STATE_NEW,
	STATE_NEEDS_INFO, /* no headers: asked once */
	STATE_REJECTED,	  /* not ours; answered so */
	STATE_OPEN,
	STATE_INVESTIGATING,
	STATE_CONTAINED, /* an action stopped it */
	STATE_WAITING_CUSTOMER,
	STATE_MONITORING,
	STATE_ESCALATED,
	STATE_ESCALATED_2, /* undone by the customer without an answer: needs two persons */
	STATE_RESOLVED,
	STATE_CLOSED,
	STATE_MERGED, /* its items count for another case */
	STATE_COUNT,
};

const char *case_state_name(enum case_state state);
bool case_state_parse(str name, enum case_state *out);
/* Does the case still want work? */
bool case_state_is_open(enum case_state state);
/* May a case go from one to the other? */
bool case_state_allows(enum case_state from, enum case_state to);

struct case_note {
	usec at;
	str who, text;
};

struct case_item {
	int64_t id;
	str source_ip, sender, subject, verdict, why, confidence, rule;
	usec hop_time;
};

struct case_timer {
	str kind;
	usec due;
	usec fired; /* USEC_NEVER = not yet */
};

struct case_evidence {
	usec at;
	str who, kind, host, sha256, text;
};

struct case_reporter {
	str address;
	int64_t complaints;	 /* on this case */
	int64_t proven, refuted; /* of all that they ever reported */
};

/* "case" is a word of C, hence the longer name. Strings live in the caller's arena. */
struct abuse_case {
	int64_t id;
	str name; /* C-2026-00001 */
	str key, class, state, severity, host, ip, account, owner, predecessor, merged_into;
	usec opened, first_event, last_event, fixed, closed;
	int64_t complaints, weight, reporters, late, reopened;
	/* filled by case show only */
	VEC(struct case_item) items; /* the newest, at most CASE_ITEMS_SHOWN */
	VEC(struct case_reporter) by; /* who complained most, at most CASE_REPORTERS_SHOWN */
	VEC(struct case_note) notes;
	VEC(struct case_timer) timers;
	VEC(struct case_evidence) evidence;
	VEC(str) same_key; /* other open cases on the same key: offered for merging */
};
enum { CASE_ITEMS_SHOWN = 50, CASE_REPORTERS_SHOWN = 20 };

void case_print_json(struct buf *buf, const struct abuse_case *abuse_case, bool whole, bool compact);
/* One line of `case list`, and all of `case show`. */
void case_print_line(struct buf *buf, const struct abuse_case *abuse_case);
void case_print_text(struct buf *buf, const struct abuse_case *abuse_case);
void case_done(struct abuse_case *abuse_case);
