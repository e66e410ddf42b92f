/* SPDX-License-Identifier: Apache-2.0
 *
 * sources: first and last mail of each client, and whether it knows more than one account.
 */
#include "judge/sources.h"

#include <stdlib.h>

uint32_t sources_number(struct sources *sources, struct world *world, const struct message *message)
{
	bool is_new;
	uint32_t *slot = index_add(&sources->by_ip, world_client(world, message->ip), &is_new);
	if (is_new) {
		*slot = (uint32_t)sources->list.count;
		*VEC_PUSH(&sources->list) = (struct source){ message->at, message->at, 0, false };
	}
	return *slot;
}

void sources_learn(struct sources *sources, const struct judge_input *in)
{
	for (size_t l = 0; l < in->leads->list.count; l++) {
		const struct lead *lead = &in->leads->list.at[l];
		for (size_t i = 0; lead->kind == LEAD_INBOUND && i < lead->messages.count; i++) {
			const struct message *message = &in->world->messages.at[lead->messages.at[i]];
			uint32_t number = sources_number(sources, in->world, message);
			struct source *source = &sources->list.at[number];
			bool is_new;
			uint32_t *account = index_add(&sources->account, number, &is_new);
			if (is_new)
				*account = lead->account + 1;
			source->elsewhere |= *account != lead->account + 1;
			source->first = message->at < source->first ? message->at : source->first;
			source->last = message->at > source->last ? message->at : source->last;
			source->messages++;
		}
	}
}

void sources_done(struct sources *sources)
{
	free(sources->list.at);
	index_done(&sources->by_ip);
	index_done(&sources->account);
}
