/* SPDX-License-Identifier: Apache-2.0
 *
 * inventory: from an address to the host, customer and contacts behind it.
 *
 * Sources are asked in the order of the configuration; the first that knows
 * the address answers, and others that answer differently are shown.
 */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/mem.h"

struct place {
	struct ip first, last; /* the range that the row is about */
	str host, client_id, client_name, email, panel, ssh_host, ssh_port, ssh_user, note;
	usec valid_until; /* USEC_NEVER = open */
	unsigned line;
	str source;
};

struct inventory {
	struct arena arena;
	VEC(struct place) places; /* of all sources, in order */
};

/* Comma-separated, RFC 4180, with a header line; columns ip (address, CIDR or FIRST-LAST), hostname, client_id,
 * client_name, email and optionally panel, ssh_host, ssh_port, ssh_user, note, valid_until. ERR_INPUT names file and
 * line; the same range twice names both lines. */
int inventory_add_csv(struct inventory *inventory, str name, str text, struct err *err);
/* The narrowest place of the first source that holds ip; NULL when none does. */
const struct place *inventory_find(const struct inventory *inventory, struct ip ip);
/* A place in another source that holds ip and names another host than the given one, or NULL. */
const struct place *inventory_differs(const struct inventory *inventory, struct ip ip, const struct place *from);
void inventory_done(struct inventory *inventory);
