/* SPDX-License-Identifier: Apache-2.0
 *
 * world: making and finding of rows.
 */
#include "trace/world.h"

#include <stdlib.h>

void world_init(struct world *world)
{
	*world = (struct world){ .first = USEC_NEVER, .last = USEC_NEVER, .messages_max = IDS_MAX };
	names_init(&world->names);
	names_init(&world->subjects);
	ids_init(&world->ids);
}

void world_done(struct world *world)
{
	names_done(&world->names);
	names_done(&world->subjects);
	ids_done(&world->ids);
	free(world->messages.at);
	free(world->recipients.at);
	free(world->calls.at);
	free(world->logins.at);
	free(world->requests.at);
	free(world->php_mails.at);
	free(world->jobs.at);
	free(world->schedules.at);
	free(world->programs.at);
	free(world->visitors.at);
	free(world->forgers.at);
	index_done(&world->recipient_by_key);
	index_done(&world->program_by_key);
	index_done(&world->visitor_by_key);
	index_done(&world->login_by_key);
	index_done(&world->own_ips);
	*world = (struct world){ 0 };
}

void world_seal_web(struct world *world)
{
	index_done(&world->visitor_by_key);
	index_done(&world->login_by_key);
}

void world_seal(struct world *world)
{
	names_seal(&world->subjects);
	ids_seal(&world->ids);
}

/* RFC 5321 allows 64 + 1 + 255 bytes; what is longer is kept as it is, and is nobody's mailbox here. */
enum { ADDRESS_ROOM = 512 };

/* The form in which an address is interned: itself, or a view into room. */
static str address_name(str address, char room[ADDRESS_ROOM])
{
	if (address.len > ADDRESS_ROOM || (address.len && (address.at[0] == '|' || address.at[0] == '/')))
		return address;
	for (size_t i = 0; i < address.len; i++)
		room[i] = address.at[i] >= 'A' && address.at[i] <= 'Z' ? (char)(address.at[i] + 32) : address.at[i];
	return (str){ room, address.len };
}

uint32_t world_address(struct world *world, str address)
{
	char room[ADDRESS_ROOM];
	return names_add(&world->names, address_name(address, room));
}

uint32_t world_expect_address(const struct world *world, str address)
{
	char room[ADDRESS_ROOM];
	return names_expect(&world->names, address_name(address, room));
}

uint32_t world_find(const struct world *world, str id)
{
	struct exim_id packed;
	return exim_id_pack(id, &packed) ? ids_get(&world->ids, packed) : NONE;
}

str world_id(const struct world *world, uint32_t message, char room[EXIM_ID_LONG])
{
	return exim_id_unpack(world->ids.list.at[message], room);
}

uint32_t world_message(struct world *world, struct exim_id id, usec at)
{
	bool full = world->messages.count >= world->messages_max;
	uint32_t message = full ? ids_get(&world->ids, id) : ids_add(&world->ids, id);
	world->counts.beyond += message == NONE;
	if (message == world->messages.count)
		*VEC_PUSH(&world->messages) = (struct message){
			.account = NONE, .parent = NONE, .first_recipient = NONE, .call = NONE, .program = NONE,
			.request = NONE, .at = at, .place = { .input = PLACE_NOWHERE },
		};
	return message;
}

/* Chains up to this length are walked; rows of longer ones are in the index as well. */
enum { CHAIN_WALK = 16 };

/* The row of that address; *out_length tells how many rows were passed, at most CHAIN_WALK. */
static uint32_t find_recipient(const struct world *world, uint32_t message, uint32_t address, unsigned *out_length)
{
	uint32_t at = world->messages.at[message].first_recipient;
	for (*out_length = 0; at != NONE && *out_length < CHAIN_WALK; ++*out_length) {
		if (world->recipients.at[at].address == address)
			return at;
		at = world->recipients.at[at].next;
	}
	const uint32_t *slot = at == NONE ? NULL : index_get(&world->recipient_by_key, index_pair(message, address));
	return slot ? *slot : NONE;
}

bool world_has_recipient(const struct world *world, uint32_t message, uint32_t address)
{
	unsigned length;
	return find_recipient(world, message, address, &length) != NONE;
}

static void index_chain(struct world *world, uint32_t message, uint32_t from)
{
	for (uint32_t at = from; at != NONE; at = world->recipients.at[at].next) {
		bool is_new;
		uint32_t *slot = index_add(&world->recipient_by_key,
					   index_pair(message, world->recipients.at[at].address), &is_new);
		*slot = at;
		if (!is_new)
			return;
	}
}

struct recipient *world_recipient(struct world *world, uint32_t message, uint32_t address)
{
	unsigned length;
	uint32_t found = find_recipient(world, message, address, &length);
	if (found != NONE)
		return &world->recipients.at[found];
	struct message *owner = &world->messages.at[message];
	found = (uint32_t)world->recipients.count;
	*VEC_PUSH(&world->recipients) = (struct recipient){ .address = address, .next = owner->first_recipient,
							    .place = { .input = PLACE_NOWHERE } };
	owner->first_recipient = found;
	if (length == CHAIN_WALK)
		index_chain(world, message, found);
	return &world->recipients.at[found];
}

uint32_t world_program(struct world *world, const struct program *program)
{
	bool is_new;
	uint64_t key = index_pair(program->url, program->account) ^ (uint64_t)program->kind << 62 ^
		       (uint64_t)program->post << 61;
	uint32_t *slot = index_add(&world->program_by_key, key, &is_new);
	if (is_new) {
		*slot = (uint32_t)world->programs.count;
		*VEC_PUSH(&world->programs) = *program;
	}
	return *slot;
}

uint32_t world_ip(struct world *world, struct ip ip)
{
	return names_add(&world->names, (str){ (const char *)ip.byte, sizeof(ip.byte) });
}

uint32_t world_client(struct world *world, uint32_t ip)
{
	struct ip address = world_ip_of(world, ip);
	return ip_is_v4(address) ? ip : world_ip(world, ip_client(address));
}

struct ip world_ip_of(const struct world *world, uint32_t name)
{
	struct ip ip = { 0 };
	str bytes = names_str(&world->names, name);
	memcpy(ip.byte, bytes.at, bytes.len < sizeof(ip.byte) ? bytes.len : sizeof(ip.byte));
	return ip;
}

struct login_row *world_login(struct world *world, const struct login_row *login)
{
	bool is_new;
	uint64_t kind = (uint64_t)login->failed << 63 | (uint64_t)login->smtp << 62;
	uint32_t *slot = index_add(&world->login_by_key, index_pair(login->mailbox, login->ip) ^ kind, &is_new);
	if (is_new) {
		*slot = (uint32_t)world->logins.count;
		*VEC_PUSH(&world->logins) = *login;
	}
	return &world->logins.at[*slot];
}

uint32_t world_visitor(struct world *world, uint32_t account, struct ip ip)
{
	bool is_new;
	uint32_t name = world_ip(world, ip);
	uint32_t *slot = index_add(&world->visitor_by_key, index_pair(name, account), &is_new);
	if (is_new) {
		*slot = (uint32_t)world->visitors.count;
		*VEC_PUSH(&world->visitors) = (struct visitor){ .account = account, .ip = name };
	}
	return *slot;
}

static int by_arrival(const void *a, const void *b, void *context)
{
	const struct world *world = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	usec tx = world->messages.at[x].at, ty = world->messages.at[y].at;
	if (tx != ty)
		return tx < ty ? -1 : 1;
	return x < y ? -1 : x > y;
}

void world_sort_messages(const struct world *world, uint32_t *list, size_t count)
{
	size_t sorted = 1;
	while (sorted < count && by_arrival(&list[sorted - 1], &list[sorted], (void *)world) <= 0)
		sorted++;
	if (sorted < count) /* logs are in order for the most part */
		qsort_r(list, count, sizeof(*list), by_arrival, (void *)world);
}
