/* SPDX-License-Identifier: Apache-2.0
 *
 * scan: one pass over everything, and the verdict.
 */
#include <unistd.h>

#include "base/log.h"
#include "base/run.h"
#include "cmd/findings.h"
#include "cmd/last_scan.h"
#include "cmd/read.h"
#include "cmd/reader.h"
#include "cmd/report.h"
#include "cmd/scan.h"
#include "show/scan_forms.h"
#include "show/scan_text.h"

/* Expanded size of one file beyond which it is no log. */
#define FILE_BYTES_MAX (64ull << 30)

enum { IDS_SHOWN = 100 };

const struct opt scan_options_table[] = {
	{ "since", 0, "T", false, "leave out what is older: a time, or an age such as 2h" },
	{ "until", 0, "T", false, "leave out what is newer" },
	{ "all-ids", 0, NULL, false, "list all message ids of an incident, not only the first 100" },
	{ "threads", 0, "N", false, "use at most so many threads; the reader uses one" },
	OPT_END,
};

/* A bound of the window: a time, or an age that counts from now. */
struct bound {
	bool given, is_age;
	usec value;
};

static int read_bound(const struct app *app, const struct opts *opts, const char *name, struct bound *out, struct err *err)
{
	const char *value = opts_get(opts, name);
	*out = (struct bound){ .given = value != NULL };
	if (!value || clock_parse(str_from(value), app->now, &out->value))
		return 0;
	out->is_age = clock_parse_age(str_from(value), &out->value);
	return out->is_age ? 0 : err_set(err, ERR_USAGE, "--%s: \"%s\" is neither a time nor an age", name, value);
}

static usec bound_time(const struct bound *bound, usec now)
{
	if (!bound->given || (bound->is_age && now == USEC_NEVER))
		return USEC_NEVER;
	return bound->is_age ? now - bound->value : bound->value;
}

struct scan_options {
	struct read_limits limits;
	struct bound since, until;
	const struct conf *conf;
};

/* On an image ages count from its newest trusted event, which only reading tells. */
static usec newest_event(struct host *host, const struct read_limits *limits)
{
	struct world world;
	struct read_state state;
	struct join_host join_host = read_join_host(host);
	world_init(&world);
	read_inputs(host, &world, &join_host, limits, &state);
	usec latest = state.latest;
	read_state_done(&state);
	world_done(&world);
	host_reset_counts(host);
	return latest;
}

static struct read_limits window_of(struct host *host, const struct scan_options *scan)
{
	struct read_limits limits = scan->limits;
	usec now = limits.now;
	if (now == USEC_NEVER && (scan->since.is_age || scan->until.is_age))
		now = newest_event(host, &limits);
	limits.since = bound_time(&scan->since, now);
	limits.until = bound_time(&scan->until, now);
	return limits;
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
	struct lead_host lead_host = read_lead_host(host);
	report_settings(&settings, scan->conf);
	world_init(&world);
	struct read_limits limits = window_of(host, scan);
	read_and_trace(host, &world, &limits, &state);
	world_seal(&world);
	lead_build(&leads, &world, &lead_host);
	usec now = scan->limits.now == USEC_NEVER ? state.latest : scan->limits.now;
	struct judge_input input = report_judge_input(host, &world, &leads, &lead_host, &settings, &state, now);
	verdict_make(&verdict, &input);
	report_print(out, &(struct report_input){ host, &world, &verdict, &state, now });
	verdict_done(&verdict);
	leads_done(&leads);
	world_done(&world);
	read_state_done(&state);
	report_settings_done(&settings);
}

/* Once per scan; Exim logs the call when +arguments is on, and the reader leaves such calls out. */
static void ask_exim(struct host *host)
{
	static const char *const programs[] = { "/usr/sbin/exim", "/usr/sbin/exim4", "/usr/local/sbin/exim",
						"/usr/exim/bin/exim" };
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const char *argv[] = { programs[i], "-bP", "log_file_path", "spool_directory", "timezone", NULL };
		struct run_result result = RUN_RESULT_INIT;
		struct err err;
		if (access(programs[i], X_OK))
			continue;
		if (!run_program(&(struct run){ .argv = argv, .deadline_ms = 5000 }, &result, &err) && !result.exit_code)
			host_use_exim(host, buf_str(&result.out));
		run_result_done(&result);
		return;
	}
}

static int check_threads(const struct opts *opts, struct err *err)
{
	const char *value = opts_get(opts, "threads");
	uint64_t count;
	if (value && (!str_u64(str_from(value), 1024, &count) || !count))
		return err_set(err, ERR_USAGE, "--threads: \"%s\" is not a number from 1 to 1024", value);
	return 0;
}

int scan_report(struct app *app, const struct opts *opts, json_t **out, struct err *err)
{
	struct named_inputs named;
	struct scan_options scan = { .limits = { .now = app->now, .since = USEC_NEVER, .until = USEC_NEVER,
						 .file_bytes = FILE_BYTES_MAX }, .conf = &app->conf };
	struct host host;
	struct buf report = BUF_INIT;
	int rc = read_bound(app, opts, "since", &scan.since, err);
	if (!rc)
		rc = read_bound(app, opts, "until", &scan.until, err);
	if (!rc)
		rc = check_threads(opts, err);
	bool any = inputs_from_opts(&named, app, opts);
	if (!rc)
		rc = host_open(&host, app->root, app->live, any ? &named.inputs : NULL, err);
	if (!rc && app->live && !any)
		ask_exim(&host);
	if (!rc) {
		rc = reader_run(&host, read_and_judge, &scan, &report, err);
		host_close(&host);
	}
	if (!rc) {
		*out = scan_parse(buf_str(&report), err);
		rc = *out ? 0 : err->code;
	}
	buf_done(&report);
	inputs_done(&named);
	return rc;
}

/* A window or a choice of inputs is a question of its own, no new state of the host. */
static bool is_whole(const struct opts *opts)
{
	for (size_t i = 0; i < opts->hits.count; i++)
		if (strcmp(opts->hits.at[i].opt->name, "all-ids") != 0 && strcmp(opts->hits.at[i].opt->name, "threads") != 0)
			return false;
	return true;
}

/* The state serves later commands; without it the answer is the same. */
static void keep_state(const struct app *app, json_t *report)
{
	struct err err;
	json_t *last = last_scan_load(app->state);
	last_scan_carry(report, last);
	json_decref(last);
	if (last_scan_save(app->state, report, &err))
		log_warn("no state is kept: %s", err.text);
}

/* Keeps the first ids of each list; the counts stay. */
static void trim_ids(json_t *report)
{
	static const char *const lists[] = { "ids", "derived_ids" };
	size_t i;
	json_t *incident;
	json_array_foreach(json_object_get(report, "incidents"), i, incident)
		for (size_t l = 0; l < sizeof(lists) / sizeof(*lists); l++) {
			json_t *ids = json_object_get(json_object_get(incident, "messages"), lists[l]);
			while (json_array_size(ids) > IDS_SHOWN)
				json_array_remove(ids, json_array_size(ids) - 1);
		}
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	json_t *report = NULL;
	int rc = scan_report(app, opts, &report, err);
	if (rc)
		return rc;
	if (app->state && is_whole(opts))
		keep_state(app, report);
	findings_attach(app->state, report);
	if (!opts_get(opts, "all-ids"))
		trim_ids(report);
	if (app->output == OUTPUT_TEXT || app->output == OUTPUT_JSON)
		rc = scan_show(report, app->output == OUTPUT_JSON, app->color, STDOUT_FILENO, err);
	else
		rc = scan_show_form(report, app->output, STDOUT_FILENO, err);
	json_decref(report);
	return rc;
}

const struct cmd cmd_scan = {
	.name = "scan", .operands = "", .summary = "find who sends spam, how and from where; changes nothing",
	.options = scan_options_table, .takes_inputs = true, .run = run,
};
