/* SPDX-License-Identifier: Apache-2.0
 *
 * event: what one entry of a log says, in one form for all sources.
 *
 * Every str in an event is a view into the line it was read from (valid until
 * the next line) and holds raw bytes: nothing is unescaped unless said.
 * A field that the entry does not have is the empty str. Only readers in
 * source/ make events; what a sender, client or remote host wrote never
 * becomes another field (formats.md 1.5, 1.6).
 */
#pragma once
#include "base/clock.h"
#include "base/ip.h"
#include "base/str.h"
#include "model/exim_id.h"

enum event_kind {
	EVENT_NONE,         /* understood, of no interest */
	EVENT_ARRIVAL,      /* Exim <= */
	EVENT_DELIVERY,     /* Exim => -> >> *> ** == */
	EVENT_COMPLETED,    /* Exim Completed */
	EVENT_REMOVED,      /* Exim removed/cancelled by USER */
	EVENT_FROZEN,       /* Exim Frozen ..., frozen by USER */
	EVENT_CALL,         /* Exim cwd=... N args: */
	EVENT_AUTH_FAILED,  /* Exim authenticator failed, Dovecot auth failed */
	EVENT_REJECTED,     /* Exim rejected RCPT, MAIL, EHLO, after DATA ... */
	EVENT_LOGIN,        /* Dovecot imap-login, pop3-login, managesieve-login */
	EVENT_REQUEST,      /* web server access log */
	EVENT_PHP_MAIL,     /* PHP mail.log */
	EVENT_JOB,          /* cron started a command */
};

struct arrival {
	str id;             /* 16 or 23 characters */
	str sender;         /* envelope sender without <>; "" for <> */
	str parent_id;      /* R=: the message that this bounce is about */
	str host_name;      /* verified name of the client, "" when unknown */
	str helo;
	struct ip ip;       /* of the client; only with has_ip */
	bool has_ip;
	struct ip own_ip;   /* I=: the address of this host that was called; only with has_own_ip */
	bool has_own_ip;
	bool local;         /* P=local, local-smtp, local-esmtp...: submitted by a process of this host */
	str login;          /* U= of a local submission; "" for SMTP (there it is the client's ident answer) */
	str protocol;       /* P= */
	str authenticator;  /* A= up to the first colon */
	str auth_id;        /* A= behind it; only when the client is an SMTP client */
	str subject;        /* T= without its quotes, still escaped as Exim wrote it */
	str message_id;     /* id= */
	str recipients;     /* behind " for ": blank separated, quote aware; see address_cut() */
	uint64_t size;      /* S= */
	bool fake_reject;   /* (= instead of <= */
	bool ambiguous;     /* the HELO or message id holds a second "[ip]": client and login cannot be told from the text */
};

enum delivery_result { DELIVERY_DONE, DELIVERY_FAILED, DELIVERY_DEFERRED };

struct delivery {
	str id;
	enum delivery_result result;
	str address;        /* where it went, as logged; may be a local part, a pipe "|..." or a file */
	str original;       /* <...> behind it: the address before aliasing; "" when the same */
	str router, transport;
	str host_name;      /* H= of the remote host */
	struct ip ip;
	bool has_ip;
	int defer_code;     /* of == lines */
	str text;           /* remote or local error text of ** and ==, confirmation of => (C=), as logged */
};

struct message_note { /* EVENT_COMPLETED, EVENT_REMOVED, EVENT_FROZEN */
	str id;
	str by;             /* user of "removed by root"; "" otherwise */
};

struct call {
	str cwd;            /* raw; may hold blanks */
	unsigned arg_count; /* N of "N args:" */
	str args;           /* raw rest of the line */
	bool is_submission; /* the arguments hand in a message (no -b*, -M*, -q*, -E, -d ...) */
	str sender;         /* value of -f / -fADDR, "" when absent */
	bool is_torn;       /* glued from several physical lines, or the directory holds control bytes */
};

struct auth_failed {
	str authenticator;  /* of Exim; "" for Dovecot */
	str user;           /* set_id / user=<> */
	struct ip ip;
	bool has_ip;
	unsigned attempts;  /* of Dovecot's line; 1 for Exim */
};

struct rejected {
	struct ip ip;
	bool has_ip;
	str auth_id;        /* A= when the client had logged in */
	str stage;          /* "RCPT", "MAIL", "EHLO", "DATA" ... */
	str sender, recipient;
	str text;
};

struct login {
	str user;
	str service;        /* "imap", "pop3", "sieve", "submission" */
	struct ip ip;       /* rip= */
	bool has_ip;
};

struct request {
	struct ip ip;       /* first field (or the one behind the vhost) */
	str vhost;          /* vhost_combined only; without port */
	str user;           /* third field; percent-decoding is the caller's */
	str method;
	str target;         /* as requested, still escaped by the server */
	unsigned status;
	str referer;        /* "" and "-" both mean none */
	str agent;
};

struct php_mail {
	str script;         /* full path of the calling file */
	unsigned line;
	str to;
	str headers;
};

struct job {
	str user;
	str command;
};

struct event {
	enum event_kind kind;
	usec at;            /* UTC; USEC_NEVER when the entry has no usable stamp */
	unsigned pid;       /* of the writer, 0 when not logged */
	struct exim_id message; /* of arrivals, deliveries and notes: their id once more */
	union {
		struct arrival arrival;
		struct delivery delivery;
		struct message_note note;
		struct call call;
		struct auth_failed auth_failed;
		struct rejected rejected;
		struct login login;
		struct request request;
		struct php_mail php_mail;
		struct job job;
	};
};

/* What a reader made of a line. */
enum read_result {
	READ_EVENT,    /* *out is filled (kind may be EVENT_NONE) */
	READ_UNPARSED, /* not of this format: count it and go on */
};

/* What the readers need to turn local stamps into UTC. */
struct stamp_base {
	const struct zone *zone; /* of stamps without their own zone; never NULL */
	usec latest;             /* for stamps without a year: the result is at most a day beyond this; USEC_NEVER = unknown (1970 is used) */
};
