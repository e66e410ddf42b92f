/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_nft: a table of our own. Its chain runs at priority -10, before the
 * usual filter chains: accept there ends only this chain, drop is final. A
 * block is one transaction of add, delete, add, which sets time and comment
 * afresh whether or not the address was there (what a bare second add does
 * depends on the kernel).
 */
#include "platform/firewalls.h"

#define NFT "/usr/sbin/nft "

#define BLOCK(set)                                                                                                  \
	{ "do", NFT "-f -" }, { "undo", NFT "delete element inet quell " set " {{ {host} }}" },                     \
	{ "input", "add element inet quell " set " {{ {host} }}\ndelete element inet quell " set " {{ {host} }}\n"   \
		   "add element inet quell " set " {{ {host} timeout {seconds}s comment \"{note}\" }}\n" },           \
	{ "read", NFT "-j get element inet quell " set " {{ {host} }}" }, { "how", "exit" }, { "goal", "on" },        \
	{ "address", "{host}" }

const struct recipe firewall_nft[] = {
	{ "ready", "switch", "nftables table inet quell", "blocks live in a table of their own", true,
	  { { "do", NFT "-f -" },
	    { "undo", NFT "delete table inet quell" },
	    { "input", "add table inet quell\n"
		       "add set inet quell block4 {{ type ipv4_addr; flags interval, timeout; }}\n"
		       "add set inet quell block6 {{ type ipv6_addr; flags interval, timeout; }}\n"
		       "add chain inet quell input {{ type filter hook input priority -10; policy accept; }}\n"
		       "flush chain inet quell input\n"
		       "add rule inet quell input iif lo accept\n"
		       "add rule inet quell input ip saddr @block4 counter drop comment \"quell\"\n"
		       "add rule inet quell input ip6 saddr @block6 counter drop comment \"quell\"\n" },
	    { "read", NFT "list table inet quell" },
	    { "how", "exit" },
	    { "goal", "on" } },
	  "nft add table inet quell; nft add set inet quell block4 '{{ type ipv4_addr; flags interval, timeout; }}'; "
	  "nft add set inet quell block6 '{{ type ipv6_addr; flags interval, timeout; }}'; "
	  "nft add chain inet quell input '{{ type filter hook input priority -10; policy accept; }}'; "
	  "nft add rule inet quell input iif lo accept; nft add rule inet quell input ip saddr @block4 counter drop; "
	  "nft add rule inet quell input ip6 saddr @block6 counter drop",
	  "nft delete table inet quell" },
	{ "block4", "switch", "{host}", "spam or stolen logins come from it", true, { BLOCK("block4") },
	  "nft add element inet quell block4 '{{ {host} timeout {seconds}s }}'",
	  "nft delete element inet quell block4 '{{ {host} }}'" },
	{ "block6", "switch", "{host}", "spam or stolen logins come from it", true, { BLOCK("block6") },
	  "nft add element inet quell block6 '{{ {host} timeout {seconds}s }}'",
	  "nft delete element inet quell block6 '{{ {host} }}'" },
	{ NULL },
};
