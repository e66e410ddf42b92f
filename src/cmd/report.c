/* SPDX-License-Identifier: Apache-2.0
 *
 * report: printing of quell.scan/1, and the list of what was not visible.
 */
#include "cmd/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "judge/advice.h"
#include "cmd/entries.h"
#include "cmd/profile.h"

enum { SAMPLES_SHOWN = 10, EVIDENCE_TEXT_MAX = 400 };

/* --- what the judge is given ------------------------------------------------------- */

static struct thresholds read_thresholds(const struct conf *conf)
{
	return (struct thresholds){
		.floor = (uint32_t)conf_int(conf, "judge", "floor"),
		.list_share = conf_ratio(conf, "judge", "dead_addresses"),
		.list_failures_min = (uint32_t)conf_int(conf, "judge", "dead_addresses_min"),
		.verdict_share = conf_ratio(conf, "judge", "called_spam"),
		.verdicts_min = (uint32_t)conf_int(conf, "judge", "called_spam_min"),
		.per_client = (double)conf_int(conf, "judge", "recipients_per_caller"),
		.repeat_calls = (uint32_t)conf_int(conf, "judge", "repeat_calls"),
		.blind_callers = conf_ratio(conf, "judge", "blind_callers"),
		.foreign_share = conf_ratio(conf, "judge", "foreign_senders"),
		.stranger_share = conf_ratio(conf, "judge", "strangers"),
		.runs_min = (uint32_t)conf_int(conf, "judge", "runs"),
		.at_once = (uint32_t)conf_int(conf, "judge", "recipients_at_once"),
		.networks_min = (uint32_t)conf_int(conf, "judge", "networks"),
		.silent_networks = (uint32_t)conf_int(conf, "judge", "silent_networks"),
		.forward_share = conf_ratio(conf, "judge", "forward_refused"),
		.unread_refused = conf_ratio(conf, "judge", "unread_refused"),
		.list_refused = conf_ratio(conf, "judge", "list_refused"),
		.bounces_min = (uint32_t)conf_int(conf, "judge", "bounces"),
		.wave_sources = (uint32_t)conf_int(conf, "judge", "wave_sources"),
		.wave_messages = (uint32_t)conf_int(conf, "judge", "wave_messages"),
	};
}

static struct known *known_named(struct judge_settings *settings, str name)
{
	for (size_t i = 0; i < settings->known.count; i++)
		if (str_eq(settings->known.at[i].name, name))
			return &settings->known.at[i];
	struct known *known = VEC_PUSH(&settings->known);
	*known = (struct known){ .name = name, .until = USEC_NEVER };
	return known;
}

/* until names a day: the entry counts to its end. */
static void set_known(struct known *known, const struct conf_entry *entry)
{
	str key = str_from(entry->row->key);
	if (str_eq(key, STR("account")))
		known->account = entry->value;
	else if (str_eq(key, STR("mailbox")))
		known->mailbox = entry->value;
	else if (str_eq(key, STR("script")))
		known->script = entry->value;
	else if (str_eq(key, STR("ip")))
		ip_net_parse(entry->value, VEC_PUSH(&known->nets));
	else if (clock_parse(entry->value, USEC_NEVER, &known->until) && entry->value.len == STR("2026-11-06").len)
		known->until += 86400 * USEC_PER_SEC;
}

void report_settings(struct judge_settings *out, const struct conf *conf)
{
	*out = (struct judge_settings){ .thresholds = read_thresholds(conf) };
	for (size_t i = 0; i < conf->entries.count; i++)
		if (strcmp(conf->entries.at[i].row->section, "known") == 0)
			set_known(known_named(out, conf->entries.at[i].section_name), &conf->entries.at[i]);
}

void report_settings_done(struct judge_settings *settings)
{
	for (size_t i = 0; i < settings->known.count; i++)
		free(settings->known.at[i].nets.at);
	free(settings->known.at);
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
				      const struct lead_host *lead_host, const struct judge_settings *settings,
				      const struct read_state *state, usec now)
{
	bool dovecot_seen = false;
	for (size_t i = 0; i < world->logins.count; i++)
		dovecot_seen |= !world->logins.at[i].failed && !world->logins.at[i].smtp;
	return (struct judge_input){ .world = world, .leads = leads, .lead_host = lead_host,
				     .thresholds = &settings->thresholds, .known = settings->known.at,
				     .known_count = settings->known.count, .dovecot_seen = dovecot_seen, .by_syslog = state->by_syslog,
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
	struct entries entries;
	struct entry entry = { 0 };
	struct err err;
	uint32_t number = evidence->lines.at[*next].place.input;
	bool more = input->fd >= 0 && input->kind != INPUT_SPOOL && !entries_open(&entries, input, 64ull << 30, &err);
	bool opened = more;
	for (; *next < evidence->lines.count && evidence->lines.at[*next].place.input == number; ++*next) {
		struct evidence_line *wanted = &evidence->lines.at[*next];
		while (more && entry.line < wanted->place.line)
			more = entries_next(&entries, &entry);
		if (more && entry.line == wanted->place.line) {
			wanted->text = arena_copy(&evidence->arena, str_head(entry.text, EVIDENCE_TEXT_MAX));
			wanted->offset = entry.offset;
		}
	}
	if (opened)
		entries_close(&entries);
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
	static const char *const names[] = { "exim_mainlog", "exim_rejectlog", "exim_spool", "exim_msglog", "syslog", "dovecot",
					     "access_log", "php_mail", "crontab" };
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

/* blocking: without it the verdict may be wrong, so that "nothing found" means nothing. */
static void print_blind_row(struct jsonw *w, const char *missing, const char *hides, const char *fix, bool blocking)
{
	jsonw_open(w, '{');
	jsonw_field_str(w, "missing", str_from(missing));
	jsonw_field_str(w, "hides", str_from(hides));
	jsonw_field_str(w, "fix", str_from(fix));
	jsonw_field_bool(w, "blocking", blocking);
	jsonw_close(w, '}');
}

static bool has_site_visitors(const struct world *world)
{
	for (size_t i = 0; i < world->visitors.count; i++)
		if (world->visitors.at[i].account != NONE)
			return true;
	return false;
}

struct blind_row {
	bool hidden, blocking;
	const char *missing, *hides, *fix;
};

/* Messages whose origin can only be told with the web logs. */
static bool has_local_mail(const struct world *world)
{
	for (size_t i = 0; i < world->messages.count; i++)
		if (world->messages.at[i].account != NONE || (world->messages.at[i].loopback && !world->messages.at[i].mailbox))
			return true;
	return false;
}

/* Submitted by a user of this host of whom nothing else is known. */
static bool has_unknown_users(const struct world *world)
{
	for (size_t i = 0; i < world->messages.count; i++)
		if (world->messages.at[i].local && world->messages.at[i].account == NONE && !world->messages.at[i].null_sender)
			return true;
	return false;
}

static bool has_logins(const struct world *world)
{
	for (size_t i = 0; i < world->messages.count; i++)
		if (world->messages.at[i].mailbox)
			return true;
	return false;
}

static void print_blind(struct jsonw *w, const struct report_input *in)
{
	const struct world_counts *counts = &in->world->counts;
	bool arrivals = counts->arrivals > 0, dovecot = false;
	for (size_t i = 0; i < in->world->logins.count; i++)
		dovecot |= !in->world->logins.at[i].smtp;
	const struct world *world = in->world;
	uint64_t refused = world->names.refused + world->subjects.refused;
	char full[160];
	snprintf(full, sizeof(full), "room for all of it: %llu entries of messages and %llu names were left out",
		 (unsigned long long)counts->beyond, (unsigned long long)refused);
	const struct blind_row rows[] = {
		{ counts->beyond || refused, true, full, "who sent the messages beyond it",
		  "look at a part of the time with --since and --until" },
		{ !in->state->mainlog_seen, true, "Exim main log", "everything: who sends, from where, and what became of it",
		  "name it with --log FILE, or run as a user who may read it" },
		{ !in->state->spool_seen, false, "Exim spool", "what is queued now, and the proof that a log line is no forgery",
		  "name it with --spool DIR, or run as a user who may read it" },
		{ !in->host->accounts.count, has_unknown_users(in->world), "the list of accounts",
		  "whose mail it is that programs on this host sent", "name it with --passwd FILE" },
		{ !in->host->domains.count, false, "maps of domains to accounts",
		  "which domains are this host's own, and whose web log it is", "look at the whole host, with --root" },
		{ !has_site_visitors(in->world), has_local_mail(in->world), "web access logs",
		  "which script sent, and who called it", "name them with --access FILE; keep them at least two days" },
		{ !dovecot, has_logins(in->world), "Dovecot's log",
		  "which networks read a mailbox: owners on the road look like thieves",
		  "name it with --dovecot FILE; keep login lines (info level)" },
		{ !counts->cron_lines, false, "cron log", "whether a job of cron sent it or a shell: crontabs are only a hint",
		  "let syslog write cron.* to /var/log/cron.log" },
		{ arrivals && !counts->with_recipients, false, "recipients at arrival",
		  "addresses of messages that were never tried", "log_selector = +received_recipients" },
		{ arrivals && !counts->with_subject, false, "subjects", "what the mail was about", "log_selector = +subject" },
		{ arrivals && !counts->call_lines, false, "directories of calls",
		  "the directory a program called sendmail from", "log_selector = +arguments" },
		{ counts->general_refusals > 0, false, "what remote hosts think of a sender",
		  "who is called spam: at times nearly everybody's mail was refused, so the host itself is listed or cut off",
		  "ask the lists that the replies name for removal once the spam has stopped" },
		{ in->host->timezone_note.len > 0, false, in->host->timezone_note.at, "the hour, if the host is elsewhere",
		  "put the host's zone into /etc/localtime" },
	};
	jsonw_key(w, "blind");
	jsonw_open(w, '[');
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].hidden)
			print_blind_row(w, rows[i].missing, rows[i].hides, rows[i].fix, rows[i].blocking);
	for (size_t i = 0; i < in->state->problems.list.count; i++)
		print_blind_row(w, in->state->problems.list.at[i], "what this input holds", "see the message", false);
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
		jsonw_field_bool(w, "shared", row->shared);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_ids(struct jsonw *w, const char *key, const struct world *world, const uint32_t *messages, size_t count)
{
	char room[EXIM_ID_LONG];
	jsonw_key(w, key);
	jsonw_open(w, '[');
	for (size_t i = 0; i < count; i++)
		jsonw_str(w, world_id(world, messages[i], room));
	jsonw_close(w, ']');
}

static void print_messages(struct jsonw *w, const struct report_input *in, const struct incident *incident)
{
	const struct world *world = in->world;
	uint64_t delivered = 0, deferred = 0, failed = 0;
	uint32_t queued = incident->figures.queued, frozen = incident->figures.frozen;
	for (size_t i = 0; i < incident->derived.count; i++) {
		queued += world->messages.at[incident->derived.at[i]].queued;
		frozen += world->messages.at[incident->derived.at[i]].frozen;
	}
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
	jsonw_field_int(w, "queued", queued);
	jsonw_field_int(w, "frozen", frozen);
	jsonw_field_int(w, "derived", (int64_t)incident->derived.count);
	print_ids(w, "ids", world, incident->messages.at, incident->messages.count);
	print_ids(w, "derived_ids", world, incident->derived.at, incident->derived.count);
	jsonw_close(w, '}');
}

static void print_counted(struct jsonw *w, const char *key, const char *field, const struct names *names,
			  const struct counted_name *list, size_t count)
{
	jsonw_key(w, key);
	jsonw_open(w, '[');
	for (size_t i = 0; i < count && i < SAMPLES_SHOWN; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, field, names_str(names, list[i].name));
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

/* The default policy lists nothing, so nothing is allowed without a person; plans say what a policy allows. */
static void print_actions(struct jsonw *w, const struct report_input *in, const struct incident *incident)
{
	struct advice list[ADVICE_MAX];
	struct arena arena = ARENA_INIT;
	size_t count = incident->blame || incident->inbound ?
			       advice_for(list, incident, in->world, name_of_account(in->host, incident->lead->account), &arena) :
			       0;
	jsonw_key(w, "actions");
	jsonw_open(w, '[');
	for (size_t i = 0; i < count; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, "kind", str_from(list[i].kind));
		jsonw_field_str(w, "target", list[i].target);
		jsonw_field_str(w, "why", str_from(list[i].why));
		jsonw_field_bool(w, "reversible", list[i].reversible);
		jsonw_field_bool(w, "unattended", incident->unattended);
		jsonw_field_bool(w, "allowed", false);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	arena_done(&arena);
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
	jsonw_field_str(w, "called_script", world_str(world, incident->called_script));
	jsonw_field_str(w, "entry_script", world_str(world, incident->entry_script));
	if (incident->inbound)
		jsonw_field_str(w, "target", name_of_account(in->host, incident->lead->account));
	print_ips(w, incident);
	print_messages(w, in, incident);
	jsonw_field_time(w, "first", incident->figures.first);
	jsonw_field_time(w, "last", incident->figures.last);
	jsonw_field_int(w, "peak_per_hour", incident->figures.peak_per_hour);
	print_counted(w, "subjects", "text", &world->subjects, incident->subjects.at, incident->subjects.count);
	print_counted(w, "senders", "address", &world->names, incident->senders.at, incident->senders.count);
	profile_print(w, world, incident);
	jsonw_key(w, "confidence");
	jsonw_fixed2(w, incident->confidence);
	jsonw_field_str(w, "grade", (str){ &incident->grade, 1 });
	jsonw_field_bool(w, "confirmed", incident->confirmed);
	print_reasons(w, in, incident, evidence);
	print_actions(w, in, incident);
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

static void print_forgers(struct jsonw *w, const struct report_input *in)
{
	jsonw_key(w, "forgers");
	jsonw_open(w, '[');
	for (size_t i = 0; i < in->world->forgers.count; i++) {
		const struct forger *forger = &in->world->forgers.at[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "account", name_of_account(in->host, forger->account));
		jsonw_field_int(w, "lines", forger->lines);
		jsonw_field_str(w, "path", in->host->inputs.at[forger->place.input].path);
		jsonw_field_int(w, "line", forger->place.line);
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
	collect_evidence(&evidence, input);
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.scan/1"));
	print_host(&w, input);
	print_inputs(&w, input->host);
	print_blind(&w, input);
	print_totals(&w, input->world);
	jsonw_key(&w, "incidents");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < input->verdict->incidents.count; i++)
		print_incident(&w, input, i, &evidence);
	jsonw_close(&w, ']');
	print_cleared(&w, input);
	print_forgers(&w, input);
	jsonw_close(&w, '}');
	free(evidence.lines.at);
	arena_done(&evidence.arena);
}
