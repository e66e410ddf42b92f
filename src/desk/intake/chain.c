/* SPDX-License-Identifier: Apache-2.0
 *
 * chain: the walk, then a decision.
 */
#include "desk/intake/chain.h"

#include "desk/intake/received.h"
#include "desk/intake/text.h"
#include "model/address.h"
#include "model/exim_id.h"

struct chain {
	struct hop *hops;
	size_t count;
	const struct view *view;
	str reporter_domain;
	str recipient_domain; /* of the reported mail's To */
};

static void parse_hops(struct arena *arena, const struct headers *reported, struct chain *chain)
{
	size_t count = 0;
	for (size_t i = 0; i < reported->count; i++)
		count += str_eq_nocase(reported->at[i].name, STR("Received"));
	count = count < RECEIVED_MAX ? count : RECEIVED_MAX;
	chain->hops = arena_alloc(arena, (count + 1) * sizeof(*chain->hops));
	for (size_t i = 0; i < reported->count && chain->count < count; i++)
		if (str_eq_nocase(reported->at[i].name, STR("Received")))
			hop_parse(reported->at[i].value, &chain->hops[chain->count++]);
}

static const struct network *network_of(const struct chain *chain, const struct hop *hop)
{
	return hop->has_ip ? networks_find(chain->view->networks, hop->ip, hop->time) : NULL;
}

/* Was the line written by a machine of ours? */
static bool is_written_by_us(const struct chain *chain, const struct hop *hop)
{
	return networks_named(chain->view->networks, hop->by) ||
	       (chain->view->border.len && str_eq_nocase(chain->view->border, hop->by)) ||
	       (hop->has_by_ip && networks_find(chain->view->networks, hop->by_ip, hop->time));
}

static str client_name(const struct hop *hop)
{
	return hop->has_rdns ? hop->rdns : hop->helo;
}

/* The line below was written under the name of this line's client. */
static bool is_linked(const struct chain *chain, size_t at)
{
	str name = client_name(&chain->hops[at]);
	return at + 1 < chain->count && name.len && str_eq_nocase(name, chain->hops[at + 1].by);
}

/* Large providers hold whole blocks: the receiving server's own address lies in the client's block. */
static bool is_same_block(const struct hop *hop)
{
	size_t bytes = hop->has_ip && ip_is_v4(hop->ip) ? 14 : 4; /* IPv4 /16, IPv6 /32 */
	return hop->has_ip && hop->has_by_ip && ip_is_v4(hop->ip) == ip_is_v4(hop->by_ip) &&
	       memcmp(hop->ip.byte, hop->by_ip.byte, bytes) == 0;
}

/* A mail program fetched it from the reporter's own mailbox, wherever that is. */
static bool is_fetched(const struct hop *hop)
{
	return str_starts_nocase(hop->with, STR("POP")) || str_starts_nocase(hop->with, STR("IMAP"));
}

/* Is the line's client another host of the reporter? */
static bool is_reporter_side(const struct chain *chain, size_t at)
{
	const struct hop *hop = &chain->hops[at];
	str name = client_name(hop);
	if (!text_same_organisation(name, hop->by) && !text_same_organisation(name, chain->reporter_domain))
		return false;
	return hop->has_rdns || is_linked(chain, at) || is_same_block(hop);
}

/* The border line without regard to what the reporter names; STR_NONE when there is none. */
static size_t walk(const struct chain *chain)
{
	size_t last_public = STR_NONE;
	for (size_t i = 0; i < chain->count; i++) {
		const struct hop *hop = &chain->hops[i];
		const struct network *network = network_of(chain, hop);
		if (is_fetched(hop) || (network && network->role == ROLE_INBOUND))
			continue;
		if (network)
			return i;
		if (!hop->has_ip || ip_is_private(hop->ip)) {
			if (is_written_by_us(chain, hop) && !str_eq_nocase(hop->by, chain->view->border))
				break;
			continue;
		}
		if (!is_reporter_side(chain, i))
			return i;
		last_public = i;
	}
	return last_public;
}

static size_t find_address(const struct chain *chain, struct ip ip)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->hops[i].has_ip && ip_eq(chain->hops[i].ip, ip))
			return i;
	return STR_NONE;
}

static size_t find_border(const struct chain *chain, const struct claim *claim)
{
	size_t walked = walk(chain);
	size_t named = claim->has && claim->from != FROM_PROSE ? find_address(chain, claim->ip) : STR_NONE;
	bool ours_above = walked < named && walked != STR_NONE && network_of(chain, &chain->hops[walked]);
	return named == STR_NONE || ours_above ? walked : named;
}

/* The first line below the border whose client is ours; STR_NONE when there is none. */
static size_t find_ours_below(const struct chain *chain, size_t border)
{
	for (size_t i = border + 1; i < chain->count; i++)
		if (network_of(chain, &chain->hops[i]))
			return i;
	return STR_NONE;
}

/* The recipient's own alias: the border's verified client is the host of the domain that the mail was addressed to, and
 * the line that it wrote itself names our address. */
static bool is_alias_forwarding(const struct chain *chain, size_t border, size_t ours)
{
	const struct hop *hop = &chain->hops[border];
	return ours == border + 1 && hop->has_rdns && is_linked(chain, border) &&
	       text_same_organisation(hop->rdns, chain->recipient_domain);
}

static void add_lead(struct arena *arena, struct item *item, const char *what, str text)
{
	if (text.len)
		words_add(&item->leads, arena_printf(arena, "%s %.*s", what, STR_ARG(str_head(text, 200))));
}

static bool is_our_literal(const struct chain *chain, str text)
{
	struct ip ip;
	return hop_parse_ip(text, &ip) && networks_find(chain->view->networks, ip, USEC_NEVER);
}

/* Where our address or name stands without meaning anything: HELO and by above or at the border, and client fields. */
static bool collect_leads(struct arena *arena, const struct chain *chain, const struct headers *reported, size_t border,
			  struct item *item)
{
	static const char *const client_fields[] = { "X-Originating-IP", "X-Sender-IP", "X-Source-IP", "X-Client-IP" };
	bool is_client = false;
	for (size_t i = 0; i < chain->count && (border == STR_NONE || i <= border); i++) {
		const struct hop *hop = &chain->hops[i];
		if (!network_of(chain, hop) && is_our_literal(chain, hop->helo))
			add_lead(arena, item, "helo", hop->helo);
		if (is_written_by_us(chain, hop))
			add_lead(arena, item, "received by", hop->by);
	}
	for (size_t i = 0; i < sizeof(client_fields) / sizeof(*client_fields); i++) {
		str value = headers_get(reported, client_fields[i]);
		if (!is_our_literal(chain, value))
			continue;
		add_lead(arena, item, client_fields[i], value);
		is_client = true;
	}
	return is_client;
}

/* Steps behind our relay, and behind one that handed it on to that, as far as each itself wrote the line. */
static void step_inside(struct arena *arena, const struct chain *chain, size_t border, const struct network *network,
			struct item *item)
{
	if (border + 1 >= chain->count)
		return;
	const struct hop *outer = &chain->hops[border], *hop = outer + 1;
	bool by_relay = str_eq_nocase(hop->by, network->name) || str_eq_nocase(hop->by, client_name(outer)) ||
			(hop->has_by_ip && ip_net_has(network->range, hop->by_ip));
	if (!by_relay)
		return;
	words_add(&item->mta_ids, hop->id);
	if (hop->local)
		add_lead(arena, item, "login", hop->helo);
	if (network->role != ROLE_RELAY || !hop->has_ip)
		return;
	item->has_inner = true;
	item->inner = hop->ip;
	const struct network *inside = network_of(chain, hop);
	if (!inside)
		return;
	item->network = inside->name;
	if (inside->role == ROLE_RELAY)
		step_inside(arena, chain, border + 1, inside, item);
}

/* Exim makes Message-IDs of its own from the id of the message: E<id>@host. */
static void add_exim_message_id(struct item *item, str message_id)
{
	str local = address_local_part(message_id);
	if (str_skip(&local, STR("E")) && exim_id_shape(local))
		words_add(&item->mta_ids, local);
}

static void decide_ours(const struct chain *chain, const struct claim *claim, size_t border, usec received,
			struct item *item)
{
	const struct hop *hop = &chain->hops[border];
	bool agrees = claim->has && claim->from != FROM_PROSE;
	usec age_from = received == USEC_NEVER ? chain->view->now : received;
	item->confidence = agrees ? CONFIDENCE_BORDER_FIELD : CONFIDENCE_BORDER;
	item->verdict = VERDICT_OURS;
	item->why = STR("the reporter's border received it from our address");
	if (hop->time == USEC_NEVER || age_from == USEC_NEVER || age_from - hop->time <= chain->view->log_retention)
		return;
	item->verdict = VERDICT_STALE;
	item->why = STR("our address, but the mail is older than our logs are kept");
}

static void decide_foreign(const struct chain *chain, size_t border, bool is_client, struct item *item)
{
	size_t below = find_ours_below(chain, border);
	const struct network *once = networks_find(chain->view->networks, item->hop, USEC_NEVER);
	item->confidence = CONFIDENCE_BORDER;
	item->verdict = is_client ? VERDICT_CLIENT_ONLY : VERDICT_NOT_OURS;
	item->why = STR("the reporter's border received it from an address that is not ours");
	if (is_client)
		item->why = STR("our address is named only as the client of a foreign mail service");
	else if (once)
		item->why = STR("the address was not ours at that time");
	else if (below != STR_NONE)
		item->why = STR("our address stands below a foreign hop: forged or forwarded");
}

static void decide_claim(const struct chain *chain, const struct claim *claim, bool is_client, struct item *item)
{
	const struct network *network = networks_find(chain->view->networks, claim->ip, item->arrival);
	if (!claim->has) {
		item->verdict = is_client ? VERDICT_CLIENT_ONLY : VERDICT_NO_IP;
		item->why = is_client ? STR("our address is named only as the client of a foreign mail service")
				      : STR("no address in it: ask for the headers");
		return;
	}
	item->confidence = claim->from == FROM_PROSE ? CONFIDENCE_WEAK : CONFIDENCE_CLAIMED;
	item->verdict = network ? VERDICT_CLAIM_ONLY : VERDICT_NOT_OURS;
	item->why = network ? STR("our address is claimed, without a line of Received that shows it")
			    : STR("the claimed address is not ours");
	if (network)
		item->network = network->name;
}

static void set_hop(struct item *item, const struct hop *hop)
{
	item->has_hop = true;
	item->hop = hop->ip;
	item->hop_time = hop->time;
}

static void set_source(struct item *item, const struct claim *claim)
{
	item->has_source = claim->has || item->has_hop;
	item->source = claim->has ? claim->ip : item->hop;
	item->source_from = claim->has ? claim->from : item->has_hop ? FROM_RECEIVED : FROM_NOWHERE;
}

/* The border line is known: ours, foreign, or at odds with what the reporter names. */
static void decide_border(struct arena *arena, const struct chain *chain, const struct claim *claim, size_t border,
			  bool is_client, usec received, struct item *item)
{
	size_t below = find_ours_below(chain, border);
	const struct network *network = network_of(chain, &chain->hops[border]);
	if (!network && !claim->has && below != STR_NONE && is_alias_forwarding(chain, border, below)) {
		set_hop(item, &chain->hops[below]);
		network = network_of(chain, &chain->hops[below]);
		decide_ours(chain, claim, below, received, item);
		item->confidence = CONFIDENCE_WEAK;
		item->why = STR("the recipient's own forwarding host says that it came from our address");
		border = below;
	} else if (claim->has && claim->from != FROM_PROSE && !ip_eq(claim->ip, item->hop)) {
		item->confidence = CONFIDENCE_BORDER;
		item->verdict = VERDICT_CONFLICT;
		item->why = STR("the reporter names one address, the reported mail's headers show another");
	} else if (network) {
		decide_ours(chain, claim, border, received, item);
	} else {
		decide_foreign(chain, border, is_client, item);
	}
	if (!network)
		return;
	item->network = network->name;
	step_inside(arena, chain, border, network, item);
}

void chain_judge(struct arena *arena, const struct headers *reported, const struct claim *claim,
		 const struct view *view, str reporter, usec received, struct item *item)
{
	struct chain chain = {
		.view = view,
		.reporter_domain = address_domain(reporter),
		.recipient_domain = address_domain(text_address(headers_get(reported, "To"))),
	};
	parse_hops(arena, reported, &chain);
	size_t border = find_border(&chain, claim);
	bool is_client = collect_leads(arena, &chain, reported, border, item);
	if (border != STR_NONE) {
		set_hop(item, &chain.hops[border]);
		decide_border(arena, &chain, claim, border, is_client, received, item);
	} else {
		decide_claim(&chain, claim, is_client, item);
	}
	set_source(item, claim);
	add_exim_message_id(item, item->message_id);
}
