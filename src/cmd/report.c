/* SPDX-License-Identifier: Apache-2.0
 *
 * report: printing of quell.scan/1, and the list of what was not visible.
 */
#include "cmd/report.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "base/lines.h"

enum { IDS_SHOWN = 100, SAMPLES_SHOWN = 10, EVIDENCE_TEXT_MAX = 400 };

/* --- what the judge is given ------------------------------------------------------- */

struct thresholds report_thresholds(const struct conf *conf)
{
	(void)conf;
	return (struct thresholds){ .floor = 8, .list_share = 0.2, .verdict_share = 0.05, .verdicts_min = 3,
				    .per_client = 2.0, .repeat_calls = 3, .silent_networks = 4, .forward_share = 0.33,
				    .bounces_min = 10, .wave_sources = 3, .wave_messages = 15 };
}

static str account_name(const void *context, uint32_t account)
{
	const struct host *host = context;
	return host->accounts.at[account].name;
}

static str account_home(const void *context, uint32_t account)
{
	const struct host *host = context;
	return host->accounts.at[account].home;
}

struct judge_input report_judge_input(const struct host *host, struct world *world, const struct leads *leads,
				      const struct lead_host *lead_host, const struct thresholds *thresholds,
				      const struct read_state *state, usec now)
{
	bool dovecot_seen = false;
	for (size_t i = 0; i < world->logins.count; i++)
		dovecot_seen |= !world->logins.at[i].failed && !world->logins.at[i].smtp;
	return (struct judge_input){ .world = world, .leads = leads, .lead_host = lead_host, .thresholds = thresholds,
				     .dovecot_seen = dovecot_seen, .by_syslog = state->by_syslog,
				     .spool_seen = state->spool_seen, .now = now, .account_name = account_name,
				     .account_home = account_home, .context = host };
}

/* --- evidence ------------------------------------------------------------------------- */

struct evidence_line {
	struct place place;
	uint64_t offset; /* of the line in the expanded file */
	str text;
};

struct evidence {
	struct arena arena;
	VEC(struct evidence_line) lines;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = &((const struct evidence_line *)a)->place, *y = &((const struct evidence_line *)b)->place;
	if (x->input != y->input)
		return x->input < y->input ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static void read_evidence_of(struct evidence *evidence, size_t *next, const struct input *input)
{
	struct lines lines;
	struct line line;
	struct err err;
	uint32_t number = evidence->lines.at[*next].place.input;
	if (input->fd < 0 || input->kind == INPUT_SPOOL || lines_open(&lines, input->fd, 64ull << 30, &err)) {
		while (*next < evidence->lines.count && evidence->lines.at[*next].place.input == number)
			++*next;
		return;
	}
	bool more = true;
	while (*next < evidence->lines.count && evidence->lines.at[*next].place.input == number) {
		struct evidence_line *wanted = &evidence->lines.at[*next];
		while (more && lines.number <= wanted->place.line)
			more = lines_next(&lines, &line, &err) == 1;
		if (more) {
			wanted->text = arena_copy(&evidence->arena, str_head(line.text, EVIDENCE_TEXT_MAX));
			wanted->offset = line.offset;
		}
		++*next;
	}
	lines_close(&lines);
}

static void collect_evidence(struct evidence *evidence, const struct report_input *in)
{
	for (size_t i = 0; i < in->verdict->incidents.count; i++) {
		const struct reasons *reasons = &in->verdict->incidents.at[i].reasons;
		for (size_t r = 0; r < reasons->count; r++)
			for (unsigned e = 0; e < reasons->list[r].evidence_count; e++)
				*VEC_PUSH(&evidence->lines) = (struct evidence_line){ .place = reasons->list[r].evidence[e] };
	}
	if (evidence->lines.count)
		qsort(evidence->lines.at, evidence->lines.count, sizeof(*evidence->lines.at), by_place);
	for (size_t next = 0; next < evidence->lines.count;)
		read_evidence_of(evidence, &next, &in->host->inputs.at[evidence->lines.at[next].place.input]);
}

static const struct evidence_line *evidence_get(const struct evidence *evidence, struct place place)
{
	struct evidence_line key = { .place = place };
	return bsearch(&key, evidence->lines.at, evidence->lines.count, sizeof(*evidence->lines.at), by_place);
}

/* --- parts of the report ------------------------------------------------------------------ */

static const char *input_kind_name(enum input_kind kind)
{
	static const char *const names[] = { "exim_mainlog", "exim_rejectlog", "exim_spool", "exim_msglog", "syslog",
					     "dovecot", "access_log", "php_mail", "aliases", "crontab" };
	return names[kind];
}

static void print_inputs(struct jsonw *w, const struct host *host)
{
	jsonw_key(w, "inputs");
	jsonw_open(w, '[');
	for (size_t i = 0; i < host->inputs.count; i++) {
		const struct input *input = &host->inputs.at[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "path", input->path);
		jsonw_field_str(w, "kind", str_from(input_kind_name(input->kind)));
		jsonw_field_int(w, "bytes", (int64_t)input->bytes);
		jsonw_field_int(w, "lines", (int64_t)input->lines);
		jsonw_field_int(w, "unparsed", (int64_t)input->unparsed);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_blind_row(struct jsonw *w, const char *missing, const char *hides, const char *fix)
{
	jsonw_open(w, '{');
	jsonw_field_str(w, "missing", str_from(missing));
	jsonw_field_str(w, "hides", str_from(hides));
	jsonw_field_str(w, "fix", str_from(fix));
	jsonw_close(w, '}');
}

static bool has_input(const struct host *host, enum input_kind kind)
{
	for (size_t i = 0; i < host->inputs.count; i++)
		if (host->inputs.at[i].kind == kind && host->inputs.at[i].fd >= 0)
			return true;
	return false;
}

static void print_blind(struct jsonw *w, const struct report_input *in, bool dovecot_seen)
{
	const struct world_counts *counts = &in->world->counts;
	jsonw_key(w, "blind");
	jsonw_open(w, '[');
	if (!in->state->mainlog_seen)
		print_blind_row(w, "Exim main log", "everything: who sends, from where, and what became of it",
				"name it with --log FILE, or run as a user who may read it");
	if (!in->state->spool_seen)
		print_blind_row(w, "Exim spool", "what is queued now, and the proof that a log line is no forgery",
				"name it with --spool DIR, or run as a user who may read it");
	if (!has_input(in->host, INPUT_ACCESS))
		print_blind_row(w, "web access logs", "which script sent, and who called it",
				"name them with --access FILE; keep them at least two days");
	if (!dovecot_seen)
		print_blind_row(w, "Dovecot's log", "which networks read a mailbox: owners on the road look like thieves",
				"name it with --dovecot FILE; keep login lines (info level)");
	if (!in->world->jobs.count)
		print_blind_row(w, "cron log", "whether a job of cron sent it or a shell",
				"let syslog write cron.* to /var/log/cron.log");
	if (counts->arrivals && !counts->with_recipients)
		print_blind_row(w, "recipients at arrival", "addresses of messages that were never tried",
				"log_selector = +received_recipients");
	if (counts->arrivals && !counts->with_subject)
		print_blind_row(w, "subjects", "what the mail was about", "log_selector = +subject");
	if (counts->arrivals && !counts->call_lines)
		print_blind_row(w, "directories of calls", "the directory a program called sendmail from",
				"log_selector = +arguments");
	for (size_t i = 0; i < in->state->problems.list.count; i++)
		print_blind_row(w, in->state->problems.list.at[i], "what this input holds", "see the message");
	if (in->host->timezone_note.len)
		print_blind_row(w, in->host->timezone_note.at, "the hour, if the host is elsewhere", "/etc/localtime");
	jsonw_close(w, ']');
}

static void print_totals(struct jsonw *w, const struct world *world)
{
	uint64_t recipients = 0, delivered = 0, deferred = 0, failed = 0, queued = 0, frozen = 0, messages = 0;
	for (size_t i = 0; i < world->messages.count; i++) {
		const struct message *message = &world->messages.at[i];
		if (message->forged || !(message->arrived || message->queued))
			continue;
		messages++;
		queued += message->queued;
		frozen += message->frozen;
		for (EACH_RECIPIENT(r, world, message)) {
			recipients += !r->expanded;
			delivered += r->state == RECIPIENT_DONE && !r->expanded;
			deferred += r->state == RECIPIENT_DEFERRED;
			failed += r->state == RECIPIENT_FAILED;
		}
	}
	jsonw_key(w, "totals");
	jsonw_open(w, '{');
	jsonw_field_int(w, "messages", (int64_t)messages);
	jsonw_field_int(w, "recipients", (int64_t)recipients);
	jsonw_field_int(w, "delivered", (int64_t)delivered);
	jsonw_field_int(w, "deferred", (int64_t)deferred);
	jsonw_field_int(w, "failed", (int64_t)failed);
	jsonw_field_int(w, "queued", (int64_t)queued);
	jsonw_field_int(w, "frozen", (int64_t)frozen);
	jsonw_field_int(w, "forged_lines", (int64_t)world->counts.forged_lines);
	jsonw_field_int(w, "ambiguous", (int64_t)world->counts.ambiguous);
	jsonw_close(w, '}');
}

static void print_ips(struct jsonw *w, const struct incident *incident)
{
	static const char *const roles[] = { "login", "http", "smtp", "entry" };
	jsonw_key(w, "ips");
	jsonw_open(w, '[');
	for (size_t i = 0; i < incident->ips.count; i++) {
		const struct incident_ip *row = &incident->ips.at[i];
		jsonw_open(w, '{');
		jsonw_key(w, "ip");
		jsonw_ip(w, row->ip);
		jsonw_field_str(w, "role", str_from(roles[row->role]));
		jsonw_field_int(w, "hits", row->hits);
		jsonw_field_time(w, "first", row->first);
		jsonw_field_time(w, "last", row->last);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_ids(struct jsonw *w, const char *key, const struct world *world, const uint32_t *messages, size_t count,
		      bool all)
{
	jsonw_key(w, key);
	jsonw_open(w, '[');
	for (size_t i = 0; i < count && (all || i < IDS_SHOWN); i++)
		jsonw_str(w, world_id(world, messages[i]));
	jsonw_close(w, ']');
}

static void print_messages(struct jsonw *w, const struct report_input *in, const struct incident *incident)
{
	const struct world *world = in->world;
	uint64_t delivered = 0, deferred = 0, failed = 0;
	for (size_t i = 0; i < incident->messages.count; i++)
		for (EACH_RECIPIENT(r, world, &world->messages.at[incident->messages.at[i]])) {
			delivered += r->state == RECIPIENT_DONE && !r->expanded;
			deferred += r->state == RECIPIENT_DEFERRED;
			failed += r->state == RECIPIENT_FAILED;
		}
	jsonw_key(w, "messages");
	jsonw_open(w, '{');
	jsonw_field_int(w, "count", (int64_t)incident->messages.count);
	jsonw_field_int(w, "recipients", incident->figures.outside ? incident->figures.outside :
								    (int64_t)incident->messages.count);
	jsonw_field_int(w, "delivered", (int64_t)delivered);
	jsonw_field_int(w, "deferred", (int64_t)deferred);
	jsonw_field_int(w, "failed", (int64_t)failed);
	jsonw_field_int(w, "queued", incident->figures.queued);
	jsonw_field_int(w, "frozen", incident->figures.frozen);
	print_ids(w, "ids", world, incident->messages.at, incident->messages.count, in->all_ids);
	print_ids(w, "derived_ids", world, incident->derived.at, incident->derived.count, in->all_ids);
	jsonw_close(w, '}');
}

static void print_counted(struct jsonw *w, const char *key, const char *field, const struct world *world,
			  const struct counted_name *list, size_t count)
{
	jsonw_key(w, key);
	jsonw_open(w, '[');
	for (size_t i = 0; i < count && i < SAMPLES_SHOWN; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, field, world_str(world, list[i].name));
		jsonw_field_int(w, "count", list[i].count);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_reasons(struct jsonw *w, const struct report_input *in, const struct incident *incident,
			  const struct evidence *evidence)
{
	jsonw_key(w, "reasons");
	jsonw_open(w, '[');
	for (size_t i = 0; i < incident->reasons.count; i++) {
		const struct reason *reason = &incident->reasons.list[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "rule", str_from(reason->rule));
		jsonw_field_str(w, "says", reason->says);
		jsonw_key(w, "weight");
		jsonw_fixed2(w, reason->weight);
		jsonw_field_str(w, "grade", (str){ &reason->grade, 1 });
		jsonw_key(w, "evidence");
		jsonw_open(w, '[');
		for (unsigned e = 0; e < reason->evidence_count; e++) {
			const struct evidence_line *line = evidence_get(evidence, reason->evidence[e]);
			jsonw_open(w, '{');
			jsonw_field_str(w, "path", in->host->inputs.at[line->place.input].path);
			jsonw_field_int(w, "line", line->place.line);
			jsonw_field_int(w, "offset", (int64_t)line->offset);
			jsonw_key(w, "text");
			jsonw_str(w, line->text);
			jsonw_close(w, '}');
		}
		jsonw_close(w, ']');
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static str name_of_account(const struct host *host, uint32_t account)
{
	return account == NONE ? STR("") : host->accounts.at[account].name;
}

static void print_incident(struct jsonw *w, const struct report_input *in, size_t number, const struct evidence *evidence)
{
	const struct incident *incident = &in->verdict->incidents.at[number];
	const struct world *world = in->world;
	jsonw_open(w, '{');
	jsonw_field_int(w, "n", (int64_t)number + 1);
	jsonw_field_str(w, "id", str_from(incident->id));
	jsonw_field_str(w, "cause_id", str_from(incident->cause_id));
	jsonw_field_str(w, "direction", incident->inbound ? STR("inbound") : STR("outbound"));
	jsonw_field_str(w, "vector", str_from(vector_name(incident->vector)));
	jsonw_field_bool(w, "blame", incident->blame);
	jsonw_field_bool(w, "ongoing", incident->ongoing);
	jsonw_field_str(w, "account", name_of_account(in->host, incident->inbound ? NONE : incident->lead->account));
	jsonw_field_str(w, "mailbox", incident->inbound ? STR("") : world_str(world, incident->mailbox));
	jsonw_field_str(w, "script", world_str(world, incident->script));
	jsonw_field_str(w, "entry_script", world_str(world, incident->entry_script));
	if (incident->inbound)
		jsonw_field_str(w, "target", name_of_account(in->host, incident->lead->account));
	print_ips(w, incident);
	print_messages(w, in, incident);
	jsonw_field_time(w, "first", incident->figures.first);
	jsonw_field_time(w, "last", incident->figures.last);
	jsonw_field_int(w, "peak_per_hour", incident->figures.peak_per_hour);
	print_counted(w, "subjects", "text", world, incident->subjects.at, incident->subjects.count);
	print_counted(w, "senders", "address", world, incident->senders.at, incident->senders.count);
	jsonw_key(w, "confidence");
	jsonw_fixed2(w, incident->confidence);
	jsonw_field_str(w, "grade", (str){ &incident->grade, 1 });
	jsonw_field_bool(w, "confirmed", incident->confirmed);
	print_reasons(w, in, incident, evidence);
	jsonw_key(w, "actions");
	jsonw_open(w, '[');
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void print_cleared(struct jsonw *w, const struct report_input *in)
{
	jsonw_key(w, "cleared");
	jsonw_open(w, '[');
	for (size_t i = 0; i < in->verdict->cleared.count; i++) {
		const struct cleared *cleared = &in->verdict->cleared.at[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "account", name_of_account(in->host, cleared->lead->account));
		jsonw_field_str(w, "mailbox", world_str(in->world, cleared->lead->mailbox));
		jsonw_field_str(w, "script", world_str(in->world, cleared->lead->script));
		jsonw_field_str(w, "looked_like", cleared->looked_like);
		jsonw_field_str(w, "why_not", cleared->why_not);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_host(struct jsonw *w, const struct report_input *in)
{
	jsonw_key(w, "host");
	jsonw_open(w, '{');
	jsonw_field_str(w, "name", in->host->name);
	jsonw_field_str(w, "panel", str_from(panel_title(in->host->panel)));
	jsonw_field_str(w, "mta", STR("Exim"));
	jsonw_close(w, '}');
	jsonw_field_time(w, "now", in->now);
	jsonw_key(w, "window");
	jsonw_open(w, '{');
	jsonw_field_time(w, "from", in->world->first);
	jsonw_field_time(w, "to", in->world->last);
	jsonw_close(w, '}');
}

void report_print(struct buf *out, const struct report_input *input)
{
	struct jsonw w;
	struct evidence evidence = { 0 };
	bool dovecot_seen = false;
	for (size_t i = 0; i < input->world->logins.count; i++)
		dovecot_seen |= !input->world->logins.at[i].smtp;
	collect_evidence(&evidence, input);
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.scan/1"));
	print_host(&w, input);
	print_inputs(&w, input->host);
	print_blind(&w, input, dovecot_seen);
	print_totals(&w, input->world);
	jsonw_key(&w, "incidents");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < input->verdict->incidents.count; i++)
		print_incident(&w, input, i, &evidence);
	jsonw_close(&w, ']');
	print_cleared(&w, input);
	jsonw_close(&w, '}');
	free(evidence.lines.at);
	arena_done(&evidence.arena);
}
