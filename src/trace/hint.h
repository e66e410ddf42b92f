/* SPDX-License-Identifier: Apache-2.0
 *
 * hint: where no log of cron is kept, the accounts' crontabs tell which jobs
 * were due. A job is believed to have sent mail when mail of its account
 * follows most of its due times; it stays a hint, marked as such, for the
 * account may have changed its crontab since.
 */
#pragma once
#include "trace/world.h"

/* Makes jobs of the world's schedules. zone: of cron's clock. All mail is in. */
void hint_jobs(struct world *world, const struct zone *zone);
