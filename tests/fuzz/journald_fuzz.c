/* SPDX-License-Identifier: Apache-2.0
 *
 * An exported journal, in chunks whose size the first byte gives.
 */
#include "fuzz.h"
#include "source/dovecot.h"
#include "source/journald.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	if (!size)
		return 0;
	struct journald journald = JOURNALD_INIT;
	struct syslog_line frame;
	struct event event;
	size_t step = data[0] ? data[0] : size;
	for (str rest = { (const char *)data + 1, size - 1 }; rest.len; rest = str_from_at(rest, step)) {
		str chunk = str_head(rest, step);
		while (journald_next(&journald, &chunk, &frame))
			fuzz_event(dovecot_parse_message(frame.message, frame.at, &event), &event);
	}
	journald_done(&journald);
	return 0;
}
