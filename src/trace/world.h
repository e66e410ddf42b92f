/* SPDX-License-Identifier: Apache-2.0
 *
 * world: everything the inputs told, joined by message id, as plain tables.
 *
 * Text is interned once in names (addresses in lower case); rows refer to each
 * other by index. A message is one Exim id; a recipient is one (message,
 * address), counted once whatever the number of attempts. A row that can be
 * shown as evidence carries the place it was read from.
 */
#pragma once
#include "base/clock.h"
#include "base/ip.h"
#include "base/map.h"
#include "base/mem.h"
#include "model/event.h"
#include "model/schedule.h"
#include "model/spool.h"
#include "trace/ids.h"

#define NONE UINT32_MAX

/* Where a line or file stands. Six bytes: there are millions of them. */
struct place {
	uint16_t input; /* index of the input, or PLACE_NOWHERE */
	uint32_t line;  /* from 1; 0 for a queue file */
} __attribute__((packed, aligned(2)));
#define PLACE_NOWHERE UINT16_MAX

enum { HOURS_BITS = 8, HOURS_MAX = (1 << HOURS_BITS) - 1 };

enum recipient_state { RECIPIENT_PENDING, RECIPIENT_DONE, RECIPIENT_FAILED, RECIPIENT_DEFERRED };

/* What a failure says about the sender (see outcome.h). */
enum failure_class {
	FAILURE_NONE, FAILURE_VERDICT, FAILURE_LISTED, FAILURE_LIST, FAILURE_POLICY, FAILURE_TEMPORARY, FAILURE_LOCAL,
	FAILURE_CLASSES
};

struct recipient {
	uint32_t address;  /* name: the final address; a pipe "|..." or file for local commands */
	uint32_t original; /* name: the address before aliasing; 0 when the same */
	uint32_t next;     /* of the same message, NONE at the end */
	struct place place; /* of the line that set the state */
	enum recipient_state state : 2;
	enum failure_class failure : 3;
	bool remote : 1;   /* was handed, or tried to be handed, to another host */
	bool expanded : 1; /* an alias: its targets are recipients of their own */
	bool outside : 1;  /* an address of another host; set by lead_build */
	unsigned hours : HOURS_BITS; /* from the message's arrival to the line that set the state; HOURS_MAX and more are one */
};

struct message {
	uint32_t sender;   /* name; 0 for <> */
	uint32_t login;    /* name: U= of a local submission, or the -H file's */
	uint32_t account;  /* index of a customer account that submitted it locally, else NONE */
	uint32_t mailbox;  /* name: auth id of an SMTP client; 0 = none */
	uint32_t parent;   /* message it is a bounce of, NONE */
	uint32_t subject;  /* world_subject() */
	uint32_t ip;       /* client: world_ip_of(); only with has_ip */
	uint32_t first_recipient;
	uint32_t call;     /* cwd= entry, NONE */
	uint32_t script_claim; /* name: script that PHP's header or mail.log names, inside the account's home; 0 */
	uint32_t program;  /* what sent it, NONE; see how.h */
	uint32_t request;  /* web request that made it, NONE */
	uint32_t outside;  /* outside recipients; set by lead_build, as known and reply */
	uint32_t known;    /* of these, who wrote to this account before */
	usec at;           /* arrival */
	struct place place; /* arrival line, or -H file */
	bool arrived : 1;  /* an arrival line was seen */
	bool local : 1;
	bool has_ip : 1;
	bool loopback : 1;
	bool null_sender : 1;
	bool completed : 1;
	bool removed : 1;
	bool queued : 1;   /* in the spool */
	bool frozen : 1;
	bool attested : 1; /* origin confirmed by the -H file: grade A */
	bool ambiguous : 1;
	bool forged : 1;   /* contradicts the spool or itself */
	bool reply : 1;    /* all outside recipients wrote to this account within the last two minutes */
	bool server_user : 1; /* submitted by the web server's own user: the account is told by the directory alone */
	bool claim_web : 1; /* script_claim names what a web request ran */
	bool claim_attested : 1; /* script_claim comes from a header that Exim stored for a local submission of that uid */
};

struct call_row {
	usec at;
	uint32_t cwd, sender; /* names */
	bool used : 1, torn : 1;
	struct place place;
};

/* All logins of one kind to one mailbox from one address. */
struct login_row {
	usec first, last;
	uint32_t mailbox; /* name */
	uint32_t ip;      /* world_ip_of() */
	uint32_t count;   /* logins; attempts where failed */
	bool failed : 1, loopback : 1, smtp : 1; /* smtp: refused by Exim's authenticator */
};

/* A request that can have run a program; pages and pictures are only counted, in visitors. */
struct request_row {
	usec at;
	uint32_t user;    /* name: webmail login, 0 */
	uint32_t program; /* the script it runs, NONE for webmail */
	uint32_t visitor; /* whose account is the vhost's */
	struct place place;
	uint16_t status;
	bool post : 1, webmail : 1, self : 1; /* self: the host or site calls itself (wp-cron) */
};

/* One address on one account's sites. */
struct visitor {
	uint32_t account;
	uint32_t ip;              /* world_ip_of() */
	uint32_t agent;           /* name of the first agent seen */
	uint32_t posts, pages, statics, with_referer;
	bool several_agents;
};

struct php_mail_row {
	usec at;
	uint32_t account, script, to; /* script, to: names */
	struct place place;
};

struct job_row {
	usec at;
	uint32_t account, command, program;
	bool hinted; /* by a crontab, see hint.h */
	struct place place;
};

/* A line of an account's crontab. */
struct schedule_row {
	struct schedule schedule;
	uint32_t account, command;
	struct place place;
};

/* A script, a cron command, or the unknown program of an account. */
enum program_kind { PROGRAM_SCRIPT, PROGRAM_JOB, PROGRAM_UNKNOWN };
struct program {
	enum program_kind kind;
	uint32_t account;
	uint32_t url;   /* name: what is called over the web, or the command of a job; 0 for UNKNOWN */
	uint32_t path;  /* name: the file that runs; 0 when unknown */
	bool post;      /* of scripts called over the web: called by POST (a page may be read by GET a thousand times) */
	bool hinted;    /* a job of which a crontab alone tells */
	bool front;     /* path is a front controller: it may include the file that mails */
};

/* An account whose directory names forge log lines. */
struct forger {
	uint32_t account, lines;
	struct place place; /* of the first torn line */
};

struct world_counts {
	uint64_t forged_lines;   /* torn cwd=, second arrival of an id, ids without trace */
	uint64_t ambiguous;      /* arrivals whose client cannot be told from the text */
	uint64_t call_lines;     /* cwd= entries: +arguments is on */
	uint64_t with_recipients, arrivals; /* arrivals that list their recipients: +received_recipients is on */
	uint64_t with_subject;
	uint64_t cron_lines;     /* starts that cron logged, whosever: it keeps a log */
	uint64_t general_refusals; /* by remote hosts, of everybody's mail: the host is listed or cut off */
	uint64_t beyond;         /* entries of messages for which there was no row any more: messages_max */
	uint64_t late_stamps;    /* stamps far beyond the newest trusted event */
};

struct world {
	struct names names, subjects; /* most subjects are met once: they would crowd the names */
	VEC(struct message) messages;
	VEC(struct recipient) recipients;
	VEC(struct call_row) calls;
	VEC(struct login_row) logins;
	VEC(struct request_row) requests;
	VEC(struct php_mail_row) php_mails;
	VEC(struct job_row) jobs;
	VEC(struct schedule_row) schedules;
	VEC(struct program) programs;
	VEC(struct visitor) visitors;
	VEC(struct forger) forgers;
	struct ids ids;               /* number of a message's id = its index */
	struct index recipient_by_key; /* (message, address name) -> recipient, of messages with many */
	struct index program_by_key;
	struct index visitor_by_key;
	struct index login_by_key;
	struct index own_ips;         /* addresses that this host was called by, as names */
	uint32_t messages_max;        /* rows; IDS_MAX at most */
	uint32_t call_from;           /* calls before this one are too old to be joined */
	struct world_counts counts;
	usec first, last;             /* of main log and -H: the window that was seen */
};

void world_init(struct world *world);
void world_done(struct world *world);

/* The name of an address in lower case. */
uint32_t world_address(struct world *world, str address);
/* As names_expect(), for world_address(). */
uint32_t world_expect_address(const struct world *world, str address);
/* The message with that id, made when new; its index, or NONE when the table is full, which is counted. */
uint32_t world_message(struct world *world, struct exim_id id, usec at);
/* NONE when the id is unknown, or none. */
uint32_t world_find(const struct world *world, str id);
/* Text of a message's id, a view into room. */
str world_id(const struct world *world, uint32_t message, char room[EXIM_ID_LONG]);
/* The (message, address) row, made when new. The pointer is valid until the next row is made. */
struct recipient *world_recipient(struct world *world, uint32_t message, uint32_t address);
/* A program is told from others by kind, account, url and post; path is kept from the first time. */
uint32_t world_program(struct world *world, const struct program *program);
/* The row of logins of that kind; login names mailbox, ip and kind. */
struct login_row *world_login(struct world *world, const struct login_row *login);
/* The row of that address on that account's sites. */
uint32_t world_visitor(struct world *world, uint32_t account, struct ip ip);
/* Free what only reading needs: from now on no visitor or login is added; no id looked up, no subject added. */
void world_seal_web(struct world *world);
void world_seal(struct world *world);
bool world_has_recipient(const struct world *world, uint32_t message, uint32_t address);
/* Sorts indexes of messages by arrival, then by order of reading. */
void world_sort_messages(const struct world *world, uint32_t *list, size_t count);
/* Interned form of an address, for keys and rows; and back. */
uint32_t world_ip(struct world *world, struct ip ip);
/* Of the client that an interned address stands for: ip_client(). */
uint32_t world_client(struct world *world, uint32_t ip);
struct ip world_ip_of(const struct world *world, uint32_t name);

/* A remote host calls the mail spam, or the host that it comes from. */
static inline bool failure_is_verdict(enum failure_class failure)
{
	return failure == FAILURE_VERDICT || failure == FAILURE_LISTED;
}

/* Local submissions whose account must be found by what ran at that moment: none, or the web server's user. */
static inline bool world_is_open_local(const struct message *m)
{
	return m->server_user && m->account == NONE;
}

static inline const struct visitor *world_visitor_of(const struct world *world, const struct request_row *request)
{
	return &world->visitors.at[request->visitor];
}

/* A proxy or an office fetches pages too, sends referers and shows several agents. */
static inline bool visitor_is_shared(const struct visitor *visitor)
{
	return visitor->several_agents && visitor->pages + visitor->statics >= 3 && visitor->with_referer > 0;
}

static inline str world_subject(const struct world *world, const struct message *message)
{
	return names_str(&world->subjects, message->subject);
}

static inline str world_str(const struct world *world, uint32_t name)
{
	return names_str(&world->names, name);
}

/* for (EACH_RECIPIENT(r, world, message)) */
#define EACH_RECIPIENT(r, world, m)                                                                      \
	const struct recipient *r = (m)->first_recipient == NONE ? NULL :                                \
						&(world)->recipients.at[(m)->first_recipient];          \
	r; r = r->next == NONE ? NULL : &(world)->recipients.at[r->next]
