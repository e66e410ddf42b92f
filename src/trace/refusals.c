/* SPDX-License-Identifier: Apache-2.0
 *
 * refusals: hour by hour, a vote of the accounts that send around it.
 *
 * Spammers are few among those who send, so the half with the fewest refusals
 * is honest mail. Where that half is refused as well, the host is meant. Each
 * account has one voice, however much it sends.
 */
#include "trace/refusals.h"

#include <stdlib.h>

#define HOUR (3600 * USEC_PER_SEC)

/* The hours around one that are asked, widened until enough accounts have sent mail. */
static const int64_t reaches[] = { 3, 6, 12, 24 };

/* On a host with more accounts every second, third, ... is asked. */
enum { VOTERS = 6, VOTERS_MIN = 3, VOICE_MIN = 4, VOICE_MAX = 10, ASKED_MAX = 512 };

/* A list of customers has dead addresses, and some forwarder is called a spammer: less than this in the better half. */
static const double honest_share = 0.10;
/* Of the voters, those who were refused at all. Fewer than VOTERS must agree. */
static const double refused_voters = 0.7;

/* What one account sent within an hour. */
struct cell {
	int64_t hour;
	uint32_t actor, outside;
	uint32_t failures[FAILURE_CLASSES];
};

struct cells {
	VEC(struct cell) list;
	struct index by_key;  /* (actor, hour) */
};

struct voice {
	double refused; /* share of its recipients */
	double weight;
};

/* When a recipient's host said what it says. */
static int64_t hour_of(const struct message *message, const struct recipient *r)
{
	return message->at / HOUR + r->hours;
}

/* What a forwarder passes on is the mail of strangers, who could outvote the accounts by it. */
static bool is_sender(const struct lead *lead)
{
	return (lead->kind == LEAD_PROGRAM || lead->kind == LEAD_MAILBOX) && lead->account != NONE;
}

static void add_message(struct cells *cells, const struct world *world, uint32_t account, const struct message *message)
{
	bool is_new;
	for (EACH_RECIPIENT(r, world, message)) {
		if (!r->outside || (r->state == RECIPIENT_PENDING && r->failure == FAILURE_NONE))
			continue;
		int64_t hour = hour_of(message, r);
		uint32_t *slot = index_add(&cells->by_key, index_pair(account, (uint32_t)hour), &is_new);
		if (is_new) {
			*slot = (uint32_t)cells->list.count;
			*VEC_PUSH(&cells->list) = (struct cell){ .hour = hour, .actor = account };
		}
		struct cell *cell = &cells->list.at[*slot];
		cell->outside++;
		cell->failures[r->failure]++;
	}
}

static int by_hour(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;
	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	return x->actor < y->actor ? -1 : x->actor > y->actor;
}

static void gather(struct cells *cells, const struct world *world, const struct leads *leads)
{
	uint32_t stride = 1 + (uint32_t)(leads->list.count / ASKED_MAX);
	for (size_t i = 0; i < leads->list.count; i++) {
		const struct lead *lead = &leads->list.at[i];
		bool voter = is_sender(lead) && lead->account % stride == 0;
		for (size_t k = 0; voter && k < lead->messages.count; k++)
			add_message(cells, world, lead->account, &world->messages.at[lead->messages.at[k]]);
	}
	if (cells->list.count)
		qsort(cells->list.at, cells->list.count, sizeof(*cells->list.at), by_hour);
}

static int by_refused(const void *a, const void *b)
{
	const struct voice *x = a, *y = b;
	return (x->refused > y->refused) - (x->refused < y->refused);
}

static bool vote(struct voice *voices, size_t count)
{
	double refused = 0, weight = 0;
	size_t met = 0;
	qsort(voices, count, sizeof(*voices), by_refused);
	for (size_t i = 0; i < count; i++) {
		met += voices[i].refused > 0;
		if (i < count / 2) {
			refused += voices[i].refused * voices[i].weight;
			weight += voices[i].weight;
		}
	}
	double agree = count < VOTERS ? 1 : refused_voters;
	return met >= agree * (double)count && refused >= honest_share * weight;
}

/* The accounts that sent in these cells, each summed up. */
static size_t sum_by_actor(const struct cell *cells, size_t count, struct cell *sums)
{
	struct index position = { 0 };
	size_t actors = 0;
	bool is_new;
	for (size_t i = 0; i < count; i++) {
		uint32_t *slot = index_add(&position, cells[i].actor, &is_new);
		if (is_new) {
			*slot = (uint32_t)actors;
			sums[actors++] = (struct cell){ .actor = cells[i].actor };
		}
		sums[*slot].outside += cells[i].outside;
		for (size_t c = 0; c < FAILURE_CLASSES; c++)
			sums[*slot].failures[c] += cells[i].failures[c];
	}
	index_done(&position);
	return actors;
}

/* What can mean the whole host. */
static const enum failure_class asked[] = { FAILURE_VERDICT, FAILURE_LISTED, FAILURE_LIST };

/* Sets the bits of those failures that hit everybody; false when too few accounts sent mail to tell. */
static bool ask(const struct cell *sums, size_t count, uint32_t *out)
{
	struct voice *voices = mem_alloc((count + 1) * sizeof(*voices));
	size_t voters = 0;
	*out = 0;
	for (size_t a = 0; a < sizeof(asked) / sizeof(*asked); a++) {
		voters = 0;
		for (size_t i = 0; i < count; i++) {
			if (sums[i].outside < VOICE_MIN)
				continue;
			double weight = sums[i].outside < VOICE_MAX ? sums[i].outside : VOICE_MAX;
			voices[voters++] = (struct voice){ (double)sums[i].failures[asked[a]] / sums[i].outside, weight };
		}
		if (voters >= VOTERS_MIN && vote(voices, voters))
			*out |= 1u << asked[a];
	}
	free(voices);
	return voters >= VOTERS;
}

static size_t first_cell_of(const struct cells *cells, int64_t hour)
{
	return VEC_FIRST(&cells->list, cell, cell->hour < hour);
}

static uint32_t weather_at(const struct cells *cells, int64_t hour)
{
	uint32_t weather = 0;
	for (size_t i = 0; i < sizeof(reaches) / sizeof(*reaches); i++) {
		size_t from = first_cell_of(cells, hour - reaches[i]), to = first_cell_of(cells, hour + reaches[i] + 1);
		struct cell *sums = mem_alloc((to - from + 1) * sizeof(*sums));
		size_t actors = sum_by_actor(&cells->list.at[from], to - from, sums);
		bool enough = ask(sums, actors, &weather);
		free(sums);
		if (enough)
			break;
	}
	return weather;
}

static void recast(struct world *world, const struct message *message, const struct index *weather_of)
{
	for (uint32_t i = message->first_recipient; i != NONE; i = world->recipients.at[i].next) {
		struct recipient *r = &world->recipients.at[i];
		const uint32_t *weather = r->outside ? index_get(weather_of, (uint64_t)hour_of(message, r)) : NULL;
		if (!weather || !(*weather & 1u << r->failure))
			continue;
		r->failure = FAILURE_POLICY;
		world->counts.general_refusals++;
	}
}

void refusals_settle(struct world *world, const struct leads *leads)
{
	struct cells cells = { 0 };
	struct index weather_of = { 0 }; /* hour -> bits of what hit everybody */
	bool is_new;
	gather(&cells, world, leads);
	for (size_t i = 0; i < cells.list.count; i++) {
		const struct cell *cell = &cells.list.at[i];
		if (cell->failures[FAILURE_NONE] == cell->outside)
			continue;
		uint32_t *slot = index_add(&weather_of, (uint64_t)cell->hour, &is_new);
		if (is_new)
			*slot = weather_at(&cells, cell->hour);
	}
	for (size_t i = 0; i < world->messages.count && weather_of.count; i++)
		recast(world, &world->messages.at[i], &weather_of);
	index_done(&weather_of);
	index_done(&cells.by_key);
	free(cells.list.at);
}
