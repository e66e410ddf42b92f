/* SPDX-License-Identifier: Apache-2.0
 *
 * shared: who else was seen at an address.
 */
#include "judge/shared.h"

static void learn(struct shared *shared, uint32_t ip, uint32_t mailbox)
{
	bool is_new;
	uint32_t *slot = index_add(&shared->mailbox_of, ip, &is_new);
	if (is_new)
		*slot = mailbox;
	else if (*slot != mailbox)
		*slot = SHARED_BY_MANY;
}

void shared_learn(struct shared *shared, struct world *world)
{
	for (size_t i = 0; i < world->logins.count; i++) {
		const struct login_row *login = &world->logins.at[i];
		if (!login->failed && !login->loopback)
			learn(shared, login->ip, login->mailbox);
	}
	for (size_t i = 0; i < world->messages.count; i++) {
		const struct message *message = &world->messages.at[i];
		if (message->mailbox && message->has_ip && !message->loopback)
			learn(shared, message->ip, message->mailbox);
	}
}

bool shared_has(const struct shared *shared, struct world *world, struct ip ip, uint32_t mailbox)
{
	const uint32_t *seen = index_get(&shared->mailbox_of, world_ip(world, ip));
	return seen && *seen != mailbox;
}

void shared_done(struct shared *shared)
{
	index_done(&shared->mailbox_of);
}
