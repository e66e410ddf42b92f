/* SPDX-License-Identifier: Apache-2.0
 *
 * sides: marks of owner and intruder, network by network.
 *
 * Owner's marks: writes to somebody known, to colleagues, or to the same
 * person as another network; reads the mailbox well before or after the
 * intruder acts. Intruder's marks: several strangers per message, foreign
 * envelope senders, verdicts, guesses without ever reading, one of several
 * networks that only send. Owner's marks win only where there is no
 * intruder's mark.
 */
#include "judge/sides.h"

#include <stdlib.h>

#define HOUR (3600 * USEC_PER_SEC)

enum { STRANGERS_AT_ONCE = 3 };

struct span {
	usec from, to;
};

static bool is_silent(const struct client *client)
{
	return client->messages && !client->reads && !client->webmail && !client->known;
}

static uint32_t count_silent(const struct lead *lead)
{
	uint32_t count = 0;
	for (size_t i = 0; i < lead->clients.count; i++)
		count += is_silent(&lead->clients.at[i]);
	return count;
}

/* One address written to by two clients: both carry the owner's mark. */
static void mark_common(const struct lead *lead, const struct world *world, bool *common)
{
	struct index first = { 0 };
	for (size_t i = 0; i < lead->messages.count; i++) {
		const struct message *message = &world->messages.at[lead->messages.at[i]];
		uint32_t client = lead->client_of[i];
		if (client == NONE)
			continue;
		for (EACH_RECIPIENT(r, world, message)) {
			bool is_new;
			if (!r->outside)
				continue;
			uint32_t *slot = index_add(&first, r->address, &is_new);
			if (is_new)
				*slot = client;
			else if (*slot != client)
				common[client] = common[*slot] = true;
		}
	}
	index_done(&first);
}

static bool has_intruder_mark(const struct client *client, bool many_silent, bool dovecot_seen)
{
	bool crowd = client->most_recipients >= STRANGERS_AT_ONCE && !client->known;
	bool guesser = dovecot_seen && client->guesses && !client->reads && !client->webmail;
	return client->messages && (crowd || client->foreign_senders || client->verdicts || guesser ||
				    (many_silent && is_silent(client)));
}

static bool has_owner_mark(const struct client *client, bool common, const struct span *wave)
{
	bool reads_apart = client->reads && (client->first_read < wave->from - HOUR || client->last_read > wave->to + HOUR);
	return client->known || client->local_only || common || reads_apart;
}

static struct span wave_of(const struct lead *lead)
{
	struct span wave = { INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < lead->clients.count; i++) {
		const struct client *client = &lead->clients.at[i];
		if (client->side != SIDE_INTRUDER)
			continue;
		if (client->first < wave.from)
			wave.from = client->first;
		if (client->last > wave.to)
			wave.to = client->last;
	}
	return wave;
}

/* Recipients per message of the marked intruders, in tenths. */
static uint32_t intruders_width(const struct lead *lead)
{
	uint32_t messages = 0, outside = 0;
	for (size_t i = 0; i < lead->clients.count; i++) {
		const struct client *client = &lead->clients.at[i];
		if (client->side != SIDE_INTRUDER)
			continue;
		messages += client->messages;
		outside += client->outside;
	}
	return messages ? outside * 10 / messages : 0;
}

/* Writes single letters that arrive, where the intruder writes to several people at once. */
static bool writes_letters(const struct client *client, uint32_t width)
{
	return width >= 20 && client->messages >= 2 && client->most_recipients == 1 && !client->list_failures &&
	       !client->verdicts;
}

/* Reading just before the wave is no alibi: half of its addresses are dead, as the others' are. */
static bool writes_to_dead(const struct client *client)
{
	return client->list_failures * 2 >= client->outside && client->outside > 0;
}

static bool acts_within(const struct client *client, const struct span *wave)
{
	return client->messages && client->last >= wave->from - HOUR && client->first <= wave->to + HOUR;
}

/* A single marked client without anybody calling its mail spam is the owner's bulk, not a stranger. */
static bool is_lone_owner(const struct lead *lead)
{
	uint32_t marked = 0, bad = 0;
	for (size_t i = 0; i < lead->clients.count; i++) {
		const struct client *client = &lead->clients.at[i];
		if (client->side != SIDE_INTRUDER)
			continue;
		marked++;
		bad += client->foreign_senders || client->guesses || client->verdicts * 10 > client->outside ||
		       client->list_failures * 5 > client->outside;
	}
	return marked == 1 && !bad;
}

void sides_of_mailbox(struct lead *lead, const struct world *world, const struct thresholds *thresholds, bool dovecot_seen)
{
	bool *common = mem_alloc(lead->clients.count + 1);
	bool many_silent = dovecot_seen && count_silent(lead) >= thresholds->silent_networks;
	mark_common(lead, world, common);
	for (size_t i = 0; i < lead->clients.count; i++)
		lead->clients.at[i].side = has_intruder_mark(&lead->clients.at[i], many_silent, dovecot_seen) ?
						     SIDE_INTRUDER : SIDE_OPEN;
	struct span wave = wave_of(lead);
	uint32_t width = intruders_width(lead);
	for (size_t i = 0; i < lead->clients.count; i++) {
		struct client *client = &lead->clients.at[i];
		if (client->side == SIDE_OPEN &&
		    (has_owner_mark(client, common[i], &wave) || writes_letters(client, width)))
			client->side = SIDE_OWNER;
		else if (client->side == SIDE_OPEN)
			client->side = acts_within(client, &wave) && (!client->reads || writes_to_dead(client)) ?
					       SIDE_INTRUDER : SIDE_OWNER;
	}
	if (is_lone_owner(lead))
		for (size_t i = 0; i < lead->clients.count; i++)
			lead->clients.at[i].side = SIDE_OWNER;
	free(common);
}

void sides_of_form(struct lead *lead, const struct world *world)
{
	for (size_t i = 0; i < lead->clients.count; i++) {
		struct client *client = &lead->clients.at[i];
		const struct visitor *visitor = client->visitor == NONE ? NULL : &world->visitors.at[client->visitor];
		bool looked = visitor && visitor->pages + visitor->statics > 0;
		client->side = client->outside > 1 || (client->outside && !looked) ? SIDE_INTRUDER : SIDE_OWNER;
	}
}
