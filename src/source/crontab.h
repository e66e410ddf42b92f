/* SPDX-License-Identifier: Apache-2.0
 *
 * crontab: lines of an account's own table of jobs (crontab(5) of vixie-cron
 * and cronie): five fields and a command, or @daily and its kin.
 *
 * The account writes it, so it says what cron would have started, not what it
 * started: a hint where no log of cron is kept. CRON_TZ is not followed.
 */
#pragma once
#include "model/event.h"
#include "model/schedule.h"

struct crontab_entry {
	struct schedule schedule;
	str command; /* view into the line, without the text behind '%' that cron hands to its input */
};

/* READ_UNPARSED: no line of a crontab. Empty lines, comments, settings and @reboot give an empty command. */
enum read_result crontab_parse(str line, struct crontab_entry *out);
