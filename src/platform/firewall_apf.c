/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_apf: a line in apf's own list of denied hosts, and its refresh,
 * which fills the chain TDENY from that list. Its own verbs are not used: they
 * end with 0 whatever came of it, and apf -u filters all lists by an unanchored
 * pattern (9.7), so that 192.0.2.1 takes 192.0.2.10 along. IPv4 only. Debian
 * and the upstream package keep it in different places.
 */
#include "platform/firewalls.h"

#define APF(program, folder)                                                                                         \
	{ "block4", "edit_line", "{host}", "spam or stolen logins come from it", true,                              \
	  { { "file", folder "/deny_hosts.rules" }, { "change", "add" }, { "line", "{host}" }, { "address", "{host}" }, \
	    { "then", program " -e" }, { "read", "/usr/sbin/iptables -w 5 -S TDENY" }, { "on", "{host}/32" } },         \
	  "echo {host} >> " folder "/deny_hosts.rules && " program " -e",                                            \
	  "sed -i '/^{host}$/d' " folder "/deny_hosts.rules && " program " -e" }

const struct recipe firewall_apf_debian[] = { APF("/usr/sbin/apf", "/etc/apf-firewall"), { NULL } };
const struct recipe firewall_apf[] = { APF("/usr/local/sbin/apf", "/etc/apf"), { NULL } };
