/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_ufw: a deny rule in front of the others (prepend: ufw 0.36 and
 * later). It exits 0 for rules that stand or are absent, so ufw status decides.
 */
#include "platform/firewalls.h"

#define UFW "/usr/sbin/ufw "
#define BLOCK                                                                                                         \
	{ { "do", UFW "prepend deny from {host} comment 'quell {note}'" }, { "undo", UFW "delete deny from {host}" }, \
	  { "read", UFW "status" }, { "how", "word" }, { "on", "{host}" }, { "goal", "on" }, { "address", "{host}" } }

const struct recipe firewall_ufw[] = {
	{ "block4", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK },
	{ "block6", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK },
	{ NULL },
};
