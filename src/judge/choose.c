/* SPDX-License-Identifier: Apache-2.0
 *
 * choose: which of a lead's messages are under suspicion: an intruder's in a
 * mailbox, an abuser's in a form, a wave's among bounces, and never the
 * answers to somebody who has just written.
 */
#include <stdlib.h>

#include "judge/judging.h"
#include "judge/sides.h"

#define STRAY_GAP (8 * HOUR)

enum { HONEST_COPIES = 3, STRAY_MAX = 2 };

bool judging_is_form(const struct judging *j)
{
	const struct figures *f = &j->lead->figures;
	return j->lead->kind == LEAD_PROGRAM && program_of(j)->kind == PROGRAM_SCRIPT && f->local_only > 0 &&
	       f->local_only * 3 >= f->messages && f->median_mails <= 3;
}

static void choose_program(struct judging *j)
{
	bool form = judging_is_form(j);
	if (form)
		sides_of_form(j->lead, j->in->world);
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		const struct message *message = message_at(j, i);
		uint32_t client = form ? j->lead->client_of[i] : NONE;
		bool visitor = client != NONE && j->lead->clients.at[client].side == SIDE_OWNER;
		j->chosen[i] = message->outside > 0 && !message->reply && !visitor;
	}
}

static void choose_mailbox(struct judging *j)
{
	sides_of_mailbox(j->lead, j->in->world, j->in->thresholds, j->in->dovecot_seen);
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		const struct message *message = message_at(j, i);
		uint32_t client = j->lead->client_of[i];
		bool intruder = client != NONE && j->lead->clients.at[client].side == SIDE_INTRUDER;
		j->chosen[i] = message->outside > 0 && !message->reply && intruder;
	}
}

static void choose_all(struct judging *j)
{
	for (size_t i = 0; i < j->lead->messages.count; i++)
		j->chosen[i] = true;
}

/* A single failed mail is somebody's mistyped address when its host writes to other accounts too, or when it lies outside
 * the time in which the wave's hosts sent several each. */
static void choose_bounces(struct judging *j)
{
	struct index from_source = { 0 };
	bool is_new;
	usec first = INT64_MAX, last = INT64_MIN;
	for (size_t i = 0; i < j->lead->messages.count; i++)
		++*index_add(&from_source, sources_number(j->sources, j->in->world, message_at(j, i)), &is_new);
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		uint32_t number = sources_number(j->sources, j->in->world, message_at(j, i));
		if (*index_get(&from_source, number) < 2)
			continue;
		first = message_at(j, i)->at < first ? message_at(j, i)->at : first;
		last = message_at(j, i)->at > last ? message_at(j, i)->at : last;
	}
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		uint32_t number = sources_number(j->sources, j->in->world, message_at(j, i));
		uint32_t sent = *index_get(&from_source, number);
		usec at = message_at(j, i)->at;
		bool apart = first <= last && (at + HOUR / 2 < first || at > last + HOUR / 2);
		bool passing = j->sources->list.at[number].elsewhere && sent <= STRAY_MAX;
		j->chosen[i] = !passing && !(sent == 1 && apart);
	}
	index_done(&from_source);
}

/* Who posted: the client; for the portions that a list's manager sends, the client of the post before. */
static void name_posters(struct judging *j, uint32_t *poster)
{
	uint32_t last = NONE;
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		const struct message *message = message_at(j, i);
		if (!message->local && !message->loopback)
			last = sources_number(j->sources, j->in->world, message);
		poster[i] = last;
	}
}

/* A poster of whom no copy is called spam, in three or more, writes honest mail to the list or forwarder. */
static void choose_alias(struct judging *j)
{
	struct index copies = { 0 }, called = { 0 };
	uint32_t *poster = mem_alloc((j->lead->messages.count + 1) * sizeof(*poster));
	bool is_new;
	name_posters(j, poster);
	for (size_t i = 0; i < j->lead->messages.count; i++)
		for (EACH_RECIPIENT(r, j->in->world, message_at(j, i))) {
			if (!r->outside)
				continue;
			++*index_add(&copies, poster[i], &is_new);
			*index_add(&called, poster[i], &is_new) += failure_is_verdict(r->failure);
		}
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		const uint32_t *sent = index_get(&copies, poster[i]), *spam = index_get(&called, poster[i]);
		j->chosen[i] = !(sent && *sent >= HONEST_COPIES && !*spam);
	}
	free(poster);
	index_done(&copies);
	index_done(&called);
}

/* A message or two, hours away from all others, are somebody else's: a mistyped address, the owner from a new place. */
static void drop_strays(struct judging *j)
{
	size_t largest = 0, count = j->lead->messages.count;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t from = 0, to; from < count; from = to) {
			size_t chosen = 0;
			usec last = message_at(j, from)->at;
			for (to = from; to < count && message_at(j, to)->at - last <= STRAY_GAP; to++) {
				chosen += j->chosen[to];
				last = j->chosen[to] ? message_at(j, to)->at : last;
			}
			if (to == from)
				to++;
			if (pass == 0 && chosen > largest)
				largest = chosen;
			bool stray = pass == 1 && chosen <= STRAY_MAX && chosen * 10 < largest;
			for (size_t i = from; stray && i < to; i++)
				j->chosen[i] = false;
		}
	}
}

void judging_choose(struct judging *j)
{
	switch (j->lead->kind) {
	case LEAD_PROGRAM: choose_program(j); break;
	case LEAD_MAILBOX: choose_mailbox(j); break;
	case LEAD_BOUNCES: choose_bounces(j); break;
	case LEAD_ALIAS: choose_alias(j); break;
	default: choose_all(j); break;
	}
	if (j->lead->kind == LEAD_MAILBOX || j->lead->kind == LEAD_BOUNCES)
		drop_strays(j);
}
