/* SPDX-License-Identifier: Apache-2.0
 *
 * lead: messages to actors, actors to figures.
 *
 * One walk over all messages in order of time: it learns who wrote to whom
 * (so that answers and known correspondents can be told from strangers) and
 * puts each message into the lead of its actor. Bounces follow their parent.
 */
#include "trace/lead.h"

#include <stdlib.h>

#include "model/address.h"
#include "trace/clients.h"
#include "trace/refusals.h"

#define REPLY_SPAN (120 * USEC_PER_SEC)
#define HOUR (3600 * USEC_PER_SEC)
#define DAY (24 * HOUR)

struct builder {
	struct leads *leads;
	struct world *world;
	const struct lead_host *host;
	struct index lead_by_key;
	struct index lists;      /* addresses of lists with a manager */
	struct index wrote_at;   /* (account, outside address) -> last time in seconds since the world's first event, + 1 */
	uint32_t *lead_of;       /* by message: its lead + 1, for bounces; owned */
	uint32_t *owner_of;      /* by name of an address: see domain_owner(); owned */
	size_t owner_count;
	VEC(uint32_t) order;     /* messages by time */
};

/* --- addresses -------------------------------------------------------------------- */

/* Whose domain an address is in, told once per address: 0 = not yet, 1 = another host's, 2 = ours and nobody's, else the
 * account + 3. */
static uint32_t domain_owner(const struct builder *b, uint32_t address)
{
	uint32_t *known = address < b->owner_count ? &b->owner_of[address] : NULL;
	if (known && *known)
		return *known;
	str domain = address_domain(world_str(b->world, address));
	uint32_t account = b->host->account_of_domain(b->host->context, domain);
	bool ours = account != NONE || !domain.len || b->host->is_local_domain(b->host->context, domain);
	uint32_t owner = account != NONE ? account + 3 : ours ? 2 : 1;
	if (known)
		*known = owner;
	return owner;
}

static uint32_t account_of_address(const struct builder *b, uint32_t address)
{
	uint32_t owner = domain_owner(b, address);
	return owner > 2 ? owner - 3 : NONE;
}

/* Mailboxes are addresses, or system users: the only ones where domains have no users of their own, and cPanel's default. */
static uint32_t account_of_mailbox(const struct builder *b, uint32_t mailbox)
{
	str name = world_str(b->world, mailbox);
	return address_domain(name).len ? account_of_address(b, mailbox) :
					  b->host->account_of_login(b->host->context, name);
}

static bool is_outside(const struct builder *b, const struct recipient *recipient)
{
	str address = world_str(b->world, recipient->address);
	return !recipient->expanded && domain_owner(b, recipient->address) == 1 && address.at[0] != '|' && address.at[0] != '/';
}

static void mark_outside(struct builder *b)
{
	for (size_t i = 0; i < b->world->recipients.count; i++)
		b->world->recipients.at[i].outside = is_outside(b, &b->world->recipients.at[i]);
}

static bool is_inbound(const struct message *message)
{
	return !message->local && !message->mailbox && !message->loopback && message->has_ip;
}

/* The account in whose name a message leaves. */
static uint32_t sending_account(const struct builder *b, const struct message *message)
{
	if (message->account != NONE)
		return message->account;
	return message->mailbox ? account_of_mailbox(b, message->mailbox) : NONE;
}

/* --- who wrote to whom --------------------------------------------------------------- */

static uint32_t span_seconds(const struct builder *b, usec at)
{
	usec from = b->world->first == USEC_NEVER ? 0 : b->world->first;
	return at <= from ? 1 : (uint32_t)((at - from) / USEC_PER_SEC) + 1;
}

static void note_letter(struct builder *b, uint32_t account, uint32_t sender, usec at)
{
	bool is_new;
	if (account != NONE && sender)
		*index_add(&b->wrote_at, index_pair(account, sender), &is_new) = span_seconds(b, at);
}

static void learn_letters(struct builder *b, const struct message *message)
{
	for (EACH_RECIPIENT(r, b->world, message)) {
		uint32_t address = r->original ? r->original : r->address;
		if (!r->outside || r->original)
			note_letter(b, account_of_address(b, address), message->sender, message->at);
	}
}

static void count_recipients(struct builder *b, struct message *message)
{
	uint32_t account = sending_account(b, message);
	uint32_t now = span_seconds(b, message->at), answered = 0;
	for (EACH_RECIPIENT(r, b->world, message)) {
		if (!r->outside)
			continue;
		message->outside++;
		const uint32_t *at = index_get(&b->wrote_at, index_pair(account, r->address));
		if (!at)
			continue;
		message->known++;
		answered += now - *at <= REPLY_SPAN / USEC_PER_SEC;
	}
	message->reply = message->outside > 0 && answered == message->outside;
}

/* --- finding a message's lead ------------------------------------------------------------ */

static struct lead *find_lead(struct builder *b, enum lead_kind kind, uint32_t a, uint32_t c)
{
	bool is_new;
	uint64_t key = index_pair(a, c) ^ (uint64_t)(kind + 1) << 60;
	uint32_t *slot = index_add(&b->lead_by_key, key, &is_new);
	if (is_new) {
		*slot = (uint32_t)b->leads->list.count;
		*VEC_PUSH(&b->leads->list) = (struct lead){ .kind = kind, .account = NONE, .program = NONE };
	}
	return &b->leads->list.at[*slot];
}

static uint32_t lead_number(const struct builder *b, const struct lead *lead)
{
	return (uint32_t)(lead - b->leads->list.at);
}

static void put(struct builder *b, struct lead *lead, uint32_t message)
{
	*VEC_PUSH(&lead->messages) = message;
	b->lead_of[message] = lead_number(b, lead) + 1;
}

static str directory_of(str path)
{
	size_t slash = str_rfind(path, '/');
	return slash == STR_NONE ? STR("") : str_head(path, slash);
}

/* The file that sent it: PHP's own word where it can be true, else what the URL or the job runs. */
static uint32_t script_of(const struct world *world, const struct message *message, bool *out_claimed)
{
	const struct program *program = &world->programs.at[message->program];
	str claim = world_str(world, message->script_claim);
	*out_claimed = false;
	if (!claim.len || program->kind == PROGRAM_JOB)
		return program->path;
	bool full = claim.at[0] == '/';
	bool inside = full && (!program->path || str_starts(claim, directory_of(world_str(world, program->path))) ||
			       program->kind == PROGRAM_UNKNOWN);
	if (!full || !inside)
		return program->path;
	*out_claimed = true;
	return message->script_claim;
}

static void put_program(struct builder *b, uint32_t number)
{
	const struct message *message = &b->world->messages.at[number];
	const struct program *program = &b->world->programs.at[message->program];
	bool claimed;
	uint32_t script = script_of(b->world, message, &claimed);
	/* a front controller runs many things: without PHP's word each URL stands for itself */
	bool by_url = program->front && !claimed;
	uint32_t key = by_url || !script ? program->url : script;
	uint32_t kind_and_account = program->account * 4 + (uint32_t)(claimed ? PROGRAM_SCRIPT : program->kind);
	struct lead *lead = find_lead(b, LEAD_PROGRAM, kind_and_account, key);
	lead->account = program->account;
	lead->program = message->program;
	lead->script = script;
	lead->script_claimed = claimed;
	lead->script_web |= claimed && message->claim_web;
	lead->loopback = message->loopback;
	put(b, lead, number);
}

static void put_mailbox(struct builder *b, uint32_t number)
{
	uint32_t mailbox = b->world->messages.at[number].mailbox;
	struct lead *lead = find_lead(b, LEAD_MAILBOX, mailbox, 0);
	lead->mailbox = mailbox;
	lead->account = account_of_mailbox(b, mailbox);
	put(b, lead, number);
}

/* Mail that leaves again through a local address: one lead per such address. */
static void put_aliases(struct builder *b, uint32_t number)
{
	const struct message *message = &b->world->messages.at[number];
	uint32_t last = 0;
	for (EACH_RECIPIENT(r, b->world, message)) {
		if (!r->original || r->original == last || !r->outside)
			continue;
		last = r->original;
		struct lead *lead = find_lead(b, LEAD_ALIAS, r->original, 0);
		lead->mailbox = r->original;
		lead->account = account_of_address(b, r->original);
		if (!lead->messages.count || lead->messages.at[lead->messages.count - 1] != number)
			put(b, lead, number);
	}
}

/* "list-bounces+addr=x@dom", "list-bounces@dom": Mailman sends in the name of list@dom. */
static uint32_t list_of_sender(struct world *world, uint32_t sender)
{
	str address = world_str(world, sender);
	str local = address_local_part(address), domain = address_domain(address);
	size_t at = str_search(local, STR("-bounces"));
	char text[512];
	if (at == STR_NONE || !at || !domain.len || at + 1 + domain.len > sizeof(text))
		return 0;
	memcpy(text, local.at, at);
	text[at] = '@';
	memcpy(text + at + 1, domain.at, domain.len);
	return names_add(&world->names, (str){ text, at + 1 + domain.len });
}

static bool is_portion(const struct message *message)
{
	return (message->local || message->loopback) && !message->mailbox && message->program == NONE;
}

/* Which addresses are lists that a manager sends for. */
static void learn_lists(struct builder *b)
{
	bool is_new;
	for (size_t i = 0; i < b->world->messages.count; i++) {
		const struct message *message = &b->world->messages.at[i];
		uint32_t list = is_portion(message) ? list_of_sender(b->world, message->sender) : 0;
		if (list && account_of_address(b, list) != NONE)
			index_add(&b->lists, list, &is_new);
	}
}

static void put_list(struct builder *b, uint32_t number, uint32_t list)
{
	if (!list || !index_get(&b->lists, list))
		return;
	struct lead *lead = find_lead(b, LEAD_ALIAS, list, 0);
	lead->mailbox = list;
	lead->account = account_of_address(b, list);
	put(b, lead, number);
}

/* What strangers post to a list goes to its manager, a command. */
static void put_post(struct builder *b, uint32_t number)
{
	for (EACH_RECIPIENT(r, b->world, &b->world->messages.at[number]))
		if (r->original && world_str(b->world, r->address).at[0] == '|')
			put_list(b, number, r->original);
}

/* --- bounces ----------------------------------------------------------------------------- */

/* The recipient of an inbound message that failed here after acceptance; NULL when none did. */
static const struct recipient *failed_here(const struct builder *b, const struct message *parent)
{
	for (EACH_RECIPIENT(r, b->world, parent))
		if (r->state == RECIPIENT_FAILED && !r->outside)
			return r;
	return NULL;
}

static uint32_t command_path(struct world *world, uint32_t address)
{
	str command = world_str(world, address);
	if (!str_skip(&command, STR("|")))
		return 0;
	return names_add(&world->names, str_head(command, str_find(command, ' ')));
}

/* "*@domain" */
static uint32_t any_of_domain(struct world *world, uint32_t domain)
{
	struct buf text = BUF_INIT;
	buf_printf(&text, "*@%.*s", STR_ARG(world_str(world, domain)));
	uint32_t name = names_add(&world->names, buf_str(&text));
	buf_done(&text);
	return name;
}

static void put_bounce(struct builder *b, uint32_t number)
{
	struct message *message = &b->world->messages.at[number];
	uint32_t parent_lead = b->lead_of[message->parent];
	if (parent_lead) {
		*VEC_PUSH(&b->leads->list.at[parent_lead - 1].derived) = number;
		return;
	}
	const struct message *parent = &b->world->messages.at[message->parent];
	const struct recipient *failed = is_inbound(parent) ? failed_here(b, parent) : NULL;
	if (!failed || !message->outside)
		return;
	uint32_t address = failed->original ? failed->original : failed->address;
	uint32_t domain = names_add(&b->world->names, address_domain(world_str(b->world, address)));
	uint32_t command = command_path(b->world, failed->address);
	struct lead *lead = find_lead(b, LEAD_BOUNCES, domain, command);
	lead->account = account_of_address(b, address);
	lead->script = command;
	if (!lead->messages.count)
		lead->mailbox = address;
	else if (lead->mailbox != address)
		lead->mailbox = any_of_domain(b->world, domain);
	*VEC_PUSH(&lead->messages) = message->parent;
	*VEC_PUSH(&lead->derived) = number;
}

/* --- waves from outside --------------------------------------------------------------------- */

static void put_inbound(struct builder *b, uint32_t number)
{
	const struct message *message = &b->world->messages.at[number];
	uint32_t last = NONE;
	for (EACH_RECIPIENT(r, b->world, message)) {
		uint32_t address = r->original ? r->original : r->address;
		uint32_t account = account_of_address(b, address);
		if (account == NONE || account == last)
			continue;
		last = account;
		struct lead *lead = find_lead(b, LEAD_INBOUND, account, 0);
		lead->account = account;
		lead->mailbox = !lead->messages.count || lead->mailbox == address ? address : 0;
		*VEC_PUSH(&lead->messages) = number;
	}
}

bool lead_is_foreign_sender(const struct world *world, const struct lead_host *host, const struct message *message)
{
	str domain = address_domain(world_str(world, message->sender));
	return domain.len && !host->is_local_domain(host->context, domain) &&
	       !str_eq_nocase(domain, address_domain(world_str(world, message->mailbox)));
}

/* --- figures ---------------------------------------------------------------------------------------- */

struct counting {
	VEC(usec) times;         /* one per outside recipient; one per message that has none */
	struct index addresses, senders, days;
};

static int by_time(const void *a, const void *b)
{
	usec x = *(const usec *)a, y = *(const usec *)b;
	return (x > y) - (x < y);
}

static uint32_t peak(struct counting *counting)
{
	uint32_t best = 0;
	if (counting->times.count)
		qsort(counting->times.at, counting->times.count, sizeof(*counting->times.at), by_time);
	for (size_t from = 0, i = 0; i < counting->times.count; i++) {
		while (counting->times.at[from] + HOUR <= counting->times.at[i])
			from++;
		if (i - from + 1 > best)
			best = (uint32_t)(i - from + 1);
	}
	return best;
}

static void add_recipients(struct figures *out, struct counting *counting, const struct world *world,
			   const struct message *message)
{
	bool is_new;
	for (EACH_RECIPIENT(r, world, message)) {
		if (!r->outside)
			continue;
		out->outside++;
		*VEC_PUSH(&counting->times) = message->at;
		index_add(&counting->addresses, r->address, &is_new);
		out->distinct += is_new;
		out->verdicts += failure_is_verdict(r->failure);
		out->list_failures += r->failure == FAILURE_LIST;
		out->policy_failures += r->failure == FAILURE_POLICY || r->failure == FAILURE_LOCAL;
		out->temporary += r->failure == FAILURE_TEMPORARY;
	}
}

static void add_message(struct figures *out, struct counting *counting, const struct world *world,
			const struct lead_host *host, const struct message *message)
{
	bool is_new;
	if (out->first == USEC_NEVER || message->at < out->first)
		out->first = message->at;
	if (out->last == USEC_NEVER || message->at > out->last)
		out->last = message->at;
	out->queued += message->queued;
	out->frozen += message->frozen;
	if (!message->outside) {
		*VEC_PUSH(&counting->times) = message->at;
		out->local_only++;
		return;
	}
	out->messages++;
	out->replies += message->reply;
	out->strangers += message->outside - message->known;
	out->foreign_senders += lead_is_foreign_sender(world, host, message);
	index_add(&counting->senders, message->sender, &is_new);
	out->distinct_senders += is_new;
	index_add(&counting->days, (uint64_t)(message->at / DAY), &is_new);
	out->days += is_new;
	add_recipients(out, counting, world, message);
}

void lead_figures(struct figures *out, const struct world *world, const struct lead_host *host, const struct lead *lead,
		  const bool *chosen)
{
	struct counting counting = { 0 };
	*out = (struct figures){ .first = USEC_NEVER, .last = USEC_NEVER, .calls = lead->figures.calls,
				 .calls_with_mail = lead->figures.calls_with_mail,
				 .median_mails = lead->figures.median_mails };
	for (size_t i = 0; i < lead->messages.count; i++)
		if (!chosen || chosen[i])
			add_message(out, &counting, world, host, &world->messages.at[lead->messages.at[i]]);
	out->peak_per_hour = peak(&counting);
	free(counting.times.at);
	index_done(&counting.addresses);
	index_done(&counting.senders);
	index_done(&counting.days);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Calls of the lead's programs and how many mails a call sends. */
static void count_calls(struct builder *b, struct lead *lead)
{
	const struct world *world = b->world;
	struct index mails = { 0 };
	VEC(uint32_t) counts = { 0 };
	bool is_new;
	for (size_t i = 0; i < lead->messages.count; i++) {
		uint32_t request = world->messages.at[lead->messages.at[i]].request;
		if (request != NONE)
			++*index_add(&mails, request, &is_new);
	}
	for (size_t i = 0; i < mails.slot_count; i++)
		if (mails.slots[i].used)
			*VEC_PUSH(&counts) = mails.slots[i].value;
	if (counts.count) {
		qsort(counts.at, counts.count, sizeof(*counts.at), by_number);
		lead->figures.median_mails = counts.at[counts.count / 2];
	}
	lead->figures.calls_with_mail = (uint32_t)counts.count;
	free(counts.at);
	index_done(&mails);
}

/* --- all -------------------------------------------------------------------------------------------------- */

static void put_message(struct builder *b, uint32_t number)
{
	struct message *message = &b->world->messages.at[number];
	if (message->program != NONE)
		put_program(b, number);
	else if (message->mailbox)
		put_mailbox(b, number);
	else if (is_portion(message))
		put_list(b, number, list_of_sender(b->world, message->sender));
	if (is_inbound(message)) {
		put_post(b, number);
		put_inbound(b, number);
		put_aliases(b, number);
	}
}

static void walk_messages(struct builder *b)
{
	struct world *world = b->world;
	for (uint32_t i = 0; i < world->messages.count; i++)
		if (!world->messages.at[i].forged && (world->messages.at[i].arrived || world->messages.at[i].queued))
			*VEC_PUSH(&b->order) = i;
	world_sort_messages(world, b->order.at, b->order.count);
	learn_lists(b);
	for (size_t i = 0; i < b->order.count; i++) {
		struct message *message = &world->messages.at[b->order.at[i]];
		count_recipients(b, message);
		learn_letters(b, message);
		if (message->parent == NONE)
			put_message(b, b->order.at[i]);
	}
	for (size_t i = 0; i < b->order.count; i++)
		if (world->messages.at[b->order.at[i]].parent != NONE)
			put_bounce(b, b->order.at[i]);
}

void lead_build(struct leads *out, struct world *world, const struct lead_host *host)
{
	*out = (struct leads){ 0 };
	struct builder b = { .leads = out, .world = world, .host = host,
			     .lead_of = mem_alloc((world->messages.count + 1) * sizeof(uint32_t)),
			     .owner_of = mem_alloc(world->names.count * sizeof(uint32_t)), .owner_count = world->names.count };
	mark_outside(&b);
	walk_messages(&b);
	refusals_settle(world, out);
	free(b.order.at);
	index_done(&b.wrote_at);
	free(b.lead_of);
	clients_collect(out, world, host);
	for (size_t i = 0; i < out->list.count; i++) {
		struct lead *lead = &out->list.at[i];
		if (lead->kind == LEAD_INBOUND)
			continue;
		count_calls(&b, lead);
		lead_figures(&lead->figures, world, host, lead, NULL);
	}
	free(b.owner_of);
	index_done(&b.lead_by_key);
	index_done(&b.lists);
}

void leads_done(struct leads *leads)
{
	for (size_t i = 0; i < leads->list.count; i++) {
		free(leads->list.at[i].messages.at);
		free(leads->list.at[i].derived.at);
		free(leads->list.at[i].clients.at);
		free(leads->list.at[i].client_of);
	}
	free(leads->list.at);
	*leads = (struct leads){ 0 };
}
