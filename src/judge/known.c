/* SPDX-License-Identifier: Apache-2.0
 *
 * known: actors that the configuration names ([known NAME]).
 */
#include "judge/judging.h"

static bool known_fits(const struct judging *j, const struct known *known)
{
	const struct judge_input *in = j->in;
	const struct world *world = in->world;
	if (known->until != USEC_NEVER && j->lead->figures.last > known->until)
		return false;
	bool account_fits = !known->account.len ||
			    (j->lead->account != NONE &&
			     str_eq(known->account, in->account_name(in->context, j->lead->account)));
	if (!account_fits)
		return false;
	if (j->lead->kind == LEAD_PROGRAM)
		return !known->mailbox.len && (known->script.len ? str_eq(known->script, world_str(world, j->lead->script)) :
								   known->account.len > 0);
	return known->mailbox.len && !known->script.len && str_eq_nocase(known->mailbox, world_str(world, j->lead->mailbox));
}

static bool known_client(const struct known *known, struct ip ip)
{
	for (size_t i = 0; i < known->nets.count; i++)
		if (ip_net_has(known->nets.at[i], ip))
			return true;
	return known->nets.count == 0;
}

str judging_drop_known(struct judging *j)
{
	str name = STR("");
	for (size_t k = 0; k < j->in->known_count; k++) {
		const struct known *known = &j->in->known[k];
		if (!known_fits(j, known))
			continue;
		for (size_t i = 0; i < j->lead->messages.count; i++) {
			uint32_t client = j->lead->client_of[i];
			if (client == NONE ? known->nets.count > 0 : !known_client(known, world_ip_of(j->in->world, j->lead->clients.at[client].ip)))
				continue;
			j->chosen[i] = false;
			name = known->name;
		}
	}
	return name;
}
