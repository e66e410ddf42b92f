/* SPDX-License-Identifier: Apache-2.0
 *
 * scan: one pass over everything, and the verdict.
 *
 * The parent opens files and folders; a jailed child parses and judges and
 * sends the report as JSON through a pipe; the parent checks and prints it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/log.h"
#include "base/own.h"
#include "cmd/cmd.h"
#include "cmd/read.h"
#include "cmd/report.h"
#include "show/scan_text.h"
#include "trace/how.h"
#include "trace/whence.h"

enum { REPORT_MAX = 1 << 30 };

static const struct opt options[] = {
	{ "since", 0, "T", false, "leave out what is older: a time, or an age such as 2h" },
	{ "until", 0, "T", false, "leave out what is newer" },
	{ "all-ids", 0, NULL, false, "list all message ids of an incident, not only the first 100" },
	OPT_END,
};

struct scan_options {
	struct read_limits limits;
	bool all_ids;
};

static int time_option(const struct app *app, const struct opts *opts, const char *name, usec *out, struct err *err)
{
	const char *value = opts_get(opts, name);
	*out = USEC_NEVER;
	if (value && !clock_parse(str_from(value), app->now, out))
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is neither a time nor an age", name, value);
	return 0;
}

static bool is_local_domain(const void *context, str domain)
{
	return host_is_local_domain(context, domain);
}

static uint32_t account_of_domain(const void *context, str domain)
{
	const struct domain *found = host_domain(context, domain);
	return found ? found->account : NONE;
}

/* Everything that touches hostile bytes; runs in the jail. */
static void read_and_judge(struct host *host, const struct scan_options *scan, struct buf *out)
{
	struct world world;
	struct read_state state;
	struct leads leads;
	struct verdict verdict;
	struct thresholds thresholds = report_thresholds(NULL);
	struct join_host join_host = read_join_host(host);
	struct lead_host lead_host = { host, is_local_domain, account_of_domain };
	world_init(&world);
	read_inputs(host, &world, &join_host, &scan->limits, &state);
	how_trace(&world, &join_host);
	whence_trace(&world);
	lead_build(&leads, &world, &lead_host);
	usec now = scan->limits.now == USEC_NEVER ? state.latest : scan->limits.now;
	struct judge_input input = report_judge_input(host, &world, &leads, &lead_host, &thresholds, &state, now);
	verdict_make(&verdict, &input);
	report_print(out, &(struct report_input){ host, &world, &verdict, &state, now, scan->all_ids });
	verdict_done(&verdict);
	leads_done(&leads);
	world_done(&world);
	read_state_done(&state);
}

static int run_child(struct host *host, const struct scan_options *scan, int out_fd)
{
	struct err err = { 0 };
	struct buf report = BUF_INIT;
	int writable[] = { out_fd, STDERR_FILENO };
	VEC(int) folders = { 0 };
	for (size_t i = 0; i < host->inputs.count; i++)
		if (host->inputs.at[i].kind == INPUT_SPOOL && host->inputs.at[i].fd >= 0)
			*VEC_PUSH(&folders) = host->inputs.at[i].fd;
	struct jail jail = { folders.at, folders.count, writable, 2, false };
	if (jail_enter(&jail, &err)) {
		log_error("%s", err.text);
		return EXIT_REFUSED;
	}
	read_and_judge(host, scan, &report);
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

/* Reads and judges in a jailed child; *report gets its JSON text. */
static int scan_in_jail(struct host *host, const struct scan_options *scan, struct buf *report, struct err *err)
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
		_exit(run_child(host, scan, to));
	close(own_take_fd(&to));
	int read_rc = buf_read(report, from, REPORT_MAX, err);
	if (read_rc)
		kill(pid, SIGKILL);
	int end_rc = end_of_child(pid, read_rc ? NULL : err);
	return read_rc ? read_rc : end_rc;
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	struct named_inputs named;
	struct scan_options scan = { .limits = { .now = app->now, .file_bytes = 64ull << 30 },
				     .all_ids = opts_get(opts, "all-ids") != NULL };
	struct host host;
	struct buf report = BUF_INIT;
	int rc = time_option(app, opts, "since", &scan.limits.since, err);
	if (!rc)
		rc = time_option(app, opts, "until", &scan.limits.until, err);
	bool any = inputs_from_opts(&named, app, opts);
	if (!rc)
		rc = host_open(&host, app->root, app->live, any ? &named.inputs : NULL, err);
	if (!rc) {
		rc = scan_in_jail(&host, &scan, &report, err);
		host_close(&host);
	}
	if (!rc)
		rc = scan_show(buf_str(&report), app->output == OUTPUT_JSON, app->color, STDOUT_FILENO, err);
	buf_done(&report);
	inputs_done(&named);
	return rc;
}

const struct cmd cmd_scan = {
	.name = "scan", .operands = "", .summary = "find who sends spam, how and from where; changes nothing",
	.options = options, .takes_inputs = true, .run = run,
};
