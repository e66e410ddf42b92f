/* SPDX-License-Identifier: Apache-2.0
 *
 * cron_log: commands that cron started, as vixie-cron and cronie log them.
 *
 *     Nov  6 01:10:01 web8 CRON[1039]: (shop) CMD (php -q ~/public_html/cron.php)
 *
 * The command is the last parenthesis of the line, whatever is in it. Tags:
 * CRON, CROND, crond, cron, /USR/SBIN/CRON (old Debian). anacron is another
 * program: its jobs are root's.
 */
#pragma once
#include "source/syslog.h"

/* READ_UNPARSED when the line is not cron's; its other messages (sessions, reloads, output) give EVENT_NONE. */
enum read_result cron_log_parse(const struct syslog_line *line, struct event *out);
