/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_iptables: a chain of our own, for v4 and v6 apart. -A adds
 * duplicates without complaint, so -C is asked before and after (of INPUT the
 * list, since -C with a target that does not exist is an error). There are no
 * timeouts; the rules are not saved, since saving would make permanent what
 * other tools mean to be temporary.
 */
#include "platform/firewalls.h"

#define CHAIN(tool)                                                                                                     \
	{ { "do", tool "-N QUELL" }, { "undo", tool "-X QUELL" }, { "read", tool "-S QUELL" }, { "how", "exit" },        \
	  { "goal", "on" } }
#define HOOK(tool)                                                                                                      \
	{ { "do", tool "-I INPUT 1 -j QUELL" }, { "undo", tool "-D INPUT -j QUELL" }, { "read", tool "-S INPUT" },       \
	  { "how", "word" }, { "on", "QUELL" }, { "goal", "on" } }
#define BLOCK(tool, bits)                                                                                               \
	{ { "do", tool "-A QUELL -s {host}" bits " -m comment --comment quell -j DROP" },                              \
	  { "undo", tool "-D QUELL -s {host}" bits " -m comment --comment quell -j DROP" },                            \
	  { "read", tool "-C QUELL -s {host}" bits " -m comment --comment quell -j DROP" }, { "how", "exit" },          \
	  { "goal", "on" }, { "address", "{host}" } }
#define V4 "/usr/sbin/iptables -w 5 "
#define V6 "/usr/sbin/ip6tables -w 5 "

const struct recipe firewall_iptables[] = {
	{ "ready4", "switch", "chain QUELL of iptables", "blocks live in a chain of their own", true, CHAIN(V4) },
	{ "ready4", "switch", "the call of QUELL from INPUT", "the chain is asked first", true, HOOK(V4) },
	{ "ready6", "switch", "chain QUELL of ip6tables", "blocks live in a chain of their own", true, CHAIN(V6) },
	{ "ready6", "switch", "the call of QUELL from INPUT", "the chain is asked first", true, HOOK(V6) },
	{ "block4", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK(V4, "/32") },
	{ "block6", "switch", "{host}", "spam or stolen logins come from it", true, BLOCK(V6, "/128") },
	{ NULL },
};
