/* SPDX-License-Identifier: Apache-2.0
 *
 * apply, undo, restore, verify, recover, journal, archive: what is done with
 * plans and with what stands in the journal.
 */
#include <stdio.h>
#include <unistd.h>

#include "act/archive.h"
#include "base/jsonw.h"
#include "base/print.h"
#include "base/root.h"
#include "cmd/acting.h"

static const struct opt apply_options[] = {
	{ "last", 0, NULL, false, "the newest plan" },
	{ "unattended", 0, NULL, false, "act without a person; refuses what evidence or policy do not permit" },
	{ "archive", 0, "DIR", false, "seal what is removed here instead of in the state folder" },
	{ "yes", 0, NULL, false, "do not ask; lifts no safety rule" },
	OPT_END,
};

static const struct opt undo_options[] = {
	{ "all", 0, NULL, false, "everything that is in force" },
	{ "last", 0, NULL, false, "the newest plan that is in force" },
	{ "restore-old-password", 0, NULL, false, "put back old passwords too, although they are stolen" },
	{ "archive", 0, "DIR", false, "where what was removed is sealed" },
	OPT_END,
};

static int run_apply(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	struct plan plan;
	bool last = opts_get(opts, "last") != NULL, unattended = opts_get(opts, "unattended") != NULL;
	if (opts->operands.count + last != 1)
		return err_set(err, ERR_USAGE, "apply needs the id of a plan, or --last");
	int rc = acting_open_state(&acting, app, opts, true, err);
	if (!rc)
		rc = act_load_plan(&acting.act, last ? NULL : opts->operands.at[0], &plan, err);
	if (!rc) {
		if (unattended || acting_ask(&acting, "Apply the plan?", err))
			rc = acting_apply(&acting, &plan, unattended, err);
		else
			rc = ERR_REFUSED;
		plan_done(&plan);
	}
	acting_close(&acting);
	return rc;
}

/* The plan of the newest action that is in force; "" when none is. */
static str newest_in_force(struct acting *acting, const char *verb)
{
	struct actions actions;
	str plan = STR("");
	journal_fold(&acting->act.journal, &actions);
	for (size_t i = 0; i < actions.list.count; i++)
		if (action_in_force(&actions.list.at[i]) &&
		    (!verb || str_eq(facts_get(&actions.list.at[i].intent->facts, "verb"), str_from(verb))))
			plan = arena_copy(&acting->act.arena, actions.list.at[i].intent->plan);
	actions_done(&actions);
	return plan;
}

static int undo(struct app *app, const struct opts *opts, const char *verb, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	bool all = opts_get(opts, "all") != NULL;
	int rc = acting_open_state(&acting, app, opts, true, err);
	if (!rc) {
		struct act_filter filter = { .verb = str_from(verb) };
		struct reporter reporter = acting_reporter(&acting);
		if (!all)
			filter.plan = opts->operands.count ? str_from(opts->operands.at[0]) : newest_in_force(&acting, verb);
		rc = all || filter.plan.len ? act_undo(&acting.act, &filter, &reporter, err) :
					      err_set(err, ERR_REFUSED, "nothing is in force");
		acting_print(&acting, "undo", filter.plan, 0, NULL);
	}
	acting_close(&acting);
	return rc;
}

static int run_undo(struct app *app, const struct opts *opts, struct err *err)
{
	return undo(app, opts, NULL, err);
}

static int run_restore(struct app *app, const struct opts *opts, struct err *err)
{
	return undo(app, opts, "purge", err);
}

static int run_verify(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	unsigned undone = 0, ongoing = 0;
	int rc = acting_open_state(&acting, app, opts, false, err);
	if (!rc) {
		struct act_filter filter = { .plan = opts->operands.count ? str_from(opts->operands.at[0]) : STR("") };
		struct reporter reporter = acting_reporter(&acting);
		rc = act_verify(&acting.act, &filter, &reporter, &undone, err);
		ongoing = acting_print(&acting, "verify", filter.plan, undone, rc ? NULL : &filter);
	}
	acting_close(&acting);
	return rc ? rc : undone || ongoing ? EXIT_FOUND : 0;
}

/* Opening the state for acting has done it already, and has said so. */
static int run_recover(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	int rc = acting_open_state(&acting, app, opts, true, err);
	acting_close(&acting);
	return rc;
}

static void print_record_text(struct buf *out, const struct record *record)
{
	buf_printf(out, "%4llu ", (unsigned long long)record->n);
	clock_print(out, record->at);
	buf_printf(out, " %-8s %-8s %.*s %u %.*s ", record_kind_name(record->kind), result_name(record->result),
		   STR_ARG(record->plan), record->step, STR_ARG(record->op));
	print_text(out, record->target);
	if (record->text.len) {
		buf_add(out, STR(": "));
		print_text(out, record->text);
	}
	buf_char(out, '\n');
}

static void print_journal_text(struct buf *out, const struct journal *journal, str plan)
{
	for (size_t i = 0; i < journal->records.count; i++)
		if (!plan.len || str_eq(journal->records.at[i].plan, plan))
			print_record_text(out, &journal->records.at[i]);
	buf_printf(out, "chain head %s\n", journal->chain);
	if (journal->torn)
		buf_printf(out, "%llu bytes at the end are torn; the next acting command cuts them off\n",
			   (unsigned long long)journal->torn);
}

static void print_journal_json(struct buf *out, const struct journal *journal, str plan)
{
	struct jsonw w;
	jsonw_init(&w, out, false);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.journal/1"));
	jsonw_field_str(&w, "chain", str_from(journal->chain));
	jsonw_field_int(&w, "torn", (int64_t)journal->torn);
	jsonw_key(&w, "records");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < journal->records.count; i++)
		if (!plan.len || str_eq(journal->records.at[i].plan, plan))
			record_write(&w, &journal->records.at[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

static int run_journal(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	struct buf out = BUF_INIT;
	str plan = opts->operands.count ? str_from(opts->operands.at[0]) : STR("");
	int rc = acting_open_state(&acting, app, opts, false, err);
	if (!rc && app->output == OUTPUT_TEXT)
		print_journal_text(&out, &acting.act.journal, plan);
	else if (!rc)
		print_journal_json(&out, &acting.act.journal, plan);
	if (!rc)
		rc = buf_write(&out, STDOUT_FILENO, err);
	buf_done(&out);
	acting_close(&acting);
	return rc;
}

static int print_member(void *context, const struct archive_member *member, struct err *err)
{
	struct buf *out = context;
	(void)err;
	buf_printf(out, "%10lld  ", (long long)member->status.st_size);
	print_text(out, member->name);
	buf_char(out, '\n');
	return 0;
}

static int list_archive(struct acting *acting, struct err *err)
{
	struct dir_names names = { 0 };
	struct buf out = BUF_INIT;
	int rc = root_list(acting->act.world.archive, ".", &names, err);
	for (size_t i = 0; !rc && i < names.list.count; i++) {
		str step = str_from(names.list.at[i]);
		str plan = str_cut(&step, '-');
		uint64_t number;
		if (!str_ends(step, STR(".seal")) || !str_u64(str_head(step, step.len - 5), UINT32_MAX, &number))
			continue;
		buf_printf(&out, "plan %.*s step %llu\n", STR_ARG(plan), (unsigned long long)number);
		rc = archive_each(acting->act.world.archive, plan, (unsigned)number, print_member, &out, err);
	}
	if (!rc)
		rc = buf_write(&out, STDOUT_FILENO, err);
	buf_done(&out);
	dir_names_done(&names);
	return rc;
}

static int run_archive(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	const char *verb = opts->operands.count == 1 ? opts->operands.at[0] : "";
	bool drops = strcmp(verb, "drop") == 0;
	if (!drops && strcmp(verb, "list") != 0)
		return err_set(err, ERR_USAGE, "archive list, or archive drop (what is older than [archive] keep)");
	int rc = acting_open_state(&acting, app, opts, drops, err);
	if (!rc && drops) {
		int dropped = archive_drop(acting.act.world.archive, ARCHIVE_SUFFIX, acting.act.world.now,
					   conf_age(&app->conf, "archive", "keep"), err);
		rc = dropped < 0 ? dropped : 0;
		if (!rc)
			printf("%d dropped\n", dropped);
	} else if (!rc) {
		rc = list_archive(&acting, err);
	}
	acting_close(&acting);
	return rc;
}

const struct cmd cmd_apply = {
	.name = "apply", .operands = "ID|--last", .summary = "carry out a plan, after comparing every fact again",
	.options = apply_options, .takes_inputs = true, .run = run_apply,
};
const struct cmd cmd_undo = {
	.name = "undo", .operands = "[ID|--all]", .summary = "take back what is still as we left it",
	.options = undo_options, .run = run_undo,
};
const struct cmd cmd_restore = {
	.name = "restore", .operands = "ID|--last", .summary = "put purged messages back into the queue, byte for byte",
	.options = undo_options, .run = run_restore,
};
const struct cmd cmd_verify = {
	.name = "verify", .operands = "[ID]", .summary = "is everything that was done still in force, and has it stopped",
	.takes_inputs = true, .run = run_verify,
};
const struct cmd cmd_recover = {
	.name = "recover", .operands = "", .summary = "finish or take back what a killed run left", .run = run_recover,
};
const struct cmd cmd_journal = {
	.name = "journal", .operands = "[ID]", .summary = "what was done, and the head of the chain", .run = run_journal,
};
const struct cmd cmd_archive = {
	.name = "archive", .operands = "list|drop", .summary = "what is sealed; drop what is older than [archive] keep",
	.options = NULL, .run = run_archive,
};
