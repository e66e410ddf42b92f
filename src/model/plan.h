/* SPDX-License-Identifier: Apache-2.0
 *
 * plan: the steps that would be taken, each with the facts it was made on
 * (quell.plan/1). A plan is data: it names ops of act's table and carries
 * what they need; it can be read by people, kept, and applied later by
 * another run that compares every fact again.
 *
 * The id is the hash of the content, so a changed file is not the same plan.
 * A plan lasts 24 hours.
 */
#pragma once
#include "base/mem.h"
#include "model/facts.h"

#define PLAN_LIFETIME (24 * 3600 * USEC_PER_SEC)
enum { PLAN_ID_LEN = 12, PLAN_BYTES_MAX = 64 << 20 };

struct step {
	unsigned n;          /* from 1 */
	str op;              /* row of act's table */
	str target;          /* what it is done to, for people */
	str account;         /* whose it is; may be empty (an address to block) */
	str why;             /* one sentence */
	str shell;           /* the same by hand */
	str undo;            /* how to take it back by hand; empty when it cannot be */
	bool reversible;
	bool unattended;     /* the evidence would permit it without a person */
	bool allowed;        /* the policy does */
	struct facts facts;
};

struct plan {
	struct arena arena;  /* holds every str of the plan */
	str id;
	str incident;        /* "" when a person named the target */
	str verb;            /* the command that made it: "stop", "disable" ... */
	str root;            /* the host's /: "/" or the folder given with --root */
	usec made, expires;
	VEC(struct step) steps;
};

void plan_init(struct plan *plan, str verb, str root, str incident, usec now);
/* Appends a step with its number set and everything else empty; valid until the next call. */
struct step *plan_add(struct plan *plan, const char *op, str target, str account);
/* Fixes the id; to be called when the plan is complete. */
void plan_seal(struct plan *plan);
void plan_done(struct plan *plan);

/* quell.plan/1, ended by a newline. */
void plan_print(struct buf *buf, const struct plan *plan);
/* ERR_INPUT when it is not a plan, or not the plan that its id says. */
int plan_parse(struct plan *out, str text, struct err *err);
/* For people: what, why, the same by hand, how to take it back. Printable. */
void plan_print_text(struct buf *buf, const struct plan *plan);

/* argv as a command line for people; a list fact or any array of strings. */
str plan_shell(struct arena *arena, const str *argv, size_t count);
