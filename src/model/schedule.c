/* SPDX-License-Identifier: Apache-2.0
 *
 * schedule: one bit per value of each field.
 */
#include "model/schedule.h"

bool schedule_is_due(const struct schedule *schedule, const struct civil *local)
{
	int64_t days = clock_days(local->year, local->month, local->day);
	unsigned weekday = (unsigned)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	bool day = schedule->days >> local->day & 1, of_week = schedule->weekdays >> weekday & 1;
	bool on_day = schedule->every_day || schedule->every_weekday ? day && of_week : day || of_week;
	return schedule->minutes >> local->minute & 1 && schedule->hours >> local->hour & 1 &&
	       schedule->months >> local->month & 1 && on_day;
}
