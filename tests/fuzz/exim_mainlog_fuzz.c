/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of Exim's main log, in the order of the input: one entry may take several.
 */
#include "fuzz.h"
#include "source/exim_mainlog.h"

static struct exim_mainlog log;

static void read_line(str line)
{
	struct event event;
	enum mainlog_result result = exim_mainlog_line(&log, line, &fuzz_base, &event);
	fuzz_event(result == MAINLOG_EVENT ? READ_EVENT : READ_UNPARSED, &event);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	fuzz_lines(data, size, read_line);
	exim_mainlog_done(&log);
	log = (struct exim_mainlog){ 0 };
	return 0;
}
