/* SPDX-License-Identifier: Apache-2.0
 *
 * queue_read: two walks when only ids matter (counting, the newest few),
 * else one that opens every -H and looks at every -D.
 */
#include "cmd/queue_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/newest.h"
#include "model/address.h"
#include "model/exim_id.h"
#include "source/exim_spool.h"

enum { BODY_MAX = 64 << 20, BODY_SHOWN = 256 << 10, LOG_MAX = 4 << 20, PROBLEMS_MAX = 20 };

/* Who handed a message in, by what Exim itself wrote into -H. */
struct origin {
	str login;   /* of the mailbox for SMTP with a password, else of the submitting user; "" for strangers */
	str account; /* hosting account, "" when unknown */
	str script;  /* that PHP named in a local submission by the uid of that submission */
	bool smtp;
};

struct group {
	uint32_t name;
	uint32_t messages, recipients, frozen;
	uint64_t bytes;
	usec oldest, newest;
};

struct row {
	size_t from, to; /* in rows */
};

struct queue_reading {
	const struct host *host;
	const struct queue_query *query;
	usec now;
	str queue_name;      /* of the folder being read; "" for the default queue */
	uint64_t total, matched, frozen;
	uint64_t skip;       /* ids of this walk that are not among the newest */
	struct buf rows;     /* JSON objects */
	VEC(struct row) list;
	struct names names;
	VEC(struct group) groups; /* by name */
	struct buf blind;    /* JSON objects */
	unsigned problems;
	bool is_blind;
};

/* --- facts ---------------------------------------------------------------------- */

static str account_name(const struct host *host, uint32_t account)
{
	return account == NO_ACCOUNT || !host->accounts.at[account].customer ? STR("") : host->accounts.at[account].name;
}

static str account_of_mailbox(const struct host *host, str mailbox)
{
	const struct domain *domain = host_domain(host, address_domain(mailbox));
	str own = account_name(host, host_account(host, mailbox));
	return own.len || !domain ? own : account_name(host, domain->account);
}

/* "1012:form.php" of X-PHP-Originating-Script counts with the submitter's own uid; then the path that X-PHP-Script adds
 * does as well ("shop.example/form.php for 192.0.2.1"). */
static str script_of(const struct spool_message *message)
{
	uint64_t uid;
	str name = spool_header_get(message, STR("X-PHP-Originating-Script"));
	str path = spool_header_get(message, STR("X-PHP-Script"));
	if (!message->local || !str_cut_u64(&name, UINT32_MAX, &uid) || uid != message->uid || !str_skip(&name, STR(":")))
		return STR("");
	size_t end = str_search(path, STR(" for "));
	return path.len ? str_head(path, end) : str_trim(name);
}

static struct origin origin_of(const struct host *host, const struct spool_message *message)
{
	struct origin origin = { .script = script_of(message) };
	if (message->host_auth.len) {
		origin.smtp = true;
		origin.login = message->auth_id;
		origin.account = account_of_mailbox(host, message->auth_id);
	} else if (message->local && !message->local_error) {
		origin.login = message->login;
		origin.account = account_name(host, host_account(host, message->login));
	}
	return origin;
}

/* --- selection ---------------------------------------------------------------------- */

static bool sender_fits(const struct queue_query *query, str sender)
{
	char wrapped[1100];
	str wanted = str_from(query->sender);
	if (query->sender && (str_eq(wanted, STR("<>")) || !wanted.len))
		return !sender.len;
	if (query->sender)
		return str_eq_nocase(sender, wanted);
	if (!query->sender_like)
		return true;
	int len = snprintf(wrapped, sizeof(wrapped), "<%.*s>", STR_ARG(sender)); /* as exiqgrep has it */
	return pattern_in(query->sender_like, str_head((str){ wrapped, (size_t)len }, sizeof(wrapped) - 1));
}

static bool recipient_fits(const struct queue_query *query, const struct spool_message *message)
{
	if (!query->recipient && !query->recipient_like)
		return true;
	for (size_t i = 0; i < message->recipients.count; i++) {
		const struct spool_recipient *recipient = &message->recipients.at[i];
		if (recipient->done && !query->all_recipients)
			continue;
		if (query->recipient ? str_eq_nocase(recipient->address, str_from(query->recipient)) :
				       pattern_in(query->recipient_like, recipient->address))
			return true;
	}
	return false;
}

static bool size_fits(const struct queue_query *query, uint64_t size)
{
	struct buf text = BUF_INIT;
	if (query->size_like)
		size_print(&text, size);
	bool fits = size >= query->size_min && size <= query->size_max &&
		    (!query->size_like || pattern_in(query->size_like, str_trim(buf_str(&text))));
	buf_done(&text);
	return fits;
}

static usec age_of(const struct queue_reading *reading, const struct spool_message *message)
{
	return reading->now - message->received / USEC_PER_SEC * USEC_PER_SEC;
}

static bool is_selected(const struct queue_reading *reading, const struct spool_message *message,
			const struct origin *origin)
{
	const struct queue_query *query = reading->query;
	usec age = age_of(reading, message);
	bool frozen = message->frozen != USEC_NEVER;
	return !(query->frozen_only && !frozen) && !(query->thawed_only && frozen) &&
	       (query->older == USEC_NEVER || age > query->older) &&
	       (query->younger == USEC_NEVER || age < query->younger) &&
	       (!query->login || str_eq_nocase(origin->login, str_from(query->login))) &&
	       (!query->account || str_eq(origin->account, str_from(query->account))) &&
	       sender_fits(query, message->sender) && size_fits(query, spool_message_size(message)) &&
	       recipient_fits(query, message);
}

/* Without a selection every message is meant, damaged ones too, and the newest are known by their ids. */
static bool selects(const struct queue_query *query)
{
	return query->sender || query->recipient || query->login || query->account || query->sender_like ||
	       query->recipient_like || query->size_like || query->older != USEC_NEVER || query->younger != USEC_NEVER ||
	       query->size_min || query->size_max != UINT64_MAX || query->frozen_only || query->thawed_only;
}

/* --- rows ------------------------------------------------------------------------------ */

static void print_recipients(struct jsonw *w, const struct spool_message *message)
{
	jsonw_key(w, "recipients");
	jsonw_open(w, '[');
	for (size_t i = 0; i < message->recipients.count; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, "address", message->recipients.at[i].address);
		jsonw_field_bool(w, "delivered", message->recipients.at[i].done);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static bool is_recipient(const struct spool_message *message, str address)
{
	for (size_t i = 0; i < message->recipients.count; i++)
		if (str_eq(message->recipients.at[i].address, address))
			return true;
	return false;
}

/* handled is sorted, but -J may repeat what the tree holds. */
static void print_generated(struct jsonw *w, const struct spool_message *message)
{
	jsonw_key(w, "generated");
	jsonw_open(w, '[');
	for (size_t i = 0; i < message->handled.count; i++)
		if (!(i && str_eq(message->handled.at[i], message->handled.at[i - 1])) &&
		    !is_recipient(message, message->handled.at[i]))
			jsonw_str(w, message->handled.at[i]);
	jsonw_close(w, ']');
}

static void print_envelope(struct jsonw *w, const struct queue_reading *reading, const struct spool_message *message)
{
	struct origin origin = origin_of(reading->host, message);
	jsonw_field_int(w, "age", age_of(reading, message) / USEC_PER_SEC);
	jsonw_field_time(w, "received", message->received);
	jsonw_field_int(w, "size", (int64_t)spool_message_size(message));
	jsonw_key(w, "sender");
	jsonw_str(w, message->sender);
	jsonw_field_bool(w, "sender_set_untrusted", message->sender_set_untrusted);
	jsonw_field_str(w, "submitter", message->login);
	jsonw_field_int(w, "uid", message->uid);
	jsonw_field_str(w, "account", origin.account);
	jsonw_field_str(w, "login", origin.login);
	jsonw_field_bool(w, "smtp_auth", origin.smtp);
	jsonw_field_str(w, "script", origin.script);
	jsonw_key(w, "ip");
	message->has_ip ? jsonw_ip(w, message->ip) : jsonw_null(w);
	jsonw_field_str(w, "helo", message->helo);
	jsonw_field_str(w, "protocol", message->protocol);
	jsonw_field_bool(w, "frozen", message->frozen != USEC_NEVER);
	jsonw_field_time(w, "frozen_since", message->frozen);
	jsonw_field_str(w, "subject", spool_header_get(message, STR("Subject")));
	print_recipients(w, message);
	print_generated(w, message);
}

/* Opens a row; end_row() counts it. */
static struct jsonw begin_row(struct queue_reading *reading, str id)
{
	struct jsonw w;
	*VEC_PUSH(&reading->list) = (struct row){ .from = reading->rows.len };
	jsonw_init(&w, &reading->rows, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "id", id);
	jsonw_field_str(&w, "queue", reading->queue_name);
	return w;
}

static void end_row(struct queue_reading *reading, struct jsonw *w)
{
	jsonw_close(w, '}');
	reading->list.at[reading->list.count - 1].to = reading->rows.len;
	reading->matched++;
}

/* --- groups ------------------------------------------------------------------------------- */

static str age_class(usec age)
{
	static const struct {
		usec below;
		str name;
	} classes[] = {
		{ 600, STR("below 10m") }, { 3600, STR("10m to 1h") }, { 4 * 3600, STR("1h to 4h") },
		{ 12 * 3600, STR("4h to 12h") }, { 24 * 3600, STR("12h to 24h") }, { 48 * 3600, STR("24h to 48h") },
		{ 96 * 3600, STR("48h to 4d") },
	};
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (age < classes[i].below * USEC_PER_SEC)
			return classes[i].name;
	return STR("4d and more");
}

static size_t waiting(const struct spool_message *message)
{
	size_t count = 0;
	for (size_t i = 0; i < message->recipients.count; i++)
		count += !message->recipients.at[i].done;
	return count;
}

static str state_of(const struct spool_message *message)
{
	if (message->frozen != USEC_NEVER)
		return STR("frozen");
	return waiting(message) < message->recipients.count ? STR("partly delivered") : STR("waiting");
}

static void add_to_group(struct queue_reading *reading, str key, const struct spool_message *message, size_t recipients)
{
	uint32_t name = names_add(&reading->names, key);
	while (reading->groups.count <= name)
		*VEC_PUSH(&reading->groups) = (struct group){ .oldest = INT64_MAX, .newest = INT64_MIN };
	struct group *group = &reading->groups.at[name];
	group->name = name;
	group->messages++;
	group->recipients += (uint32_t)recipients;
	group->frozen += message->frozen != USEC_NEVER;
	group->bytes += spool_message_size(message);
	group->oldest = message->received < group->oldest ? message->received : group->oldest;
	group->newest = message->received > group->newest ? message->received : group->newest;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* Domains of waiting recipients; a message counts once for each. */
static void add_to_domains(struct queue_reading *reading, const struct spool_message *message)
{
	VEC(str) domains = { 0 };
	for (size_t i = 0; i < message->recipients.count; i++)
		if (!message->recipients.at[i].done)
			*VEC_PUSH(&domains) = address_domain(message->recipients.at[i].address);
	if (domains.count)
		qsort(domains.at, domains.count, sizeof(str), by_text);
	for (size_t i = 0, from = 0; i < domains.count; i++)
		if (i + 1 == domains.count || !str_eq_nocase(domains.at[i], domains.at[i + 1])) {
			add_to_group(reading, domains.at[i], message, i + 1 - from);
			from = i + 1;
		}
	free(domains.at);
}

static void add_to_groups(struct queue_reading *reading, const struct spool_message *message, const struct origin *origin)
{
	struct buf key = BUF_INIT;
	switch (reading->query->by) {
	case QUEUE_BY_NONE: break;
	case QUEUE_BY_SENDER: buf_add(&key, message->sender.len ? message->sender : STR("<>")); break;
	case QUEUE_BY_LOGIN: buf_add(&key, origin->login); break;
	case QUEUE_BY_ACCOUNT: buf_add(&key, origin->account); break;
	case QUEUE_BY_SCRIPT: buf_add(&key, origin->script); break;
	case QUEUE_BY_HOST:
		if (message->has_ip)
			ip_print(&key, message->ip);
		break;
	case QUEUE_BY_AGE: buf_add(&key, age_class(age_of(reading, message))); break;
	case QUEUE_BY_STATE: buf_add(&key, state_of(message)); break;
	case QUEUE_BY_DOMAIN: add_to_domains(reading, message); break;
	}
	if (reading->query->by != QUEUE_BY_DOMAIN)
		add_to_group(reading, buf_str(&key), message, waiting(message));
	buf_done(&key);
}

/* Most messages first; ages stay in their own order by the oldest. */
static int by_weight(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	if (x->oldest != y->oldest)
		return x->oldest < y->oldest ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static void print_groups(struct jsonw *w, struct queue_reading *reading)
{
	jsonw_key(w, "groups");
	jsonw_open(w, '[');
	if (reading->groups.count)
		qsort(reading->groups.at, reading->groups.count, sizeof(*reading->groups.at), by_weight);
	for (size_t i = 0; i < reading->groups.count && reading->groups.at[i].messages; i++) {
		const struct group *group = &reading->groups.at[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "key", names_str(&reading->names, group->name));
		jsonw_field_int(w, "messages", group->messages);
		jsonw_field_int(w, "recipients", group->recipients);
		jsonw_field_int(w, "frozen", group->frozen);
		jsonw_field_int(w, "bytes", (int64_t)group->bytes);
		jsonw_field_int(w, "oldest", (reading->now - group->oldest) / USEC_PER_SEC);
		jsonw_field_int(w, "newest", (reading->now - group->newest) / USEC_PER_SEC);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* --- the walk ---------------------------------------------------------------------------------- */

static void take_message(void *context, const struct spool_message *message)
{
	struct queue_reading *reading = context;
	struct origin origin = origin_of(reading->host, message);
	reading->frozen += message->frozen != USEC_NEVER;
	if (!is_selected(reading, message, &origin))
		return;
	if (reading->query->by) {
		reading->matched++;
		add_to_groups(reading, message, &origin);
		return;
	}
	struct jsonw w = begin_row(reading, message->id);
	if (reading->query->verb == QUEUE_LIST)
		print_envelope(&w, reading, message);
	end_row(reading, &w);
}

static void tell_blind(struct queue_reading *reading, str missing, const char *why, const char *hides)
{
	struct jsonw w;
	reading->is_blind = true;
	if (reading->problems++ >= PROBLEMS_MAX)
		return;
	if (reading->problems > 1)
		buf_char(&reading->blind, ',');
	struct buf text = BUF_INIT;
	buf_printf(&text, "%.*s: %s", STR_ARG(missing), why);
	jsonw_init(&w, &reading->blind, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "missing", buf_str(&text));
	jsonw_field_str(&w, "hides", str_from(hides));
	jsonw_field_str(&w, "fix", STR("look at the file itself; Exim leaves damaged files where they are"));
	jsonw_field_bool(&w, "blocking", true);
	jsonw_close(&w, '}');
	buf_done(&text);
}

static void take_damaged(void *context, str id, uint64_t bytes, const struct spool_message *envelope, const struct err *why)
{
	struct queue_reading *reading = context;
	tell_blind(reading, id, why->text, "this message");
	if (selects(reading->query) || reading->query->by)
		return;
	struct jsonw w = begin_row(reading, id);
	jsonw_field_str(&w, "damage", str_from(why->text));
	jsonw_field_int(&w, "file_bytes", (int64_t)bytes);
	if (envelope)
		print_envelope(&w, reading, envelope);
	end_row(reading, &w);
}

static void take_unreadable(void *context, str id, const struct err *why)
{
	take_damaged(context, id, 0, NULL, why);
}

static bool count_id(void *context, str id)
{
	(void)id;
	struct queue_reading *reading = context;
	reading->total++;
	return false;
}

static bool is_among_newest(void *context, str id)
{
	(void)id;
	struct queue_reading *reading = context;
	if (!reading->skip)
		return true;
	reading->skip--;
	return false;
}

/* "/var/spool/exim/QUEUE/input" of a named queue; the default queue lies in /var/spool/exim/input. */
static str queue_of_path(str path)
{
	static const str spools[] = { STR("/var/spool/exim4/"), STR("/var/spool/exim/") };
	for (size_t i = 0; i < 2; i++)
		if (str_skip(&path, spools[i]))
			return str_ends(path, STR("/input")) ? str_head(path, path.len - 6) : STR("");
	return STR("");
}

static void read_folder(struct queue_reading *reading, const struct input *input)
{
	const struct queue_query *query = reading->query;
	struct exim_spool_counts counts = { 0 };
	struct err err = { 0 };
	uint64_t before = reading->total;
	bool few = query->newest && !selects(query);
	struct exim_spool_visitor visitor = { take_message, take_unreadable, reading, count_id, take_damaged, true };
	reading->queue_name = queue_of_path(input->path);
	int rc = input->fd < 0 ? err_set(&err, ERR_SYSTEM, "%.*s", STR_ARG(input->problem)) :
				 exim_spool_each(input->fd, &visitor, &counts, &err);
	if (!rc && (query->verb != QUEUE_COUNT || selects(query))) {
		uint64_t here = reading->total - before;
		reading->skip = few && here > query->newest ? here - query->newest : 0;
		visitor.wanted = few ? is_among_newest : NULL;
		rc = exim_spool_each(input->fd, &visitor, &counts, &err);
	}
	if (rc)
		tell_blind(reading, input->path, err.text, "the queue");
	if (counts.unlisted)
		tell_blind(reading, input->path, "some folders could not be listed", "a part of the queue");
}

static void read_queue(struct queue_reading *reading)
{
	bool seen = false;
	for (size_t i = 0; i < reading->host->inputs.count; i++) {
		const struct input *input = &reading->host->inputs.at[i];
		if (input->kind != INPUT_SPOOL)
			continue;
		seen = true;
		read_folder(reading, input);
	}
	if (!seen)
		tell_blind(reading, STR("spool"), "none was found", "the queue");
}

static void print_rows(struct jsonw *w, const struct queue_reading *reading)
{
	size_t count = reading->list.count;
	size_t first = reading->query->newest && count > reading->query->newest ? count - reading->query->newest : 0;
	jsonw_key(w, "messages");
	jsonw_open(w, '[');
	for (size_t i = first; i < count; i++) {
		const struct row *row = &reading->list.at[reading->query->reverse ? count - 1 - (i - first) : i];
		if (i > first)
			buf_char(w->buf, ',');
		buf_add(w->buf, (str){ reading->rows.at + row->from, row->to - row->from });
	}
	jsonw_close(w, ']');
}

/* --- one message ----------------------------------------------------------------------------------- */

static void print_headers(struct jsonw *w, const struct spool_message *message)
{
	jsonw_key(w, "headers");
	jsonw_open(w, '[');
	for (size_t i = 0; i < message->headers.count; i++) {
		const struct spool_header *header = &message->headers.at[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "type", header->type == ' ' ? STR("") : (str){ &header->type, 1 });
		jsonw_field_str(w, "text", header->text);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_body(struct jsonw *w, const struct input *input, str id)
{
	struct buf body = BUF_INIT;
	struct err err;
	int rc = exim_spool_read(input->fd, id, 'D', BODY_MAX, &body, &err);
	str text = str_from_at(buf_str(&body), id.len + 3);
	if (rc)
		jsonw_field_str(w, "body_problem", str_from(err.text));
	jsonw_field_int(w, "body_bytes", (int64_t)text.len);
	jsonw_key(w, "body");
	jsonw_str(w, str_head(text, BODY_SHOWN));
	buf_done(&body);
}

static void print_log(struct jsonw *w, const struct host *host, str id)
{
	struct buf log = BUF_INIT;
	for (size_t i = 0; i < host->inputs.count; i++)
		if (host->inputs.at[i].kind == INPUT_MSGLOG && host->inputs.at[i].fd >= 0)
			exim_spool_read(host->inputs.at[i].fd, id, 0, LOG_MAX, &log, NULL);
	jsonw_key(w, "log");
	jsonw_open(w, '[');
	for (str rest = buf_str(&log); rest.len;)
		jsonw_str(w, str_cut(&rest, '\n'));
	jsonw_close(w, ']');
	buf_done(&log);
}

static void print_message(struct jsonw *w, struct queue_reading *reading, const struct input *input, str id, str file)
{
	struct spool_message message;
	struct err err;
	struct buf journal = BUF_INIT, body = BUF_INIT;
	reading->queue_name = queue_of_path(input->path);
	struct jsonw row = begin_row(reading, id);
	if (exim_spool_parse(file, &message, &err)) {
		tell_blind(reading, id, err.text, "this message");
		jsonw_field_str(&row, "damage", str_from(err.text));
		jsonw_field_int(&row, "file_bytes", (int64_t)file.len);
		jsonw_field_str(&row, "file", file);
	} else {
		if (!exim_spool_read(input->fd, id, 'J', BODY_MAX, &journal, NULL))
			exim_spool_journal(buf_str(&journal), &message);
		message.has_body = !exim_spool_read(input->fd, id, 'D', BODY_MAX, &body, NULL) && body.len >= id.len + 3;
		message.body_bytes = message.has_body ? body.len - id.len - 3 : 0;
		print_envelope(&row, reading, &message);
		print_headers(&row, &message);
		spool_message_done(&message);
	}
	print_body(&row, input, id);
	print_log(&row, reading->host, id);
	end_row(reading, &row);
	buf_done(&journal);
	buf_done(&body);
	print_rows(w, reading);
}

static void show_message(struct jsonw *w, struct queue_reading *reading)
{
	str id = str_from(reading->query->id);
	struct buf file = BUF_INIT;
	for (size_t i = 0; i < reading->host->inputs.count; i++) {
		const struct input *input = &reading->host->inputs.at[i];
		if (input->kind != INPUT_SPOOL || input->fd < 0 ||
		    exim_spool_read(input->fd, id, 'H', EXIM_SPOOL_FILE_MAX, &file, NULL))
			continue;
		print_message(w, reading, input, id, buf_str(&file));
		break;
	}
	buf_done(&file);
}

/* --- all ---------------------------------------------------------------------------------------------- */

static void print_report(struct queue_reading *reading, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.queue/1"));
	jsonw_field_time(&w, "now", reading->now);
	if (reading->query->verb == QUEUE_SHOW) {
		show_message(&w, reading);
	} else {
		read_queue(reading);
		bool counted = reading->query->verb == QUEUE_COUNT && !selects(reading->query);
		jsonw_field_int(&w, "total", (int64_t)reading->total);
		jsonw_field_int(&w, "matched", (int64_t)(counted ? reading->total : reading->matched));
		if (reading->query->by)
			print_groups(&w, reading);
		else if (reading->query->verb == QUEUE_LIST)
			print_rows(&w, reading);
	}
	jsonw_key(&w, "blind");
	jsonw_open(&w, '[');
	buf_add(out, buf_str(&reading->blind));
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

void queue_read(struct host *host, const void *context, struct buf *out)
{
	struct queue_reading reading = { .host = host, .query = context };
	reading.now = reading.query->now == USEC_NEVER ? newest_event(host) : reading.query->now;
	names_init(&reading.names);
	print_report(&reading, out);
	names_done(&reading.names);
	buf_done(&reading.rows);
	buf_done(&reading.blind);
	free(reading.list.at);
	free(reading.groups.at);
}
