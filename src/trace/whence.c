/* SPDX-License-Identifier: Apache-2.0
 *
 * whence: webmail requests and webmail's mail, joined by time.
 *
 * One request explains one message. Where several requests fit, one with the
 * mailbox's own login wins, then one from a client already known for this
 * mailbox, then one unknown to every other mailbox. The first pass takes only
 * what is certain, and so learns the clients; the second decides the rest.
 */
#include "trace/whence.h"

#include <stdlib.h>

#define REQUEST_LEAD (3 * USEC_PER_SEC)

struct matcher {
	struct world *world;
	VEC(uint32_t) requests;  /* webmail POSTs by time */
	VEC(uint32_t) messages;  /* by time */
	bool *used;              /* by position in requests */
	struct index owner;      /* ip name -> mailbox + 1 of its first certain use; UINT32_MAX when of several */
	struct index pairs;      /* (mailbox, ip name) certain */
};

static usec request_time(const struct matcher *m, size_t i)
{
	return m->world->requests.at[m->requests.at[i]].at;
}

static int by_request_time(const void *a, const void *b, void *context)
{
	const struct world *world = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	usec tx = world->requests.at[x].at, ty = world->requests.at[y].at;
	if (tx != ty)
		return tx < ty ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void learn(struct matcher *m, uint32_t mailbox, uint32_t ip)
{
	bool is_new;
	uint32_t *owner = index_add(&m->owner, ip, &is_new);
	if (is_new)
		*owner = mailbox + 1;
	else if (*owner != mailbox + 1)
		*owner = UINT32_MAX;
	index_add(&m->pairs, index_pair(mailbox, ip), &is_new);
}

static void assign(struct matcher *m, struct message *message, size_t position)
{
	const struct request_row *request = &m->world->requests.at[m->requests.at[position]];
	m->used[position] = true;
	message->request = m->requests.at[position];
	learn(m, message->mailbox, world_client(m->world, world_visitor_of(m->world, request)->ip));
}

/* How well a request fits a mailbox; 0 = it is somebody else's. */
static int fit(struct matcher *m, const struct message *message, const struct request_row *request)
{
	uint32_t ip = world_client(m->world, world_visitor_of(m->world, request)->ip);
	if (request->user)
		return request->user == message->mailbox ? 4 : 0;
	if (index_get(&m->pairs, index_pair(message->mailbox, ip)))
		return 3;
	return index_get(&m->owner, ip) ? 1 : 2;
}

/* The best unused request in the seconds before the message. Certain: it is the only one that fits best. */
static bool best_request(struct matcher *m, const struct message *message, size_t from, size_t *out, bool *out_certain)
{
	int best = 0;
	size_t ties = 0;
	for (size_t i = from; i < m->requests.count && request_time(m, i) <= message->at; i++) {
		if (m->used[i] || request_time(m, i) + REQUEST_LEAD < message->at)
			continue;
		int score = fit(m, message, &m->world->requests.at[m->requests.at[i]]);
		if (score > best) {
			best = score;
			*out = i;
			ties = 0;
		}
		ties += score == best && best > 0;
	}
	*out_certain = best == 4 || ties == 1;
	return best > 0;
}

/* Other mail of webmail in the same seconds makes a lone request uncertain too. */
static bool has_neighbour(const struct matcher *m, size_t position)
{
	const struct world *world = m->world;
	const struct message *message = &world->messages.at[m->messages.at[position]];
	for (size_t i = position; i-- > 0;) {
		const struct message *other = &world->messages.at[m->messages.at[i]];
		if (other->at + REQUEST_LEAD < message->at)
			break;
		if (other->mailbox != message->mailbox && other->request == NONE)
			return true;
	}
	for (size_t i = position + 1; i < m->messages.count; i++) {
		const struct message *other = &world->messages.at[m->messages.at[i]];
		if (message->at + REQUEST_LEAD < other->at)
			break;
		if (other->mailbox != message->mailbox && other->request == NONE)
			return true;
	}
	return false;
}

static void match(struct matcher *m, bool only_certain)
{
	size_t from = 0;
	for (size_t i = 0; i < m->messages.count; i++) {
		struct message *message = &m->world->messages.at[m->messages.at[i]];
		size_t position;
		bool certain;
		while (from < m->requests.count && request_time(m, from) + REQUEST_LEAD < message->at)
			from++;
		if (message->request != NONE || !best_request(m, message, from, &position, &certain))
			continue;
		if (!only_certain || (certain && !has_neighbour(m, i)))
			assign(m, message, position);
	}
}

void whence_trace(struct world *world)
{
	struct matcher m = { .world = world };
	for (uint32_t i = 0; i < world->requests.count; i++)
		if (world->requests.at[i].webmail && world->requests.at[i].post)
			*VEC_PUSH(&m.requests) = i;
	for (uint32_t i = 0; i < world->messages.count; i++)
		if (world->messages.at[i].mailbox && world->messages.at[i].loopback)
			*VEC_PUSH(&m.messages) = i;
	if (m.requests.count && m.messages.count) {
		qsort_r(m.requests.at, m.requests.count, sizeof(*m.requests.at), by_request_time, world);
		world_sort_messages(world, m.messages.at, m.messages.count);
		m.used = mem_alloc(m.requests.count * sizeof(*m.used));
		match(&m, true);
		match(&m, false);
		free(m.used);
	}
	free(m.requests.at);
	free(m.messages.at);
	index_done(&m.owner);
	index_done(&m.pairs);
}
