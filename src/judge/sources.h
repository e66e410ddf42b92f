/* SPDX-License-Identifier: Apache-2.0
 *
 * sources: the clients that mail comes in from, over all accounts.
 */
#pragma once
#include "judge/verdict.h"

struct source {
	usec first, last;      /* of all its mail on this host */
	uint32_t messages;     /* to this account */
	bool elsewhere;        /* wrote to other accounts too */
};

/* The sources of all inbound mail: one number per client, in order of appearance. */
struct sources {
	VEC(struct source) list;
	struct index by_ip;
	struct index account; /* source -> account + 1 it wrote to first */
};

/* The number of the client that sent the message. */
uint32_t sources_number(struct sources *sources, struct world *world, const struct message *message);
/* Learns when and to whom each source wrote. */
void sources_learn(struct sources *sources, const struct judge_input *in);
void sources_done(struct sources *sources);
