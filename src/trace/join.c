/* SPDX-License-Identifier: Apache-2.0
 *
 * join: events to rows. First come, first kept: a second arrival line of an
 * id, or a U= that the -H file contradicts, is a forgery and counted as one.
 */
#include "trace/join.h"

#include "model/address.h"
#include "model/exim_text.h"
#include "trace/outcome.h"

/* A cwd= line is written when sendmail starts, the arrival when it has read the message. */
#define CALL_AGE_MAX (60 * USEC_PER_SEC)

void join_init(struct join *join, struct world *world, const struct join_host *host)
{
	*join = (struct join){ .world = world, .host = host, .since = USEC_NEVER, .until = USEC_NEVER };
}

void join_done(struct join *join)
{
	index_done(&join->domain_failure);
}

static void widen_window(struct world *world, usec at)
{
	if (at == USEC_NEVER)
		return;
	if (world->first == USEC_NEVER || at < world->first)
		world->first = at;
	if (world->last == USEC_NEVER || at > world->last)
		world->last = at;
}

/* --- calls ------------------------------------------------------------------ */

/* The name of a directory or file in somebody's home. */
static uint32_t name_path(struct join *join, str path)
{
	struct buf room = BUF_INIT;
	uint32_t name = names_add(&join->world->names, join->host->usual_path(join->host->context, path, &room));
	buf_done(&room);
	return name;
}

static void count_forger(struct join *join, str cwd, struct place place)
{
	struct world *world = join->world;
	uint32_t account = join->host->account_of_path(join->host->context, cwd);
	world->counts.forged_lines++;
	for (size_t i = 0; i < world->forgers.count; i++)
		if (world->forgers.at[i].account == account) {
			world->forgers.at[i].lines++;
			return;
		}
	*VEC_PUSH(&world->forgers) = (struct forger){ account, 1, place };
}

static void add_call(struct join *join, const struct event *event, struct place place)
{
	struct world *world = join->world;
	const struct call *call = &event->call;
	world->counts.call_lines++;
	if (call->is_torn)
		count_forger(join, call->cwd, place);
	if (!call->is_submission)
		return;
	struct call_row *row = VEC_PUSH(&world->calls);
	*row = (struct call_row){ .at = event->at, .cwd = name_path(join, call->cwd),
				  .sender = world_address(world, call->sender), .torn = call->is_torn, .place = place };
}

/* The oldest unused call that fits: the directory lies in the account's home, or -f names the sender. For the web server's
 * user any account's home will do, and tells the account. */
static uint32_t take_call(struct join *join, struct message *message)
{
	struct world *world = join->world;
	while (world->call_from < world->calls.count && world->calls.at[world->call_from].at + CALL_AGE_MAX < message->at)
		world->call_from++;
	for (uint32_t i = world->call_from; i < world->calls.count; i++) {
		struct call_row *call = &world->calls.at[i];
		if (call->used || call->at > message->at + USEC_PER_SEC)
			continue;
		uint32_t owner = join->host->account_of_path(join->host->context, world_str(world, call->cwd));
		bool sender_fits = !call->sender || call->sender == message->sender;
		bool owner_fits = message->server_user ? owner != NONE :
							 owner == message->account || (owner == NONE && call->sender);
		if (sender_fits && owner_fits) {
			call->used = true;
			message->account = owner == NONE ? message->account : owner;
			return i;
		}
	}
	return NONE;
}

/* --- arrivals ---------------------------------------------------------------- */

static void add_listed_recipients(struct world *world, uint32_t number, str list)
{
	while (list.len) {
		str address = address_cut(&list);
		if (address.len)
			world_recipient(world, number, world_address(world, address));
	}
}

/* Users that web servers run PHP as when every site shares one. */
static bool is_server_user(str login)
{
	static const char *const users[] = { "nobody", "apache", "www-data", "httpd", "http", "nginx", "lsadm" };
	for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++)
		if (str_eq(login, str_from(users[i])))
			return true;
	return false;
}

static void set_origin(struct join *join, struct message *message, const struct arrival *arrival)
{
	struct world *world = join->world;
	message->local = arrival->local;
	message->login = names_add(&world->names, arrival->login);
	message->account = arrival->local ? join->host->account_of_login(join->host->context, arrival->login) : NONE;
	message->server_user = arrival->local && is_server_user(arrival->login);
	if (!arrival->ambiguous)
		message->mailbox = str_eq(arrival->auth_id, arrival->sender) ? message->sender :
									       world_address(world, arrival->auth_id);
	message->has_ip = arrival->has_ip && !arrival->ambiguous;
	message->ip = message->has_ip ? world_ip(world, arrival->ip) : 0;
	message->loopback = message->has_ip && ip_is_loopback(arrival->ip);
	message->ambiguous = arrival->ambiguous;
}

static void note_own_ip(struct join *join, struct ip ip)
{
	bool is_new;
	if (memcmp(&join->own_ip, &ip, sizeof(ip)) == 0)
		return;
	join->own_ip = ip;
	index_add(&join->world->own_ips, world_ip(join->world, ip), &is_new);
}

static uint32_t name_subject(struct world *world, str escaped)
{
	if (str_find(escaped, '\\') == STR_NONE)
		return names_add(&world->subjects, escaped);
	struct buf text = BUF_INIT;
	exim_unescape(&text, escaped);
	uint32_t name = names_add(&world->subjects, buf_str(&text));
	buf_done(&text);
	return name;
}

static void add_arrival(struct join *join, const struct event *event, struct place place)
{
	struct world *world = join->world;
	const struct arrival *arrival = &event->arrival;
	uint32_t number = world_message(world, event->message, event->at);
	if (number == NONE)
		return;
	struct message *message = &world->messages.at[number];
	if (message->arrived) {
		world->counts.forged_lines++;
		return;
	}
	struct exim_id parent_id;
	uint32_t parent = exim_id_pack(arrival->parent_id, &parent_id) ? world_message(world, parent_id, event->at) : NONE;
	message = &world->messages.at[number];
	message->arrived = true;
	message->at = event->at;
	message->place = place;
	message->sender = world_address(world, arrival->sender);
	message->null_sender = !arrival->sender.len;
	message->parent = parent;
	message->subject = name_subject(world, arrival->subject);
	set_origin(join, message, arrival);
	if (arrival->has_own_ip && !arrival->ambiguous && !arrival->local)
		note_own_ip(join, arrival->own_ip);
	world->counts.arrivals++;
	world->counts.with_recipients += arrival->recipients.len > 0;
	world->counts.with_subject += arrival->subject.len > 0;
	world->counts.ambiguous += arrival->ambiguous;
	if (message->account != NONE || message->server_user)
		message->call = take_call(join, message);
	add_listed_recipients(world, number, arrival->recipients);
}

/* --- deliveries -------------------------------------------------------------- */

static bool is_command(str address)
{
	return address.len && (address.at[0] == '|' || address.at[0] == '/' || address.at[0] == '>');
}

/* Retry notes repeat what was said of the host before. */
static enum failure_class failure_of(struct join *join, const struct delivery *delivery, const struct recipient *row,
				     bool remote)
{
	str domain = address_domain(delivery->address);
	uint32_t name = world_address(join->world, domain);
	bool deferred = delivery->result == DELIVERY_DEFERRED;
	bool is_new;
	if (deferred && outcome_is_retry_note(delivery->defer_code)) {
		const uint32_t *known = index_get(&join->domain_failure, name);
		if (row->failure != FAILURE_NONE)
			return row->failure;
		return known ? (enum failure_class)*known : FAILURE_TEMPORARY;
	}
	enum failure_class found = outcome_class(delivery->text, delivery->defer_code, deferred, remote);
	if (deferred)
		*index_add(&join->domain_failure, name, &is_new) = found;
	return found;
}

/* The row a delivery line speaks of. "kara <kara@dom>" is the mailbox kara@dom; "ext@x <list@dom>" the target ext@x, and
 * list@dom is an alias. */
static struct recipient *delivery_row(struct world *world, uint32_t number, const struct delivery *delivery)
{
	uint32_t address = world_address(world, delivery->address);
	uint32_t original = world_address(world, delivery->original);
	bool bare = !address_domain(delivery->address).len && !is_command(delivery->address);
	if (!original || original == address)
		return world_recipient(world, number, address);
	if (bare)
		return world_recipient(world, number, original);
	if (world_has_recipient(world, number, original))
		world_recipient(world, number, original)->expanded = true;
	struct recipient *row = world_recipient(world, number, address);
	row->original = original;
	return row;
}

static unsigned hours_since(usec from, usec at)
{
	usec hours = at > from ? (at - from) / (3600 * USEC_PER_SEC) : 0;
	return hours < HOURS_MAX ? (unsigned)hours : HOURS_MAX;
}

static void add_delivery(struct join *join, const struct event *event, struct place place)
{
	static const enum recipient_state states[] = { RECIPIENT_DONE, RECIPIENT_FAILED, RECIPIENT_DEFERRED };
	struct world *world = join->world;
	const struct delivery *delivery = &event->delivery;
	uint32_t number = world_message(world, event->message, event->at);
	if (number == NONE)
		return;
	struct recipient *row = delivery_row(world, number, delivery);
	bool remote = delivery->has_ip;
	enum failure_class failure = FAILURE_NONE;
	if (delivery->result != DELIVERY_DONE) {
		/* failure_of interns names but makes no recipient rows, so row stays valid */
		failure = failure_of(join, delivery, row, remote);
	}
	row->state = states[delivery->result];
	row->failure = failure;
	row->hours = hours_since(world->messages.at[number].at, event->at);
	row->remote |= remote || (delivery->result != DELIVERY_DONE && !is_command(delivery->address));
	row->place = place;
}

static void add_note(struct join *join, const struct event *event)
{
	uint32_t number = world_message(join->world, event->message, event->at);
	if (number == NONE)
		return;
	struct message *message = &join->world->messages.at[number];
	message->completed |= event->kind == EVENT_COMPLETED;
	message->removed |= event->kind == EVENT_REMOVED;
}

static void count_login(struct world *world, usec at, uint32_t count, const struct login_row *login)
{
	struct login_row *row = world_login(world, login);
	row->first = !row->count || at < row->first ? at : row->first;
	row->last = !row->count || at > row->last ? at : row->last;
	row->count += count;
}

static void add_auth_failed(struct join *join, const struct event *event, bool smtp)
{
	const struct auth_failed *failed = &event->auth_failed;
	if (!failed->has_ip || !failed->user.len)
		return;
	count_login(join->world, event->at, failed->attempts, &(struct login_row){
		.mailbox = world_address(join->world, failed->user), .ip = world_ip(join->world, failed->ip),
		.failed = true, .smtp = smtp, .loopback = ip_is_loopback(failed->ip) });
}

void join_expect(const struct join *join, const struct event *event, struct join_expected *out)
{
	const struct world *world = join->world;
	str recipients = event->arrival.recipients;
	*out = (struct join_expected){ 0 };
	switch (event->kind) {
	case EVENT_ARRIVAL:
		ids_expect(&world->ids, event->message);
		out->sender = world_expect_address(world, event->arrival.sender);
		out->recipient = world_expect_address(world, address_cut(&recipients));
		out->subject = names_expect(&world->subjects, event->arrival.subject);
		break;
	case EVENT_DELIVERY:
	case EVENT_COMPLETED: ids_expect(&world->ids, event->message); break;
	default: break;
	}
}

void join_expect_text(const struct join *join, const struct join_expected *expected)
{
	names_expect_text(&join->world->names, expected->sender);
	names_expect_text(&join->world->names, expected->recipient);
	names_expect_text(&join->world->subjects, expected->subject);
}

void join_mainlog(struct join *join, const struct event *event, struct place place)
{
	if (!join_in_window(join, event->at))
		return;
	widen_window(join->world, event->at);
	switch (event->kind) {
	case EVENT_ARRIVAL: add_arrival(join, event, place); break;
	case EVENT_DELIVERY: add_delivery(join, event, place); break;
	case EVENT_COMPLETED:
	case EVENT_REMOVED: add_note(join, event); break;
	case EVENT_CALL: add_call(join, event, place); break;
	case EVENT_AUTH_FAILED: add_auth_failed(join, event, true); break;
	default: break;
	}
}

/* --- other logs --------------------------------------------------------------- */

void join_login(struct join *join, const struct event *event)
{
	if (!join_in_window(join, event->at))
		return;
	if (event->kind == EVENT_AUTH_FAILED)
		add_auth_failed(join, event, false);
	if (event->kind != EVENT_LOGIN || !event->login.has_ip)
		return;
	count_login(join->world, event->at, 1, &(struct login_row){
		.mailbox = world_address(join->world, event->login.user), .ip = world_ip(join->world, event->login.ip),
		.loopback = ip_is_loopback(event->login.ip) });
}

/* account: whose log it is; NONE for the server's own, where the script's place tells. A line that names a script outside
 * the log owner's home is somebody's invention. */
void join_php_mail(struct join *join, const struct event *event, uint32_t account, struct place place)
{
	uint32_t owner = join->host->account_of_path(join->host->context, event->php_mail.script);
	if (!join_in_window(join, event->at) || owner == NONE)
		return;
	if (account != NONE && owner != account) {
		join->world->counts.forged_lines++;
		return;
	}
	str to = event->php_mail.to;
	*VEC_PUSH(&join->world->php_mails) = (struct php_mail_row){
		.at = event->at, .account = owner, .script = name_path(join, event->php_mail.script),
		.to = world_address(join->world, to), .place = place,
	};
}

void join_job(struct join *join, const struct event *event, struct place place)
{
	uint32_t account = join->host->account_of_login(join->host->context, event->job.user);
	join->world->counts.cron_lines++;
	if (!join_in_window(join, event->at) || account == NONE)
		return;
	*VEC_PUSH(&join->world->jobs) = (struct job_row){
		.at = event->at, .account = account, .command = names_add(&join->world->names, event->job.command),
		.program = NONE, .place = place,
	};
}

void join_schedule(struct join *join, const struct schedule *schedule, str command, uint32_t account, struct place place)
{
	struct world *world = join->world;
	size_t count = world->schedules.count;
	if (count >= CRONTAB_LINES_MAX && world->schedules.at[count - CRONTAB_LINES_MAX].account == account)
		return;
	*VEC_PUSH(&world->schedules) = (struct schedule_row){
		.schedule = *schedule, .account = account, .command = names_add(&world->names, command), .place = place,
	};
}

/* --- spool --------------------------------------------------------------------- */

static void attest_origin(struct join *join, struct message *message, const struct spool_message *queued)
{
	struct world *world = join->world;
	uint32_t login = queued->local ? names_add(&world->names, queued->login) : 0;
	uint32_t mailbox = queued->local ? 0 : world_address(world, queued->host_auth.len ? queued->auth_id : STR(""));
	bool own_bounce = message->null_sender; /* made by Exim itself: logged with its user, queued without */
	if (message->arrived && !message->ambiguous && !own_bounce &&
	    (message->login != login || message->mailbox != mailbox))
		world->counts.forged_lines++;
	message->login = login;
	message->mailbox = mailbox;
	message->local = queued->local;
	message->server_user = queued->local && is_server_user(queued->login);
	if (!message->server_user)
		message->account = queued->local ? join->host->account_of_login(join->host->context, queued->login) : NONE;
	message->has_ip = queued->has_ip && !queued->local;
	message->ip = message->has_ip ? world_ip(world, queued->ip) : 0;
	message->loopback = message->has_ip && ip_is_loopback(queued->ip);
	message->ambiguous = false;
	message->attested = true;
}

/* "1012:class-wp2.php" of X-PHP-Originating-Script: only with the submitter's own uid. */
static str script_of_uid_header(str value, uint32_t uid)
{
	uint64_t number;
	if (!str_cut_u64(&value, UINT32_MAX, &number) || number != uid || !str_skip(&value, STR(":")))
		return STR("");
	return str_trim(value);
}

/* "www.shop.example/forum/ucp.php": a file of the account's own sites, or "". The text is the sender's, so it can name nobody
 * else's file. */
static uint32_t script_of_url(struct join *join, str url, uint32_t account)
{
	str path = url, docroot = STR("");
	str host = str_cut(&path, '/');
	uint32_t owner = NONE;
	bool own = join->host->site_of(join->host->context, host, &owner, &docroot) && owner == account && docroot.len;
	if (!own || !path.len || str_search(path, STR("..")) != STR_NONE)
		return 0;
	struct buf file = BUF_INIT;
	buf_printf(&file, "%.*s/%.*s", STR_ARG(docroot), STR_ARG(path));
	uint32_t name = names_add(&join->world->names, buf_str(&file));
	buf_done(&file);
	return name;
}

/* Headers by which PHP and applications name the URL that ran: X-PHP-Script (cPanel's PHP; "host/path for client") is
 * written for web requests only; an application's own word is a hint and comes last. */
static bool claim_by_url(struct join *join, struct message *message, const struct spool_message *queued)
{
	static const struct {
		str header, scheme;
	} rows[] = {
		{ { "X-PHP-Script", 12 }, { "", 0 } },
		{ { "X-phpBB-Origin", 14 }, { "phpbb://", 8 } },
		{ { "X-Mail-Origin", 13 }, { "http://", 7 } },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		str value = spool_header_get(queued, rows[i].header);
		if (!str_skip(&value, rows[i].scheme))
			continue;
		message->script_claim = script_of_url(join, str_head(value, str_find(value, ' ')), message->account);
		message->claim_web = message->script_claim != 0;
		if (message->claim_web)
			return true;
	}
	return false;
}

static void claim_script(struct join *join, struct message *message, const struct spool_message *queued)
{
	if (!queued->local || message->account == NONE || message->script_claim || claim_by_url(join, message, queued))
		return;
	str script = script_of_uid_header(spool_header_get(queued, STR("X-PHP-Originating-Script")), queued->uid);
	message->script_claim = names_add(&join->world->names, script);
	message->claim_attested = script.len > 0;
}

static void add_queued_recipients(struct world *world, uint32_t number, const struct spool_message *queued)
{
	for (size_t i = 0; i < queued->recipients.count; i++) {
		const struct spool_recipient *from = &queued->recipients.at[i];
		struct recipient *row = world_recipient(world, number, world_address(world, from->address));
		if (from->done && row->state == RECIPIENT_PENDING && !row->expanded)
			row->state = RECIPIENT_DONE;
	}
}

void join_spool(struct join *join, const struct spool_message *queued, struct place place)
{
	struct world *world = join->world;
	if (!join_in_window(join, queued->received))
		return;
	widen_window(world, queued->received);
	struct exim_id id;
	uint32_t number = exim_id_pack(queued->id, &id) ? world_message(world, id, queued->received) : NONE;
	if (number == NONE)
		return;
	struct message *message = &world->messages.at[number];
	message->queued = true;
	message->frozen = queued->frozen != USEC_NEVER;
	if (!message->arrived) {
		message->at = queued->received;
		message->place = place;
		message->sender = world_address(world, queued->sender);
		message->null_sender = !queued->sender.len;
	}
	attest_origin(join, message, queued);
	claim_script(join, message, queued);
	add_queued_recipients(world, number, queued);
}

void join_settle(struct join *join, bool spool_complete, usec grace)
{
	struct world *world = join->world;
	for (size_t i = 0; i < world->messages.count; i++) {
		struct message *message = &world->messages.at[i];
		bool gone = message->completed || message->removed;
		if (!spool_complete || !message->arrived || message->queued || gone)
			continue;
		if (message->at + grace > world->last)
			continue;
		message->forged = true;
		world->counts.forged_lines++;
	}
}
