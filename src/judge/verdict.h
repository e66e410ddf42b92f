/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict: leads to incidents. A lead is blamed only by two reasons of
 * different kinds (rules.h); what looked guilty and is not, is named with the
 * figures that clear it.
 */
#pragma once
#include "judge/rules.h"

enum vector {
	VECTOR_SCRIPT_HTTP, VECTOR_SCRIPT_CRON, VECTOR_SHELL, VECTOR_SMTP_AUTH, VECTOR_WEBMAIL, VECTOR_FORM,
	VECTOR_NEWSLETTER, VECTOR_MAILING_LIST, VECTOR_LOCAL_SMTP, VECTOR_FORWARDER, VECTOR_BACKSCATTER, VECTOR_INBOUND,
};
const char *vector_name(enum vector vector);

enum ip_role { ROLE_LOGIN, ROLE_HTTP, ROLE_SMTP, ROLE_ENTRY };
struct incident_ip {
	struct ip ip;
	enum ip_role role;
	uint32_t hits;
	usec first, last;
	bool shared; /* others use it too: a proxy, an office, another mailbox's owner */
};

struct counted_name {
	uint32_t name, count;
};

struct incident {
	const struct lead *lead;
	enum vector vector;
	bool inbound, blame, ongoing, unattended;
	char id[13], cause_id[13];
	uint32_t mailbox, script, entry_script; /* names; 0 = none */
	uint32_t called_script; /* the page that is called over the web, where script is a file that it includes; else 0 */
	VEC(struct incident_ip) ips;
	VEC(uint32_t) messages, derived;
	VEC(struct counted_name) subjects, senders; /* most frequent first */
	struct figures figures;
	struct reasons reasons;
	double confidence;
	char grade;
	bool confirmed;    /* by a second independent source */
};

struct cleared {
	const struct lead *lead;
	str looked_like, why_not; /* sentences */
};

struct verdict {
	struct arena arena;
	VEC(struct incident) incidents; /* the worst first */
	VEC(struct cleared) cleared;
};

/* An actor that the configuration names as known ([known NAME]); empty strings match nothing. */
struct known {
	str name, account, mailbox, script;
	VEC(struct ip_net) nets; /* where it may send from; none = anywhere */
	usec until;              /* USEC_NEVER = for good */
};

struct judge_input {
	struct world *world;
	const struct leads *leads;
	const struct lead_host *lead_host;
	const struct thresholds *thresholds;
	const struct known *known;
	size_t known_count;
	bool dovecot_seen, by_syslog, spool_seen;
	usec now;
	str (*account_name)(const void *context, uint32_t account);
	str (*account_home)(const void *context, uint32_t account);
	const void *context;
};

void verdict_make(struct verdict *out, const struct judge_input *input);
void verdict_done(struct verdict *verdict);
