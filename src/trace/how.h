/* SPDX-License-Identifier: Apache-2.0
 *
 * how: what sent each message that was submitted on the host itself: a script
 * called over the web, a job of cron, or no known program.
 *
 * Joined by time within one account (see how.c); for SMTP from loopback
 * without a login, over all accounts. Sets program, request and account of
 * the messages.
 */
#pragma once
#include "trace/join.h"

/* All inputs are in. home_of gives what "~" in a job's command means. */
void how_trace(struct world *world, const struct join_host *host);
