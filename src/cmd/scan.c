/* SPDX-License-Identifier: Apache-2.0
 *
 * scan: one pass over everything, and the verdict.
 */
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/read.h"
#include "cmd/reader.h"
#include "cmd/report.h"
#include "show/scan_text.h"
#include "trace/how.h"
#include "trace/whence.h"

static const struct opt options[] = {
	{ "since", 0, "T", false, "leave out what is older: a time, or an age such as 2h" },
	{ "until", 0, "T", false, "leave out what is newer" },
	{ "all-ids", 0, NULL, false, "list all message ids of an incident, not only the first 100" },
	OPT_END,
};

struct scan_options {
	struct read_limits limits;
	const struct conf *conf;
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
static void read_and_judge(struct host *host, const void *context, struct buf *out)
{
	const struct scan_options *scan = context;
	struct world world;
	struct read_state state;
	struct leads leads;
	struct verdict verdict;
	struct judge_settings settings;
	struct join_host join_host = read_join_host(host);
	struct lead_host lead_host = { host, is_local_domain, account_of_domain };
	report_settings(&settings, scan->conf);
	world_init(&world);
	read_inputs(host, &world, &join_host, &scan->limits, &state);
	how_trace(&world, &join_host);
	whence_trace(&world);
	lead_build(&leads, &world, &lead_host);
	usec now = scan->limits.now == USEC_NEVER ? state.latest : scan->limits.now;
	struct judge_input input = report_judge_input(host, &world, &leads, &lead_host, &settings, &state, now);
	verdict_make(&verdict, &input);
	report_print(out, &(struct report_input){ host, &world, &verdict, &state, now, scan->all_ids });
	verdict_done(&verdict);
	leads_done(&leads);
	world_done(&world);
	read_state_done(&state);
	report_settings_done(&settings);
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	struct named_inputs named;
	struct scan_options scan = { .limits = { .now = app->now, .file_bytes = 64ull << 30 },
				     .conf = &app->conf, .all_ids = opts_get(opts, "all-ids") != NULL };
	struct host host;
	struct buf report = BUF_INIT;
	int rc = time_option(app, opts, "since", &scan.limits.since, err);
	if (!rc)
		rc = time_option(app, opts, "until", &scan.limits.until, err);
	bool any = inputs_from_opts(&named, app, opts);
	if (!rc)
		rc = host_open(&host, app->root, app->live, any ? &named.inputs : NULL, err);
	if (!rc) {
		rc = reader_run(&host, read_and_judge, &scan, &report, err);
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
