/* SPDX-License-Identifier: Apache-2.0
 *
 * why: the proof of an incident, line by line, and who was cleared.
 */
#include <unistd.h>

#include "cmd/findings.h"
#include "cmd/last_scan.h"
#include "cmd/scan.h"
#include "show/why_text.h"

static bool is_number(const char *word, uint64_t *out)
{
	return str_u64(str_from(word), UINT32_MAX, out);
}

/* A number means the last scan; anything else is looked up in the host as it is now. */
static int find_report(struct app *app, const struct opts *opts, const char *word, json_t **out, struct err *err)
{
	uint64_t number;
	*out = is_number(word, &number) && app->state ? last_scan_load(app->state) : NULL;
	return *out ? 0 : scan_report(app, opts, out, err);
}

static int check_number(const json_t *report, const char *word, struct err *err)
{
	uint64_t number, count = json_array_size(json_object_get(report, "incidents"));
	if (!is_number(word, &number) || (number > 0 && number <= count))
		return 0;
	return err_set(err, ERR_USAGE, "the last scan has no incident %s", word);
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	json_t *report = NULL;
	if (opts->operands.count != 1)
		return err_set(err, ERR_USAGE, "why: name one incident (number or id), file, mailbox, account or address");
	const char *word = opts->operands.at[0];
	int rc = find_report(app, opts, word, &report, err);
	if (!rc && app->output != OUTPUT_JSON) /* for programs, what nobody did is an empty list */
		rc = check_number(report, word, err);
	if (!rc)
		findings_attach(app->state, report);
	if (!rc)
		rc = why_show(report, str_from(word), app->output == OUTPUT_JSON, app->color, STDOUT_FILENO, err);
	json_decref(report);
	return rc;
}

const struct cmd cmd_why = {
	.name = "why", .operands = "N|ID|FILE|MAILBOX|ACCOUNT|IP", .summary = "the evidence, line by line, and who was cleared",
	.options = scan_options_table, .takes_inputs = true, .run = run,
};
