/* SPDX-License-Identifier: Apache-2.0
 *
 * reader: a jailed child that parses and judges.
 */
#include "cmd/reader.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/log.h"
#include "base/own.h"
#include "cmd/cmd.h"
#include "show/progress.h"

/* Tables of this size go back to the system when they are freed, whatever was freed before: mallopt(3) on the threshold
 * that else grows. */
enum { LARGE_TABLE = 1 << 20 };

enum { REPORT_MAX = 1 << 30, POLL_MS = 250 };

/* Folders whose files are opened one by one. */
static bool is_folder(const struct input *input)
{
	return (input->kind == INPUT_SPOOL || input->kind == INPUT_MSGLOG) && input->fd >= 0;
}

static int run_child(struct host *host, reader_work *work, const void *context, int out_fd)
{
	struct err err = { 0 };
	struct buf report = BUF_INIT;
	int writable[] = { out_fd, STDERR_FILENO };
	VEC(int) folders = { 0 };
	mallopt(M_MMAP_THRESHOLD, LARGE_TABLE);
	for (size_t i = 0; i < host->inputs.count; i++)
		if (is_folder(&host->inputs.at[i]))
			*VEC_PUSH(&folders) = host->inputs.at[i].fd;
	struct jail jail = { folders.at, folders.count, writable, 2, false };
	if (jail_enter(&jail, &err)) {
		log_error("%s", err.text);
		return EXIT_REFUSED;
	}
	work(host, context, &report);
	return buf_write(&report, out_fd, &err) ? EXIT_REFUSED : EXIT_CLEAN;
}

static int end_of_child(pid_t pid, struct err *err)
{
	int status;
	if (waitpid(pid, &status, 0) < 0)
		return err_errno(err, "waiting for the reader");
	if (WIFSIGNALED(status))
		return err_set(err, ERR_SYSTEM, "the reader was ended by signal %d (%s)", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return err_set(err, ERR_SYSTEM, "the reader failed");
	return 0;
}

/* The child reads the files by descriptors whose offsets it shares with us. */
static uint64_t bytes_read(const struct host *host)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < host->inputs.count; i++) {
		off_t at = host->inputs.at[i].fd < 0 || is_folder(&host->inputs.at[i]) ? 0 :
									lseek(host->inputs.at[i].fd, 0, SEEK_CUR);
		sum += at > 0 ? (uint64_t)at : 0;
	}
	return sum;
}

/* Shows how far the child is until its report begins. */
static void wait_for_report(const struct host *host, int from)
{
	struct progress progress;
	uint64_t total = 0;
	struct pollfd wait = { from, POLLIN, 0 };
	for (size_t i = 0; i < host->inputs.count; i++)
		total += host->inputs.at[i].fd < 0 ? 0 : host->inputs.at[i].bytes;
	progress_begin(&progress, clock_monotonic(), total);
	while (progress.wanted && poll(&wait, 1, POLL_MS) == 0)
		progress_step(&progress, clock_monotonic(), bytes_read(host));
	progress_end(&progress);
}

int reader_run(struct host *host, reader_work *work, const void *context, struct buf *report, struct err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return err_errno(err, "pipe");
	OWN_FD int from = ends[0];
	OWN_FD int to = ends[1];
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0)
		_exit(run_child(host, work, context, to));
	close(own_take_fd(&to));
	wait_for_report(host, from);
	int read_rc = buf_read(report, from, REPORT_MAX, err);
	if (read_rc)
		kill(pid, SIGKILL);
	int end_rc = end_of_child(pid, read_rc ? NULL : err);
	return read_rc ? read_rc : end_rc;
}

int reader_of_inputs(const struct app *app, const struct opts *opts, reader_work *work, const void *context,
		     struct buf *report, struct err *err)
{
	struct named_inputs named;
	struct host host;
	bool any = inputs_from_opts(&named, app, opts);
	int rc = host_open(&host, app->root, app->live, any ? &named.inputs : NULL, err);
	if (!rc) {
		rc = reader_run(&host, work, context, report, err);
		host_close(&host);
	}
	inputs_done(&named);
	return rc;
}
