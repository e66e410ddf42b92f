/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of an account's crontab, and the minutes of a day in which they are due.
 */
#include "fuzz.h"
#include "source/crontab.h"

static void read_line(str line)
{
	struct crontab_entry entry;
	struct event event = { .kind = EVENT_JOB };
	unsigned due = 0;
	if (crontab_parse(line, &entry) != READ_EVENT)
		return;
	for (int minute = 0; minute < 24 * 60; minute++)
		due += schedule_is_due(&entry.schedule, &(struct civil){ 2026, 11, 7, minute / 60, minute % 60, 0 });
	event.pid = due;
	event.job.command = entry.command;
	fuzz_event(READ_EVENT, &event);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	fuzz_lines(data, size, read_line);
	return 0;
}
