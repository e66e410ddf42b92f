/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of cron in syslog.
 */
#include "fuzz.h"
#include "source/cron_log.h"

static void read_line(str line)
{
	struct syslog_line frame;
	struct event event;
	if (syslog_parse(line, &fuzz_base, &frame))
		fuzz_event(cron_log_parse(&frame, &event), &event);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	fuzz_lines(data, size, read_line);
	return 0;
}
