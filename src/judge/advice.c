/* SPDX-License-Identifier: Apache-2.0
 *
 * advice: one table, from vector to steps. The cause comes before its
 * traces: a password before the queue, a script before the addresses.
 */
#include "judge/advice.h"

enum target { TARGET_SCRIPT, TARGET_MAILBOX, TARGET_ACCOUNT, TARGET_INCIDENT, TARGET_IPS };

struct row {
	unsigned vectors;
	const char *kind;
	enum target target;
	const char *why;
	bool reversible;
};

#define ON(vector) (1u << VECTOR_##vector)
#define SCRIPTS (ON(SCRIPT_HTTP) | ON(SCRIPT_CRON) | ON(LOCAL_SMTP))
#define BOXES (ON(SMTP_AUTH) | ON(WEBMAIL))
#define SENDING (SCRIPTS | BOXES | ON(SHELL) | ON(FORM) | ON(NEWSLETTER))

static const struct row rows[] = {
	{ BOXES, "passwd", TARGET_MAILBOX, "the password is known to strangers; open sessions end with it", false },
	{ SCRIPTS, "disable", TARGET_SCRIPT, "it can send no more; a sealed copy stays as evidence", true },
	{ ON(SHELL) | ON(NEWSLETTER) | ON(FORM), "hold", TARGET_ACCOUNT, "its mail waits while the owner repairs the cause", true },
	{ SENDING, "purge", TARGET_INCIDENT, "what is still queued does not leave; it is sealed first", true },
	{ ON(FORWARDER) | ON(MAILING_LIST) | ON(BACKSCATTER), "hold", TARGET_MAILBOX, "the address stops passing on what it gets", true },
	{ ON(SCRIPT_HTTP) | BOXES | ON(FORM) | ON(LOCAL_SMTP) | ON(INBOUND), "block", TARGET_IPS, "it takes part and nobody honest uses it", true },
};

enum { BLOCKED_IPS = 5 };

static size_t add_ips(struct advice *out, size_t room, const struct row *row, const struct incident *incident,
		      struct arena *arena)
{
	size_t count = 0;
	for (size_t i = 0; i < incident->ips.count && count < room && count < BLOCKED_IPS; i++) {
		const struct incident_ip *ip = &incident->ips.at[i];
		/* who acted once may be a mix-up of two clients in one second */
		if (ip->shared || (ip->hits < 2 && incident->ips.count > 1))
			continue;
		struct buf text = BUF_INIT;
		ip_print(&text, ip->ip);
		out[count++] = (struct advice){ row->kind, arena_copy(arena, buf_str(&text)), row->why, row->reversible };
		buf_done(&text);
	}
	return count;
}

static str target_text(const struct row *row, const struct incident *incident, const struct world *world, str account)
{
	switch (row->target) {
	case TARGET_SCRIPT: return world_str(world, incident->script);
	case TARGET_MAILBOX: return world_str(world, incident->mailbox);
	case TARGET_ACCOUNT: return account;
	case TARGET_INCIDENT: return str_from(incident->id);
	case TARGET_IPS: break;
	}
	return STR("");
}

size_t advice_for(struct advice out[ADVICE_MAX], const struct incident *incident, const struct world *world,
		  str account, struct arena *arena)
{
	size_t count = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && count < ADVICE_MAX; i++) {
		const struct row *row = &rows[i];
		if (!(row->vectors & 1u << incident->vector))
			continue;
		if (row->target == TARGET_IPS) {
			count += add_ips(out + count, ADVICE_MAX - count, row, incident, arena);
			continue;
		}
		str target = target_text(row, incident, world, account);
		if (target.len)
			out[count++] = (struct advice){ row->kind, target, row->why, row->reversible };
	}
	return count;
}
