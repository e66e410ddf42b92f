/* SPDX-License-Identifier: Apache-2.0
 *
 * disable, enable: a script out of service and back.
 */
#include "cmd/who.h"

static const struct opt options[] = {
	{ "account", 0, "NAME", false, "whose file it is; checked, never assumed" },
	{ "crontab", 0, NULL, false, "also take the crontab lines that start it out of force" },
	{ "immutable", 0, NULL, false, "also chattr +i, so that it cannot be replaced by another file" },
	ACTING_OPTIONS,
	OPT_END,
};

static str undo_by_hand(struct arena *arena, const struct facts *facts, str path)
{
	uint64_t mode = 0;
	str shown = plan_shell(arena, &path, 1);
	facts_number(facts, "mode", 07777, &mode);
	return arena_printf(arena, "chown %.*s:%.*s %.*s && chmod %04o %.*s", STR_ARG(facts_get(facts, "owner")),
			    STR_ARG(facts_get(facts, "group")), STR_ARG(shown), (unsigned)mode, STR_ARG(shown));
}

int disable_add(struct acting *acting, str path, bool immutable, str why, struct err *err)
{
	uint32_t account = host_account_of_path(&acting->host, path);
	if (account == NO_ACCOUNT) {
		err_set(err, ERR_REFUSED, "it lies in no account's home");
		acting_refuse(acting, path, err);
		return 0;
	}
	const struct account *owner = &acting->host.accounts.at[account];
	struct arena *arena = &acting->plan.arena;
	struct step *step = plan_add(&acting->plan, "disable", path, owner->name);
	step->why = arena_copy(arena, why.len ? why : STR("it sends spam"));
	step->reversible = true;
	const str words[] = { STR("chown"), STR("root:root"), path }, modes[] = { STR("chmod"), STR("000"), path };
	step->shell = arena_printf(arena, "%.*s && %.*s", STR_ARG(plan_shell(arena, words, 3)), STR_ARG(plan_shell(arena, modes, 3)));
	facts_set(&step->facts, arena, "path", path);
	facts_set(&step->facts, arena, "home", owner->home);
	facts_set_number(&step->facts, arena, "uid", owner->uid);
	facts_set(&step->facts, arena, "immutable", immutable ? STR("yes") : STR("no"));
	size_t before = acting->plan.steps.count;
	int rc = acting_survey(acting, step, "disable", path, err);
	if (!rc && acting->plan.steps.count == before)
		step->undo = undo_by_hand(arena, &step->facts, path);
	return rc;
}

static int check_account(const struct acting *acting, str path, const char *named, struct err *err)
{
	uint32_t account = host_account_of_path(&acting->host, path);
	if (named && (account == NO_ACCOUNT || !str_eq(acting->host.accounts.at[account].name, str_from(named))))
		return err_set(err, ERR_REFUSED, "%.*s is not in the home of %s", STR_ARG(path), named);
	return 0;
}

static int run_disable(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting;
	if (!opts->operands.count)
		return err_set(err, ERR_USAGE, "disable needs a FILE");
	int rc = acting_open(&acting, app, opts, "disable", STR(""), err);
	for (size_t i = 0; !rc && i < opts->operands.count; i++) {
		str path = str_from(opts->operands.at[i]);
		rc = check_account(&acting, path, opts_get(opts, "account"), err);
		if (!rc)
			rc = disable_add(&acting, path, opts_get(opts, "immutable") != NULL, STR(""), err);
		uint32_t account = host_account_of_path(&acting.host, path);
		if (!rc && opts_get(opts, "crontab") && account != NO_ACCOUNT)
			rc = cron_add(&acting, acting.host.accounts.at[account].name, path, "disable", path, err);
	}
	if (!rc)
		rc = acting_finish(&acting, err);
	acting_close(&acting);
	return rc;
}

static int run_enable(struct app *app, const struct opts *opts, struct err *err)
{
	if (opts->operands.count != 1)
		return err_set(err, ERR_USAGE, "enable needs one FILE");
	return acting_take_back(app, opts, "disable", str_from(opts->operands.at[0]), err);
}

const struct cmd cmd_disable = {
	.name = "disable", .operands = "FILE...", .summary = "take a script out of service: owner root, mode 000",
	.options = options, .takes_inputs = true, .run = run_disable,
};

const struct cmd cmd_enable = {
	.name = "enable", .operands = "FILE", .summary = "put back what disable took out of service",
	.options = NULL, .run = run_enable,
};
