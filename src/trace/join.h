/* SPDX-License-Identifier: Apache-2.0
 *
 * join: puts events into the world's tables as they are read.
 *
 * Order matters for the main log only (its lines in the order of the files);
 * other sources come afterwards, in any order.
 */
#pragma once
#include "trace/world.h"

/* What join needs to know of the host; answers are stable and side-effect free. */
struct join_host {
	const void *context;
	uint32_t (*account_of_login)(const void *context, str login);  /* customers only, else NONE */
	uint32_t (*account_of_path)(const void *context, str path);
	str (*home_of)(const void *context, uint32_t account);
	/* The path by the names that are used for homes elsewhere: a view into path, or into room. */
	str (*usual_path)(const void *context, str path, struct buf *room);
	/* Account and document root of a vhost; false when it is in no map. */
	bool (*site_of)(const void *context, str vhost, uint32_t *out_account, str *out_docroot);
};

struct join {
	struct world *world;
	const struct join_host *host;
	usec since, until; /* events outside are dropped; USEC_NEVER = no bound */
	struct ip own_ip;  /* the address of this host that was seen last; all zero before */
	struct index domain_failure; /* name of a domain -> its last real failure class */
};

/* Inside --since and --until. */
static inline bool join_in_window(const struct join *join, usec at)
{
	return (join->since == USEC_NEVER || at >= join->since) && (join->until == USEC_NEVER || at <= join->until);
}

/* Hashes of the names that an event will ask for. */
struct join_expected {
	uint32_t sender, recipient, subject;
};

void join_init(struct join *join, struct world *world, const struct join_host *host);
/* Has the processor fetch what join_mainlog() will read of that event, which the caller joins some events later: on a large
 * host nearly every line asks for rows that no cache holds. Call the second when the first has been called for several. */
void join_expect(const struct join *join, const struct event *event, struct join_expected *out);
void join_expect_text(const struct join *join, const struct join_expected *expected);
/* Main log events: arrivals, deliveries, notes, calls, failed authentication. */
void join_mainlog(struct join *join, const struct event *event, struct place place);
/* Dovecot's logins and failures. */
void join_login(struct join *join, const struct event *event);
void join_php_mail(struct join *join, const struct event *event, uint32_t account, struct place place);
/* vhost and account: of the log's file, where the line names no vhost. */
void join_request(struct join *join, const struct event *event, str vhost, uint32_t account, struct place place);
void join_job(struct join *join, const struct event *event, struct place place);
/* A line of the account's crontab, of which the first CRONTAB_LINES_MAX are kept; where cron logs nothing. */
enum { CRONTAB_LINES_MAX = 64 };
void join_schedule(struct join *join, const struct schedule *schedule, str command, uint32_t account, struct place place);
/* One queued message: confirms, corrects or adds. place.line is 0. */
void join_spool(struct join *join, const struct spool_message *queued, struct place place);
/* After main log and spool: messages that the log says are still queued but that left no trace are marked forged.
 * spool_complete: every spool folder could be read. grace: age below which a message may be under way. */
void join_settle(struct join *join, bool spool_complete, usec grace);
void join_done(struct join *join);
