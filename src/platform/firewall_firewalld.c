/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_firewalld: a rich rule with an end in the default zone. Runtime
 * only: --timeout and --permanent exclude each other.
 */
#include "platform/firewalls.h"

#define CMD "/usr/bin/firewall-cmd "
#define RULE(family) "rich-rule=rule family=\"" family "\" source address=\"{host}\" drop'"
#define BLOCK(family)                                                                                                \
	{ { "do", CMD "'--add-" RULE(family) " --timeout={seconds}" }, { "undo", CMD "'--remove-" RULE(family) },     \
	  { "read", CMD "'--query-" RULE(family) }, { "how", "exit" }, { "goal", "on" }, { "address", "{host}" } }

const struct recipe firewall_firewalld[] = {
	{ "block4", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK("ipv4") },
	{ "block6", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK("ipv6") },
	{ NULL },
};
