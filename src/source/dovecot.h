/* SPDX-License-Identifier: Apache-2.0
 *
 * dovecot: logins and failed logins of Dovecot 2.2 to 2.4.
 *
 *     Nov 06 01:09:40 imap-login: Info: Login: user=<u>, method=PLAIN, rip=192.0.2.7, lip=..., session=<...>   own file
 *     dovecot: imap-login: Logged in: user=<u>, ...                                               syslog; 2.4's word
 *     imap-login: Disconnected: Connection closed (auth failed, 2 attempts in 9 secs): user=<u>, ...
 *     imap-login: Login aborted: Logged out (auth failed, 1 attempts in 4 secs) (auth_failed): user=<u>, ...   2.4
 *     imap-login: Aborted login (auth failed, 3 attempts in 12 secs): user=<u>, ...               2.2
 *
 * The user name of a failed login is the client's text and may hold "<>, =":
 * it begins behind the first ": user=<" and ends at the last ">" that is not
 * the session's, and rip= is read from the end of the line, where Dovecot
 * writes (login_log_format_elements begins with user=, as by default).
 * SMTP AUTH over Dovecot's auth socket is not logged when it succeeds; what
 * the auth process says of failures is skipped, because Exim or the login
 * process reports the same failure with the client's address.
 */
#pragma once
#include "model/event.h"

/* A line of Dovecot's own log file; stamps as syslog's or ISO 8601 (log_timestamp). */
enum read_result dovecot_parse(str line, const struct stamp_base *base, struct event *out);
/* The message behind a syslog frame whose tag is "dovecot". */
enum read_result dovecot_parse_message(str message, usec at, struct event *out);
