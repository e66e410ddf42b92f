/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict: for each lead the suspected messages, then the rules over them,
 * then blame, or the sentence that clears.
 */
#include "judge/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "judge/sides.h"
#include "model/address.h"

#define HOUR (3600 * USEC_PER_SEC)
#define DAY (24 * HOUR)
#define RUN_SILENCE (3 * DAY)
#define ENTRY_REACH (7 * DAY)

#define STRAY_GAP (8 * HOUR)

enum { ATTESTED_MIN = 3, HONEST_COPIES = 3, STRAY_MAX = 2, NEWSLETTER_MAILS = 10, CLEARED_FLOOR = 20, ENTRY_CALLS_MAX = 3 };

/* Blame needs this much beside two kinds of signs. */
static const double confidence_min = 0.6;

const char *vector_name(enum vector vector)
{
	static const char *const names[] = { "script_http", "script_cron", "shell", "smtp_auth", "webmail", "form",
					     "newsletter", "mailing_list", "local_smtp", "forwarder", "backscatter",
					     "inbound" };
	return names[vector];
}

/* --- sources of inbound mail -------------------------------------------------------------- */

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

static uint32_t source_number(struct sources *sources, struct world *world, const struct message *message)
{
	bool is_new;
	uint32_t *slot = index_add(&sources->by_ip, world_ip(world, ip_client(world_ip_of(world, message->ip))), &is_new);
	if (is_new) {
		*slot = (uint32_t)sources->list.count;
		*VEC_PUSH(&sources->list) = (struct source){ message->at, message->at, 0, false };
	}
	return *slot;
}

static void learn_sources(struct sources *sources, const struct judge_input *in)
{
	for (size_t l = 0; l < in->leads->list.count; l++) {
		const struct lead *lead = &in->leads->list.at[l];
		for (size_t i = 0; lead->kind == LEAD_INBOUND && i < lead->messages.count; i++) {
			const struct message *message = &in->world->messages.at[lead->messages.at[i]];
			uint32_t number = source_number(sources, in->world, message);
			struct source *source = &sources->list.at[number];
			bool is_new;
			uint32_t *account = index_add(&sources->account, number, &is_new);
			if (is_new)
				*account = lead->account + 1;
			source->elsewhere |= *account != lead->account + 1;
			source->first = message->at < source->first ? message->at : source->first;
			source->last = message->at > source->last ? message->at : source->last;
			source->messages++;
		}
	}
}

struct judging {
	struct verdict *out;
	const struct judge_input *in;
	struct lead *lead;
	bool *chosen;          /* by position in the lead's messages */
	struct figures figures; /* of the chosen */
	struct reasons reasons;
	uint32_t entry_request;
	struct sources *sources;
};

static const struct message *message_at(const struct judging *j, size_t position)
{
	return &j->in->world->messages.at[j->lead->messages.at[position]];
}

static const struct program *program_of(const struct judging *j)
{
	return &j->in->world->programs.at[j->lead->program];
}

/* --- suspected messages ------------------------------------------------------------ */

/* Copies to outsiders paired with notices to the site's owner: a form. */
static bool is_form(const struct judging *j)
{
	const struct figures *f = &j->lead->figures;
	return j->lead->kind == LEAD_PROGRAM && program_of(j)->kind == PROGRAM_SCRIPT && f->local_only > 0 &&
	       f->local_only * 3 >= f->messages && f->median_mails <= 3;
}

static void choose_program(struct judging *j)
{
	bool form = is_form(j);
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
	sides_of_mailbox(j->lead, j->in->world, j->in->lead_host, j->in->thresholds, j->in->dovecot_seen);
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
		++*index_add(&from_source, source_number(j->sources, j->in->world, message_at(j, i)), &is_new);
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		uint32_t number = source_number(j->sources, j->in->world, message_at(j, i));
		if (*index_get(&from_source, number) < 2)
			continue;
		first = message_at(j, i)->at < first ? message_at(j, i)->at : first;
		last = message_at(j, i)->at > last ? message_at(j, i)->at : last;
	}
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		uint32_t number = source_number(j->sources, j->in->world, message_at(j, i));
		uint32_t sent = *index_get(&from_source, number);
		usec at = message_at(j, i)->at;
		bool apart = first <= last && (at + HOUR / 2 < first || at > last + HOUR / 2);
		bool passing = j->sources->list.at[number].elsewhere && sent <= STRAY_MAX;
		j->chosen[i] = !passing && !(sent == 1 && apart);
	}
	index_done(&from_source);
}

/* A source of which no copy is called spam, in three or more, writes honest mail to the list or forwarder. */
static void choose_alias(struct judging *j)
{
	struct index copies = { 0 }, called = { 0 };
	bool is_new;
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		uint32_t number = source_number(j->sources, j->in->world, message_at(j, i));
		for (EACH_RECIPIENT(r, j->in->world, message_at(j, i))) {
			if (!lead_is_outside(j->in->world, j->in->lead_host, r))
				continue;
			++*index_add(&copies, number, &is_new);
			*index_add(&called, number, &is_new) += r->failure == FAILURE_VERDICT;
		}
	}
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		uint32_t number = source_number(j->sources, j->in->world, message_at(j, i));
		const uint32_t *sent = index_get(&copies, number), *spam = index_get(&called, number);
		j->chosen[i] = !(sent && *sent >= HONEST_COPIES && !*spam);
	}
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

static void choose(struct judging *j)
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

/* --- actors known by configuration ------------------------------------------------------- */

static bool known_fits(const struct judging *j, const struct known *known)
{
	const struct judge_input *in = j->in;
	const struct world *world = in->world;
	if (known->until != USEC_NEVER && j->lead->figures.last > known->until)
		return false;
	bool account_fits = !known->account.len ||
			    (j->lead->account != NONE &&
			     str_eq(known->account, in->account_name(in->context, j->lead->account)));
	if (!account_fits)
		return false;
	if (j->lead->kind == LEAD_PROGRAM)
		return !known->mailbox.len && (known->script.len ? str_eq(known->script, world_str(world, j->lead->script)) :
								   known->account.len > 0);
	return known->mailbox.len && !known->script.len && str_eq_nocase(known->mailbox, world_str(world, j->lead->mailbox));
}

static bool known_client(const struct known *known, struct ip ip)
{
	for (size_t i = 0; i < known->nets.count; i++)
		if (ip_net_has(known->nets.at[i], ip))
			return true;
	return known->nets.count == 0;
}

/* Takes the messages of known actors out of suspicion; the name of the entry, or "". */
static str drop_known(struct judging *j)
{
	str name = STR("");
	for (size_t k = 0; k < j->in->known_count; k++) {
		const struct known *known = &j->in->known[k];
		if (!known_fits(j, known))
			continue;
		for (size_t i = 0; i < j->lead->messages.count; i++) {
			uint32_t client = j->lead->client_of[i];
			if (client == NONE ? known->nets.count > 0 : !known_client(known, j->lead->clients.at[client].ip))
				continue;
			j->chosen[i] = false;
			name = known->name;
		}
	}
	return name;
}

/* --- how the script came in ------------------------------------------------------------ */

static bool is_upload_target(const struct world *world, const struct program *program)
{
	static const char *const words[] = { "upload", "filemanager", "file-manager", "elfinder", "connector", "plugin-install",
					     "theme-editor", "plugin-editor", "import", "fileman" };
	str url = world_str(world, program->url);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_search(url, str_from(words[i])) != STR_NONE)
			return true;
	return false;
}

static usec first_call(const struct judging *j)
{
	const struct world *world = j->in->world;
	usec first = INT64_MAX;
	for (size_t i = 0; i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		if (request->program != NONE && world->programs.at[request->program].path == j->lead->script &&
		    request->at < first)
			first = request->at;
	}
	return first;
}

/* The last upload by an outsider who did nothing else, before the script was first called. */
static uint32_t find_entry(const struct judging *j)
{
	const struct world *world = j->in->world;
	if (j->lead->kind != LEAD_PROGRAM || !j->lead->script || program_of(j)->kind != PROGRAM_SCRIPT || program_of(j)->front)
		return NONE;
	usec until = first_call(j);
	uint32_t found = NONE;
	for (uint32_t i = 0; i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		if (request->account != j->lead->account || !request->post || request->program == NONE ||
		    request->at > until || request->at + ENTRY_REACH < until)
			continue;
		const struct visitor *visitor = &world->visitors.at[request->visitor];
		bool passer_by = visitor->posts <= ENTRY_CALLS_MAX && !visitor->with_referer && !visitor->pages;
		const struct program *program = &world->programs.at[request->program];
		if (!passer_by || program->path == j->lead->script || !is_upload_target(world, program))
			continue;
		if (found == NONE || request->at >= world->requests.at[found].at)
			found = i;
	}
	return found;
}

/* --- vector ----------------------------------------------------------------------------- */

static enum vector program_vector(const struct judging *j)
{
	const struct program *program = program_of(j);
	if (program->kind == PROGRAM_JOB)
		return VECTOR_SCRIPT_CRON;
	if (j->lead->loopback)
		return VECTOR_LOCAL_SMTP;
	if (program->kind == PROGRAM_UNKNOWN)
		return VECTOR_SHELL;
	if (is_form(j))
		return VECTOR_FORM;
	str path = world_str(j->in->world, j->lead->script);
	bool bulk = j->lead->figures.median_mails >= NEWSLETTER_MAILS && j->lead->clients.count <= 3;
	return bulk && !rules_is_odd_place(path) ? VECTOR_NEWSLETTER : VECTOR_SCRIPT_HTTP;
}

static enum vector mailbox_vector(const struct judging *j)
{
	size_t webmail = 0, direct = 0;
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		webmail += j->chosen[i] && message_at(j, i)->loopback;
		direct += j->chosen[i] && !message_at(j, i)->loopback;
	}
	return webmail > direct ? VECTOR_WEBMAIL : VECTOR_SMTP_AUTH;
}

/* One copy per message: a forwarder. Several different targets: a list. */
static enum vector alias_vector(const struct judging *j)
{
	const struct figures *f = &j->figures;
	return f->messages && f->outside >= 3 * f->messages ? VECTOR_MAILING_LIST : VECTOR_FORWARDER;
}

static enum vector lead_vector(const struct judging *j)
{
	switch (j->lead->kind) {
	case LEAD_PROGRAM: return program_vector(j);
	case LEAD_MAILBOX: return mailbox_vector(j);
	case LEAD_ALIAS: return alias_vector(j);
	case LEAD_BOUNCES: return VECTOR_BACKSCATTER;
	default: return VECTOR_INBOUND;
	}
}

/* --- incidents ---------------------------------------------------------------------------- */

static void add_ip(struct incident *incident, struct ip ip, enum ip_role role, usec at)
{
	for (size_t i = 0; i < incident->ips.count; i++) {
		struct incident_ip *row = &incident->ips.at[i];
		if (row->role != role || !ip_eq(row->ip, ip))
			continue;
		row->hits++;
		row->first = at < row->first ? at : row->first;
		row->last = at > row->last ? at : row->last;
		return;
	}
	*VEC_PUSH(&incident->ips) = (struct incident_ip){ ip, role, 1, at, at };
}

static void add_message_ip(const struct judging *j, struct incident *incident, const struct message *message)
{
	const struct world *world = j->in->world;
	if (message->request != NONE && !world->requests.at[message->request].self)
		add_ip(incident, world->requests.at[message->request].ip, ROLE_HTTP, message->at);
	else if (message->request == NONE && message->has_ip && !message->loopback)
		add_ip(incident, world_ip_of(world, message->ip), message->mailbox ? ROLE_LOGIN : ROLE_SMTP, message->at);
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
 * newline in a directory's name): then only the queue, where nobody forges, confirms a B. */
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
	bool forgeable = j->in->world->counts.call_lines > 0;
	incident->grade = strong && linked ? 'A' : j->in->by_syslog && !strong ? 'C' : 'B';
	incident->confirmed = incident->grade == 'A' ||
			      (incident->grade == 'B' && (strong || (!forgeable && (joined * 2 >= count ||
										    incident->derived.count > 0))));
	incident->unattended = incident->blame && incident->confirmed;
}

static void fill_incident(const struct judging *j, struct incident *incident)
{
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		if (!j->chosen[i])
			continue;
		*VEC_PUSH(&incident->messages) = j->lead->messages.at[i];
		add_message_ip(j, incident, message_at(j, i));
	}
	if (j->entry_request != NONE) {
		const struct request_row *entry = &j->in->world->requests.at[j->entry_request];
		add_ip(incident, entry->ip, ROLE_ENTRY, entry->at);
		incident->entry_script = j->in->world->programs.at[entry->program].path;
	}
	if (incident->ips.count)
		qsort(incident->ips.at, incident->ips.count, sizeof(*incident->ips.at), by_hits);
	add_derived(j, incident);
	add_samples(j, incident);
	set_ids(j, incident);
	set_grade(j, incident);
}

static void add_incident(const struct judging *j, enum vector vector, bool blame)
{
	struct incident *incident = VEC_PUSH(&j->out->incidents);
	*incident = (struct incident){
		.lead = j->lead, .vector = vector, .inbound = vector == VECTOR_INBOUND, .blame = blame,
		.mailbox = j->lead->mailbox, .script = j->lead->script, .figures = j->figures, .reasons = j->reasons,
		.confidence = reasons_confidence(&j->reasons),
		.ongoing = j->in->now != USEC_NEVER && j->figures.last + HOUR >= j->in->now,
	};
	fill_incident(j, incident);
}

/* --- clearing ------------------------------------------------------------------------------------ */

static str sentence(const struct judging *j, const char *format, ...) __attribute__((format(printf, 2, 3)));

static str sentence(const struct judging *j, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return arena_copy(&j->out->arena, str_from(text));
}

static unsigned percent(uint32_t part, uint32_t whole)
{
	return whole ? (unsigned)((double)part / whole * 100 + 0.5) : 0;
}

static str why_not(const struct judging *j)
{
	const struct figures *f = &j->lead->figures;
	uint32_t readers = 0, senders = 0;
	for (size_t i = 0; i < j->lead->clients.count; i++) {
		readers += j->lead->clients.at[i].reads > 0;
		senders += j->lead->clients.at[i].outside > 0;
	}
	if (f->replies * 2 > f->messages)
		return sentence(j, "%u of its %u messages answer somebody who had just written", f->replies, f->messages);
	if (j->lead->kind == LEAD_MAILBOX)
		return sentence(j, "%u networks send, %u read the mailbox; %u %% of the addresses are dead, %u called it spam",
				senders, readers, percent(f->list_failures, f->outside), f->verdicts);
	if (j->lead->kind == LEAD_PROGRAM && senders)
		return sentence(j, "%.1f recipients per caller; %u %% of the addresses are dead, %u called it spam",
				(double)f->outside / senders, percent(f->list_failures, f->outside), f->verdicts);
	return sentence(j, "%u %% of the addresses are dead, %u of %u called it spam", percent(f->list_failures, f->outside),
			f->verdicts, f->outside);
}

static void add_known(const struct judging *j, str name)
{
	const struct figures *f = &j->lead->figures;
	str looked = sentence(j, "%u messages to %u people outside", f->messages, f->distinct);
	*VEC_PUSH(&j->out->cleared) = (struct cleared){ j->lead, looked, sentence(j, "known by configuration (%.*s)",
										 STR_ARG(name)) };
}

static void add_cleared(const struct judging *j)
{
	const struct figures *f = &j->lead->figures;
	str looked = j->reasons.count ? j->reasons.list[0].says :
					sentence(j, "%u messages to %u people outside", f->messages, f->distinct);
	*VEC_PUSH(&j->out->cleared) = (struct cleared){ j->lead, looked, why_not(j) };
}

/* --- one lead -------------------------------------------------------------------------------------- */

/* What the floor is held against. A forwarder writes to one address all the time. */
static uint32_t amount_of(const struct judging *j)
{
	switch (j->lead->kind) {
	case LEAD_BOUNCES: return (uint32_t)j->lead->derived.count;
	case LEAD_ALIAS: return j->figures.outside;
	default: return j->figures.distinct;
	}
}

static void judge_sender(struct judging *j)
{
	const struct thresholds *t = j->in->thresholds;
	struct rule_input rules = { j->in->world, j->lead, &j->figures, j->chosen, t, j->in->dovecot_seen,
				    is_form(j), j->entry_request, &j->out->arena };
	str known = drop_known(j);
	lead_figures(&j->figures, j->in->world, j->in->lead_host, j->lead, j->chosen);
	j->entry_request = rules.entry_request = find_entry(j);
	rules_apply(&j->reasons, &rules);
	uint32_t amount = amount_of(j);
	bool enough = amount >= t->floor;
	bool guilty = enough && reasons_kinds(&j->reasons) >= 2 && reasons_confidence(&j->reasons) >= confidence_min;
	if (j->lead->kind == LEAD_ALIAS)
		guilty = enough && j->reasons.count && str_eq(str_from(j->reasons.list[0].rule), STR("called-spam"));
	if (guilty)
		add_incident(j, lead_vector(j), true);
	else if (known.len)
		add_known(j, known);
	else if (j->lead->figures.distinct >= CLEARED_FLOOR || (enough && j->reasons.count))
		add_cleared(j);
}

/* --- waves from outside ------------------------------------------------------------------------------- */

/* Marks the lead's messages that come from sources which appear only inside one hour and only for this account. */
static uint32_t choose_wave(struct judging *j, const struct source *sources, const uint32_t *source_of)
{
	size_t best_from = 0, best_count = 0, from = 0, count = j->lead->messages.count;
	for (size_t i = 0; i < count; i++) {
		while (message_at(j, from)->at + HOUR < message_at(j, i)->at)
			from++;
		size_t fresh = 0;
		for (size_t k = from; k <= i; k++) {
			const struct source *s = &sources[source_of[k]];
			fresh += !s->elsewhere && s->last - s->first <= HOUR && s->first >= message_at(j, from)->at;
		}
		if (fresh > best_count) {
			best_count = fresh;
			best_from = from;
		}
	}
	usec start = count ? message_at(j, best_from)->at : 0;
	struct index seen = { 0 };
	bool is_new;
	for (size_t i = 0; i < count; i++) {
		const struct source *s = &sources[source_of[i]];
		j->chosen[i] = !s->elsewhere && s->last - s->first <= HOUR && s->first >= start &&
			       message_at(j, i)->at <= start + HOUR;
		if (j->chosen[i])
			index_add(&seen, source_of[i], &is_new);
	}
	uint32_t found = (uint32_t)seen.count;
	index_done(&seen);
	return found;
}

static void judge_wave(struct judging *j)
{
	const struct thresholds *t = j->in->thresholds;
	uint32_t *source_of = mem_alloc((j->lead->messages.count + 1) * sizeof(*source_of));
	for (size_t i = 0; i < j->lead->messages.count; i++)
		source_of[i] = source_number(j->sources, j->in->world, message_at(j, i));
	uint32_t found = choose_wave(j, j->sources->list.at, source_of);
	size_t chosen = 0;
	for (size_t i = 0; i < j->lead->messages.count; i++)
		chosen += j->chosen[i];
	free(source_of);
	if (found < t->wave_sources || chosen < t->wave_messages)
		return;
	lead_figures(&j->figures, j->in->world, j->in->lead_host, j->lead, j->chosen);
	j->reasons.count = 1;
	j->reasons.list[0] = (struct reason){
		.rule = "new-sources", .kind = SIGN_MAIL, .weight = 0.7, .grade = 'B',
		.says = sentence(j, "%zu messages within an hour from %u sources that never wrote before or to anybody else",
				 chosen, found) };
	add_incident(j, VECTOR_INBOUND, false);
}

/* --- all ------------------------------------------------------------------------------------------------ */

static int by_weight(const void *a, const void *b)
{
	const struct incident *x = a, *y = b;
	if (x->blame != y->blame)
		return x->blame ? -1 : 1;
	if (x->figures.outside != y->figures.outside)
		return x->figures.outside > y->figures.outside ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Messages of a blamed failing domain are no wave of their own. */
static bool is_explained(const struct verdict *verdict, const struct lead *lead)
{
	for (size_t i = 0; i < verdict->incidents.count; i++) {
		const struct incident *incident = &verdict->incidents.at[i];
		if (incident->vector == VECTOR_BACKSCATTER || incident->vector == VECTOR_FORWARDER)
			if (incident->lead->account == lead->account)
				return true;
	}
	return false;
}

static void judge_lead(struct judging *j, bool waves)
{
	if ((j->lead->kind == LEAD_INBOUND) != waves || (waves && is_explained(j->out, j->lead)))
		return;
	j->chosen = mem_alloc(j->lead->messages.count + 1);
	j->entry_request = NONE;
	if (waves) {
		judge_wave(j);
	} else {
		choose(j);
		judge_sender(j);
	}
	free(j->chosen);
}

void verdict_make(struct verdict *out, const struct judge_input *input)
{
	*out = (struct verdict){ 0 };
	struct sources sources = { 0 };
	learn_sources(&sources, input);
	for (int waves = 0; waves < 2; waves++)
		for (size_t i = 0; i < input->leads->list.count; i++)
			judge_lead(&(struct judging){ .out = out, .in = input, .lead = &input->leads->list.at[i],
						      .sources = &sources }, waves);
	if (out->incidents.count)
		qsort(out->incidents.at, out->incidents.count, sizeof(*out->incidents.at), by_weight);
	free(sources.list.at);
	index_done(&sources.by_ip);
	index_done(&sources.account);
}

void verdict_done(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->incidents.count; i++) {
		struct incident *incident = &verdict->incidents.at[i];
		free(incident->ips.at);
		free(incident->messages.at);
		free(incident->derived.at);
		free(incident->subjects.at);
		free(incident->senders.at);
	}
	free(verdict->incidents.at);
	free(verdict->cleared.at);
	arena_done(&verdict->arena);
	*verdict = (struct verdict){ 0 };
}
