/* SPDX-License-Identifier: Apache-2.0
 *
 * ops: the only ways in which a host is ever changed.
 *
 * Each op is a row of one table. What it does is compared with the facts
 * first, and success is what the state says afterwards:
 *
 *     survey  reads what is true of the target now into the facts; changes nothing
 *     look    is the world as before, as after, half-way, or other? It is the
 *             check before and the verification after, so these cannot disagree
 *     seal    puts evidence and what undo needs into the state folder
 *     make    acts, comparing again through the very descriptor it acts on
 *     undo    puts back, only what is still as we left it
 */
#pragma once
#include "act/journal.h"

struct gate;

/* What the ops may touch, and where their own things are. Descriptors are borrowed. */
struct act_world {
	int root;    /* the folder that is the host's / */
	bool live;   /* it is this machine's own / */
	int undo;    /* state/undo */
	int archive; /* state/archive, or where --archive says */
	uint64_t archive_max; /* bytes it may hold; 0 = no bound */
	usec now;
	const struct gate *gate;
	struct journal *journal; /* for ops that settle half-way; NULL while planning */
	const char *password;    /* for ops that set one; NULL = refused there. The caller wipes it */
	bool restore_password;   /* undo may put back a password that was stolen */
};

/* One step being planned, done, undone or verified. */
struct deed {
	struct arena *arena; /* borrowed */
	str plan;            /* id; "" while planning */
	unsigned step;
	str op, target, account;
	struct facts facts; /* what the step was planned on, and what seal added */
	struct facts made;  /* what make did, for undo and verify: ids taken. Empty before */
	struct facts done;  /* what the make or undo at hand found out: ids taken, those left over */
	bool settled;       /* a progress record of the make or undo at hand stands in the journal */
};

enum state {
	STATE_BEFORE,  /* nothing of it was done */
	STATE_AFTER,   /* all of it is in force */
	STATE_PARTIAL, /* some of it: only between a crash and recover */
	STATE_OTHER,   /* the target is not the one that was planned on; err says what is different */
};

struct op {
	const char *name;
	const char *keys;     /* facts without which a plan is not taken, blank separated */
	bool live_only;       /* refused beneath --root */
	int (*survey)(const struct act_world *, struct deed *, struct err *);
	int (*look)(const struct act_world *, const struct deed *, enum state *out, struct err *);
	int (*seal)(const struct act_world *, struct deed *, struct err *); /* NULL = nothing to seal */
	int (*make)(const struct act_world *, struct deed *, struct err *);
	int (*undo)(const struct act_world *, struct deed *, struct err *); /* NULL = cannot be undone */
	/* Removes what a killed make or undo may have left lying about; NULL = nothing ever does. */
	void (*tidy)(const struct act_world *, const struct deed *);
	/* Only of ops that work on many objects, some of which may be left over: after a failure or crash, finishes or takes
	 * back what was begun and fills done. undoing tells which way. */
	int (*settle)(const struct act_world *, struct deed *, bool undoing, struct err *);
};

/* What holds an old and a new hash in the undo folder. */
#define SECRET_SUFFIX ".secret"

/* NULL when there is no such op. */
const struct op *op_find(str name);
/* ERR_REFUSED when a fact is missing that op needs. */
int op_check_keys(const struct op *op, const struct facts *facts, struct err *err);
/* ERR_INPUT when the fact is not a number up to max. */
int deed_number(const struct deed *deed, const char *key, uint64_t max, uint64_t *out, struct err *err);
/* Records the point in a step up to which deed->done is settled. */
int deed_progress(const struct act_world *world, struct deed *deed, struct err *err);

extern const struct op op_create, op_disable, op_edit_line, op_hangup, op_freeze, op_thaw, op_purge, op_switch;
