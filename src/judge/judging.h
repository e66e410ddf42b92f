/* SPDX-License-Identifier: Apache-2.0
 *
 * judging: one lead while it is judged, and the stages it goes through. For
 * the files of this folder only.
 */
#pragma once
#include "judge/shared.h"
#include "judge/sources.h"
#include "judge/verdict.h"

#define HOUR (3600 * USEC_PER_SEC)
#define DAY (24 * HOUR)

/* Web requests that tell how a script came in, gathered once for all leads. */
struct calls {
	VEC(uint32_t) uploads;      /* POSTs to what can take files */
	struct index first_of_path; /* name of a script's file -> its first call */
};

/* A form that somebody sent who had looked around a site. */
struct order {
	uint32_t account, program, visitor;
	usec at;
};

/* All of them, by account and time. */
struct orders {
	VEC(struct order) list;
};

struct judging {
	struct verdict *out;
	const struct judge_input *in;
	struct lead *lead;
	bool *chosen;          /* by position in the lead's messages */
	struct figures figures; /* of the chosen */
	struct reasons reasons;
	uint32_t entry_request;
	struct sources *sources;
	const struct calls *calls;
	const struct orders *orders;
	const struct shared *shared;
};

static inline const struct message *message_at(const struct judging *j, size_t position)
{
	return &j->in->world->messages.at[j->lead->messages.at[position]];
}

static inline const struct program *program_of(const struct judging *j)
{
	return &j->in->world->programs.at[j->lead->program];
}

/* Copies to outsiders paired with notices to the site's owner: a form. */
bool judging_is_form(const struct judging *j);
/* Sets chosen: the messages under suspicion. */
void judging_choose(struct judging *j);
/* Takes the messages of actors that the configuration knows out of suspicion; the name of the entry, or "". */
str judging_drop_known(struct judging *j);
void calls_learn(struct calls *calls, const struct world *world);
void calls_done(struct calls *calls);
void orders_learn(struct orders *orders, const struct world *world);
void orders_done(struct orders *orders);
/* Nearly each of the script's calls follows an order of another visitor. */
bool judging_runs_errands(const struct judging *j);
/* The request that brought the script in, or NONE. */
uint32_t judging_find_entry(const struct judging *j);
enum vector judging_vector(const struct judging *j);
/* Appends an incident made of the chosen messages. */
void judging_add_incident(const struct judging *j, enum vector vector, bool blame);
/* Appends the lead to those that look guilty and are not; known names the entry that says so, or is "". */
void judging_add_cleared(const struct judging *j, str known);
/* A wave of mail from sources that never wrote before, to one account. */
void judging_wave(struct judging *j);
/* A sentence in the verdict's arena. */
str judging_sentence(const struct judging *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
