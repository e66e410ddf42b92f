/* SPDX-License-Identifier: Apache-2.0
 *
 * recipe: how a panel, firewall or mail server is turned, as rows of a table.
 *
 * A row describes one verb of one back-end: the op of act's table and its
 * facts, with {names} for what differs. Nothing here runs or writes anything:
 * a recipe only appends a step to a plan. What goes in for a name is checked
 * against the pattern of that name first; a command line is cut into words
 * (at blanks outside of '...') before the values go in, so a value is always
 * part of one word. {{ and }} stand for the braces themselves.
 */
#pragma once
#include "base/err.h"
#include "model/plan.h"

enum { RECIPE_FACTS_MAX = 14 };

struct recipe {
	const char *verb;   /* "suspend", "block4", ... ; a table ends with a row without verb */
	const char *op;
	const char *target; /* for people */
	const char *why;    /* used when the planner gives no reason of its own */
	bool reversible;
	struct {
		const char *key, *value; /* keys do, undo, read, then, check, keep, never, api and api_end are command lines */
	} facts[RECIPE_FACTS_MAX];
	const char *shell, *undo; /* for people; NULL = made from do and undo */
	/* Without this text in one of these files (ended by NULL) the step would do nothing. */
	const char *needs;
	const char *const *needs_in;
};

/* What may go into a recipe. Each name has a pattern (recipe.c); "" stands for not known. */
struct recipe_value {
	const char *name; /* NULL ends a list */
	str value;
};

/* The first row with that verb; NULL when this back-end cannot do it. */
const struct recipe *recipe_find(const struct recipe *table, const char *verb);
/* Appends the step. ERR_REFUSED when a value is missing or is not of its pattern. */
int recipe_add(struct plan *plan, const struct recipe *recipe, const struct recipe_value *values, str account,
	       struct step **out, struct err *err);
