/* SPDX-License-Identifier: Apache-2.0
 *
 * schedule: the minutes in which a job is due, as the five fields of a
 * crontab say it.
 */
#pragma once
#include "base/clock.h"

struct schedule {
	uint64_t minutes, hours, days, months, weekdays; /* bit n: value n; Sunday is 0 */
	bool every_day, every_weekday;                   /* the field begins with "*" */
};

/* Is it due in that local minute? Where days and weekdays are both named, either is enough (crontab(5)). */
bool schedule_is_due(const struct schedule *schedule, const struct civil *local);
