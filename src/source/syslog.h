/* SPDX-License-Identifier: Apache-2.0
 *
 * syslog: the frame that a syslog daemon puts around other programs' messages.
 *
 *     Nov  6 01:09:40 web8 dovecot[1234]: imap-login: ...
 *     2026-11-06T01:09:40.123456+01:00 web8 dovecot: imap-login: ...
 *
 * Whoever may write to /dev/log chooses tag, pid and message (the grade of
 * such a line is C); stamp and host are the daemon's own. rsyslog writes
 * control bytes of the message as #ooo.
 */
#pragma once
#include "model/event.h"

struct syslog_line {
	usec at;
	str host;
	str tag;      /* program name; "" when the line has none ("last message repeated 2 times") */
	unsigned pid; /* 0 when not given */
	str message;  /* behind the tag's colon and one blank, or behind the host when there is no tag */
	bool has_uid; /* the journal knows who wrote it */
	uint32_t uid;
};

/* The strings of *out are views into line. False, with *out untouched, when the line has no stamp and host. */
bool syslog_parse(str line, const struct stamp_base *base, struct syslog_line *out);
/* Cuts "[2/3] " or "[2\3] " off: Exim sends a long entry to syslog in pieces (log.c), and marks them behind its stamp. */
bool syslog_cut_piece(str *text, unsigned *out_number, unsigned *out_total);
