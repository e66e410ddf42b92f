/* SPDX-License-Identifier: Apache-2.0
 *
 * lead: one actor and all its messages, with the figures by which it will be
 * judged. Every message that leaves the host, or whose bounce does, belongs
 * to the lead of the actor that caused it; nothing is judged here.
 *
 *   program    a script, a job of cron, or the unknown program of an account
 *   mailbox    an SMTP AUTH identity, by network
 *   alias      a local address whose mail leaves again: forwarder or list
 *   bounces    a domain whose deliveries fail after acceptance
 *   inbound    an account that receives a wave from many new sources; it has
 *              neither clients nor figures before a wave is chosen
 */
#pragma once
#include "trace/world.h"

enum lead_kind { LEAD_PROGRAM, LEAD_MAILBOX, LEAD_ALIAS, LEAD_BOUNCES, LEAD_INBOUND };

/* Which side of a shared mailbox or form a client is on. */
enum client_side { SIDE_OPEN, SIDE_OWNER, SIDE_INTRUDER };

/* One client: an IPv4 address or an IPv6 /64. */
struct client {
	uint32_t ip;              /* an address of it, as logged: world_ip_of() */
	uint32_t messages;
	uint32_t calls;           /* of the program, with or without mail */
	uint32_t outside;         /* outside recipients, once per message and address */
	uint32_t known;           /* of these, who wrote to this account before or was written to from elsewhere */
	uint32_t verdicts, list_failures;
	uint32_t foreign_senders; /* messages whose envelope sender is in no domain of the host */
	uint32_t local_only;      /* messages to local recipients alone */
	uint32_t reads;           /* IMAP/POP logins to the mailbox */
	usec first_read, last_read;
	uint32_t guesses;         /* failed logins to the mailbox */
	uint32_t most_recipients; /* of one message, outside */
	usec first, last;
	uint32_t visitor;         /* on the account's sites, NONE */
	enum client_side side : 2;
	bool webmail : 1;
	bool shared : 1;          /* a proxy or office: also fetches pages, several agents */
	bool self : 1;            /* the host itself (loopback, wp-cron) */
};

struct figures {
	uint32_t messages;        /* with outside recipients */
	uint32_t outside;         /* outside recipients */
	uint32_t distinct;        /* different outside addresses */
	uint32_t strangers;       /* of these, who never wrote to this account */
	uint32_t verdicts, list_failures, policy_failures, temporary;
	uint32_t foreign_senders; /* messages */
	uint32_t distinct_senders;
	uint32_t replies;         /* to somebody who wrote within the last two minutes */
	uint32_t local_only;      /* messages to local recipients alone */
	uint32_t calls, calls_with_mail, median_mails; /* of a program */
	uint32_t days;            /* different UTC days with messages */
	uint32_t queued, frozen;
	usec first, last;
	uint32_t peak_per_hour;   /* outside recipients (messages, where there are none) in the busiest 60 minutes */
};

struct lead {
	enum lead_kind kind;
	uint32_t account;         /* NONE when unknown */
	uint32_t mailbox;         /* name: mailbox, alias or domain of bounces */
	uint32_t program;         /* of LEAD_PROGRAM */
	uint32_t script;          /* name of the file; 0 unknown. Of LEAD_BOUNCES: the failing command */
	bool loopback;            /* its mail came over SMTP from loopback without a login */
	bool script_claimed;      /* the file's name comes from PHP's own word, not from the URL */
	bool script_web;          /* and PHP said that a web request ran it */
	VEC(uint32_t) messages;   /* by arrival */
	uint32_t *client_of;      /* by position in messages: the client that sent it, NONE; owned; NULL for inbound */
	VEC(uint32_t) derived;    /* bounces and copies they caused */
	VEC(struct client) clients; /* who sent mail, or logged in to the mailbox */
	uint32_t idle_callers;    /* addresses that called the program and made it send nothing */
	struct figures figures;
};

struct leads {
	VEC(struct lead) list;    /* in order of first appearance */
};

/* What leads need to know of domains. */
struct lead_host {
	const void *context;
	bool (*is_local_domain)(const void *context, str domain);
	uint32_t (*account_of_domain)(const void *context, str domain); /* NONE when nobody's */
	uint32_t (*account_of_login)(const void *context, str login);   /* a customer's system user; NONE when it is none */
};

/* Marks the outside recipients, counts them in the messages and gathers the leads. */
void lead_build(struct leads *out, struct world *world, const struct lead_host *host);
/* The figures over the given messages of a lead (all when chosen is NULL: an array of flags by position). */
void lead_figures(struct figures *out, const struct world *world, const struct lead_host *host, const struct lead *lead,
		  const bool *chosen);
/* The envelope sender is in no domain of the host; one in which its sender logs in is the host's own, mapped or not. */
bool lead_is_foreign_sender(const struct world *world, const struct lead_host *host, const struct message *message);
void leads_done(struct leads *leads);
