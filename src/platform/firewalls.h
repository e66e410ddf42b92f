/* SPDX-License-Identifier: Apache-2.0
 *
 * firewalls: the firewalls of a host as tables of recipes, and which of them
 * is the one to use.
 *
 * Verbs: ready (make what block needs, once), block4, block6 (one address for
 * a time), each with its undo. Values: {host}, {seconds}, {note}.
 */
#pragma once
#include "platform/host.h"
#include "platform/recipe.h"

struct firewall {
	const char *name;
	const struct recipe *recipes;
	/* Is it the one in use on this host? By its files only. */
	bool (*is_used)(struct host *host);
	/* A reason not to use it although it is there (testing mode); NULL = none. */
	const char *(*problem)(struct host *host);
};

/* In the order of choice; ended by a row without name. */
extern const struct firewall firewalls[];
extern const struct recipe firewall_nft[], firewall_csf[], firewall_iptables[], firewall_firewalld[],
	firewall_fail2ban[], firewall_ufw[], firewall_hestia[], firewall_apf[], firewall_apf_debian[];
