/* SPDX-License-Identifier: Apache-2.0
 *
 * trace: the life of every message that matches, in order of time over all
 * files: what exigrep does, and the web request, login, call and queue file
 * that belong to it. Ids count at their place in a line, never by search.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/pattern.h"
#include "cmd/blind.h"
#include "cmd/entries.h"
#include "cmd/reader.h"
#include "cmd/window.h"
#include "model/address.h"
#include "model/encoded_word.h"
#include "model/exim_id.h"
#include "show/trace_text.h"
#include "source/exim_mainlog.h"
#include "source/exim_spool.h"

enum { MESSAGES_MAX = 20000, EVENTS_MAX = 500000, TEXT_MAX = 4096 };
/* mail.log of PHP and cron's line stand this close to the arrival. */
#define BESIDE (3 * USEC_PER_SEC)
/* A login this long before a message may be the visit that it was written in. */
#define VISIT_MAX (12LL * 3600 * USEC_PER_SEC)

static const struct opt options[] = {
	{ "pattern", 'E', NULL, false, "TEXT is a pattern over whole lines of the main log, as with exigrep" },
	{ "related", 'M', NULL, false, "with -E: also bounces of the messages found; so it always is without -E" },
	WINDOW_OPTIONS,
	OPT_END,
};

struct trace_query {
	struct read_limits limits;
	str text;
	bool is_ip;
	struct ip ip;
	struct pattern *like;
	bool related;
};

struct found_event {
	usec at;
	uint32_t message; /* number in wanted, 0 = of none */
	const char *kind;
	bool cause;       /* led to a message: stands first among events of the same time */
	struct place place;
	str text;         /* in the arena */
	size_t said;      /* that many bytes at its end are what Exim said, without stamp and frame; 0 when it is not Exim's */
};

/* A line that a table points to. */
struct wanted_line {
	struct place place;
	usec at;
	uint32_t message;
	const char *kind;
};

struct single_login {
	usec at;
	uint32_t mailbox, ip; /* names */
	bool failed;
	struct place place;
};

struct tracing {
	const struct trace_query *query;
	struct host *host;
	struct world world;
	struct names wanted; /* ids of the messages */
	VEC(struct single_login) logins;
	VEC(struct wanted_line) lines;
	VEC(struct found_event) events;
	uint64_t *sizes;   /* of the wanted messages, by the arrival line; 0 = not seen */
	struct arena arena;
	bool cut;
};

/* --- which messages ----------------------------------------------------------------- */

static uint32_t want(struct tracing *trace, str id)
{
	if (trace->wanted.count > MESSAGES_MAX) {
		trace->cut = true;
		return 0;
	}
	return names_add(&trace->wanted, id);
}

static bool is_text(const struct tracing *trace, str value)
{
	return value.len && str_eq_nocase(value, trace->query->text);
}

static bool holds_text(str value, str text)
{
	for (size_t at = 0; text.len && at + text.len <= value.len; at++)
		if (str_starts_nocase(str_from_at(value, at), text))
			return true;
	return false;
}

/* Whether a Message-ID is what was asked for, both with or without <>. */
static bool is_message_id(const struct tracing *trace, str id)
{
	str text = trace->query->text;
	if (text.len > 2 && text.at[0] == '<' && text.at[text.len - 1] == '>')
		text = (str){ text.at + 1, text.len - 2 };
	if (id.len > 2 && id.at[0] == '<' && id.at[id.len - 1] == '>')
		id = (str){ id.at + 1, id.len - 2 };
	return id.len && str_eq(id, text);
}

/* A tap: the tables hold sums of logins. */
static void take_login(void *context, const struct event *event, struct place place)
{
	struct tracing *trace = context;
	bool failed = event->kind == EVENT_AUTH_FAILED;
	str user = failed ? event->auth_failed.user : event->login.user;
	if (user.len && (failed ? event->auth_failed.has_ip : event->login.has_ip))
		*VEC_PUSH(&trace->logins) = (struct single_login){
			event->at, world_address(&trace->world, user),
			world_ip(&trace->world, failed ? event->auth_failed.ip : event->login.ip), failed, place };
}

/* A tap: the Message-ID is in no table. */
static void take_message_id(void *context, const struct event *event)
{
	struct tracing *trace = context;
	if (event->kind == EVENT_ARRIVAL && is_message_id(trace, event->arrival.message_id))
		want(trace, event->arrival.id);
}

/* The queue tells what the log left out: a Message-ID that Exim made, a subject. */
static void take_queued(void *context, const struct spool_message *message)
{
	struct tracing *trace = context;
	str subject = str_trim(spool_header_get(message, STR("Subject")));
	struct buf decoded = BUF_INIT;
	encoded_word_decode(&decoded, subject);
	if (is_message_id(trace, str_trim(spool_header_get(message, STR("Message-Id")))) ||
	    holds_text(subject, trace->query->text) || holds_text(buf_str(&decoded), trace->query->text))
		want(trace, message->id);
	buf_done(&decoded);
}

/* Damaged queue files are told by the first reading. */
static void skip_damaged(void *context, str id, const struct err *why)
{
	(void)context;
	(void)id;
	(void)why;
}

static void want_queued(struct tracing *trace)
{
	const struct exim_spool_visitor visitor = { take_queued, skip_damaged, trace };
	struct exim_spool_counts counts = { 0 };
	struct err err;
	for (size_t i = 0; i < trace->host->inputs.count; i++)
		if (trace->host->inputs.at[i].kind == INPUT_SPOOL && trace->host->inputs.at[i].fd >= 0)
			exim_spool_each(trace->host->inputs.at[i].fd, &visitor, &counts, &err);
}

static bool message_matches(const struct tracing *trace, uint32_t number)
{
	const struct world *world = &trace->world;
	const struct message *message = &world->messages.at[number];
	const struct trace_query *query = trace->query;
	char room[EXIM_ID_LONG];
	if (query->is_ip)
		return message->has_ip && ip_eq(world_ip_of(world, message->ip), query->ip);
	if (is_text(trace, world_id(world, number, room)) || is_text(trace, world_str(world, message->sender)) ||
	    is_text(trace, world_str(world, message->mailbox)) || is_text(trace, world_str(world, message->login)) ||
	    holds_text(world_subject(world, message), query->text))
		return true;
	for (EACH_RECIPIENT(r, world, message))
		if (is_text(trace, world_str(world, r->address)) || is_text(trace, world_str(world, r->original)))
			return true;
	return false;
}

static void want_matching(struct tracing *trace)
{
	char room[EXIM_ID_LONG];
	for (size_t i = 0; i < trace->world.messages.count; i++)
		if (message_matches(trace, (uint32_t)i))
			want(trace, world_id(&trace->world, (uint32_t)i, room));
}

/* Bounces of the wanted messages, and what the wanted bounces are about. */
static void want_related(struct tracing *trace)
{
	const struct world *world = &trace->world;
	char rooms[2][EXIM_ID_LONG];
	for (size_t i = 0; i < world->messages.count; i++) {
		uint32_t parent = world->messages.at[i].parent;
		if (parent == NONE)
			continue;
		str own = world_id(world, (uint32_t)i, rooms[0]), other = world_id(world, parent, rooms[1]);
		if (names_get(&trace->wanted, own))
			want(trace, other);
		else if (names_get(&trace->wanted, other))
			want(trace, own);
	}
}

/* --- lines that tables point to ------------------------------------------------------- */

static void want_line(struct tracing *trace, struct place place, usec at, uint32_t message, const char *kind)
{
	if (place.input != PLACE_NOWHERE)
		*VEC_PUSH(&trace->lines) = (struct wanted_line){ place, at, message, kind };
}

static bool is_near(usec a, usec b)
{
	return a != USEC_NEVER && b != USEC_NEVER && a <= b + BESIDE && b <= a + BESIDE;
}

static void want_beside(struct tracing *trace, uint32_t message_number, uint32_t number)
{
	const struct world *world = &trace->world;
	const struct message *message = &world->messages.at[message_number];
	if (message->call != NONE) {
		const struct call_row *call = &world->calls.at[message->call];
		want_line(trace, call->place, call->at, number, "call");
	}
	if (message->request != NONE) {
		const struct request_row *request = &world->requests.at[message->request];
		want_line(trace, request->place, request->at, number, "web");
	}
	for (size_t i = 0; message->account != NONE && i < world->php_mails.count; i++) {
		const struct php_mail_row *mail = &world->php_mails.at[i];
		if (mail->account == message->account && is_near(mail->at, message->at) &&
		    world_has_recipient(world, message_number, mail->to))
			want_line(trace, mail->place, mail->at, number, "php");
	}
	for (size_t i = 0; message->program != NONE && i < world->jobs.count; i++) {
		const struct job_row *job = &world->jobs.at[i];
		if (job->program == message->program && is_near(job->at, message->at))
			want_line(trace, job->place, job->at, number, "cron");
	}
}

/* The last login from where a mailbox's message came, as long as it was on that day: logins and messages come in the order
 * of time. */
static void want_logins(struct tracing *trace)
{
	struct world *world = &trace->world;
	struct index last = { 0 };
	bool is_new;
	size_t next = 0;
	for (uint32_t i = 1; i < trace->wanted.count; i++) {
		uint32_t number = world_find(world, names_str(&trace->wanted, i));
		const struct message *message = number == NONE ? NULL : &world->messages.at[number];
		if (!message || !message->mailbox || !message->has_ip || message->at == USEC_NEVER)
			continue;
		for (; next < trace->logins.count && trace->logins.at[next].at <= message->at; next++) {
			const struct single_login *login = &trace->logins.at[next];
			if (!login->failed)
				*index_add(&last, index_pair(login->mailbox, login->ip), &is_new) = (uint32_t)next;
		}
		const uint32_t *found = index_get(&last, index_pair(message->mailbox, message->ip));
		if (found && trace->logins.at[*found].at + VISIT_MAX >= message->at)
			want_line(trace, trace->logins.at[*found].place, trace->logins.at[*found].at, i, "login");
	}
	index_done(&last);
}

/* Logins and requests by the address or mailbox that was asked for. */
static void want_visits(struct tracing *trace)
{
	const struct world *world = &trace->world;
	const struct trace_query *query = trace->query;
	for (size_t i = 0; i < trace->logins.count; i++) {
		const struct single_login *login = &trace->logins.at[i];
		if (query->is_ip ? ip_eq(world_ip_of(world, login->ip), query->ip) : is_text(trace, world_str(world, login->mailbox)))
			want_line(trace, login->place, login->at, 0, login->failed ? "refused" : "login");
	}
	for (size_t i = 0; query->is_ip && i < world->requests.count; i++)
		if (ip_eq(world_ip_of(world, world_visitor_of(world, &world->requests.at[i])->ip), query->ip))
			want_line(trace, world->requests.at[i].place, world->requests.at[i].at, 0, "web");
}

static int by_place(const void *a, const void *b)
{
	const struct wanted_line *x = a, *y = b;
	if (x->place.input != y->place.input)
		return x->place.input < y->place.input ? -1 : 1;
	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	return x->message > y->message ? -1 : x->message < y->message;
}

static void want_lines(struct tracing *trace)
{
	for (uint32_t i = 1; i < trace->wanted.count; i++) {
		uint32_t number = world_find(&trace->world, names_str(&trace->wanted, i));
		if (number != NONE)
			want_beside(trace, number, i);
	}
	want_logins(trace);
	if (!trace->query->like)
		want_visits(trace);
	if (trace->lines.count)
		qsort(trace->lines.at, trace->lines.count, sizeof(*trace->lines.at), by_place);
}

/* --- the second reading ------------------------------------------------------------------ */

/* A process that sends one of Exim's entries to syslog in pieces, and the message it speaks of. */
struct pieces {
	unsigned pid;
	uint32_t message;
};

/* What an entry of Exim says. */
struct said {
	bool stamped;  /* the entry has Exim's own stamp */
	str line;      /* from there on */
	str text;      /* behind stamp, zone and process id, and behind the mark of a piece */
	usec at;       /* by the frame's stamp; USEC_NEVER without a frame */
	unsigned pid;
	unsigned piece; /* 0 = whole, else its number */
};

/* False when another program wrote it. */
static bool exim_said(const struct entry *entry, const struct stamp_base *base, struct said *out)
{
	struct syslog_line frame;
	unsigned total;
	*out = (struct said){ .line = entry->text, .at = USEC_NEVER };
	if (entry->is_record || !exim_mainlog_probe(entry->text)) {
		if (entry->is_record)
			frame = entry->record;
		else if (!syslog_parse(entry->text, base, &frame))
			return false;
		if (!str_starts(frame.tag, STR("exim")))
			return false;
		out->line = frame.message;
		out->at = frame.at;
		out->pid = frame.pid;
	}
	out->stamped = exim_mainlog_probe(out->line);
	out->text = out->line;
	if (out->stamped) {
		str_cut(&out->text, ' ');
		str_cut(&out->text, ' ');
	}
	while (!syslog_cut_piece(&out->text, &out->piece, &total) && out->stamped && out->text.len &&
	       (out->text.at[0] == '+' || out->text.at[0] == '-' || out->text.at[0] == '['))
		str_cut(&out->text, ' ');
	return true;
}

static str entry_id(str text)
{
	str id = str_cut(&text, ' ');
	return exim_id_shape(id) ? id : STR("");
}

static void add_event(struct tracing *trace, const struct found_event *event)
{
	if (trace->events.count >= EVENTS_MAX) {
		trace->cut = true;
		return;
	}
	struct found_event *added = VEC_PUSH(&trace->events);
	*added = *event;
	added->text = arena_copy(&trace->arena, str_head(event->text, TEXT_MAX));
}

/* Refusals have no id: they are found by who was refused. */
static bool is_refusal(const struct tracing *trace, const struct event *event)
{
	const struct trace_query *query = trace->query;
	if (query->like)
		return false;
	if (event->kind == EVENT_REJECTED)
		return query->is_ip ? event->rejected.has_ip && ip_eq(event->rejected.ip, query->ip) :
				      is_text(trace, event->rejected.sender) || is_text(trace, event->rejected.recipient) ||
					      is_text(trace, event->rejected.auth_id);
	return event->kind == EVENT_AUTH_FAILED && (query->is_ip ? event->auth_failed.has_ip && ip_eq(event->auth_failed.ip, query->ip) :
								  is_text(trace, event->auth_failed.user));
}

/* The message that an entry speaks of, 0 for none that is wanted: by its id, or as a further piece of one. */
static uint32_t message_of(const struct tracing *trace, const struct said *said, struct pieces *pieces)
{
	str id = entry_id(said->text);
	if (said->piece > 1)
		return said->pid == pieces->pid ? pieces->message : 0;
	uint32_t message = id.len ? names_get(&trace->wanted, id) : 0;
	if (said->piece)
		*pieces = (struct pieces){ said->pid, message };
	return message;
}

static void take_entry(struct tracing *trace, const struct input *input, struct exim_mainlog *log, struct pieces *pieces,
		       const struct entry *entry)
{
	struct stamp_base base = { &trace->host->zone, trace->world.last };
	struct said said;
	struct event event;
	if (!exim_said(entry, &base, &said))
		return;
	uint32_t message = message_of(trace, &said, pieces);
	if (!message && (said.piece || entry_id(said.text).len))
		return;
	enum mainlog_result result = said.stamped ? exim_mainlog_line(log, said.line, &base, &event) :
						    exim_mainlog_text(log, said.text, said.at, 0, &event);
	if (message && result == MAINLOG_EVENT && event.kind == EVENT_ARRIVAL)
		trace->sizes[message] = event.arrival.size;
	struct found_event found = {
		.at = result == MAINLOG_EVENT ? event.at : said.at, .message = message, .text = entry->text,
		.kind = !message ? "refused" : input->kind == INPUT_EXIM_REJECT ? "reject" : "main",
		.place = { (uint32_t)(input - trace->host->inputs.at), entry->line }, .said = said.text.len,
	};
	if (message || (result == MAINLOG_EVENT && is_refusal(trace, &event)))
		add_event(trace, &found);
}

static bool is_mail_log(const struct input *input)
{
	return input->kind == INPUT_EXIM_MAIN || input->kind == INPUT_EXIM_REJECT ||
	       (input->kind == INPUT_SYSLOG && !input->only_cron);
}

static bool points_at(const struct tracing *trace, size_t next, uint32_t input)
{
	return next < trace->lines.count && trace->lines.at[next].place.input == input;
}

static bool is_log(const struct input *input)
{
	return input->fd >= 0 && input->kind != INPUT_SPOOL && input->kind != INPUT_MSGLOG;
}

/* Events of the lines that tables point to, from *next on. */
static void add_pointed(struct tracing *trace, uint32_t input, const struct entry *entry, size_t *next)
{
	struct stamp_base base = { &trace->host->zone, trace->world.last };
	struct said said;
	for (; points_at(trace, *next, input) && trace->lines.at[*next].place.line <= entry->line; ++*next) {
		const struct wanted_line *line = &trace->lines.at[*next];
		if (line->place.line == entry->line)
			add_event(trace, &(struct found_event){ .at = line->at, .message = line->message, .kind = line->kind, .cause = true,
								.place = line->place, .text = entry->text,
								.said = exim_said(entry, &base, &said) ? said.text.len : 0 });
	}
}

/* One input: entries of wanted messages, and the lines that tables point to. */
static void read_again(struct tracing *trace, uint32_t number, size_t *next)
{
	const struct input *input = &trace->host->inputs.at[number];
	struct exim_mainlog log = { 0 };
	struct pieces pieces = { 0 };
	struct entries entries;
	struct entry entry;
	struct err err;
	if (is_log(input) && (points_at(trace, *next, number) || is_mail_log(input)) &&
	    !entries_open(&entries, input, trace->query->limits.file_bytes, &err)) {
		while (entries_next(&entries, &entry)) {
			add_pointed(trace, number, &entry, next);
			if (is_mail_log(input))
				take_entry(trace, input, &log, &pieces, &entry);
		}
		entries_close(&entries);
		exim_mainlog_done(&log);
	}
	while (points_at(trace, *next, number))
		++*next;
}

/* With a pattern: the ids of all entries whose line matches. */
static void want_by_pattern(struct tracing *trace, const struct input *input)
{
	struct stamp_base base = { &trace->host->zone, trace->world.last };
	struct entries entries;
	struct entry entry;
	struct said said;
	struct err err;
	if (!is_log(input) || !is_mail_log(input) || entries_open(&entries, input, trace->query->limits.file_bytes, &err))
		return;
	while (entries_next(&entries, &entry)) {
		str id = exim_said(&entry, &base, &said) ? entry_id(said.text) : STR("");
		if (id.len && !names_get(&trace->wanted, id) && pattern_in(trace->query->like, entry.text))
			want(trace, id);
	}
	entries_close(&entries);
}

static void add_queue_event(struct tracing *trace, uint32_t number)
{
	uint32_t found = world_find(&trace->world, names_str(&trace->wanted, number));
	const struct message *message = found == NONE ? NULL : &trace->world.messages.at[found];
	if (!message || !message->queued)
		return;
	size_t waiting = 0;
	for (EACH_RECIPIENT(r, &trace->world, message))
		waiting += !r->expanded && (r->state == RECIPIENT_PENDING || r->state == RECIPIENT_DEFERRED);
	str text = arena_printf(&trace->arena, "still queued, waiting for %zu%s: quell queue show %.*s", waiting,
				message->frozen ? ", frozen" : "", STR_ARG(names_str(&trace->wanted, number)));
	add_event(trace, &(struct found_event){ .at = INT64_MAX, .message = number, .kind = "queue", .place = { .input = PLACE_NOWHERE },
						.text = text });
}

/* --- report --------------------------------------------------------------------------------- */

static int by_message_and_time(const void *a, const void *b)
{
	const struct found_event *x = a, *y = b;
	if (x->message != y->message)
		return !x->message ? 1 : !y->message ? -1 : x->message < y->message ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->cause != y->cause)
		return x->cause ? -1 : 1;
	if (x->place.input != y->place.input)
		return x->place.input < y->place.input ? -1 : 1;
	return x->place.line < y->place.line ? -1 : x->place.line > y->place.line;
}

static bool says_the_same(const struct found_event *a, const struct found_event *b)
{
	if (str_eq(a->text, b->text))
		return true;
	return a->said && a->said == b->said && a->said < a->text.len && a->said < b->text.len &&
	       str_eq(str_from_at(a->text, a->text.len - a->said), str_from_at(b->text, b->text.len - b->said));
}

/* The reject log repeats lines of the main log, syslog those of a file. */
static bool is_repeated(const struct tracing *trace, size_t i)
{
	const struct found_event *event = &trace->events.at[i];
	for (size_t k = i; k-- > 0 && trace->events.at[k].at == event->at && trace->events.at[k].message == event->message;)
		if (says_the_same(&trace->events.at[k], event))
			return true;
	return false;
}

static void print_event(struct jsonw *w, const struct tracing *trace, const struct found_event *event)
{
	jsonw_open(w, '{');
	jsonw_field_time(w, "at", event->at == INT64_MAX ? USEC_NEVER : event->at);
	jsonw_field_str(w, "message", names_str(&trace->wanted, event->message));
	jsonw_field_str(w, "kind", str_from(event->kind));
	jsonw_field_str(w, "path", event->place.input == PLACE_NOWHERE ? STR("") : trace->host->inputs.at[event->place.input].path);
	jsonw_field_int(w, "line", event->place.line);
	jsonw_key(w, "text");
	jsonw_str(w, event->text);
	jsonw_close(w, '}');
}

static void print_recipients(struct jsonw *w, const struct world *world, const struct message *message)
{
	static const char *const states[] = { "waiting", "delivered", "failed", "deferred" };
	jsonw_key(w, "recipients");
	jsonw_open(w, '[');
	for (EACH_RECIPIENT(r, world, message)) {
		if (r->expanded)
			continue;
		jsonw_open(w, '{');
		jsonw_field_str(w, "address", world_str(world, r->address));
		jsonw_field_str(w, "state", str_from(states[r->state]));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_message(struct jsonw *w, const struct tracing *trace, uint32_t wanted)
{
	const struct world *world = &trace->world;
	uint32_t number = world_find(world, names_str(&trace->wanted, wanted));
	if (number == NONE)
		return;
	const struct message *message = &world->messages.at[number];
	char room[EXIM_ID_LONG];
	jsonw_open(w, '{');
	jsonw_field_str(w, "id", names_str(&trace->wanted, wanted));
	jsonw_field_time(w, "at", message->at);
	jsonw_key(w, "sender");
	jsonw_str(w, world_str(world, message->sender));
	jsonw_field_str(w, "login", message->mailbox ? world_str(world, message->mailbox) :
				    message->null_sender ? STR("") : world_str(world, message->login));
	jsonw_field_str(w, "account", message->account == NONE ? STR("") : trace->host->accounts.at[message->account].name);
	jsonw_key(w, "ip");
	message->has_ip ? jsonw_ip(w, world_ip_of(world, message->ip)) : jsonw_null(w);
	jsonw_field_str(w, "subject", world_subject(world, message));
	jsonw_key(w, "size");
	trace->sizes[wanted] ? jsonw_int(w, (int64_t)trace->sizes[wanted]) : jsonw_null(w);
	jsonw_field_str(w, "bounce_of", message->parent == NONE ? STR("") : world_id(world, message->parent, room));
	jsonw_field_bool(w, "queued", message->queued);
	jsonw_field_bool(w, "frozen", message->frozen);
	jsonw_field_bool(w, "forged", message->forged);
	print_recipients(w, world, message);
	jsonw_close(w, '}');
}

static void print_report(struct tracing *trace, const struct read_state *state, struct buf *out)
{
	struct jsonw w;
	const struct blind_row blind[] = { { trace->cut ? "the rest of the messages" : NULL, "what else matches",
					     "ask for less: --since, --until, an id", false }, { 0 } };
	if (trace->events.count)
		qsort(trace->events.at, trace->events.count, sizeof(*trace->events.at), by_message_and_time);
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.trace/1"));
	jsonw_field_str(&w, "text", trace->query->text);
	jsonw_key(&w, "messages");
	jsonw_open(&w, '[');
	for (uint32_t i = 1; i < trace->wanted.count; i++)
		print_message(&w, trace, i);
	jsonw_close(&w, ']');
	jsonw_key(&w, "events");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < trace->events.count; i++)
		if (!is_repeated(trace, i))
			print_event(&w, trace, &trace->events.at[i]);
	jsonw_close(&w, ']');
	blind_print(&w, state, blind);
	jsonw_close(&w, '}');
}

/* Messages are shown by arrival, not by the order in which they were found. */
static int by_arrival(const void *a, const void *b, void *context)
{
	const struct world *world = context;
	uint32_t x = world_find(world, *(const str *)a), y = world_find(world, *(const str *)b);
	usec at_x = x == NONE ? INT64_MAX : world->messages.at[x].at, at_y = y == NONE ? INT64_MAX : world->messages.at[y].at;
	if (at_x != at_y)
		return at_x < at_y ? -1 : 1;
	return str_cmp(*(const str *)a, *(const str *)b);
}

static void order_wanted(struct tracing *trace)
{
	struct names ordered;
	VEC(str) ids = { 0 };
	for (uint32_t i = 1; i < trace->wanted.count; i++)
		*VEC_PUSH(&ids) = names_str(&trace->wanted, i);
	if (ids.count)
		qsort_r(ids.at, ids.count, sizeof(str), by_arrival, &trace->world);
	names_init(&ordered);
	for (size_t i = 0; i < ids.count; i++)
		names_add(&ordered, ids.at[i]);
	free(ids.at);
	names_done(&trace->wanted);
	trace->wanted = ordered;
}

static void choose(struct tracing *trace)
{
	if (trace->query->like)
		for (size_t i = 0; i < trace->host->inputs.count; i++)
			want_by_pattern(trace, &trace->host->inputs.at[i]);
	else
		want_matching(trace);
	if (!trace->query->like && !trace->query->is_ip)
		want_queued(trace);
	if (trace->query->related)
		want_related(trace);
	order_wanted(trace);
	want_lines(trace);
}

static void follow(struct host *host, const void *context, struct buf *out)
{
	struct tracing trace = { .query = context, .host = host };
	struct read_limits limits = trace.query->limits;
	struct read_state state;
	size_t next = 0;
	names_init(&trace.wanted);
	world_init(&trace.world);
	limits.tap = trace.query->like ? NULL : take_message_id;
	limits.login_tap = take_login;
	limits.tap_context = &trace;
	read_and_trace(host, &trace.world, &limits, &state);
	choose(&trace);
	trace.sizes = mem_alloc(trace.wanted.count * sizeof(*trace.sizes));
	for (size_t i = 0; i < host->inputs.count; i++)
		read_again(&trace, (uint32_t)i, &next);
	for (uint32_t i = 1; i < trace.wanted.count; i++)
		add_queue_event(&trace, i);
	print_report(&trace, &state, out);
	free(trace.logins.at);
	free(trace.lines.at);
	free(trace.events.at);
	free(trace.sizes);
	names_done(&trace.wanted);
	arena_done(&trace.arena);
	world_done(&trace.world);
	read_state_done(&state);
}

/* --- command ---------------------------------------------------------------------------------- */

static int read_query(struct trace_query *query, struct pattern *pattern, const struct app *app, const struct opts *opts,
		      struct err *err)
{
	if (opts->operands.count != 1 || !opts->operands.at[0][0])
		return err_set(err, ERR_USAGE, "trace: name one id, address, login, Message-ID, or part of a subject");
	query->text = str_from(opts->operands.at[0]);
	query->is_ip = ip_parse(query->text, &query->ip);
	query->related = !opts_get(opts, "pattern") || opts_get(opts, "related");
	if (opts_get(opts, "pattern")) {
		if (pattern_open(pattern, query->text, err))
			return err_context(err, "trace");
		query->like = pattern;
		query->is_ip = false;
	}
	return window_from_opts(&query->limits, app, opts, err);
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	static const struct view view = { "The life of messages", "events", trace_columns, .text = trace_text };
	struct trace_query query = { 0 };
	struct pattern pattern = { 0 };
	struct buf report = BUF_INIT;
	int rc = read_query(&query, &pattern, app, opts, err);
	if (!rc)
		rc = reader_of_inputs(app, opts, follow, &query, &report, err);
	if (!rc)
		rc = view_show(&view, buf_str(&report), app->output, app->color, STDOUT_FILENO, err);
	buf_done(&report);
	pattern_close(&pattern);
	return rc;
}

const struct cmd cmd_trace = {
	.name = "trace", .operands = "TEXT", .summary = "the life of messages by id, address, login, Message-ID or subject",
	.options = options, .takes_inputs = true, .run = run,
};
