/* SPDX-License-Identifier: Apache-2.0
 *
 * reader: the process that touches hostile bytes. The parent opens files and
 * folders; a jailed child parses and judges and sends its report, JSON text,
 * through a pipe; the parent checks it (as untrusted as its writer) and prints.
 */
#pragma once
#include "platform/host.h"

/* Runs in the jail: fills out with the report. It holds the host's open inputs and can open files below its spool folders. */
typedef void reader_work(struct host *host, const void *context, struct buf *out);

/* Forks, runs work in the jail, and appends its report (at most 1 GB). Fails when the child is ended by a signal. */
int reader_run(struct host *host, reader_work *work, const void *context, struct buf *report, struct err *err);

struct app;
struct opts;
/* As reader_run over the inputs that the command line names, or else those found. */
int reader_of_inputs(const struct app *app, const struct opts *opts, reader_work *work, const void *context,
		     struct buf *report, struct err *err);
