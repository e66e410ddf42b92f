/* SPDX-License-Identifier: Apache-2.0
 *
 * rules: the table, and one small function per row.
 */
#include "judge/rules.h"

#include <stdarg.h>
#include <stdio.h>

typedef bool holds(const struct rule_input *in, struct reason *out);

struct rule {
	const char *name;
	enum sign_kind kind;
	unsigned leads;    /* bit mask of lead kinds */
	double weight;
	char grade;
	holds *holds;
};

/* Fewer than this many are chance. */
enum { FEW = 3 };

#define ON(kind) (1u << (kind))
#define SENDERS (ON(LEAD_PROGRAM) | ON(LEAD_MAILBOX))

/* --- helpers ------------------------------------------------------------------- */

static void add_evidence(struct reason *out, struct place place)
{
	if (place.input != PLACE_NOWHERE && out->evidence_count < EVIDENCE_MAX)
		out->evidence[out->evidence_count++] = place;
}

static void say(const struct rule_input *in, struct reason *out, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(const struct rule_input *in, struct reason *out, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	out->says = arena_copy(in->arena, str_from(text));
}

static const struct message *message_at(const struct rule_input *in, size_t position)
{
	return &in->world->messages.at[in->lead->messages.at[position]];
}

static bool is_chosen(const struct rule_input *in, size_t position)
{
	return !in->chosen || in->chosen[position];
}

static bool is_list_failure(enum failure_class failure)
{
	return failure == FAILURE_LIST;
}

static void add_failures(const struct rule_input *in, struct reason *out, bool (*shows)(enum failure_class))
{
	for (size_t i = 0; i < in->lead->messages.count && out->evidence_count < EVIDENCE_MAX; i++) {
		if (!is_chosen(in, i))
			continue;
		for (EACH_RECIPIENT(r, in->world, message_at(in, i)))
			if (shows(r->failure))
				add_evidence(out, r->place);
	}
}

static double share(uint32_t part, uint32_t whole)
{
	return whole ? (double)part / whole : 0;
}

static unsigned percent(uint32_t part, uint32_t whole)
{
	return (unsigned)(share(part, whole) * 100 + 0.5);
}

/* --- what remote hosts say ---------------------------------------------------------- */

/* A forwarder's every message, whoever sent it, goes to one address; a list's to many. */
static double least_verdicts(const struct rule_input *in)
{
	const struct figures *f = &in->lead->figures;
	if (in->lead->kind != LEAD_ALIAS)
		return in->thresholds->verdict_share;
	return f->outside < f->messages * FEW ? in->thresholds->forward_share : in->thresholds->list_refused;
}

static bool called_spam(const struct rule_input *in, struct reason *out)
{
	/* a forwarder is judged by all that it passes on, not by its worst sources */
	const struct figures *f = in->lead->kind == LEAD_ALIAS ? &in->lead->figures : in->figures;
	double least = least_verdicts(in);
	if (f->verdicts < in->thresholds->verdicts_min || share(f->verdicts, f->outside) < least)
		return false;
	say(in, out, "remote hosts call %u of its %u copies spam (%u %%)", f->verdicts, f->outside,
	    percent(f->verdicts, f->outside));
	add_failures(in, out, failure_is_verdict);
	return true;
}

static bool dead_addresses(const struct rule_input *in, struct reason *out)
{
	const struct figures *f = in->figures;
	if (f->list_failures < in->thresholds->list_failures_min || share(f->list_failures, f->outside) < in->thresholds->list_share)
		return false;
	say(in, out, "%u of %u addresses do not exist or their hosts are dead (%u %%): no list of its own customers",
	    f->list_failures, f->outside, percent(f->list_failures, f->outside));
	add_failures(in, out, is_list_failure);
	return true;
}

/* --- who calls a script ---------------------------------------------------------------- */

static bool is_caller(const struct client *client)
{
	return client->outside > 0 && !client->shared && !client->self;
}

static bool few_clients(const struct rule_input *in, struct reason *out)
{
	uint32_t clients = 0, outside = 0;
	for (size_t i = 0; i < in->lead->clients.count && !in->errands; i++) {
		if (!is_caller(&in->lead->clients.at[i]))
			continue;
		clients++;
		outside += in->lead->clients.at[i].outside;
	}
	if (!clients || outside < in->thresholds->floor || (double)outside / clients < in->thresholds->per_client)
		return false;
	say(in, out, "%u calling address%s made it write to %u strangers: %.1f each, where a customer causes one",
	    clients, clients == 1 ? "" : "es", outside, (double)outside / clients);
	return true;
}

/* Looks at nothing on the site. A form's abusers name the form as the page they come from. */
static bool only_calls(const struct rule_input *in, const struct client *client, bool referer_allowed)
{
	if (client->visitor == NONE)
		return false;
	const struct visitor *visitor = &in->world->visitors.at[client->visitor];
	bool looks = visitor->pages + visitor->statics > client->calls / 4;
	return !looks && (referer_allowed || visitor->with_referer == 0);
}

static bool calls_again(const struct rule_input *in, struct reason *out)
{
	uint32_t clients = 0, outside = 0;
	/* nobody fills in the same form twice without looking at it */
	uint32_t least = in->form ? 2 : in->thresholds->repeat_calls;
	for (size_t i = 0; i < in->lead->clients.count && !in->errands; i++) {
		const struct client *client = &in->lead->clients.at[i];
		if (!is_caller(client) || client->calls < least || !only_calls(in, client, in->form))
			continue;
		clients++;
		outside += client->outside;
	}
	if (!clients || share(outside, in->figures->outside) < 0.5)
		return false;
	say(in, out, "%u of its callers call it again and again and look at nothing else on the site", clients);
	for (size_t i = 0; i < in->lead->messages.count && out->evidence_count < EVIDENCE_MAX; i++)
		if (message_at(in, i)->request != NONE)
			add_evidence(out, in->world->requests.at[message_at(in, i)->request].place);
	return true;
}

/* Many callers, a call each: a botnet's. Customers look around first. */
static bool only_callers(const struct rule_input *in, struct reason *out)
{
	uint32_t callers = 0, blind = 0;
	for (size_t i = 0; i < in->lead->clients.count && !in->errands; i++) {
		const struct client *client = &in->lead->clients.at[i];
		callers += is_caller(client);
		blind += is_caller(client) && client->calls < in->thresholds->repeat_calls && only_calls(in, client, false);
	}
	if (callers < in->thresholds->floor || share(blind, callers) < in->thresholds->blind_callers)
		return false;
	say(in, out, "%u of its %u callers did nothing else on the site and came from no page", blind, callers);
	return true;
}

static bool came_by_upload(const struct rule_input *in, struct reason *out)
{
	if (in->entry_request == NONE)
		return false;
	say(in, out, "shortly after a single outsider's upload to the same site the file was there and called");
	add_evidence(out, in->world->requests.at[in->entry_request].place);
	return true;
}

/* --- places ------------------------------------------------------------------------------ */

bool rules_is_odd_place(str path)
{
	static const char *const folders[] = { "/.", "/uploads/", "/upload/", "/cache/", "/tmp/", "/temp/", "/css/",
					       "/js/", "/images/", "/img/", "/fonts/", "/mail/", "/logs/", "/session" };
	size_t slash = str_rfind(path, '/');
	str folder = slash == STR_NONE ? path : str_head(path, slash + 1);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (str_search(folder, str_from(folders[i])) != STR_NONE)
			return true;
	return str_starts(str_from_at(path, slash == STR_NONE ? 0 : slash + 1), STR("."));
}

static bool odd_place(const struct rule_input *in, struct reason *out)
{
	str path = world_str(in->world, in->lead->script);
	if (!path.len || !rules_is_odd_place(path))
		return false;
	say(in, out, "it lies where no program that sends mail belongs");
	return true;
}

static bool odd_directory(const struct rule_input *in, struct reason *out)
{
	for (size_t i = 0; i < in->lead->messages.count; i++) {
		uint32_t call = message_at(in, i)->call;
		if (in->lead->script || call == NONE || !is_chosen(in, i))
			continue;
		const struct call_row *row = &in->world->calls.at[call];
		struct buf folder = BUF_INIT;
		buf_printf(&folder, "%.*s/", STR_ARG(world_str(in->world, row->cwd)));
		bool odd = rules_is_odd_place(buf_str(&folder)) || row->torn;
		buf_done(&folder);
		if (!odd)
			continue;
		say(in, out, "sendmail was called from a directory where no program that sends mail belongs");
		add_evidence(out, row->place);
		return true;
	}
	return false;
}

/* --- what the mail itself shows -------------------------------------------------------------- */

static bool foreign_senders(const struct rule_input *in, struct reason *out)
{
	const struct figures *f = in->figures;
	if (f->foreign_senders < FEW || share(f->foreign_senders, f->messages) < in->thresholds->foreign_share)
		return false;
	say(in, out, "%u of %u messages carry envelope senders outside this host's domains (%u different senders)",
	    f->foreign_senders, f->messages, f->distinct_senders);
	return true;
}

/* Runs: stretches of mail with at least ten minutes of silence between them. */
static unsigned count_runs(const struct rule_input *in)
{
	unsigned runs = 0;
	usec last = USEC_NEVER;
	for (size_t i = 0; i < in->lead->messages.count; i++) {
		const struct message *message = message_at(in, i);
		if (!is_chosen(in, i) || !message->outside)
			continue;
		runs += last == USEC_NEVER || message->at - last > 600 * USEC_PER_SEC;
		last = message->at;
	}
	return runs;
}

static bool new_strangers(const struct rule_input *in, struct reason *out)
{
	const struct figures *f = in->figures;
	unsigned runs = count_runs(in);
	bool unattended = in->world->programs.at[in->lead->program].kind != PROGRAM_SCRIPT;
	double least = in->thresholds->stranger_share;
	if (!unattended || runs < in->thresholds->runs_min || share(f->distinct, f->outside) < least ||
	    share(f->strangers, f->outside) < least)
		return false;
	say(in, out, "in %u runs it wrote to %u different people, none of them twice, none of whom had written first", runs,
	    f->distinct);
	return true;
}

/* --- mailboxes -------------------------------------------------------------------------------- */

static bool is_intruder(const struct client *client)
{
	return client->side == SIDE_INTRUDER && client->messages > 0;
}

static bool silent_networks(const struct rule_input *in, struct reason *out)
{
	uint32_t networks = 0;
	if (!in->dovecot_seen)
		return false;
	for (size_t i = 0; i < in->lead->clients.count; i++) {
		const struct client *client = &in->lead->clients.at[i];
		networks += is_intruder(client) && !client->reads && !client->webmail;
	}
	if (networks < in->thresholds->silent_networks)
		return false;
	say(in, out, "%u networks send with this password and never read the mailbox", networks);
	return true;
}

/* Recipients under suspicion whose hosts call it spam or do not know them; not those who refuse the host itself. */
static uint32_t count_refused(const struct rule_input *in)
{
	uint32_t refused = 0;
	for (size_t i = 0; i < in->lead->messages.count; i++) {
		if (!is_chosen(in, i))
			continue;
		for (EACH_RECIPIENT(r, in->world, message_at(in, i)))
			refused += r->outside && (r->failure == FAILURE_VERDICT || r->failure == FAILURE_LIST);
	}
	return refused;
}

/* Fewer networks than a thief of passwords uses, but the owner reads elsewhere, and much of it is refused. */
static bool unread_network(const struct rule_input *in, struct reason *out)
{
	const struct figures *f = in->figures;
	uint32_t senders = 0, readers = 0;
	for (size_t i = 0; i < in->lead->clients.count; i++) {
		const struct client *client = &in->lead->clients.at[i];
		if (is_intruder(client) && (client->reads || client->webmail))
			return false;
		senders += is_intruder(client);
		readers += client->reads > 0;
	}
	uint32_t refused = count_refused(in);
	bool few = senders && senders < in->thresholds->silent_networks;
	if (!in->dovecot_seen || !few || !readers || share(f->strangers, f->outside) < in->thresholds->stranger_share ||
	    share(refused, f->outside) < in->thresholds->unread_refused)
		return false;
	say(in, out, "it is read from elsewhere; %u network%s that never read%s it write%s to strangers, of whom %u %% are unknown to"
		     " their hosts or call it spam", senders, senders == 1 ? "" : "s", senders == 1 ? "s" : "",
	    senders == 1 ? "s" : "", percent(refused, f->outside));
	return true;
}

static bool many_webmail_clients(const struct rule_input *in, struct reason *out)
{
	uint32_t clients = 0;
	for (size_t i = 0; i < in->lead->clients.count; i++) {
		const struct client *client = &in->lead->clients.at[i];
		clients += is_intruder(client) && client->webmail;
	}
	if (clients < 2)
		return false;
	say(in, out, "%u addresses that its owner never uses send through webmail", clients);
	return true;
}

static bool only_strangers(const struct rule_input *in, struct reason *out)
{
	const struct figures *f = in->figures;
	uint32_t networks = 0;
	for (size_t i = 0; i < in->lead->clients.count; i++)
		networks += is_intruder(&in->lead->clients.at[i]);
	if (networks < in->thresholds->networks_min || share(f->strangers, f->outside) < in->thresholds->stranger_share)
		return false;
	say(in, out, "%u people were written to from %u networks, and none of them is known to the mailbox", f->distinct,
	    networks);
	return true;
}

static bool guessed_password(const struct rule_input *in, struct reason *out)
{
	uint32_t networks = 0;
	for (size_t i = 0; i < in->lead->clients.count; i++) {
		const struct client *client = &in->lead->clients.at[i];
		networks += is_intruder(client) && client->guesses && !client->reads;
	}
	/* without Dovecot's log nobody knows who reads: an owner on the road mistypes, too */
	if (!networks || !in->dovecot_seen)
		return false;
	say(in, out, "%u of these networks guessed the password before", networks);
	return true;
}

static bool several_recipients(const struct rule_input *in, struct reason *out)
{
	const struct figures *f = in->figures;
	if (!f->messages || f->outside < f->messages * in->thresholds->at_once ||
	    share(f->strangers, f->outside) < in->thresholds->stranger_share)
		return false;
	say(in, out, "each message goes to %.1f strangers at once", (double)f->outside / f->messages);
	return true;
}

/* --- bounces --------------------------------------------------------------------------------------- */

static bool bounces_strangers(const struct rule_input *in, struct reason *out)
{
	size_t bounces = in->lead->derived.count;
	if (bounces < in->thresholds->bounces_min)
		return false;
	say(in, out, "%zu bounces for this domain went to people who never wrote: its deliveries fail after the mail was accepted",
	    bounces);
	for (size_t i = 0; i < in->lead->messages.count && out->evidence_count < EVIDENCE_MAX; i++)
		for (EACH_RECIPIENT(r, in->world, message_at(in, i)))
			if (r->state == RECIPIENT_FAILED)
				add_evidence(out, r->place);
	return true;
}

static bool scattered_senders(const struct rule_input *in, struct reason *out)
{
	uint32_t senders = 0;
	struct index seen = { 0 };
	bool is_new;
	for (size_t i = 0; i < in->lead->messages.count; i++) {
		index_add(&seen, message_at(in, i)->sender, &is_new);
		senders += is_new;
	}
	index_done(&seen);
	if (senders < in->thresholds->bounces_min || share(senders, (uint32_t)in->lead->messages.count) < 0.5)
		return false;
	say(in, out, "the mail that failed names %u different senders: they are forged", senders);
	return true;
}

/* --- the table ----------------------------------------------------------------------------------------- */

static const struct rule rules[] = {
	{ "called-spam", SIGN_REMOTE, SENDERS | ON(LEAD_ALIAS), 0.60, 'B', called_spam },
	{ "dead-addresses", SIGN_LIST, SENDERS | ON(LEAD_ALIAS), 0.50, 'B', dead_addresses },
	{ "few-clients", SIGN_MAIL, ON(LEAD_PROGRAM), 0.50, 'B', few_clients },
	{ "calls-again", SIGN_WEB, ON(LEAD_PROGRAM), 0.50, 'B', calls_again },
	{ "only-callers", SIGN_WEB, ON(LEAD_PROGRAM), 0.40, 'B', only_callers },
	{ "came-by-upload", SIGN_UPLOAD, ON(LEAD_PROGRAM), 0.40, 'B', came_by_upload },
	{ "odd-place", SIGN_PLACE, ON(LEAD_PROGRAM), 0.40, 'B', odd_place },
	{ "odd-directory", SIGN_PLACE, ON(LEAD_PROGRAM), 0.30, 'B', odd_directory },
	{ "foreign-senders", SIGN_MAIL, SENDERS, 0.45, 'B', foreign_senders },
	{ "new-strangers", SIGN_MAIL, ON(LEAD_PROGRAM), 0.40, 'B', new_strangers },
	{ "silent-networks", SIGN_LOGIN, ON(LEAD_MAILBOX), 0.60, 'B', silent_networks },
	{ "unread-network", SIGN_LOGIN, ON(LEAD_MAILBOX), 0.35, 'B', unread_network },
	{ "webmail-strangers", SIGN_WEB, ON(LEAD_MAILBOX), 0.50, 'B', many_webmail_clients },
	{ "only-strangers", SIGN_NETWORK, ON(LEAD_MAILBOX), 0.40, 'B', only_strangers },
	{ "guessed-password", SIGN_LOGIN, ON(LEAD_MAILBOX), 0.40, 'B', guessed_password },
	{ "several-recipients", SIGN_MAIL, ON(LEAD_MAILBOX), 0.30, 'B', several_recipients },
	{ "bounces-strangers", SIGN_LIST, ON(LEAD_BOUNCES), 0.70, 'B', bounces_strangers },
	{ "scattered-senders", SIGN_MAIL, ON(LEAD_BOUNCES), 0.60, 'B', scattered_senders },
};

void rules_apply(struct reasons *out, const struct rule_input *input)
{
	out->count = 0;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules) && out->count < REASONS_MAX; i++) {
		struct reason *reason = &out->list[out->count];
		*reason = (struct reason){ .rule = rules[i].name, .kind = rules[i].kind, .weight = rules[i].weight,
					   .grade = rules[i].grade };
		if (rules[i].leads & ON(input->lead->kind) && rules[i].holds(input, reason))
			out->count++;
	}
}

double reasons_confidence(const struct reasons *reasons)
{
	double doubt = 1;
	for (size_t i = 0; i < reasons->count; i++)
		doubt *= 1 - reasons->list[i].weight;
	return 1 - doubt;
}

unsigned reasons_kinds(const struct reasons *reasons)
{
	unsigned seen = 0;
	for (size_t i = 0; i < reasons->count; i++)
		seen |= 1u << reasons->list[i].kind;
	return (unsigned)__builtin_popcount(seen);
}
