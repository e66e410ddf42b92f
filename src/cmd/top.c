/* SPDX-License-Identifier: Apache-2.0
 *
 * top: who sends most, by any key of the main log. Recipients count once for
 * each (message, address), whatever the number of attempts; calls of Exim that
 * deliver, list or look are no mails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/blind.h"
#include "cmd/reader.h"
#include "cmd/window.h"
#include "model/address.h"
#include "show/view.h"

enum { ROWS_DEFAULT = 20, BARS = 48 };
#define HOUR (3600 * USEC_PER_SEC)

static const struct opt options[] = {
	{ "by", 0, "KEY", false, "login, account, script, dir, sender, ip, subject, domain, host or hour (default: login)" },
	{ "number", 'n', "N", false, "so many rows (default: 20)" },
	WINDOW_OPTIONS,
	OPT_END,
};

struct tally {
	uint32_t key;
	uint32_t messages, recipients, outside, delivered, deferred, failed, waiting;
	usec first, last;
	usec hour;              /* the one being counted */
	uint32_t in_hour, peak; /* recipients */
	usec peak_at;
	uint32_t bars[BARS];
	const struct message *counted; /* the last one; for --by domain */
};

/* Where a recipient was last handed to; only for --by host. */
struct handed {
	uint32_t message, host;
	enum delivery_result result;
	usec at;
};

struct topping {
	const struct host *host;
	struct world world;
	VEC(struct tally) list;
	struct index by_key;
	VEC(struct handed) handed;
	struct index handed_by_address; /* (message, address) */
	usec from, bar;                 /* of the first bar; length of each */
};

struct top_query {
	struct read_limits limits;
	const struct top_key *key;
	uint64_t rows;
};

struct top_key {
	const char *name;
	/* The key of a message as an interned name; 0 = it has none. Keys of recipients have NULL here. */
	uint32_t (*of)(struct topping *top, const struct message *message);
	const char *needs; /* what the log must hold */
	bool (*seen)(const struct world *world);
};

/* --- keys ---------------------------------------------------------------------------- */

static uint32_t intern(struct topping *top, str text)
{
	return text.len ? names_add(&top->world.names, text) : 0;
}

static uint32_t key_login(struct topping *top, const struct message *message)
{
	if (message->mailbox)
		return message->mailbox;
	return message->local && !message->null_sender ? intern(top, world_str(&top->world, message->login)) : 0;
}

static uint32_t key_account(struct topping *top, const struct message *message)
{
	str mailbox = world_str(&top->world, message->mailbox);
	uint32_t account = message->account;
	if (account == NONE && mailbox.len) {
		const struct domain *domain = host_domain(top->host, address_domain(mailbox));
		account = domain ? domain->account : host_account(top->host, mailbox);
	}
	return account == NONE ? 0 : intern(top, top->host->accounts.at[account].name);
}

/* The header of a queued message gives the file's bare name: then the path of what ran, when it is that file's. */
static uint32_t key_script(struct topping *top, const struct message *message)
{
	const struct program *program = message->program == NONE ? NULL : &top->world.programs.at[message->program];
	str claim = world_str(&top->world, message->script_claim);
	str path = program ? world_str(&top->world, program->path) : STR("");
	if (claim.len && !(str_find(claim, '/') == STR_NONE && str_ends(path, claim)))
		return message->script_claim;
	return !program ? 0 : program->path ? program->path : program->url;
}

static uint32_t key_dir(struct topping *top, const struct message *message)
{
	return message->call == NONE ? 0 : top->world.calls.at[message->call].cwd;
}

static uint32_t key_sender(struct topping *top, const struct message *message)
{
	return message->null_sender ? intern(top, STR("<>")) : message->sender;
}

static uint32_t key_ip(struct topping *top, const struct message *message)
{
	if (!message->has_ip)
		return 0;
	struct buf text = BUF_INIT;
	ip_print(&text, world_ip_of(&top->world, message->ip));
	uint32_t key = intern(top, buf_str(&text));
	buf_done(&text);
	return key;
}

static uint32_t key_subject(struct topping *top, const struct message *message)
{
	return intern(top, world_subject(&top->world, message));
}

static uint32_t key_hour(struct topping *top, const struct message *message)
{
	struct buf text = BUF_INIT;
	clock_print(&text, message->at / HOUR * HOUR);
	uint32_t key = intern(top, buf_str(&text));
	buf_done(&text);
	return key;
}

static bool sees_calls(const struct world *world)
{
	return world->counts.call_lines > 0;
}

static bool sees_subjects(const struct world *world)
{
	return world->counts.with_subject > 0;
}

static bool sees_programs(const struct world *world)
{
	return world->counts.call_lines || world->requests.count || world->php_mails.count;
}

static const struct top_key keys[] = {
	{ "login", key_login },
	{ "account", key_account },
	{ "script", key_script, "directories of calls, web logs and PHP's mail.log", sees_programs },
	{ "dir", key_dir, "directories of calls (log_selector = +arguments)", sees_calls },
	{ "sender", key_sender },
	{ "ip", key_ip },
	{ "subject", key_subject, "subjects (log_selector = +subject)", sees_subjects },
	{ "domain", NULL },
	{ "host", NULL },
	{ "hour", key_hour },
};
enum { KEY_HOST = 8 };

/* --- tallies --------------------------------------------------------------------------- */

static struct tally *tally_of(struct topping *top, uint32_t key)
{
	bool is_new;
	uint32_t *slot = index_add(&top->by_key, key, &is_new);
	if (is_new) {
		*slot = (uint32_t)top->list.count;
		*VEC_PUSH(&top->list) = (struct tally){ .key = key, .first = INT64_MAX, .last = INT64_MIN };
	}
	return &top->list.at[*slot];
}

/* One recipient of a message that arrived at that time; messages come in the order of time. */
static void count(const struct topping *top, struct tally *tally, usec at, enum recipient_state state, bool outside)
{
	usec hour = at / HOUR;
	if (hour != tally->hour || !tally->recipients) {
		tally->hour = hour;
		tally->in_hour = 0;
	}
	tally->recipients++;
	tally->outside += outside;
	tally->delivered += state == RECIPIENT_DONE;
	tally->deferred += state == RECIPIENT_DEFERRED;
	tally->failed += state == RECIPIENT_FAILED;
	tally->waiting += state == RECIPIENT_PENDING;
	if (++tally->in_hour > tally->peak) {
		tally->peak = tally->in_hour;
		tally->peak_at = hour * HOUR;
	}
	size_t bar = at > top->from ? (size_t)((at - top->from) / top->bar) : 0;
	tally->bars[bar < BARS ? bar : BARS - 1]++;
}

static void count_message(struct tally *tally, usec at)
{
	tally->messages++;
	tally->first = at < tally->first ? at : tally->first;
	tally->last = at > tally->last ? at : tally->last;
}

static bool is_outside(const struct topping *top, const struct recipient *recipient)
{
	str address = world_str(&top->world, recipient->address);
	str domain = address_domain(address);
	return domain.len && address.at[0] != '|' && address.at[0] != '/' && !host_is_local_domain(top->host, domain);
}

static void add_by_message(struct topping *top, const struct message *message, const struct top_key *key)
{
	uint32_t name = key->of(top, message);
	if (!name)
		return;
	struct tally *tally = tally_of(top, name);
	count_message(tally, message->at);
	for (EACH_RECIPIENT(r, &top->world, message))
		if (!r->expanded)
			count(top, tally, message->at, r->state, is_outside(top, r));
}

/* The domain that was written to, where a command or file takes the mail. */
static str recipient_domain(const struct topping *top, const struct recipient *recipient)
{
	str domain = address_domain(world_str(&top->world, recipient->address));
	bool is_command = !domain.len || strchr("|/", world_str(&top->world, recipient->address).at[0]);
	return is_command ? address_domain(world_str(&top->world, recipient->original)) : domain;
}

/* A message counts once for each domain it goes to. */
static void add_by_domain(struct topping *top, const struct message *message)
{
	for (EACH_RECIPIENT(r, &top->world, message)) {
		str domain = recipient_domain(top, r);
		if (r->expanded || !domain.len)
			continue;
		struct tally *tally = tally_of(top, intern(top, domain));
		if (tally->counted != message) {
			tally->counted = message;
			count_message(tally, message->at);
		}
		count(top, tally, message->at, r->state, is_outside(top, r));
	}
}

static bool is_mail(const struct message *message)
{
	return (message->arrived || message->queued) && !message->forged;
}

static int by_time(const void *a, const void *b, void *context)
{
	const struct message *messages = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	if (messages[x].at != messages[y].at)
		return messages[x].at < messages[y].at ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void add_all(struct topping *top, const struct top_key *key)
{
	VEC(uint32_t) order = { 0 };
	for (size_t i = 0; i < top->world.messages.count; i++)
		if (is_mail(&top->world.messages.at[i]))
			*VEC_PUSH(&order) = (uint32_t)i;
	if (order.count)
		qsort_r(order.at, order.count, sizeof(*order.at), by_time, top->world.messages.at);
	for (size_t i = 0; i < order.count; i++) {
		const struct message *message = &top->world.messages.at[order.at[i]];
		if (key->of)
			add_by_message(top, message, key);
		else
			add_by_domain(top, message);
	}
	free(order.at);
}

/* --- hosts --------------------------------------------------------------------------------- */

/* Sees each entry of the main log after it was joined. */
static void take_delivery(void *context, const struct event *event)
{
	struct topping *top = context;
	bool is_new;
	if (event->kind != EVENT_DELIVERY || !event->delivery.host_name.len)
		return;
	uint32_t message = world_find(&top->world, event->delivery.id);
	if (message == NONE)
		return;
	uint32_t address = world_address(&top->world, event->delivery.address);
	uint32_t *slot = index_add(&top->handed_by_address, index_pair(message, address), &is_new);
	if (is_new) {
		*slot = (uint32_t)top->handed.count;
		VEC_PUSH(&top->handed);
	}
	top->handed.at[*slot] = (struct handed){ message, names_add(&top->world.names, event->delivery.host_name),
						 event->delivery.result, event->at };
}

static int by_arrival(const void *a, const void *b, void *context)
{
	const struct handed *x = a, *y = b;
	return by_time(&x->message, &y->message, context);
}

static void add_hosts(struct topping *top)
{
	static const enum recipient_state states[] = { RECIPIENT_DONE, RECIPIENT_FAILED, RECIPIENT_DEFERRED };
	struct index seen = { 0 };
	if (top->handed.count)
		qsort_r(top->handed.at, top->handed.count, sizeof(*top->handed.at), by_arrival, top->world.messages.at);
	for (size_t i = 0; i < top->handed.count; i++) {
		const struct handed *handed = &top->handed.at[i];
		bool is_new;
		struct tally *tally = tally_of(top, handed->host);
		index_add(&seen, index_pair(handed->message, handed->host), &is_new);
		if (is_new)
			count_message(tally, top->world.messages.at[handed->message].at);
		count(top, tally, top->world.messages.at[handed->message].at, states[handed->result], true);
	}
	index_done(&seen);
}

/* --- report ------------------------------------------------------------------------------------ */

static int by_recipients(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	if (x->recipients != y->recipients)
		return x->recipients > y->recipients ? -1 : 1;
	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static void print_row(struct jsonw *w, const struct topping *top, const struct tally *tally)
{
	jsonw_open(w, '{');
	jsonw_field_str(w, "key", world_str(&top->world, tally->key));
	jsonw_field_int(w, "messages", tally->messages);
	jsonw_field_int(w, "recipients", tally->recipients);
	jsonw_field_int(w, "outside", tally->outside);
	jsonw_field_int(w, "delivered", tally->delivered);
	jsonw_field_int(w, "deferred", tally->deferred);
	jsonw_field_int(w, "failed", tally->failed);
	jsonw_field_int(w, "waiting", tally->waiting);
	jsonw_key(w, "failure_share");
	jsonw_fixed2(w, tally->recipients ? (double)tally->failed / tally->recipients : 0);
	jsonw_field_time(w, "first", tally->first);
	jsonw_field_time(w, "last", tally->last);
	jsonw_field_time(w, "peak_hour", tally->peak ? tally->peak_at : USEC_NEVER);
	jsonw_field_int(w, "peak", tally->peak);
	jsonw_key(w, "bars");
	jsonw_open(w, '[');
	for (size_t i = 0; i < BARS && top->from + (usec)i * top->bar <= top->world.last; i++)
		jsonw_int(w, tally->bars[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void print_report(struct topping *top, const struct top_query *query, const struct read_state *state, struct buf *out)
{
	struct jsonw w;
	bool hidden = query->key->seen && !query->key->seen(&top->world);
	const struct blind_row blind[] = { { hidden ? query->key->needs : NULL, "this ranking", "quell doctor", true }, { 0 } };
	if (top->list.count)
		qsort(top->list.at, top->list.count, sizeof(*top->list.at), by_recipients);
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.top/1"));
	jsonw_field_str(&w, "by", str_from(query->key->name));
	jsonw_key(&w, "window");
	jsonw_open(&w, '{');
	jsonw_field_time(&w, "from", top->world.first);
	jsonw_field_time(&w, "to", top->world.last);
	jsonw_field_int(&w, "bar_hours", top->bar / HOUR);
	jsonw_close(&w, '}');
	jsonw_field_int(&w, "total", (int64_t)top->list.count);
	jsonw_key(&w, "rows");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < top->list.count && i < query->rows; i++)
		print_row(&w, top, &top->list.at[i]);
	jsonw_close(&w, ']');
	blind_print(&w, state, blind);
	jsonw_close(&w, '}');
}

/* Bars of whole hours over what was seen. */
static void set_bars(struct topping *top)
{
	const struct world *world = &top->world;
	if (world->first == USEC_NEVER) {
		top->bar = HOUR;
		return;
	}
	top->from = world->first / HOUR * HOUR;
	usec hours = (world->last - top->from) / HOUR + 1;
	top->bar = (hours + BARS - 1) / BARS * HOUR;
}

static void read_and_rank(struct host *host, const void *context, struct buf *out)
{
	const struct top_query *query = context;
	struct topping top = { .host = host };
	struct read_state state;
	struct read_limits limits = query->limits;
	bool hosts = query->key == &keys[KEY_HOST];
	world_init(&top.world);
	limits.tap = hosts ? take_delivery : NULL;
	limits.tap_context = &top;
	read_and_trace(host, &top.world, &limits, &state);
	set_bars(&top);
	if (hosts)
		add_hosts(&top);
	else
		add_all(&top, query->key);
	print_report(&top, query, &state, out);
	free(top.list.at);
	free(top.handed.at);
	index_done(&top.by_key);
	index_done(&top.handed_by_address);
	world_done(&top.world);
	read_state_done(&state);
}

/* --- command ---------------------------------------------------------------------------------------- */

static const struct column columns[] = {
	{ "recipients", "people", COLUMN_NUMBER },
	{ "messages", "mails", COLUMN_NUMBER },
	{ "outside", "outside", COLUMN_NUMBER },
	{ "failure_share", "failed", COLUMN_SHARE },
	{ "first", "first", COLUMN_TIME },
	{ "last", "last", COLUMN_TIME },
	{ "peak_hour", "peak hour", COLUMN_TIME },
	{ "peak", "in it", COLUMN_NUMBER },
	{ "key", "who", COLUMN_TEXT },
	{ "bars", "hours", COLUMN_HOURS },
	{ "delivered", NULL, COLUMN_NUMBER },
	{ "deferred", NULL, COLUMN_NUMBER },
	{ "failed", NULL, COLUMN_NUMBER },
	{ "waiting", NULL, COLUMN_NUMBER },
	{ 0 },
};

static int read_options(struct top_query *query, const struct app *app, const struct opts *opts, struct err *err)
{
	const char *by = opts_get(opts, "by"), *rows = opts_get(opts, "number");
	query->rows = ROWS_DEFAULT;
	query->key = by ? NULL : &keys[0];
	for (size_t i = 0; by && i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(by, keys[i].name) == 0)
			query->key = &keys[i];
	if (!query->key)
		return err_set(err, ERR_USAGE,
			       "--by: \"%s\" is none of login, account, script, dir, sender, ip, subject, domain, host, hour", by);
	if (rows && (!str_u64(str_from(rows), UINT32_MAX, &query->rows) || !query->rows))
		return err_set(err, ERR_USAGE, "--number: \"%s\" is no number from 1", rows);
	return window_from_opts(&query->limits, app, opts, err);
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	static const struct view view = { "Who sends most", "rows", columns };
	struct top_query query;
	struct buf report = BUF_INIT;
	int rc = read_options(&query, app, opts, err);
	if (!rc)
		rc = reader_of_inputs(app, opts, read_and_rank, &query, &report, err);
	if (!rc)
		rc = view_show(&view, buf_str(&report), app->output, app->color, STDOUT_FILENO, err);
	buf_done(&report);
	return rc;
}

const struct cmd cmd_top = {
	.name = "top", .operands = "", .summary = "rank senders by login, account, script and more",
	.options = options, .takes_inputs = true, .run = run,
};
