/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_fail2ban: a jail of our own named quell, whose bantime is the end
 * of a block. banip checks neither ignoreip nor even whether it is an address.
 */
#include "platform/firewalls.h"

#define CLIENT "/usr/bin/fail2ban-client "
#define BLOCK                                                                                                       \
	{ { "do", CLIENT "set quell banip {host}" }, { "undo", CLIENT "set quell unbanip {host}" },                \
	  { "read", CLIENT "get quell banip" }, { "how", "word" }, { "on", "{host}" }, { "goal", "on" },             \
	  { "address", "{host}" } }

const struct recipe firewall_fail2ban[] = {
	{ "block4", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK },
	{ "block6", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK },
	{ NULL },
};
