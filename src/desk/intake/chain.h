/* SPDX-License-Identifier: Apache-2.0
 *
 * chain: which line of a reported mail's Received fields the reporter's
 * border wrote, and what follows from it.
 *
 * Walked from the top, since only the topmost lines are the reporter's own:
 * an address in one of our networks is never skipped; private and missing
 * addresses and hosts of the reporter's own side are; the first line whose
 * client is neither is the border line, and everything below it is the
 * sender's word. A name the client merely claimed (HELO) makes it the
 * reporter's only when the next line was written under that very name.
 * Where the reporter names the address in a field, the topmost line with that
 * address is the border line, whatever relays of the report's own way stand above.
 */
#pragma once
#include "desk/intake/header.h"
#include "model/complaint.h"
#include "model/network.h"

/* What the desk knows, from its configuration. */
struct view {
	const struct networks *networks;
	str border;	/* the name under which our own inbound MX stamps Received lines; may be empty */
	const str *own; /* our own mail addresses */
	size_t own_count;
	usec log_retention;
	usec now;
};

/* The address that the reporter names, apart from the chain. */
struct claim {
	bool has;
	struct ip ip;
	enum source_from from;
};
#define CLAIM_NONE ((struct claim){ 0 })

/* Judges one reported mail: fills source, hop, inner, network, confidence, verdict, why, mta_ids, leads of item.
 * reporter: the mail address of who complains. received: when the complaint reached us (USEC_NEVER: view->now). */
void chain_judge(struct arena *arena, const struct headers *reported, const struct claim *claim,
		 const struct view *view, str reporter, usec received, struct item *item);
