/* SPDX-License-Identifier: Apache-2.0
 *
 * case: list, show and change cases.
 */
#include "desk/cmd/app.h"

#include "base/own.h"
#include "desk/cmd/prove.h"

enum { LIST_MAX = 1000, SPLIT_MAX = 500 };

static const struct opt options[] = {
	{ "state", 0, "STATE", false, "only cases in this state; all = closed ones too" },
	{ "class", 0, "CLASS", false, "only cases of this class" },
	{ "owner", 0, "NAME", false, "only cases of this owner" },
	{ "as", 0, "NAME", false, "act under this name (default: the user's)" },
	{ "resolved", 0, NULL, false, "close: the cause is gone; new complaints within 14 days open the case again" },
	{ "rejected", 0, NULL, false, "close: the complaints were wrong, which counts against those who made them" },
	OPT_END,
};

struct call {
	struct app *app;
	struct actor_at at;
	struct buf out;
	str name; /* of the case */
};

static str operand(const struct call *call, size_t index)
{
	return str_from(app_operand(call->app, index));
}

static int print_one(void *context, const struct abuse_case *abuse_case, struct err *err)
{
	(void)err;
	struct call *call = context;
	if (call->app->json)
		case_print_json(&call->out, abuse_case, false, true);
	else
		case_print_line(&call->out, abuse_case);
	return 0;
}

static int list(struct call *call, struct err *err)
{
	struct case_filter filter = {
		.state = opts_get(&call->app->opts, "state"),
		.class = opts_get(&call->app->opts, "class"),
		.owner = opts_get(&call->app->opts, "owner"),
		.text = app_operand(call->app, 1),
		.limit = LIST_MAX,
	};
	enum case_state known;
	if (filter.state && strcmp(filter.state, "all") && !case_state_parse(str_from(filter.state), &known))
		return err_set(err, ERR_USAGE, "--state: \"%s\" is no state of a case", filter.state);
	return cases_list(&call->at, &filter, print_one, call, err);
}

static int show(struct call *call, struct err *err)
{
	OWN(case_done) struct abuse_case abuse_case = { 0 };
	int rc = cases_get(&call->at, call->name, &abuse_case, err);
	if (rc)
		return rc;
	if (call->app->json)
		case_print_json(&call->out, &abuse_case, true, false);
	else
		case_print_text(&call->out, &abuse_case);
	return 0;
}

static int note(struct call *call, struct err *err)
{
	return cases_note(&call->at, call->name, operand(call, 2), err);
}

static int assign(struct call *call, struct err *err)
{
	return cases_assign(&call->at, call->name, operand(call, 2), err);
}

static int merge(struct call *call, struct err *err)
{
	str into = operand(call, 2);
	int rc = cases_merge(&call->at, call->name, into, err);
	if (!rc && !call->app->json)
		buf_printf(&call->out, "merged into %.*s; quell-desk case split %.*s takes it back\n", STR_ARG(into),
			   STR_ARG(call->name));
	return rc;
}

static int split(struct call *call, struct err *err)
{
	int64_t items[SPLIT_MAX];
	size_t count = 0;
	str new_name;
	for (size_t i = 2; i < call->app->opts.operands.count; i++) {
		uint64_t number;
		if (count == SPLIT_MAX || !str_u64(operand(call, i), INT64_MAX, &number))
			return err_set(err, ERR_USAGE, "split: \"%s\" is no number of an item",
				       app_operand(call->app, i));
		items[count++] = (int64_t)number;
	}
	if (!count)
		return cases_unmerge(&call->at, call->name, err);
	int rc = cases_split(&call->at, call->name, items, count, &new_name, err);
	if (!rc)
		buf_printf(&call->out, "%.*s\n", STR_ARG(new_name));
	return rc;
}

static int prove(struct call *call, struct err *err)
{
	return prove_case(call->app, &call->at, call->name, &call->out, err);
}

static int close_case(struct call *call, struct err *err)
{
	bool resolved = opts_get(&call->app->opts, "resolved"), rejected = opts_get(&call->app->opts, "rejected");
	if (resolved && rejected)
		return err_set(err, ERR_USAGE, "close: resolved or rejected, not both");
	return cases_set_state(&call->at, call->name,
			       resolved   ? STATE_RESOLVED
			       : rejected ? STATE_REJECTED
					  : STATE_CLOSED,
			       err);
}

static int reopen(struct call *call, struct err *err)
{
	return cases_set_state(&call->at, call->name, STATE_OPEN, err);
}

static const struct verb {
	const char *name, *operands;
	size_t min, max; /* operands behind the verb */
	int (*run)(struct call *, struct err *);
} verbs[] = {
	{ "list", "[TEXT]", 0, 1, list },
	{ "show", "CASE", 1, 1, show },
	{ "note", "CASE TEXT", 2, 2, note },
	{ "assign", "CASE NAME", 2, 2, assign },
	{ "merge", "CASE INTO-CASE", 2, 2, merge },
	{ "split", "CASE [ITEM...] (without ITEM: take its merging back)", 1, SPLIT_MAX, split },
	{ "prove", "CASE", 1, 1, prove },
	{ "close", "CASE", 1, 1, close_case },
	{ "reopen", "CASE", 1, 1, reopen },
};

static int find_verb(const struct app *app, const struct verb **out, struct err *err)
{
	const char *name = app_operand(app, 0);
	size_t count = app->opts.operands.count;
	for (size_t i = 0; name && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verbs[i].name, name))
			continue;
		if (count - 1 < verbs[i].min || count - 1 > verbs[i].max)
			return err_set(err, ERR_USAGE, "case %s %s", name, verbs[i].operands);
		*out = &verbs[i];
		return 0;
	}
	return err_set(err, ERR_USAGE, "case: list, show, note, assign, merge, split, prove, close or reopen");
}

static int run(struct app *app, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	struct store store = { 0 };
	const struct verb *verb = NULL;
	int rc = find_verb(app, &verb, err);
	if (!rc)
		rc = app_open_store(app, &store, err);
	if (rc)
		return rc;
	struct call call = { app, { &store, &arena, app_who(app, &arena), app->now }, BUF_INIT, STR("") };
	call.name = operand(&call, 1);
	rc = verb->run(&call, err);
	int printed = call.out.len ? app_print(&call.out, err) : 0; /* what was done before an error is said too */
	rc = rc ? rc : printed;
	buf_done(&call.out);
	store_close(&store);
	return rc;
}

const struct cmd cmd_case = { "case", "list|show|note|assign|merge|split|prove|close|reopen ...",
			      "look at cases and change them", options, run };
