/* SPDX-License-Identifier: Apache-2.0
 *
 * newest: tails of main logs, ids of the queue.
 */
#include "cmd/newest.h"

#include <unistd.h>

#include "model/exim_id.h"
#include "source/exim_mainlog.h"
#include "source/exim_spool.h"

enum { TAIL = 64 * 1024 };

static void take(usec at, usec *newest)
{
	if (at != USEC_NEVER && (*newest == USEC_NEVER || at > *newest))
		*newest = at;
}

static void take_tail(const struct host *host, const struct input *input, usec *newest)
{
	char tail[TAIL];
	struct exim_mainlog log = { 0 };
	struct stamp_base base = { &host->zone, USEC_NEVER };
	off_t from = input->bytes > TAIL ? (off_t)(input->bytes - TAIL) : 0;
	ssize_t len = pread(input->fd, tail, sizeof(tail), from);
	str rest = { tail, len > 0 ? (size_t)len : 0 };
	if (from)
		str_cut(&rest, '\n');
	while (rest.len) {
		struct event event;
		if (exim_mainlog_line(&log, str_cut(&rest, '\n'), &base, &event) == MAINLOG_EVENT)
			take(event.at, newest);
	}
	exim_mainlog_done(&log);
}

static bool take_id(void *context, str id)
{
	take(exim_id_time(id), context);
	return false;
}

usec newest_event(const struct host *host)
{
	usec newest = USEC_NEVER;
	for (size_t i = 0; i < host->inputs.count; i++) {
		const struct input *input = &host->inputs.at[i];
		struct exim_spool_visitor visitor = { .context = &newest, .wanted = take_id };
		struct exim_spool_counts counts = { 0 };
		if (input->fd < 0)
			continue;
		if (input->kind == INPUT_EXIM_MAIN)
			take_tail(host, input, &newest);
		else if (input->kind == INPUT_SPOOL)
			exim_spool_each(input->fd, &visitor, &counts, NULL);
	}
	return newest;
}
