/* SPDX-License-Identifier: Apache-2.0
 *
 * incident: what is said of a blamed lead: addresses, samples, identifiers,
 * and the grade of the evidence.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "judge/judging.h"

#define RUN_SILENCE (3 * DAY)

enum { ATTESTED_MIN = 3 };

/* Addresses of an incident while they are collected. */
struct ip_table {
	struct incident *incident;
	struct index position; /* (ip name, role) -> row */
};

static bool is_shared(const struct judging *j, struct ip ip)
{
	uint32_t mailbox = j->lead->kind == LEAD_MAILBOX ? j->lead->mailbox : 0;
	if (shared_has(j->shared, j->in->world, ip, mailbox))
		return true;
	for (size_t i = 0; i < j->lead->clients.count; i++)
		if (j->lead->clients.at[i].shared && ip_eq(ip_client(world_ip_of(j->in->world, j->lead->clients.at[i].ip)), ip_client(ip)))
			return true;
	return false;
}

static void add_ip(const struct judging *j, struct ip_table *table, struct ip ip, enum ip_role role, usec at)
{
	bool is_new;
	uint32_t *slot = index_add(&table->position, index_pair(world_ip(j->in->world, ip), role), &is_new);
	if (is_new) {
		*slot = (uint32_t)table->incident->ips.count;
		*VEC_PUSH(&table->incident->ips) = (struct incident_ip){ ip, role, 1, at, at,
									       is_shared(j, ip) };
		return;
	}
	struct incident_ip *row = &table->incident->ips.at[*slot];
	row->hits++;
	row->first = at < row->first ? at : row->first;
	row->last = at > row->last ? at : row->last;
}

static void add_message_ip(const struct judging *j, struct ip_table *table, const struct message *message)
{
	const struct world *world = j->in->world;
	if (message->request != NONE && !world->requests.at[message->request].self)
		add_ip(j, table, world_ip_of(world, world_visitor_of(world, &world->requests.at[message->request])->ip), ROLE_HTTP, message->at);
	else if (message->request == NONE && message->has_ip && !message->loopback)
		add_ip(j, table, world_ip_of(world, message->ip), message->mailbox ? ROLE_LOGIN : ROLE_SMTP, message->at);
}

static int by_hits(const void *a, const void *b)
{
	const struct incident_ip *x = a, *y = b;
	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	if (x->hits != y->hits)
		return x->hits > y->hits ? -1 : 1;
	return memcmp(x->ip.byte, y->ip.byte, sizeof(x->ip.byte));
}

static int by_count(const void *a, const void *b)
{
	const struct counted_name *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

struct name_counts {
	struct counted_name *at;
	size_t count, cap;
	struct index position;
};

static void count_name(struct name_counts *counts, uint32_t name)
{
	bool is_new;
	uint32_t *slot = index_add(&counts->position, name, &is_new);
	if (is_new) {
		*slot = (uint32_t)counts->count;
		*VEC_PUSH(counts) = (struct counted_name){ name, 0 };
	}
	counts->at[*slot].count++;
}

static void add_samples(const struct judging *j, struct incident *incident)
{
	struct name_counts subjects = { 0 }, senders = { 0 };
	for (size_t i = 0; i < incident->messages.count; i++) {
		const struct message *message = &j->in->world->messages.at[incident->messages.at[i]];
		if (message->subject)
			count_name(&subjects, message->subject);
		if (message->sender)
			count_name(&senders, message->sender);
	}
	if (subjects.count)
		qsort(subjects.at, subjects.count, sizeof(*subjects.at), by_count);
	if (senders.count)
		qsort(senders.at, senders.count, sizeof(*senders.at), by_count);
	incident->subjects.at = subjects.at;
	incident->subjects.count = subjects.count;
	incident->senders.at = senders.at;
	incident->senders.count = senders.count;
	index_done(&subjects.position);
	index_done(&senders.position);
}

/* Bounces of chosen messages, and a form's notices to its owner that go with chosen copies. */
static void add_derived(const struct judging *j, struct incident *incident)
{
	const struct world *world = j->in->world;
	struct index chosen = { 0 }, calls = { 0 };
	bool is_new;
	for (size_t i = 0; i < incident->messages.count; i++) {
		const struct message *message = &world->messages.at[incident->messages.at[i]];
		index_add(&chosen, incident->messages.at[i], &is_new);
		if (message->request != NONE)
			index_add(&calls, message->request, &is_new);
	}
	for (size_t i = 0; i < j->lead->derived.count; i++)
		if (index_get(&chosen, world->messages.at[j->lead->derived.at[i]].parent))
			*VEC_PUSH(&incident->derived) = j->lead->derived.at[i];
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		const struct message *message = message_at(j, i);
		if (!message->outside && message->request != NONE && index_get(&calls, message->request))
			*VEC_PUSH(&incident->derived) = j->lead->messages.at[i];
	}
	index_done(&chosen);
	index_done(&calls);
}

static void hash_part(struct sha256 *sha, str part)
{
	sha256_add(sha, part);
	sha256_add(sha, STR("\n"));
}

/* First message of the last run of mail: a run ends after 72 h of silence. */
static usec run_start(const struct judging *j, const struct incident *incident)
{
	usec start = incident->figures.first, last = incident->figures.first;
	for (size_t i = 0; i < incident->messages.count; i++) {
		usec at = j->in->world->messages.at[incident->messages.at[i]].at;
		if (at - last > RUN_SILENCE)
			start = at;
		last = at;
	}
	return start;
}

static void set_ids(const struct judging *j, struct incident *incident)
{
	const struct world *world = j->in->world;
	uint32_t actor = incident->script ? incident->script : incident->mailbox;
	struct sha256 sha;
	char day[32];
	int len = snprintf(day, sizeof(day), "%lld", (long long)(run_start(j, incident) / DAY));
	sha256_init(&sha);
	hash_part(&sha, incident->inbound ? STR("inbound") : STR("outbound"));
	hash_part(&sha, incident->lead->account == NONE ? STR("") : j->in->account_name(j->in->context,
										       incident->lead->account));
	hash_part(&sha, world_str(world, actor));
	struct sha256 with_day = sha;
	hash_part(&with_day, (str){ day, (size_t)len });
	sha256_hex(&sha, 12, incident->cause_id);
	sha256_hex(&with_day, 12, incident->id);
}

/* The weakest link that the verdict needs. Exim's own log is B, what came through syslog C. A: the queue attests a good part
 * of the messages, and the link to a script is joined. With +arguments on, any customer can forge whole log lines (a
 * newline in a directory's name): then only the queue, where nobody forges, confirms a B. A job that only the account's own
 * crontab tells of is a C. */
static void set_grade(const struct judging *j, struct incident *incident)
{
	size_t attested = 0, joined = 0, count = incident->messages.count;
	for (size_t i = 0; i < count; i++) {
		const struct message *message = &j->in->world->messages.at[incident->messages.at[i]];
		attested += message->attested;
		joined += message->request != NONE;
	}
	bool strong = attested >= ATTESTED_MIN && attested * 10 >= count;
	bool linked = j->lead->kind == LEAD_MAILBOX || (j->lead->kind == LEAD_PROGRAM && joined * 2 >= count);
	bool hinted = j->lead->kind == LEAD_PROGRAM && program_of(j)->hinted;
	bool forgeable = j->in->world->counts.call_lines > 0;
	incident->grade = hinted ? 'C' : strong && linked ? 'A' : j->in->by_syslog && !strong ? 'C' : 'B';
	incident->confirmed = incident->grade == 'A' ||
			      (incident->grade == 'B' && (strong || (!forgeable && (joined * 2 >= count ||
										    incident->derived.count > 0))));
	incident->unattended = incident->blame && incident->confirmed;
}

static void fill_incident(const struct judging *j, struct incident *incident)
{
	struct ip_table ips = { .incident = incident };
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		if (!j->chosen[i])
			continue;
		*VEC_PUSH(&incident->messages) = j->lead->messages.at[i];
		add_message_ip(j, &ips, message_at(j, i));
	}
	if (j->entry_request != NONE) {
		const struct request_row *entry = &j->in->world->requests.at[j->entry_request];
		add_ip(j, &ips, world_ip_of(j->in->world, world_visitor_of(j->in->world, entry)->ip), ROLE_ENTRY, entry->at);
		incident->entry_script = j->in->world->programs.at[entry->program].path;
	}
	index_done(&ips.position);
	if (incident->ips.count)
		qsort(incident->ips.at, incident->ips.count, sizeof(*incident->ips.at), by_hits);
	add_derived(j, incident);
	add_samples(j, incident);
	set_ids(j, incident);
	set_grade(j, incident);
}

/* PHP names the file that mails; a front controller that includes it is what visitors call. */
static uint32_t called_script(const struct judging *j)
{
	if (j->lead->kind != LEAD_PROGRAM || !j->lead->script_claimed || program_of(j)->kind != PROGRAM_SCRIPT)
		return 0;
	uint32_t called = program_of(j)->path;
	return called == j->lead->script ? 0 : called;
}

void judging_add_incident(const struct judging *j, enum vector vector, bool blame)
{
	struct incident *incident = VEC_PUSH(&j->out->incidents);
	*incident = (struct incident){
		.lead = j->lead, .vector = vector, .inbound = vector == VECTOR_INBOUND, .blame = blame,
		.mailbox = j->lead->mailbox, .script = j->lead->script, .called_script = called_script(j),
		.figures = j->figures, .reasons = j->reasons, .confidence = reasons_confidence(&j->reasons),
		.ongoing = j->in->now != USEC_NEVER && j->figures.last + HOUR >= j->in->now,
	};
	fill_incident(j, incident);
}
