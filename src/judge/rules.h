/* SPDX-License-Identifier: Apache-2.0
 *
 * rules: the signs that separate culprits from their honest twins, one table.
 *
 * A rule looks at one lead and holds or not. Each belongs to a kind of input;
 * blame needs two rules that hold from different kinds. Amount alone is no
 * rule.
 */
#pragma once
#include "trace/lead.h"

/* Settings of [judge]; see quell.conf(5). Where a value comes from a trial it says so in the settings' help. */
struct thresholds {
	uint32_t floor;             /* outside recipients below which nothing is judged */
	double list_share;          /* share of dead addresses that honest lists do not reach */
	uint32_t list_failures_min;
	double verdict_share;       /* share of recipients whose hosts call it spam */
	uint32_t verdicts_min;
	double per_client;          /* outside recipients per calling client */
	uint32_t repeat_calls;      /* calls by which a client is one that calls again and again */
	double blind_callers;       /* share of callers that do nothing else on the site */
	double foreign_share;       /* share of messages with envelope senders outside the host's domains */
	double stranger_share;      /* share of recipients who never wrote before */
	uint32_t runs_min;          /* runs of a job to new strangers each time */
	uint32_t at_once;           /* strangers that each message of a mailbox goes to */
	uint32_t networks_min;      /* networks that write to strangers alone */
	uint32_t silent_networks;   /* networks that send but never read */
	double unread_refused;      /* refused share of mail from networks that never read, where the owner reads elsewhere */
	double forward_share;       /* refused share of a forwarder's copies */
	double list_refused;        /* refused share of a mailing list's copies */
	uint32_t bounces_min;       /* bounces to strangers for one domain */
	uint32_t wave_sources;      /* new sources within an hour of an inbound wave */
	uint32_t wave_messages;
};

/* What kind of input a sign comes from; two of one kind are one. */
enum sign_kind { SIGN_REMOTE, SIGN_LIST, SIGN_WEB, SIGN_MAIL, SIGN_NETWORK, SIGN_LOGIN, SIGN_PLACE, SIGN_UPLOAD };

enum { REASONS_MAX = 12, EVIDENCE_MAX = 3 };

struct reason {
	const char *rule;
	enum sign_kind kind;
	double weight;
	char grade;
	str says;                          /* sentence with the figures */
	struct place evidence[EVIDENCE_MAX];
	unsigned evidence_count;
};

struct reasons {
	struct reason list[REASONS_MAX];
	size_t count;
};

struct rule_input {
	struct world *world;
	const struct lead *lead;
	const struct figures *figures; /* of the messages under suspicion */
	const bool *chosen;            /* by position in lead->messages; NULL = all */
	const struct thresholds *thresholds;
	bool dovecot_seen;
	bool form;                     /* a script that sends copies to visitors and notices to its owner */
	bool errands;                  /* a script that is called on behalf of visitors: its callers are nobody's bots */
	uint32_t entry_request;        /* request that brought the script in, NONE */
	struct arena *arena;           /* for sentences */
};

/* Every rule for the lead's kind that holds. */
void rules_apply(struct reasons *out, const struct rule_input *input);
/* 1 - product of (1 - weight). */
double reasons_confidence(const struct reasons *reasons);
/* Different kinds of input among the reasons. */
unsigned reasons_kinds(const struct reasons *reasons);
/* A directory where no program that sends mail belongs: hidden, upload, cache, temporary, style sheets and pictures. */
bool rules_is_odd_place(str path);
