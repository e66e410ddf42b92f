/* SPDX-License-Identifier: Apache-2.0
 *
 * spool: one queued message as its -H (and -J) file tells it.
 *
 * All str are views into the file's bytes, which the reader's caller owns.
 * Line 2 (login, uid, gid), host_auth and auth_id were written by Exim and
 * cannot be written by the sender: grade A.
 */
#pragma once
#include "base/clock.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/str.h"

struct spool_recipient {
	str address;
	bool done;          /* in the tree of handled addresses, or in -J */
};

struct spool_header {
	char type;          /* 'P' Received, 'F' From, 'T' To, 'I' Message-ID, ... ' ' other, '*' deleted */
	str text;           /* name, colon, value with its line ends */
};

struct spool_message {
	str id;
	str login;          /* submitter: the account, or Exim's user for SMTP input */
	uint32_t uid, gid;
	str sender;         /* "" for <> */
	usec received;      /* with received_time_usec when present */
	unsigned warnings;
	usec frozen;        /* since when; USEC_NEVER = not frozen */
	bool local;         /* -local */
	bool local_error;   /* -localerror */
	bool sender_set_untrusted;
	bool manual_thaw;
	bool spool_wireformat;
	str helo, host_name, host_auth, auth_id, auth_sender, ident, protocol;
	struct ip ip;       /* host_address; only with has_ip */
	bool has_ip;
	VEC(struct spool_recipient) recipients; /* all, in the file's order */
	VEC(str) handled;   /* tree of handled addresses and -J: recipients, and what their aliases led to */
	VEC(struct spool_header) headers;
	uint64_t body_bytes; /* size of -D without its first line; only with has_body, set by walks that look */
	bool has_body;
};

/* Size as exim -bp counts it: headers that are sent, a blank line, body; 0 without a body. */
uint64_t spool_message_size(const struct spool_message *message);

/* Value of the first header with that name (without colon, any case), unfolded by the caller; "" when absent.
 * Deleted ('*') headers are skipped. */
str spool_header_get(const struct spool_message *message, str name);
/* As new; the room of its arrays is kept for the next message. */
void spool_message_reset(struct spool_message *message);
void spool_message_done(struct spool_message *message);
