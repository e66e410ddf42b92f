/* SPDX-License-Identifier: Apache-2.0
 *
 * network: the address ranges that are ours, each with what stands in it and
 * the time for which it was ours, as [network NAME] of the configuration says.
 */
#pragma once
#include "base/clock.h"
#include "base/conf.h"
#include "base/ip.h"
#include "base/mem.h"

enum network_role {
	ROLE_HOST,    /* sends its customers' mail */
	ROLE_RELAY,   /* sends for hosts behind it: its name is the by of the line it writes */
	ROLE_INBOUND, /* takes mail in for us, among it the desk's own: never a source */
	ROLE_NAT,     /* hides many machines */
	ROLE_NOT_MAIL,
};

struct network {
	str name; /* of the section; for a relay or inbound host the name under which it stamps Received lines */
	enum network_role role;
	struct ip_net range;
	usec from, to; /* USEC_NEVER = without bound; valid in [from, to) */
};

struct networks {
	VEC(struct network) list; /* one entry per range; strings are borrowed from the configuration */
};

/* The rows for the configuration table; NETWORK_CONF_ROWS goes into the program's own table. */
#define NETWORK_ROLES "host|relay|inbound|nat|not-mail"
#define NETWORK_CONF_ROWS                                                                                              \
	{ "network", true, "range", CONF_IP, true, .help = "a network of ours; may be given several times" },          \
		{ "network",                                                                                           \
		  true,                                                                                                \
		  "role",                                                                                              \
		  CONF_CHOICE,                                                                                         \
		  .choices = NETWORK_ROLES,                                                                            \
		  .fallback = "host",                                                                                  \
		  .help = "what stands in it; a relay or inbound host is recognised in Received lines by the "         \
			  "section's name" },                                                                          \
		{ "network", true, "from", CONF_DATE, .help = "ours since this day" },                                 \
	{                                                                                                              \
		"network", true, "to", CONF_DATE, .help = "ours until this day"                                        \
	}

void networks_load(struct networks *networks, const struct conf *conf);
/* The narrowest network that holds ip and was ours at that time (USEC_NEVER: at any time), or NULL. */
const struct network *networks_find(const struct networks *networks, struct ip ip, usec at);
/* The network whose section is called name (letter case does not matter), or NULL. */
const struct network *networks_named(const struct networks *networks, str name);
const char *network_role_name(enum network_role role);
void networks_done(struct networks *networks);
