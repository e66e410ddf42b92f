/* SPDX-License-Identifier: Apache-2.0
 *
 * progress: drawing.
 */
#include "show/progress.h"

#include <unistd.h>

#include "base/log.h"

enum { BAR_WIDTH = 30 };
static const usec draw_after = USEC_PER_SEC;

void progress_begin(struct progress *progress, usec now, uint64_t total)
{
	*progress = (struct progress){ .wanted = total && log_shows(LOG_WARN) && isatty(STDERR_FILENO), .begun = now, .now = now,
				       .total = total };
}

void progress_print(struct buf *out, const struct progress *progress)
{
	double seconds = (double)(progress->now - progress->begun) / (double)USEC_PER_SEC;
	double share = progress->total ? (double)progress->done / (double)progress->total : 0;
	double rate = seconds > 0 ? (double)progress->done / seconds : 0;
	int filled = (int)(share * BAR_WIDTH);
	for (int i = 0; i < BAR_WIDTH; i++)
		buf_char(out, i < filled ? '#' : '.');
	buf_printf(out, " %3.0f %%  %.1f of %.1f MB, %.1f MB/s", share * 100, (double)progress->done / 1e6,
		   (double)progress->total / 1e6, rate / 1e6);
	if (rate > 0)
		buf_printf(out, ", %.0f s left", (double)(progress->total - progress->done) / rate);
}

void progress_step(struct progress *progress, usec now, uint64_t done)
{
	done = done < progress->total ? done : progress->total;
	progress->done = done > progress->done ? done : progress->done;
	progress->now = now;
	if (!progress->wanted || now - progress->begun < draw_after)
		return;
	struct buf line = BUF_INIT;
	buf_char(&line, '\r');
	progress_print(&line, progress);
	buf_add(&line, STR("\x1b[K"));
	buf_write(&line, STDERR_FILENO, NULL);
	buf_done(&line);
	progress->drawn = true;
}

void progress_end(struct progress *progress)
{
	static const struct buf erase = { (char *)"\r\x1b[K", 4, 4 };
	if (progress->drawn)
		buf_write(&erase, STDERR_FILENO, NULL);
}
