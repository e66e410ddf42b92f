/* SPDX-License-Identifier: Apache-2.0
 *
 * acting: what the commands that change a host share: open host and state,
 * plan, say, ask, apply, verify.
 */
#pragma once
#include "act/act.h"
#include "cmd/cmd.h"
#include "platform/recipe.h"

enum { PASSWORD_LEN = 32 };
#define ACTING_CLOSED ((struct acting){ .act = ACT_CLOSED, .root = -1 })

struct acting {
	struct app *app;
	const struct opts *opts;
	struct host host;
	struct act act;
	struct plan plan;
	bool has_host;
	int root;                        /* of its own when there is no host; else -1 */
	char password[PASSWORD_LEN + 1]; /* new, random; wiped at the end */
	struct buf refused;              /* one line for each target that was refused, for people */
	unsigned refused_count, already_count;
	VEC(struct said) said;           /* results of steps */
};

struct said {
	unsigned step;
	str op, target, text;
	enum result result;
};

/* --apply and --yes, for the tables of all acting commands. */
#define ACTING_OPTIONS                                                                                 \
	{ "apply", 0, NULL, false, "do it, after asking; without it the plan is only shown" },          \
		{ "yes", 0, NULL, false, "do not ask; lifts no safety rule" }

/* Opens host (the map of accounts) and state, finishes what a killed run left, begins a plan for verb. */
int acting_open(struct acting *acting, struct app *app, const struct opts *opts, const char *verb, str incident, struct err *err);
/* As acting_open for commands that work on the journal alone. */
int acting_open_state(struct acting *acting, struct app *app, const struct opts *opts, bool acts, struct err *err);
void acting_close(struct acting *acting);

/* Sets verb and who of the step just added and reads its target's state. A refused step is taken off the plan again and
 * said; one that is already so as well. Only other errors are returned. */
int acting_survey(struct acting *acting, struct step *step, const char *verb, str who, struct err *err);
/* A target that is refused before there is a step. */
void acting_refuse(struct acting *acting, str who, const struct err *why);
/* Appends the recipe's step and surveys it. */
int acting_recipe(struct acting *acting, const struct recipe *recipe, const struct recipe_value *values, str account, str who,
		  struct err *err);
/* Prints the plan, or with --apply does and verifies it. Returns the exit code or an error. */
int acting_finish(struct acting *acting, struct err *err);
/* Applies a plan that was saved, and verifies it. */
int acting_apply(struct acting *acting, const struct plan *plan, bool unattended, struct err *err);
/* Takes back what verb did to who; the exit code, or an error. */
int acting_take_back(struct app *app, const struct opts *opts, const char *verb, str who, struct err *err);
/* Asks on the terminal; true with --yes. Without a terminal and without --yes: ERR_REFUSED in *err. */
bool acting_ask(struct acting *acting, const char *question, struct err *err);
/* What was said so far as text or quell.verify/1, and, when measured is not NULL, how it goes on with those that its actions
 * were taken against. Returns how many of them still send. */
unsigned acting_print(struct acting *acting, const char *verb, str plan, unsigned undone, const struct act_filter *measured);
struct reporter acting_reporter(struct acting *acting);
