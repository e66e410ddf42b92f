/* SPDX-License-Identifier: Apache-2.0
 *
 * measure: the journal says whom to watch, the reader counts.
 *
 * What was under way while the action was taken is not held against it: for a
 * minute nothing counts as sent. Of a script or alias every message counts; a
 * mailbox or account has an owner, who may write again, so that only a rate
 * near the old one says that it goes on.
 */
#include "cmd/measure.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/print.h"
#include "cmd/read.h"
#include "cmd/reader.h"
#include "trace/lead.h"

#define HOUR (3600 * USEC_PER_SEC)
#define BEFORE (24 * HOUR)
#define GRACE (60 * USEC_PER_SEC)
#define FILE_BYTES_MAX (64ull << 30)
enum { STATUS_REFUSED = 400, RATE_SHARE = 4 };

static const struct {
	const char *verb;
	enum watched kind;
} verbs[] = { { "disable", WATCHED_SCRIPT }, { "hold_mailbox", WATCHED_MAILBOX }, { "password", WATCHED_MAILBOX },
	      { "lock", WATCHED_MAILBOX },   { "hold", WATCHED_ACCOUNT },	  { "suspend", WATCHED_ACCOUNT } };

static const struct {
	const char *name, *refused, *next;
} kinds[] = {
	[WATCHED_SCRIPT] = { "script", "calls", "PHP may still run its compiled copy: reload PHP-FPM; or another file does it: quell scan, quell stop; or quell suspend the account" },
	[WATCHED_MAILBOX] = { "mailbox", "logins", "the password is known again, or leaks at its owner's: quell hold it, quell scan" },
	[WATCHED_ALIAS] = { "alias", "recipients", "another line or a filter passes it on: quell why it, quell scan" },
	[WATCHED_ACCOUNT] = { "account", "attempts", "it sends by another way: quell scan, then quell stop; or quell suspend it" },
};

/* --- whom to watch ------------------------------------------------------------------ */

static bool is_wanted(const struct action *action, const struct act_filter *filter)
{
	return action_in_force(action) && (!filter->plan.len || str_eq(action->intent->plan, filter->plan));
}

static void watch(struct measures *out, struct arena *arena, enum watched kind, str who, usec since)
{
	for (size_t i = 0; i < out->list.count; i++)
		if (out->list.at[i].kind == kind && str_eq(out->list.at[i].who, who))
			return;
	*VEC_PUSH(&out->list) =
		(struct measured){ .kind = kind, .who = arena_copy(arena, who), .since = since, .last = USEC_NEVER };
}

static void collect(struct acting *acting, const struct act_filter *filter, struct measures *out)
{
	struct actions actions;
	journal_fold(&acting->act.journal, &actions);
	for (size_t i = 0; i < actions.list.count; i++) {
		const struct record *intent = actions.list.at[i].intent;
		str verb = facts_get(&intent->facts, "verb");
		bool is_alias = str_eq(facts_get(&intent->facts, "change"), STR("comment"));
		for (size_t v = 0; is_wanted(&actions.list.at[i], filter) && v < sizeof(verbs) / sizeof(*verbs); v++)
			if (str_eq(verb, str_from(verbs[v].verb)))
				watch(out, &acting->act.arena, is_alias ? WATCHED_ALIAS : verbs[v].kind,
				      facts_get(&intent->facts, "who"), actions.list.at[i].outcome->at);
	}
	actions_done(&actions);
}

/* --- in the jail ---------------------------------------------------------------------- */

struct delivered {
	uint32_t message;
	usec at;
};

struct question {
	struct measures *measures;
	struct world *world;
	struct read_limits limits;
	VEC(struct delivered) delivered;
};

static void take_event(void *context, const struct event *event)
{
	struct question *q = context;
	if (event->kind == EVENT_DELIVERY && event->delivery.result == DELIVERY_DONE && event->delivery.has_ip)
		*VEC_PUSH(&q->delivered) = (struct delivered){ world_find(q->world, event->delivery.id), event->at };
	for (size_t i = 0; event->kind == EVENT_REJECTED && i < q->measures->list.count; i++) {
		struct measured *m = &q->measures->list.at[i];
		m->refused += m->kind == WATCHED_ALIAS && event->at > m->since &&
			      str_eq_nocase(event->rejected.recipient, m->who);
	}
}

static void take_login(void *context, const struct event *event, struct place place)
{
	struct question *q = context;
	(void)place;
	for (size_t i = 0; event->kind == EVENT_AUTH_FAILED && i < q->measures->list.count; i++) {
		struct measured *m = &q->measures->list.at[i];
		if (m->kind == WATCHED_MAILBOX && event->auth_failed.has_ip && event->at > m->since &&
		    str_eq_nocase(event->auth_failed.user, m->who))
			m->refused += event->auth_failed.attempts;
	}
}

/* The account's mail is all that its programs hand in. */
static bool is_of(const struct measured *m, const struct lead *lead, const struct world *world, const struct host *host)
{
	switch (m->kind) {
	case WATCHED_SCRIPT: return lead->kind == LEAD_PROGRAM && str_eq(world_str(world, lead->script), m->who);
	case WATCHED_MAILBOX: return lead->kind == LEAD_MAILBOX && str_eq_nocase(world_str(world, lead->mailbox), m->who);
	case WATCHED_ALIAS:
		return (lead->kind == LEAD_ALIAS || lead->kind == LEAD_BOUNCES) &&
		       str_eq_nocase(world_str(world, lead->mailbox), m->who);
	case WATCHED_ACCOUNT:
		return lead->kind == LEAD_PROGRAM && lead->account != NONE && str_eq(host->accounts.at[lead->account].name, m->who);
	}
	return false;
}

static void count_message(struct measured *m, const struct message *message, usec *first)
{
	bool is_after = message->at > m->since + GRACE;
	bool is_before = message->at <= m->since && message->at > m->since - BEFORE;
	m->taken += is_after;
	m->before += is_before;
	m->held += message->queued && message->frozen;
	m->waiting += message->queued && !message->frozen;
	if (is_before && (*first == USEC_NEVER || message->at < *first))
		*first = message->at;
}

static void count_deliveries(struct measured *m, const struct question *q, const struct index *own)
{
	for (size_t i = 0; i < q->delivered.count; i++) {
		const struct delivered *one = &q->delivered.at[i];
		if (one->message == NONE || one->at <= m->since + GRACE || !index_get(own, one->message))
			continue;
		if (q->world->messages.at[one->message].at <= m->since + GRACE) {
			m->drained++;
			continue;
		}
		m->sent++;
		if (m->last == USEC_NEVER || one->at > m->last)
			m->last = one->at;
	}
}

static void count_refused(struct measured *m, const struct world *world)
{
	for (size_t i = 0; m->kind == WATCHED_SCRIPT && i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		m->refused += request->at > m->since && request->status >= STATUS_REFUSED && request->program != NONE &&
			      str_eq(world_str(world, world->programs.at[request->program].path), m->who);
	}
}

static double per_hour(uint64_t count, usec span)
{
	return (double)count * (double)HOUR / (double)(span > HOUR ? span : HOUR);
}

static void judge(struct measured *m, usec first, usec now)
{
	m->before_per_hour = per_hour(m->before, m->since - (first == USEC_NEVER ? m->since : first));
	m->now_per_hour = per_hour(m->sent, now - m->since);
	bool has_owner = m->kind == WATCHED_MAILBOX || m->kind == WATCHED_ACCOUNT;
	m->ongoing = m->sent && (!has_owner || m->now_per_hour * RATE_SHARE >= m->before_per_hour);
}

static void count(struct measured *m, const struct question *q, const struct leads *leads, const struct host *host)
{
	struct index own = { 0 };
	usec first = USEC_NEVER;
	bool is_new;
	for (size_t l = 0; l < leads->list.count; l++) {
		const struct lead *lead = &leads->list.at[l];
		if (!is_of(m, lead, q->world, host))
			continue;
		for (size_t i = 0; i < lead->messages.count + lead->derived.count; i++) {
			uint32_t number = i < lead->messages.count ? lead->messages.at[i] :
								     lead->derived.at[i - lead->messages.count];
			index_add(&own, number, &is_new);
			if (is_new)
				count_message(m, &q->world->messages.at[number], &first);
		}
	}
	count_deliveries(m, q, &own);
	count_refused(m, q->world);
	judge(m, first, q->limits.now);
	index_done(&own);
}

static const struct {
	const char *key;
	size_t at;
} figures[] = {
	{ "before", offsetof(struct measured, before) }, { "taken", offsetof(struct measured, taken) },
	{ "sent", offsetof(struct measured, sent) },	 { "drained", offsetof(struct measured, drained) },
	{ "refused", offsetof(struct measured, refused) },
	{ "held", offsetof(struct measured, held) },	 { "waiting", offsetof(struct measured, waiting) },
};

static uint64_t *figure(struct measured *m, size_t i)
{
	return (uint64_t *)(void *)((char *)m + figures[i].at);
}

static void print_row(struct jsonw *w, struct measured *m)
{
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		jsonw_field_int(w, figures[i].key, (int64_t)*figure(m, i));
	jsonw_key(w, "before_per_hour");
	jsonw_fixed2(w, m->before_per_hour);
	jsonw_key(w, "now_per_hour");
	jsonw_fixed2(w, m->now_per_hour);
	jsonw_field_time(w, "last", m->last);
	jsonw_field_bool(w, "ongoing", m->ongoing);
}

static void answer(struct host *host, const void *context, struct buf *out)
{
	struct question q = *(const struct question *)context;
	struct world world;
	struct read_state state;
	struct leads leads;
	struct jsonw w;
	struct lead_host lead_host = read_lead_host(host);
	world_init(&world);
	q.world = &world;
	q.limits.tap = take_event;
	q.limits.login_tap = take_login;
	q.limits.tap_context = &q;
	read_and_trace(host, &world, &q.limits, &state);
	lead_build(&leads, &world, &lead_host);
	jsonw_init(&w, out, false);
	jsonw_open(&w, '[');
	for (size_t i = 0; i < q.measures->list.count; i++) {
		count(&q.measures->list.at[i], &q, &leads, host);
		jsonw_open(&w, '{');
		print_row(&w, &q.measures->list.at[i]);
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	free(q.delivered.at);
	leads_done(&leads);
	world_done(&world);
	read_state_done(&state);
}

/* --- outside -------------------------------------------------------------------------------- */

static int take_answer(struct measures *out, str text, struct err *err)
{
	json_t *rows = json_loadb(text.at, text.len, 0, NULL);
	bool fits = json_is_array(rows) && json_array_size(rows) == out->list.count;
	for (size_t i = 0; fits && i < out->list.count; i++) {
		struct measured *m = &out->list.at[i];
		const json_t *row = json_array_get(rows, i);
		for (size_t f = 0; f < sizeof(figures) / sizeof(*figures); f++)
			*figure(m, f) = (uint64_t)json_integer_value(json_object_get(row, figures[f].key));
		m->before_per_hour = json_number_value(json_object_get(row, "before_per_hour"));
		m->now_per_hour = json_number_value(json_object_get(row, "now_per_hour"));
		clock_parse(str_from(json_string_value(json_object_get(row, "last"))), USEC_NEVER, &m->last);
		m->ongoing = json_is_true(json_object_get(row, "ongoing"));
	}
	json_decref(rows);
	return fits ? 0 : err_set(err, ERR_SYSTEM, "the reader's answer is not what was asked for");
}

int measure(struct acting *acting, const struct act_filter *filter, struct measures *out, struct err *err)
{
	struct buf text = BUF_INIT;
	*out = (struct measures){ 0 };
	collect(acting, filter, out);
	if (!out->list.count)
		return 0;
	struct question q = { .measures = out,
			      .limits = { .now = acting->act.world.now, .since = out->list.at[0].since, .until = USEC_NEVER,
					  .file_bytes = FILE_BYTES_MAX } };
	for (size_t i = 1; i < out->list.count; i++)
		q.limits.since = out->list.at[i].since < q.limits.since ? out->list.at[i].since : q.limits.since;
	q.limits.since -= BEFORE;
	int rc = reader_of_inputs(acting->app, acting->opts, answer, &q, &text, err);
	if (!rc)
		rc = take_answer(out, buf_str(&text), err);
	buf_done(&text);
	return rc;
}

unsigned measures_ongoing(const struct measures *measures)
{
	unsigned ongoing = 0;
	for (size_t i = 0; i < measures->list.count; i++)
		ongoing += measures->list.at[i].ongoing;
	return ongoing;
}

static void print_sent(struct buf *out, const struct measured *m, usec now)
{
	if (now <= m->since + GRACE) {
		buf_add(out, STR("just acted, quell verify tells more in a minute"));
		return;
	}
	m->sent ? buf_printf(out, "%llu", (unsigned long long)m->sent) : buf_add(out, STR("nothing"));
	buf_add(out, STR(" left in "));
	clock_print_age(out, now - m->since);
	if (m->sent)
		buf_printf(out, ", %.1f an hour", m->now_per_hour);
}

static void print_figures(struct buf *out, const struct measured *m)
{
	if (m->refused)
		buf_printf(out, "; %llu %s refused", (unsigned long long)m->refused, kinds[m->kind].refused);
	if (m->drained)
		buf_printf(out, "; %llu left that had been queued before", (unsigned long long)m->drained);
	if (m->held)
		buf_printf(out, "; %llu held in the queue", (unsigned long long)m->held);
	if (m->waiting)
		buf_printf(out, "; %llu of it still queued and not held: quell purge", (unsigned long long)m->waiting);
	buf_printf(out, "; before: %.1f an hour\n", m->before_per_hour);
}

void measures_print_text(struct buf *out, const struct measures *measures, usec now)
{
	for (size_t i = 0; i < measures->list.count; i++) {
		const struct measured *m = &measures->list.at[i];
		buf_add(out, m->ongoing ? STR("STILL SENDING ") : m->sent ? STR("less comes from ") : STR("stopped "));
		print_text(out, m->who);
		buf_add(out, STR(": "));
		print_sent(out, m, now);
		print_figures(out, m);
		if (m->ongoing)
			buf_printf(out, "    next: %s\n", kinds[m->kind].next);
	}
}

void measures_print_json(struct jsonw *w, const struct measures *measures)
{
	jsonw_open(w, '[');
	for (size_t i = 0; i < measures->list.count; i++) {
		struct measured *m = &measures->list.at[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "kind", str_from(kinds[m->kind].name));
		jsonw_field_str(w, "who", m->who);
		jsonw_field_time(w, "since", m->since);
		print_row(w, m);
		jsonw_field_str(w, "next", str_from(m->ongoing ? kinds[m->kind].next : ""));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void measures_done(struct measures *measures)
{
	free(measures->list.at);
}
