/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_mainlog: lines of Exim's main log (and reject log, which repeats them).
 *
 * Exim writes fields in a fixed order (receive.c, deliver.c of Exim 4.8x to
 * 4.100); a field counts only at its place in that order. Subjects, ids, HELO
 * names, quoted senders and remote replies may contain anything, the working
 * directory even newlines, so nothing is ever searched for in a line.
 */
#pragma once
#include "base/buf.h"
#include "model/event.h"

/* Carries a cwd= entry that a newline in the directory's name tore into several physical lines. */
struct exim_mainlog {
	char second[19];      /* the stamp that was read last, to the second: most lines share it with the line before */
	const struct zone *zone; /* by which second_utc was told; NULL: nothing was read yet */
	usec second_civil, second_utc;
	struct buf torn;      /* owned; the entry so far */
	usec torn_at;
	unsigned torn_pid;
	unsigned torn_lines;  /* physical lines swallowed so far */
};

enum mainlog_result {
	MAINLOG_EVENT,     /* *out is filled */
	MAINLOG_UNPARSED,  /* no entry of a main log */
	MAINLOG_PART,      /* a continuation line, or swallowed as part of a torn cwd= entry */
};

/* One physical line. Views in *out point into line or into log->torn and live until the next call. */
enum mainlog_result exim_mainlog_line(struct exim_mainlog *log, str line, const struct stamp_base *base,
				      struct event *out);
/* The text of an entry whose stamp was read elsewhere (syslog without Exim's own stamp). */
enum mainlog_result exim_mainlog_text(struct exim_mainlog *log, str text, usec at, unsigned pid, struct event *out);
/* True when the line starts with Exim's own stamp. */
bool exim_mainlog_probe(str line);
void exim_mainlog_done(struct exim_mainlog *log);
