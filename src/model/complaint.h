/* SPDX-License-Identifier: Apache-2.0
 *
 * complaint: what one complaint says, and its text forms.
 *
 * A complaint is one report that reached the desk; it holds one item for each
 * mail or address it is about. JSON (quell.complaint/1) is both the output of
 * `quell-desk read` and the form in which the jailed reader hands its result
 * to its parent, which therefore reads it as something hostile.
 */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/mem.h"

enum { COMPLAINT_ITEMS_MAX = 50, COMPLAINT_WORDS_MAX = 32 };

enum complaint_class {
	CLASS_SPAM,
	CLASS_NOT_SPAM,
	CLASS_OPT_OUT,
	CLASS_AUTH_FAILURE,
	CLASS_BLOCKLIST,
	CLASS_FEED,
	CLASS_BOUNCE,
	CLASS_AUTO_REPLY,
	CLASS_OWN_NOTICE,
	CLASS_OTHER,
};

enum reporter_kind {
	REPORTER_PERSON,
	REPORTER_FBL,
	REPORTER_TRAP,
	REPORTER_BLOCKLIST,
	REPORTER_UPSTREAM,
	REPORTER_SELF
};

/* Where the address that the complaint is about was read. */
enum source_from { FROM_NOWHERE, FROM_FIELD, FROM_RECEIVED, FROM_SUBJECT, FROM_PROSE };

enum confidence {
	CONFIDENCE_NONE,
	CONFIDENCE_WEAK,	 /* our address below a forwarder, or in prose */
	CONFIDENCE_CLAIMED,	 /* a field alone */
	CONFIDENCE_BORDER,	 /* the line that the reporter's border wrote */
	CONFIDENCE_BORDER_FIELD, /* that line and the reporter's field agree */
	CONFIDENCE_PROVEN,	 /* found in our own host's log */
};

enum verdict {
	VERDICT_NO_IP,
	VERDICT_OURS,
	VERDICT_NOT_OURS,
	VERDICT_CLIENT_ONLY, /* ours only as the client of somebody else's web mail */
	VERDICT_CLAIM_ONLY,  /* ours by a field or prose, with no line to show for it */
	VERDICT_CONFLICT,    /* field and chain name different addresses */
	VERDICT_STALE,	     /* ours, but older than our logs */
};

struct words {
	VEC(str) list; /* without duplicates, at most COMPLAINT_WORDS_MAX */
};

struct item {
	bool has_source, has_hop, has_inner;
	struct ip source; /* the address that the item is about */
	enum source_from source_from;
	struct ip hop;	 /* the client that the reporter's border saw */
	usec hop_time;	 /* by the reporter's clock */
	struct ip inner; /* behind our relay: the client that the relay's own line names */
	str network;	 /* name of our network in which the responsible address lies */
	enum confidence confidence;
	enum verdict verdict;
	str why; /* the reason for the verdict, one sentence */
	str sender, recipient, subject, message_id;
	usec date, arrival;
	uint64_t size;	 /* of the reported mail in bytes, when it was enclosed whole; else 0 */
	uint64_t weight; /* how many similar events the item stands for (RFC 5965 Incidents) */
	struct words mta_ids;
	struct words leads; /* "helo 192.0.2.1", "login bob": named somewhere, proof of nothing */
};

struct complaint {
	str format;
	enum complaint_class class;
	str feedback_type;
	str reporter_address;
	enum reporter_kind reporter_kind;
	str external_id;
	usec received; /* by the line that our own border stamped; else USEC_NEVER */
	struct words limits, degraded;
	VEC(struct item) items;
};
#define COMPLAINT_INIT ((struct complaint){ .class = CLASS_OTHER, .received = USEC_NEVER })
#define ITEM_INIT ((struct item){ .hop_time = USEC_NEVER, .date = USEC_NEVER, .arrival = USEC_NEVER, .weight = 1 })

void words_add(struct words *words, str word);
bool words_has(const struct words *words, str word);

const char *complaint_class_name(enum complaint_class class);
const char *reporter_kind_name(enum reporter_kind kind);
const char *verdict_name(enum verdict verdict);
const char *confidence_name(enum confidence confidence);

/* A new item with nothing in it, or NULL when the complaint is full (limit "items" is then recorded). Valid until the
 * next. */
struct item *complaint_add(struct complaint *complaint);

/* Strings of a parsed complaint live in the arena. ERR_INPUT when text is not what complaint_print_json writes. */
void complaint_print_json(struct buf *buf, const struct complaint *complaint, bool compact);
int complaint_parse_json(struct arena *arena, str text, struct complaint *out, struct err *err);
/* For people. */
void complaint_print_text(struct buf *buf, const struct complaint *complaint);
void complaint_done(struct complaint *complaint);
