/* SPDX-License-Identifier: Apache-2.0
 *
 * scan: one pass over everything, and the verdict.
 */
#include <unistd.h>

#include "base/log.h"
#include "cmd/last_scan.h"
#include "cmd/read.h"
#include "cmd/reader.h"
#include "cmd/report.h"
#include "cmd/scan.h"
#include "show/scan_text.h"
#include "trace/how.h"
#include "trace/whence.h"

/* Expanded size of one file beyond which it is no log. */
#define FILE_BYTES_MAX (64ull << 30)

enum { IDS_SHOWN = 100 };

const struct opt scan_options_table[] = {
	{ "since", 0, "T", false, "leave out what is older: a time, or an age such as 2h" },
	{ "until", 0, "T", false, "leave out what is newer" },
	{ "all-ids", 0, NULL, false, "list all message ids of an incident, not only the first 100" },
	OPT_END,
};

struct scan_options {
	struct read_limits limits;
	const struct conf *conf;
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
	report_print(out, &(struct report_input){ host, &world, &verdict, &state, now });
	verdict_done(&verdict);
	leads_done(&leads);
	world_done(&world);
	read_state_done(&state);
	report_settings_done(&settings);
}

int scan_report(struct app *app, const struct opts *opts, json_t **out, struct err *err)
{
	struct named_inputs named;
	struct scan_options scan = { .limits = { .now = app->now, .file_bytes = FILE_BYTES_MAX }, .conf = &app->conf };
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
		if (strcmp(opts->hits.at[i].opt->name, "all-ids") != 0)
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
	if (!opts_get(opts, "all-ids"))
		trim_ids(report);
	rc = scan_show(report, app->output == OUTPUT_JSON, app->color, STDOUT_FILENO, err);
	json_decref(report);
	return rc;
}

const struct cmd cmd_scan = {
	.name = "scan", .operands = "", .summary = "find who sends spam, how and from where; changes nothing",
	.options = scan_options_table, .takes_inputs = true, .run = run,
};
