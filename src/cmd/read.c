/* SPDX-License-Identifier: Apache-2.0
 *
 * read: main logs first (in the order of their first stamps), then the queue,
 * then everything that is joined by time.
 */
#include "cmd/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/inflate.h"
#include "base/lines.h"
#include "base/own.h"
#include "model/exim_id.h"
#include "source/access_log.h"
#include "source/cron_log.h"
#include "source/crontab.h"
#include "source/dovecot.h"
#include "source/exim_mainlog.h"
#include "source/exim_spool.h"
#include "source/journald.h"
#include "source/php_mail.h"
#include "source/syslog.h"
#include "trace/hint.h"
#include "trace/how.h"
#include "trace/whence.h"

/* A message younger than this may be between queue and log while both are read. */
#define UNDER_WAY (10 * 60 * USEC_PER_SEC)
/* How far the years of stamps without one may reach beyond the first id that is seen. */
#define YEAR_REACH (180LL * 86400 * USEC_PER_SEC)

enum { PROBE_LINES = 64, ID_PROBE_LINES = 5000, PIECES_MAX = 64 * 1024, JOURNAL_BLOCK = 256 * 1024, BATCH = 32 };

enum form { FORM_UNKNOWN, FORM_MAINLOG, FORM_SYSLOG, FORM_JOURNAL, FORM_DOVECOT };

struct reading {
	struct host *host;
	struct join join;
	struct read_state *state;
	const struct read_limits *limits;
	struct stamp_base base;
	struct exim_mainlog mainlog; /* of the file being read */
	struct buf pieces;           /* [1/3] [2/3] ... of one entry in syslog */
	struct place pieces_place;   /* of the first */
	bool exim_of_syslog;         /* this pass over the syslog files takes Exim's lines, the next the others */
	bool copies;                 /* the reject log's entries stand in a main log that was read */
};

/* --- what the tables ask ------------------------------------------------------ */

static uint32_t account_of_login(const void *context, str login)
{
	const struct host *host = context;
	uint32_t number = host_account(host, login);
	return number != NO_ACCOUNT && host->accounts.at[number].customer ? number : NONE;
}

static uint32_t account_of_path(const void *context, str path)
{
	return host_account_of_path(context, path);
}

static str usual_path(const void *context, str path, struct buf *room)
{
	return host_usual_path(context, path, room);
}

static str home_of(const void *context, uint32_t account)
{
	const struct host *host = context;
	return host->accounts.at[account].home;
}

static bool site_of(const void *context, str vhost, uint32_t *out_account, str *out_docroot)
{
	const struct domain *domain = host_domain(context, vhost);
	if (!domain || domain->account == NO_ACCOUNT)
		return false;
	*out_account = domain->account;
	*out_docroot = domain->docroot;
	return true;
}

struct join_host read_join_host(const struct host *host)
{
	return (struct join_host){ host, account_of_login, account_of_path, home_of, usual_path, site_of };
}

static bool is_local_domain(const void *context, str domain)
{
	return host_is_local_domain(context, domain);
}

static uint32_t account_of_domain(const void *context, str domain)
{
	const struct domain *found = host_domain(context, domain);
	return found ? found->account : NONE;
}

struct lead_host read_lead_host(const struct host *host)
{
	return (struct lead_host){ host, is_local_domain, account_of_domain, account_of_login };
}

/* --- problems -------------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3))) problem(struct read_state *state, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*VEC_PUSH(&state->problems.list) = strdup(text);
}

void read_state_done(struct read_state *state)
{
	dir_names_done(&state->problems);
}

static bool is_readable(struct reading *reading, struct input *input)
{
	if (input->fd >= 0)
		return true;
	problem(reading->state, "%.*s: %.*s", STR_ARG(input->path), STR_ARG(input->problem));
	return false;
}

/* A host with more inputs than a place can name shows no lines of the last ones. */
static uint16_t input_number(const struct reading *reading, const struct input *input)
{
	size_t number = (size_t)(input - reading->host->inputs.at);
	return number < PLACE_NOWHERE ? (uint16_t)number : PLACE_NOWHERE;
}

/* --- entries --------------------------------------------------------------------- */

static void show_login(struct reading *reading, const struct event *event, struct place place)
{
	if (reading->limits->login_tap && join_in_window(&reading->join, event->at))
		reading->limits->login_tap(reading->limits->tap_context, event, place);
}

static void take_mainlog(struct reading *reading, struct input *input, enum mainlog_result result,
			 const struct event *event, struct place place)
{
	input->unparsed += result == MAINLOG_UNPARSED;
	if (result != MAINLOG_EVENT)
		return;
	reading->state->mainlog_seen = true;
	join_mainlog(&reading->join, event, place);
	if (reading->limits->tap)
		reading->limits->tap(reading->limits->tap_context, event);
	if (event->kind == EVENT_AUTH_FAILED)
		show_login(reading, event, place);
}

static void take_login(struct reading *reading, const struct event *event, struct place place)
{
	join_login(&reading->join, event);
	show_login(reading, event, place);
}

static void take_exim_text(struct reading *reading, struct input *input, const struct syslog_line *line, str text,
			   struct place place)
{
	struct event event;
	enum mainlog_result result =
		exim_mainlog_probe(text) ?
			exim_mainlog_line(&reading->mainlog, text, &reading->base, &event) :
			exim_mainlog_text(&reading->mainlog, text, line->at, line->pid, &event);
	reading->state->by_syslog = true;
	take_mainlog(reading, input, result, &event, place);
}

/* Exim's text behind a syslog frame: pieces are put together first. */
static void take_exim(struct reading *reading, struct input *input, const struct syslog_line *line, struct place place)
{
	unsigned number, total;
	str text = line->message;
	str stamp = str_head(text, 20);
	bool stamped = exim_mainlog_probe(text);
	str behind = stamped ? str_from_at(text, stamp.len) : text;
	if (!syslog_cut_piece(&behind, &number, &total)) {
		take_exim_text(reading, input, line, text, place);
		return;
	}
	if (number == 1) {
		reading->pieces.len = 0;
		reading->pieces_place = place;
		if (stamped)
			buf_add(&reading->pieces, stamp);
	}
	if (reading->pieces.len < PIECES_MAX)
		buf_add(&reading->pieces, behind);
	if (number == total)
		take_exim_text(reading, input, line, buf_str(&reading->pieces), reading->pieces_place);
}

static void take_syslog(struct reading *reading, struct input *input, const struct syslog_line *line, struct place place)
{
	struct event event;
	enum read_result result;
	bool exim = str_starts(line->tag, STR("exim"));
	if (exim && reading->exim_of_syslog && !input->only_cron)
		take_exim(reading, input, line, place);
	if (exim || reading->exim_of_syslog)
		return;
	if (str_starts(line->tag, STR("dovecot")) && !input->only_cron) {
		result = dovecot_parse_message(line->message, line->at, &event);
		if (result == READ_EVENT)
			take_login(reading, &event, place);
		return;
	}
	if (str_starts(line->tag, STR("php")) && php_mail_parse_message(line->message, line->at, &event) == READ_EVENT) {
		join_php_mail(&reading->join, &event, NONE, place);
		return;
	}
	if (cron_log_parse(line, &event) == READ_EVENT && event.kind == EVENT_JOB)
		join_job(&reading->join, &event, place);
}

/* --- files by lines ------------------------------------------------------------------ */

typedef void line_taker(struct reading *reading, struct input *input, const struct line *line, struct place place);

static bool begin_lines(struct reading *reading, const struct input *input, struct lines *lines)
{
	struct err err;
	int rc = lines_open(lines, input->fd, reading->limits->file_bytes, &err);
	if (rc)
		problem(reading->state, "%.*s: %s", STR_ARG(input->path), err.text);
	return !rc;
}

/* The next line; false at the end, also at one that damage makes. */
static bool next_line(struct reading *reading, const struct input *input, struct lines *lines, struct line *out)
{
	struct err err = { 0 };
	int rc = lines_next(lines, out, &err);
	if (rc < 0)
		problem(reading->state, "%.*s: line %llu: %s; what stands before it was read", STR_ARG(input->path),
			(unsigned long long)lines->number, err.text);
	return rc == 1;
}

static void each_line(struct reading *reading, struct input *input, line_taker *take)
{
	struct lines lines;
	struct line line;
	uint16_t number = input_number(reading, input);
	if (!begin_lines(reading, input, &lines))
		return;
	while (next_line(reading, input, &lines, &line)) {
		input->lines++;
		take(reading, input, &line, (struct place){ number, (uint32_t)line.number });
	}
	lines_close(&lines);
}

static enum form line_form(str line, const struct stamp_base *base)
{
	struct syslog_line frame;
	struct event event;
	if (exim_mainlog_probe(line))
		return FORM_MAINLOG;
	if (journald_probe(line))
		return FORM_JOURNAL;
	if (dovecot_parse(line, base, &event) == READ_EVENT)
		return FORM_DOVECOT;
	return syslog_parse(line, base, &frame) ? FORM_SYSLOG : FORM_UNKNOWN;
}

/* The time in the first Exim id of a file whose stamps have no year; USEC_NEVER when there is none. */
static usec first_id_time(struct reading *reading, struct input *input)
{
	struct err err;
	struct lines lines;
	struct line line;
	usec found = USEC_NEVER;
	if (input->fd < 0 || lines_open(&lines, input->fd, reading->limits->file_bytes, &err))
		return found;
	for (int i = 0; i < ID_PROBE_LINES && found == USEC_NEVER && lines_next(&lines, &line, &err) == 1; i++) {
		struct syslog_line frame;
		if (!syslog_parse(line.text, &reading->base, &frame) || !str_starts(frame.tag, STR("exim")))
			continue;
		str id = str_cut(&frame.message, ' ');
		if (exim_id_shape(id))
			found = exim_id_time(id);
	}
	lines_close(&lines);
	return found;
}

/* Exim through syslog with stamps that have no year: the ids know it. */
static usec guess_latest(struct reading *reading)
{
	usec latest = USEC_NEVER;
	for (size_t i = 0; i < reading->host->inputs.count; i++) {
		struct input *input = &reading->host->inputs.at[i];
		if (input->kind != INPUT_EXIM_MAIN && input->kind != INPUT_SYSLOG)
			continue;
		usec first = first_id_time(reading, input);
		if (first != USEC_NEVER && first + YEAR_REACH > latest)
			latest = first + YEAR_REACH;
	}
	return latest;
}

/* The form of a file by its first lines, and its first stamp. */
static enum form file_form(struct reading *reading, struct input *input, usec *out_first)
{
	struct err err;
	struct lines lines;
	struct line line;
	enum form form = FORM_UNKNOWN;
	*out_first = USEC_NEVER;
	if (lines_open(&lines, input->fd, reading->limits->file_bytes, &err))
		return form;
	for (int i = 0; i < PROBE_LINES && *out_first == USEC_NEVER && lines_next(&lines, &line, &err) == 1; i++) {
		struct event event;
		struct syslog_line frame;
		if (form == FORM_UNKNOWN)
			form = line_form(line.text, &reading->base);
		if (form == FORM_MAINLOG &&
		    exim_mainlog_line(&reading->mainlog, line.text, &reading->base, &event) == MAINLOG_EVENT)
			*out_first = event.at;
		if (form == FORM_SYSLOG && syslog_parse(line.text, &reading->base, &frame))
			*out_first = frame.at;
	}
	reading->mainlog.torn_lines = 0;
	lines_close(&lines);
	return form;
}

/* An entry that was read and is to be joined. */
struct entry {
	struct event event;
	enum mainlog_result result;
	struct place place;
	struct join_expected expected;
};

static void read_entry(struct reading *reading, const struct line *line, struct entry *out)
{
	out->result = exim_mainlog_line(&reading->mainlog, line->text, &reading->base, &out->event);
	out->place.line = (uint32_t)line->number;
	if (out->result == MAINLOG_UNPARSED && line->torn)
		out->result = MAINLOG_PART; /* the last line is still being written */
	if (out->result == MAINLOG_EVENT)
		join_expect(&reading->join, &out->event, &out->expected);
	else
		out->expected = (struct join_expected){ 0 };
}

static void take_entries(struct reading *reading, struct input *input, const struct entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		join_expect_text(&reading->join, &entries[i].expected);
	for (size_t i = 0; i < count; i++)
		take_mainlog(reading, input, entries[i].result, &entries[i].event, entries[i].place);
}

/* A glued entry is a view into memory that the next one uses again. */
static bool is_glued(const struct entry *entry)
{
	return entry->result == MAINLOG_EVENT && entry->event.kind == EVENT_CALL && entry->event.call.is_torn;
}

/* As many lines at a time as the block holds: memory answers to several at once. */
static void each_mainlog_line(struct reading *reading, struct input *input)
{
	struct entry entries[BATCH];
	struct lines lines;
	struct line line;
	uint16_t number = input_number(reading, input);
	if (!begin_lines(reading, input, &lines))
		return;
	while (next_line(reading, input, &lines, &line)) {
		size_t count = 0;
		do {
			struct entry *entry = &entries[count++];
			entry->place.input = number;
			input->lines++;
			read_entry(reading, &line, entry);
		} while (count < BATCH && !is_glued(&entries[count - 1]) && lines_next_held(&lines, &line));
		take_entries(reading, input, entries, count);
	}
	lines_close(&lines);
}

/* The reject log repeats what the main log says and adds the headers of refused messages, each indented. */
static void take_reject_line(struct reading *reading, struct input *input, const struct line *line, struct place place)
{
	struct event event;
	enum mainlog_result result = exim_mainlog_line(&reading->mainlog, line->text, &reading->base, &event);
	input->unparsed += result == MAINLOG_UNPARSED && !line->torn;
	if (result == MAINLOG_EVENT && !reading->copies)
		join_mainlog(&reading->join, &event, place);
}

static void take_syslog_line(struct reading *reading, struct input *input, const struct line *line, struct place place)
{
	struct syslog_line frame;
	if (syslog_parse(line->text, &reading->base, &frame))
		take_syslog(reading, input, &frame, place);
	else
		input->unparsed += !line->torn;
}

static void take_dovecot_line(struct reading *reading, struct input *input, const struct line *line, struct place place)
{
	struct event event;
	if (dovecot_parse(line->text, &reading->base, &event) == READ_EVENT)
		take_login(reading, &event, place);
	else
		input->unparsed += !line->torn;
}

static void read_journal(struct reading *reading, struct input *input)
{
	struct err err = { 0 };
	char block[64 * 1024];
	struct journald journald = JOURNALD_INIT;
	struct inflate *inflate = inflate_open(input->fd, reading->limits->file_bytes, &err);
	uint16_t number = input_number(reading, input);
	int64_t len = 0;
	while (inflate && (len = inflate_read(inflate, block, sizeof(block), &err)) > 0) {
		struct syslog_line frame;
		for (str chunk = { block, (size_t)len }; journald_next(&journald, &chunk, &frame);) {
			struct place place = { number, (uint32_t)journald.record_newlines + 1 };
			input->lines++;
			take_syslog(reading, input, &frame, place);
		}
	}
	if (!inflate || len < 0)
		problem(reading->state, "%.*s: %s", STR_ARG(input->path), err.text);
	input->unparsed += journald.damaged;
	journald_done(&journald);
	inflate_close(inflate);
}

static void read_by_form(struct reading *reading, struct input *input, enum form form)
{
	switch (form) {
	case FORM_MAINLOG: each_mainlog_line(reading, input); break;
	case FORM_SYSLOG: each_line(reading, input, take_syslog_line); break;
	case FORM_JOURNAL: read_journal(reading, input); break;
	case FORM_DOVECOT: each_line(reading, input, take_dovecot_line); break;
	case FORM_UNKNOWN:
		if (input->bytes)
			problem(reading->state, "%.*s: none of its first lines is of a known log format",
				STR_ARG(input->path));
		input->unparsed += input->bytes > 0;
		break;
	}
}

/* --- order of the main logs ------------------------------------------------------------ */

struct ordered {
	struct input *input;
	enum form form;
	usec first;
};

static int by_first_stamp(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return str_cmp(x->input->path, y->input->path);
}

/* Reads all inputs of a kind in the order of their first stamps: messages may span rotated files. */
static void read_kind(struct reading *reading, enum input_kind kind)
{
	VEC(struct ordered) list = { 0 };
	for (size_t i = 0; i < reading->host->inputs.count; i++) {
		struct input *input = &reading->host->inputs.at[i];
		if (input->kind != kind || !is_readable(reading, input))
			continue;
		struct ordered *row = VEC_PUSH(&list);
		row->input = input;
		row->form = file_form(reading, input, &row->first);
	}
	if (list.count)
		qsort(list.at, list.count, sizeof(*list.at), by_first_stamp);
	for (size_t i = 0; i < list.count; i++) {
		read_by_form(reading, list.at[i].input, list.at[i].form);
		if (!list.at[i].input->bytes && kind == INPUT_EXIM_MAIN && list.count == 1)
			problem(reading->state, "%.*s: empty", STR_ARG(list.at[i].input->path));
	}
	free(list.at);
}

/* --- queue ------------------------------------------------------------------------------- */

struct spool_reading {
	struct reading *reading;
	struct input *input;
};

static void take_queued(void *context, const struct spool_message *message)
{
	struct spool_reading *spool = context;
	spool->input->lines++;
	join_spool(&spool->reading->join, message, (struct place){ input_number(spool->reading, spool->input), 0 });
}

static void take_damaged(void *context, str id, const struct err *why)
{
	struct spool_reading *spool = context;
	spool->input->unparsed++;
	if (spool->reading->state->damaged_messages++ < 5)
		problem(spool->reading->state, "%.*s/%.*s-H: %s", STR_ARG(spool->input->path), STR_ARG(id), why->text);
}

static void read_spool(struct reading *reading)
{
	struct read_state *state = reading->state;
	state->spool_complete = true;
	for (size_t i = 0; i < reading->host->inputs.count; i++) {
		struct input *input = &reading->host->inputs.at[i];
		struct exim_spool_counts counts = { 0 };
		struct spool_reading spool = { reading, input };
		struct exim_spool_visitor visitor = { take_queued, take_damaged, &spool };
		struct err err;
		if (input->kind != INPUT_SPOOL)
			continue;
		state->spool_seen = true;
		if (!is_readable(reading, input)) {
			state->spool_complete = false;
		} else if (exim_spool_each(input->fd, &visitor, &counts, &err)) {
			problem(state, "%.*s: %s", STR_ARG(input->path), err.text);
			state->spool_complete = false;
		}
		if (counts.damaged || counts.unreadable || counts.unlisted)
			state->spool_complete = false;
	}
}

/* --- logs joined by time ------------------------------------------------------------------ */

static void take_request_line(struct reading *reading, struct input *input, const struct line *line, struct place place)
{
	struct event event;
	if (access_log_parse(line->text, &event) != READ_EVENT)
		input->unparsed += !line->torn;
	else if (event.kind == EVENT_REQUEST)
		join_request(&reading->join, &event, input->domain, input->account, place);
}

static void take_php_mail_line(struct reading *reading, struct input *input, const struct line *line, struct place place)
{
	struct event event;
	if (php_mail_parse(line->text, &reading->base, &event) != READ_EVENT)
		input->unparsed += !line->torn;
	else if (event.kind == EVENT_PHP_MAIL)
		join_php_mail(&reading->join, &event, input->account, place);
}

static void take_crontab_line(struct reading *reading, struct input *input, const struct line *line, struct place place)
{
	struct crontab_entry entry;
	if (crontab_parse(line->text, &entry) != READ_EVENT)
		input->unparsed++;
	else if (entry.command.len)
		join_schedule(&reading->join, &entry.schedule, entry.command, input->account, place);
}

static void read_lines_of(struct reading *reading, enum input_kind kind, line_taker *take)
{
	for (size_t i = 0; i < reading->host->inputs.count; i++) {
		struct input *input = &reading->host->inputs.at[i];
		if (input->kind == kind && is_readable(reading, input))
			each_line(reading, input, take);
	}
}

/* Where Exim has no log file of its own. Lines are counted when the files are read for everything else. */
static void read_exim_of_syslog(struct reading *reading)
{
	reading->exim_of_syslog = true;
	read_kind(reading, INPUT_SYSLOG);
	reading->exim_of_syslog = false;
	for (size_t i = 0; i < reading->host->inputs.count; i++)
		if (reading->host->inputs.at[i].kind == INPUT_SYSLOG)
			reading->host->inputs.at[i].lines = reading->host->inputs.at[i].unparsed = 0;
}

/* --- all ------------------------------------------------------------------------------------ */

void read_inputs(struct host *host, struct world *world, const struct join_host *join_host,
		 const struct read_limits *limits, struct read_state *out)
{
	*out = (struct read_state){ 0 };
	struct reading reading = { .host = host, .state = out, .limits = limits,
				   .base = { &host->zone, limits->now } };
	join_init(&reading.join, world, join_host);
	reading.join.since = limits->since;
	reading.join.until = limits->until;
	if (limits->now == USEC_NEVER)
		reading.base.latest = guess_latest(&reading);
	read_kind(&reading, INPUT_EXIM_MAIN);
	if (limits->now == USEC_NEVER && world->last != USEC_NEVER)
		reading.base.latest = world->last;
	if (!out->mainlog_seen)
		read_exim_of_syslog(&reading);
	read_spool(&reading);
	join_settle(&reading.join, out->spool_seen && out->spool_complete && !out->by_syslog, UNDER_WAY);
	out->latest = world->last;
	if (limits->now == USEC_NEVER)
		reading.base.latest = world->last;
	read_kind(&reading, INPUT_SYSLOG);
	read_kind(&reading, INPUT_DOVECOT);
	reading.copies = out->mainlog_seen;
	read_lines_of(&reading, INPUT_EXIM_REJECT, take_reject_line);
	read_lines_of(&reading, INPUT_ACCESS, take_request_line);
	read_lines_of(&reading, INPUT_PHP_MAIL, take_php_mail_line);
	if (!world->counts.cron_lines)
		read_lines_of(&reading, INPUT_CRONTAB, take_crontab_line);
	world_seal_web(world);
	exim_mainlog_done(&reading.mainlog);
	buf_done(&reading.pieces);
	join_done(&reading.join);
}

void read_and_trace(struct host *host, struct world *world, const struct read_limits *limits, struct read_state *out)
{
	struct join_host join_host = read_join_host(host);
	read_inputs(host, world, &join_host, limits, out);
	hint_jobs(world, &host->zone);
	how_trace(world, &join_host);
	whence_trace(world);
}
