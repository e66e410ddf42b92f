/* SPDX-License-Identifier: Apache-2.0
 *
 * access_log: requests in a web server's access log.
 *
 *     [VHOST:PORT ]IP IDENT USER [STAMP] "REQUEST" STATUS BYTES[ "REFERER" "AGENT"[ MORE]]
 *
 * That is common, combined and vhost_combined of Apache, the logs that nginx
 * and LiteSpeed write in their likeness, and the access_log of cPanel's own
 * servers (stamp 10/01/2026:14:36:59 -0000, more fields at the end). Inside
 * quotes " and \ are escaped by a backslash; the user name may hold blanks and
 * brackets, but no bare quote, so the stamp is the one before the first of
 * them. Lines whose client is a name (HostnameLookups) are not read.
 */
#pragma once
#include "model/event.h"

/* A line without a proper request ("-", TLS bytes sent in plain) gives EVENT_NONE. All strings are views into line,
 * escaped as the server wrote them. */
enum read_result access_log_parse(str line, struct event *out);
/* Whether a file that starts with head is an access log: one of its first lines is. What lies beside them (bytes_log:
 * "1793784284 191 .", error logs) is not. */
bool access_log_probe(str head);
