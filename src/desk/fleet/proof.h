/* SPDX-License-Identifier: Apache-2.0
 *
 * proof: looks a reported mail up in the log of the host that is said to have
 * sent it. Only a mail that is found there may ever lead to an action.
 */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "desk/fleet/remote.h"

/* What the complaint says about the mail. */
struct wanted {
	const str *ids; /* of the MTA, as read; may have been copied by hand */
	size_t id_count;
	str recipient, message_id;
	usec at;       /* by the reporter's clock; USEC_NEVER = unknown */
	uint64_t size; /* of the whole mail as it was reported; 0 = unknown */
};

struct proof {
	bool found;
	const char *by; /* "id", "recipient and minute", "message-id and size", "message-id and minute" */
	str id;		/* of the message on the host */
	str account, login;
	usec at;
	str text; /* the host's answer about that message, JSON on one line */
};

/* Readings of an id in which 1, l and I or 0 and O were mistaken: those of the right shape whose time is near at, the
 * fewest changes first, at most max. Returns how many. */
size_t proof_repair_id(struct arena *arena, str id, usec at, str *out, size_t max);
/* The message of one answer (quell.trace/1) that fits best; found = false when none does. Hostile text. */
int proof_read_trace(struct arena *arena, str json, const struct wanted *wanted, struct proof *out, struct err *err);
/* Asks by id, else by recipient and time, else by Message-ID and size. "Not found" is a result, no error. */
int proof_look_up(struct arena *arena, const struct remote *remote, const struct wanted *wanted, struct proof *out,
		  struct err *err);
