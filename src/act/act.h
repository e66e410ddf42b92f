/* SPDX-License-Identifier: Apache-2.0
 *
 * act: the state folder, and what is done with a plan: survey while it is
 * made, apply, undo, recover, verify.
 *
 * State folder (0700): journal.jsonl, plans/, undo/, archive/, lock. Whoever
 * acts holds the lock; a second run is refused. What is done is said through
 * a reporter, one call a step, after it is in the journal.
 */
#pragma once
#include "act/gate.h"
#include "act/ops.h"
#include "model/plan.h"

/* Of addresses blocked; 0 = no bound. */
struct act_caps {
	unsigned live, per_hour;
};

struct act {
	struct act_world world;
	struct gate gate;
	struct journal journal;
	struct arena arena; /* of one run */
	int state, plans;
	int lock;           /* -1 when opened for looking */
	struct act_caps caps;
};

/* Not open yet: act_close() may be called on it. */
#define ACT_CLOSED \
	((struct act){ .state = -1, .plans = -1, .lock = -1, .journal.fd = -1, .world.undo = -1, .world.archive = -1 })

struct act_options {
	int root;                /* borrowed */
	bool live;
	const char *state;       /* folder; made when it is missing and acting is true */
	const char *archive;     /* another folder for sealed files; NULL = in the state folder */
	uint64_t archive_max;    /* bytes that it may hold; 0 = no bound */
	usec keep;               /* whoever acts drops sealed files and old hashes that are older; 0 = none */
	struct act_caps caps;
	usec now;
	bool acting;             /* take the lock, allow appending to the journal */
	const char *password;    /* see struct act_world; borrowed */
	bool restore_password;
};

/* *act must not move while it is open. ERR_REFUSED when another run holds the lock. */
int act_open(struct act *act, const struct act_options *options, struct err *err);
void act_close(struct act *act);

struct reporter {
	void (*step)(void *context, unsigned n, str op, str target, enum result result, str text);
	void *context;
};

/* Reads what is true of step's target now into its facts, and passes the gate. ERR_REFUSED with the reason. *out_done tells
 * that the target is already as wanted. */
int act_survey(struct act *act, struct plan *plan, struct step *step, bool *out_done, struct err *err);
/* Is there room for another blocked address, when planned ones come first? ERR_REFUSED when not. */
int act_check_caps(const struct act *act, unsigned planned, struct err *err);
/* plans/ID.json, synced. */
int act_save_plan(struct act *act, const struct plan *plan, struct err *err);
/* id NULL: the newest. */
int act_load_plan(struct act *act, const char *id, struct plan *out, struct err *err);

/* The journal knows the plan: it is not applied a second time. */
bool act_was_applied(const struct act *act, const struct plan *plan);
/* Executes the steps in order; a step that does not come out as changed or already ends it and leaves the earlier ones in
 * force. 0 when all did. */
int act_apply(struct act *act, const struct plan *plan, bool unattended, const struct reporter *reporter, struct err *err);
/* Which actions: an empty member means any. verb and who are the facts of that name: what a person asked for, of whom. */
struct act_filter {
	str plan, verb, who;
};
/* Takes back what is in force of these, newest first. 0 when everything was; ERR_REFUSED when there is nothing or something
 * stays, and why is in the journal and was reported. */
int act_undo(struct act *act, const struct act_filter *filter, const struct reporter *reporter, struct err *err);
/* Finishes or takes back what a killed run left, and reports it. */
int act_recover(struct act *act, const struct reporter *reporter, struct err *err);
/* Blocks live in the kernel: what has vanished (a reboot, a reload of the rules) is made again, what has passed its end
 * (fact "until") is undone. Reports what was changed. */
int act_sync(struct act *act, const struct reporter *reporter, struct err *err);
/* Is what we did still in force? Reports each as RESULT_ALREADY (in force) or RESULT_FAILED (undone by somebody) or
 * RESULT_UNKNOWN; *out_undone counts the latter two. */
int act_verify(struct act *act, const struct act_filter *filter, const struct reporter *reporter, unsigned *out_undone,
	       struct err *err);
