/* SPDX-License-Identifier: Apache-2.0
 *
 * banner: what a host of ours says about itself: the greeting of its mail
 * server and its names in the DNS. Hints to check the inventory with, not
 * proof: a host can print anything.
 */
#pragma once
#include "base/arena.h"
#include "base/ip.h"
#include "base/mem.h"

enum { BANNER_TIMEOUT_MS = 20000, DNS_TIMEOUT_MS = 5000, PTR_NAMES_MAX = 5 };

struct banner {
	str host; /* first word of the greeting when it looks like a host name; else empty */
	str line; /* the first line of the greeting, or why there is none */
};
/* Connects, reads the greeting, says QUIT and nothing else. Strings live in the arena. */
void banner_read(struct arena *arena, struct ip ip, unsigned port, struct banner *out);

enum fcrdns { FCRDNS_NONE, FCRDNS_PASS, FCRDNS_MISMATCH, FCRDNS_TEMPERROR };
struct rdns {
	enum fcrdns result;
	VEC(str) names; /* of PTR, at most PTR_NAMES_MAX; those that resolve back come first */
};
const char *fcrdns_name(enum fcrdns result);
/* resolver: "ADDRESS[:PORT]", or empty for the system's. */
void rdns_look_up(struct arena *arena, struct ip ip, str resolver, struct rdns *out);
void rdns_done(struct rdns *rdns);
