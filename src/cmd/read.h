/* SPDX-License-Identifier: Apache-2.0
 *
 * read: from the host's inputs to the world's tables; the one place where
 * readers (source/) and tables (trace/) meet.
 */
#pragma once
#include "base/root.h"
#include "platform/host.h"
#include "trace/join.h"
#include "trace/lead.h"

struct read_limits {
	usec now;            /* USEC_NEVER: the newest trusted event counts as now */
	usec since, until;   /* USEC_NEVER = open */
	uint64_t file_bytes; /* ceiling of one expanded file */
	/* Sees every entry of the main log after it was joined; NULL = nobody. */
	void (*tap)(void *context, const struct event *event);
	/* Sees every login and every refused one after it was counted; NULL = nobody. */
	void (*login_tap)(void *context, const struct event *event, struct place place);
	void *tap_context;
};

struct read_state {
	bool spool_seen, spool_complete; /* a spool was found; every folder of it could be read */
	bool mainlog_seen;               /* at least one entry of a main log was understood */
	bool by_syslog;                  /* Exim logs through syslog: grade C, lines may be missing */
	uint64_t damaged_messages;       /* -H files that could not be understood */
	usec latest;                     /* newest trusted event */
	struct dir_names problems;       /* sentences for the operator, in order */
};

/* Reads all inputs of the host; bad input is counted in the inputs and told in problems, never fatal. */
void read_inputs(struct host *host, struct world *world, const struct join_host *join_host,
		 const struct read_limits *limits, struct read_state *out);
/* The same, and then what sent each message (trace/how) and from where (trace/whence). */
void read_and_trace(struct host *host, struct world *world, const struct read_limits *limits, struct read_state *out);
/* The questions that the tables ask of a host. */
struct join_host read_join_host(const struct host *host);
struct lead_host read_lead_host(const struct host *host);
void read_state_done(struct read_state *state);
