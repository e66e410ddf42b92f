/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of syslog, and their messages given to each reader that takes such.
 */
#include "fuzz.h"
#include "source/dovecot.h"
#include "source/php_mail.h"
#include "source/syslog.h"

static void read_line(str line)
{
	struct syslog_line frame;
	struct event event;
	if (!syslog_parse(line, &fuzz_base, &frame))
		return;
	fuzz_event(dovecot_parse_message(frame.message, frame.at, &event), &event);
	fuzz_event(php_mail_parse_message(frame.message, frame.at, &event), &event);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	fuzz_lines(data, size, read_line);
	return 0;
}
