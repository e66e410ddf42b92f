/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of PHP's mail.log.
 */
#include "fuzz.h"
#include "source/php_mail.h"

static void read_line(str line)
{
	struct event event;
	fuzz_event(php_mail_parse(line, &fuzz_base, &event), &event);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	fuzz_lines(data, size, read_line);
	return 0;
}
