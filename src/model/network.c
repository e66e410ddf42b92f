/* SPDX-License-Identifier: Apache-2.0
 *
 * network: loading from the configuration, and look-up.
 */
#include "model/network.h"

#include <stdlib.h>

static const char *const role_names[] = {
	[ROLE_HOST] = "host", [ROLE_RELAY] = "relay",	    [ROLE_INBOUND] = "inbound",
	[ROLE_NAT] = "nat",   [ROLE_NOT_MAIL] = "not-mail",
};

const char *network_role_name(enum network_role role)
{
	return role_names[role];
}

static enum network_role role_of(str name)
{
	enum network_role role = ROLE_HOST;
	while (!str_eq(name, str_from(role_names[role])))
		role++;
	return role;
}

static usec date_of(const struct conf *conf, str section, const char *key)
{
	usec at = USEC_NEVER;
	clock_parse(conf_get(conf, "network", section, key), USEC_NEVER, &at);
	return at;
}

void networks_load(struct networks *networks, const struct conf *conf)
{
	*networks = (struct networks){ 0 };
	for (size_t i = 0; i < conf->entries.count; i++) {
		const struct conf_entry *entry = &conf->entries.at[i];
		if (strcmp(entry->row->section, "network") || strcmp(entry->row->key, "range"))
			continue;
		struct network *network = VEC_PUSH(&networks->list);
		*network = (struct network){
			.name = entry->section_name,
			.role = role_of(conf_get(conf, "network", entry->section_name, "role")),
			.from = date_of(conf, entry->section_name, "from"),
			.to = date_of(conf, entry->section_name, "to"),
		};
		ip_net_parse(entry->value, &network->range); /* its form was checked by the configuration's table */
	}
}

static bool was_valid(const struct network *network, usec at)
{
	return at == USEC_NEVER || ((network->from == USEC_NEVER || at >= network->from) &&
				    (network->to == USEC_NEVER || at < network->to));
}

const struct network *networks_find(const struct networks *networks, struct ip ip, usec at)
{
	const struct network *best = NULL;
	for (size_t i = 0; i < networks->list.count; i++) {
		const struct network *network = &networks->list.at[i];
		if (ip_net_has(network->range, ip) && was_valid(network, at) &&
		    (!best || network->range.bits > best->range.bits))
			best = network;
	}
	return best;
}

const struct network *networks_named(const struct networks *networks, str name)
{
	for (size_t i = 0; name.len && i < networks->list.count; i++)
		if (str_eq_nocase(networks->list.at[i].name, name))
			return &networks->list.at[i];
	return NULL;
}

void networks_done(struct networks *networks)
{
	free(networks->list.at);
	*networks = (struct networks){ 0 };
}
