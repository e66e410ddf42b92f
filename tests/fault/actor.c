/* SPDX-License-Identifier: Apache-2.0
 *
 * actor: act without the command line, for the fault tests: any op on any
 * target, one system call after the other.
 *
 *     actor STATE ROOT SECONDS plan < [{"op","target","account","facts"}...]   surveys, saves, prints the id
 *     actor STATE ROOT SECONDS apply|undo|verify ID
 *     actor STATE ROOT SECONDS recover
 *
 * ROOT is a folder or "/"; SECONDS is now. Each step's result is one line. Exits 0, 4 when refused or failed, 1 when verify
 * found something undone. With ACTOR_RESTORE set, undo puts passwords back; ACTOR_PASSWORD is the new password.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "act/act.h"
#include "base/own.h"
#include "base/print.h"

static void say(void *context, unsigned n, str op, str target, enum result result, str text)
{
	(void)context;
	struct buf line = BUF_INIT;
	buf_printf(&line, "%u %.*s %s ", n, STR_ARG(op), result_name(result));
	print_text(&line, target);
	buf_char(&line, ' ');
	print_text(&line, text);
	printf("%.*s\n", STR_ARG(buf_str(&line)));
	buf_done(&line);
}

static int add_step(struct act *act, struct plan *plan, const json_t *object, struct err *err)
{
	struct facts facts;
	str op, target, account;
	bool is_done;
	const struct member members[] = { { "op", &op }, { "target", &target }, { "account", &account }, { NULL } };
	int rc = facts_members(members, &act->arena, object, err);
	if (!rc)
		rc = facts_parse(&facts, &act->arena, json_object_get(object, "facts"), err);
	if (rc)
		return rc;
	struct step *step = plan_add(plan, arena_cstring(&act->arena, op), target, account);
	step->facts = facts;
	step->reversible = true;
	return act_survey(act, plan, step, &is_done, err);
}

static int make_plan(struct act *act, str root, struct err *err)
{
	struct plan plan;
	json_t *steps = json_loadf(stdin, 0, NULL);
	int rc = json_is_array(steps) ? 0 : err_set(err, ERR_USAGE, "no steps");
	plan_init(&plan, STR("test"), root, STR(""), act->world.now);
	for (size_t i = 0; !rc && i < json_array_size(steps); i++)
		rc = add_step(act, &plan, json_array_get(steps, i), err);
	plan_seal(&plan);
	if (!rc)
		rc = act_save_plan(act, &plan, err);
	if (!rc)
		printf("%.*s\n", STR_ARG(plan.id));
	json_decref(steps);
	plan_done(&plan);
	return rc;
}

static int apply(struct act *act, const char *id, const struct reporter *reporter, struct err *err)
{
	struct plan plan;
	int rc = act_load_plan(act, id, &plan, err);
	if (rc)
		return rc;
	rc = act_apply(act, &plan, false, reporter, err);
	plan_done(&plan);
	return rc;
}

static int dispatch(struct act *act, const char *verb, const char *id, str root, unsigned *undone, struct err *err)
{
	const struct reporter reporter = { say, NULL };
	if (strcmp(verb, "plan") == 0)
		return make_plan(act, root, err);
	if (strcmp(verb, "apply") == 0)
		return apply(act, id, &reporter, err);
	if (strcmp(verb, "undo") == 0)
		return act_undo(act, &(struct act_filter){ .plan = str_from(id) }, &reporter, err);
	if (strcmp(verb, "verify") == 0)
		return act_verify(act, &(struct act_filter){ .plan = str_from(id) }, &reporter, undone, err);
	return act_recover(act, &reporter, err);
}

int main(int argc, char **argv)
{
	struct act act;
	struct err err = { 0 };
	unsigned undone = 0;
	if (argc < 5)
		return 2;
	OWN_FD int root = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct act_options options = { .root = root,
					     .live = strcmp(argv[2], "/") == 0,
					     .state = argv[1],
					     .now = strtoll(argv[3], NULL, 10) * USEC_PER_SEC,
					     .acting = true,
					     .password = getenv("ACTOR_PASSWORD"),
					     .restore_password = getenv("ACTOR_RESTORE") != NULL };
	int rc = act_open(&act, &options, &err);
	if (!rc) {
		rc = dispatch(&act, argv[4], argc > 5 ? argv[5] : NULL, str_from(argv[2]), &undone, &err);
		act_close(&act);
	}
	if (rc)
		fprintf(stderr, "actor: %s\n", err.text);
	fflush(stdout);
	return rc ? 4 : undone ? 1 : 0;
}
