/* SPDX-License-Identifier: Apache-2.0
 *
 * clients: lead after lead, so that the table of its addresses stays small.
 * Calls and logins are sorted into leads first.
 */
#include "trace/clients.h"

#include <stdlib.h>

#include "model/address.h"

struct collecting {
	struct world *world;
	const struct lead_host *host;
	struct lead *lead;
	struct index client_by_ip; /* name of ip_client -> position in the lead's clients; NONE for idle callers */
};

/* --- rows of a table by lead ---------------------------------------------------------- */

/* The rows of lead l are row[from[l]] up to row[from[l + 1]], in their own order. */
struct by_lead {
	uint32_t *from, *row;
};

/* lead_of: by row, NONE for rows that no lead asks for. */
static struct by_lead sort_into_leads(const uint32_t *lead_of, size_t row_count, size_t lead_count)
{
	struct by_lead out = { mem_alloc((lead_count + 2) * sizeof(*out.from)), NULL };
	uint32_t *next = out.from + 1;
	for (size_t i = 0; i < row_count; i++)
		if (lead_of[i] != NONE)
			next[lead_of[i] + 1]++;
	for (size_t l = 0; l < lead_count; l++)
		next[l + 1] += next[l];
	out.row = mem_alloc((next[lead_count] + 1) * sizeof(*out.row));
	for (size_t i = 0; i < row_count; i++)
		if (lead_of[i] != NONE)
			out.row[next[lead_of[i]]++] = (uint32_t)i;
	return out;
}

static void by_lead_done(struct by_lead *rows)
{
	free(rows->from);
	free(rows->row);
}

static void fill(uint32_t *at, size_t count, uint32_t value)
{
	for (size_t i = 0; i < count; i++)
		at[i] = value;
}

static struct by_lead calls_by_lead(const struct leads *leads, const struct world *world)
{
	uint32_t *of_program = mem_alloc((world->programs.count + 1) * sizeof(*of_program));
	uint32_t *lead_of = mem_alloc((world->requests.count + 1) * sizeof(*lead_of));
	fill(of_program, world->programs.count, NONE);
	for (uint32_t l = 0; l < leads->list.count; l++) {
		const struct lead *lead = &leads->list.at[l];
		for (size_t i = 0; lead->kind == LEAD_PROGRAM && i < lead->messages.count; i++)
			of_program[world->messages.at[lead->messages.at[i]].program] = l;
	}
	for (size_t i = 0; i < world->requests.count; i++) {
		uint32_t program = world->requests.at[i].program;
		lead_of[i] = program == NONE ? NONE : of_program[program];
	}
	struct by_lead rows = sort_into_leads(lead_of, world->requests.count, leads->list.count);
	free(of_program);
	free(lead_of);
	return rows;
}

static struct by_lead logins_by_lead(const struct leads *leads, const struct world *world)
{
	struct index of_mailbox = { 0 };
	bool is_new;
	uint32_t *lead_of = mem_alloc((world->logins.count + 1) * sizeof(*lead_of));
	for (uint32_t l = 0; l < leads->list.count; l++)
		if (leads->list.at[l].kind == LEAD_MAILBOX)
			*index_add(&of_mailbox, leads->list.at[l].mailbox, &is_new) = l;
	for (size_t i = 0; i < world->logins.count; i++) {
		const uint32_t *lead = index_get(&of_mailbox, world->logins.at[i].mailbox);
		lead_of[i] = lead && !world->logins.at[i].loopback ? *lead : NONE;
	}
	struct by_lead rows = sort_into_leads(lead_of, world->logins.count, leads->list.count);
	free(lead_of);
	index_done(&of_mailbox);
	return rows;
}

/* --- one lead ---------------------------------------------------------------------------- */

/* The name of the address that a message came from; 0 when it has none. */
static uint32_t client_ip(const struct world *world, const struct message *message)
{
	if (message->request != NONE)
		return world_visitor_of(world, &world->requests.at[message->request])->ip;
	return message->has_ip && !message->local ? message->ip : 0;
}

static struct client *client_add(struct collecting *c, uint32_t ip)
{
	bool is_new;
	struct lead *lead = c->lead;
	uint32_t *slot = index_add(&c->client_by_ip, world_client(c->world, ip), &is_new);
	if (is_new) {
		*slot = (uint32_t)lead->clients.count;
		*VEC_PUSH(&lead->clients) = (struct client){ .ip = ip, .first = USEC_NEVER, .last = USEC_NEVER,
							     .first_read = USEC_NEVER, .last_read = USEC_NEVER,
							     .visitor = NONE };
	}
	return &lead->clients.at[*slot];
}

static void count_failures(const struct world *world, const struct message *message, uint32_t counts[FAILURE_CLASSES])
{
	for (EACH_RECIPIENT(r, world, message))
		if (r->outside)
			counts[r->failure]++;
}

static void count_message(struct collecting *c, struct client *client, const struct message *message)
{
	uint32_t failures[FAILURE_CLASSES] = { 0 };
	count_failures(c->world, message, failures);
	client->messages++;
	client->outside += message->outside;
	client->known += message->known;
	client->verdicts += failures[FAILURE_VERDICT] + failures[FAILURE_LISTED];
	client->list_failures += failures[FAILURE_LIST];
	client->foreign_senders += lead_is_foreign_sender(c->world, c->host, message);
	client->local_only += message->outside == 0;
	if (message->outside > client->most_recipients)
		client->most_recipients = message->outside;
	if (client->first == USEC_NEVER || message->at < client->first)
		client->first = message->at;
	if (client->last == USEC_NEVER || message->at > client->last)
		client->last = message->at;
	client->webmail |= message->request != NONE && c->world->requests.at[message->request].webmail;
	client->self |= message->request != NONE && c->world->requests.at[message->request].self;
}

static void collect_senders(struct collecting *c)
{
	struct lead *lead = c->lead;
	lead->client_of = mem_alloc((lead->messages.count + 1) * sizeof(*lead->client_of));
	for (size_t i = 0; i < lead->messages.count; i++) {
		const struct message *message = &c->world->messages.at[lead->messages.at[i]];
		uint32_t ip = client_ip(c->world, message);
		lead->client_of[i] = NONE;
		if (!ip)
			continue;
		struct client *client = client_add(c, ip);
		lead->client_of[i] = (uint32_t)(client - lead->clients.at);
		count_message(c, client, message);
	}
}

/* Who only called gets no row: on a busy site that is everybody. */
static void add_call(struct collecting *c, const struct request_row *request)
{
	const struct visitor *visitor = world_visitor_of(c->world, request);
	bool is_new;
	uint32_t *slot = index_add(&c->client_by_ip, world_client(c->world, visitor->ip), &is_new);
	if (is_new)
		*slot = NONE;
	c->lead->idle_callers += is_new;
	c->lead->figures.calls++;
	if (*slot == NONE)
		return;
	struct client *client = &c->lead->clients.at[*slot];
	client->calls++;
	client->visitor = request->visitor;
	client->shared = visitor_is_shared(visitor);
	client->self |= request->self;
}

static void add_login(struct collecting *c, const struct login_row *login)
{
	struct client *client = client_add(c, login->ip);
	if (login->failed) {
		client->guesses += login->count;
		return;
	}
	client->reads += login->count;
	if (client->first_read == USEC_NEVER || login->first < client->first_read)
		client->first_read = login->first;
	if (client->last_read == USEC_NEVER || login->last > client->last_read)
		client->last_read = login->last;
}

/* Gives back the room that growing left over: there are tens of thousands of leads. */
static void fit_clients(struct lead *lead)
{
	if (lead->clients.count)
		lead->clients.at = mem_realloc(lead->clients.at, lead->clients.count * sizeof(*lead->clients.at));
	lead->clients.cap = lead->clients.count;
}

/* --- all ------------------------------------------------------------------------------------ */

void clients_collect(struct leads *leads, struct world *world, const struct lead_host *host)
{
	struct by_lead calls = calls_by_lead(leads, world), logins = logins_by_lead(leads, world);
	for (size_t l = 0; l < leads->list.count; l++) {
		struct collecting c = { .world = world, .host = host, .lead = &leads->list.at[l] };
		if (c.lead->kind == LEAD_INBOUND)
			continue;
		collect_senders(&c);
		for (uint32_t i = calls.from[l]; i < calls.from[l + 1]; i++)
			add_call(&c, &world->requests.at[calls.row[i]]);
		for (uint32_t i = logins.from[l]; i < logins.from[l + 1]; i++)
			add_login(&c, &world->logins.at[logins.row[i]]);
		fit_clients(c.lead);
		index_done(&c.client_by_ip);
	}
	by_lead_done(&calls);
	by_lead_done(&logins);
}
