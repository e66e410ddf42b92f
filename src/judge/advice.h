/* SPDX-License-Identifier: Apache-2.0
 *
 * advice: what would stop an incident, in the order in which it should be
 * done. Advice names targets; plans (plan/) bind them to a host.
 */
#pragma once
#include "judge/verdict.h"

struct advice {
	const char *kind;   /* verb of quell: disable, passwd, hold, purge, block ... */
	str target;         /* in the arena given to advice_for() */
	const char *why;
	bool reversible;
};

enum { ADVICE_MAX = 12 };

/* Fills out with at most ADVICE_MAX rows; their number. */
size_t advice_for(struct advice out[ADVICE_MAX], const struct incident *incident, const struct world *world,
		  str account, struct arena *arena);
