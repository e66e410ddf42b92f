/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_hestia: HestiaCP's own bans, IPv4 only. The verb exits 0 without
 * doing anything for own and excluded addresses and for bans that stand.
 */
#include "platform/firewalls.h"

#define BIN "/usr/local/hestia/bin/"

const struct recipe firewall_hestia[] = {
	{ "block4", "switch", "{host}", "spam or stolen logins come from it", true,
	  { { "do", BIN "v-add-firewall-ban {host} MAIL" },
	    { "undo", BIN "v-delete-firewall-ban {host} MAIL" },
	    { "read", BIN "v-list-firewall-ban json" },
	    { "how", "json" },
	    { "at", "{host}/IP" },
	    { "on", "{host}" },
	    { "absent", "off" },
	    { "goal", "on" },
	    { "address", "{host}" } } },
	{ NULL },
};
