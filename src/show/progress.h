/* SPDX-License-Identifier: Apache-2.0
 *
 * progress: one line on stderr while a reader works: bytes read, rate, time
 * left. Only on a terminal, only after a second, gone when the work is done.
 */
#pragma once
#include "base/clock.h"

struct progress {
	bool wanted, drawn;
	usec begun, now; /* monotonic */
	uint64_t total, done;
};

/* now: monotonic time; total: bytes that will be read, as far as known. */
void progress_begin(struct progress *progress, usec now, uint64_t total);
/* done never goes back: files that are read twice do not count twice. */
void progress_step(struct progress *progress, usec now, uint64_t done);
void progress_end(struct progress *progress);
/* The line itself; for tests. */
void progress_print(struct buf *out, const struct progress *progress);
