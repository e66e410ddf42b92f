/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a web server's access log.
 */
#include "fuzz.h"
#include "source/access_log.h"

static void read_line(str line)
{
	struct event event;
	fuzz_event(access_log_parse(line, &event), &event);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	access_log_probe((str){ (const char *)data, size });
	fuzz_lines(data, size, read_line);
	return 0;
}
