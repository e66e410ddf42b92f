/* SPDX-License-Identifier: Apache-2.0
 *
 * world: making and finding of rows.
 */
#include "trace/world.h"

#include <stdlib.h>

void world_init(struct world *world)
{
	*world = (struct world){ .first = USEC_NEVER, .last = USEC_NEVER };
	names_init(&world->names);
}

void world_done(struct world *world)
{
	names_done(&world->names);
	free(world->messages.at);
	free(world->recipients.at);
	free(world->calls.at);
	free(world->logins.at);
	free(world->requests.at);
	free(world->php_mails.at);
	free(world->jobs.at);
	free(world->programs.at);
	free(world->visitors.at);
	index_done(&world->message_by_id);
	index_done(&world->recipient_by_key);
	index_done(&world->program_by_key);
	index_done(&world->visitor_by_key);
	index_done(&world->own_ips);
	*world = (struct world){ 0 };
}

/* RFC 5321 allows 64 + 1 + 255 bytes; what is longer is kept as it is, and is nobody's mailbox here. */
uint32_t world_address(struct world *world, str address)
{
	char lower[512];
	if (address.len > sizeof(lower) || (address.len && (address.at[0] == '|' || address.at[0] == '/')))
		return names_add(&world->names, address);
	for (size_t i = 0; i < address.len; i++)
		lower[i] = address.at[i] >= 'A' && address.at[i] <= 'Z' ? (char)(address.at[i] + 32) : address.at[i];
	return names_add(&world->names, (str){ lower, address.len });
}

uint32_t world_find(const struct world *world, str id)
{
	uint32_t name = names_get(&world->names, id);
	const uint32_t *at = name ? index_get(&world->message_by_id, name) : NULL;
	return at ? *at : NONE;
}

uint32_t world_message(struct world *world, str id, usec at)
{
	bool is_new;
	uint32_t name = names_add(&world->names, id);
	uint32_t *slot = index_add(&world->message_by_id, name, &is_new);
	if (is_new) {
		*slot = (uint32_t)world->messages.count;
		*VEC_PUSH(&world->messages) = (struct message){
			.id = name, .account = NONE, .parent = NONE, .first_recipient = NONE, .last_recipient = NONE,
			.call = NONE, .program = NONE, .request = NONE, .at = at,
			.place = { .input = NONE },
		};
	}
	return *slot;
}

struct recipient *world_recipient(struct world *world, uint32_t message, uint32_t address)
{
	bool is_new;
	uint32_t *slot = index_add(&world->recipient_by_key, index_pair(message, address), &is_new);
	if (!is_new)
		return &world->recipients.at[*slot];
	*slot = (uint32_t)world->recipients.count;
	struct message *owner = &world->messages.at[message];
	if (owner->first_recipient == NONE)
		owner->first_recipient = *slot;
	else
		world->recipients.at[owner->last_recipient].next = *slot;
	owner->last_recipient = *slot;
	owner->recipient_count++;
	*VEC_PUSH(&world->recipients) = (struct recipient){ .address = address, .next = NONE, .place = { .input = NONE } };
	return &world->recipients.at[*slot];
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

uint32_t world_visitor(struct world *world, uint32_t account, struct ip ip)
{
	bool is_new;
	uint32_t *slot = index_add(&world->visitor_by_key, index_pair(world_ip(world, ip), account), &is_new);
	if (is_new) {
		*slot = (uint32_t)world->visitors.count;
		*VEC_PUSH(&world->visitors) = (struct visitor){ .account = account, .ip = ip };
	}
	return *slot;
}
