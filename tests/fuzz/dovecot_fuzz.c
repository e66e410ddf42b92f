/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of Dovecot's own log file.
 */
#include "fuzz.h"
#include "source/dovecot.h"

static void read_line(str line)
{
	struct event event;
	fuzz_event(dovecot_parse(line, &fuzz_base, &event), &event);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	fuzz_lines(data, size, read_line);
	return 0;
}
