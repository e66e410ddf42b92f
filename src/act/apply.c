/* SPDX-License-Identifier: Apache-2.0
 *
 * apply: survey for a plan, and the execution of one.
 */
#include "act/deed.h"

size_t deed_count(const struct deed *deed)
{
	const struct fact *ids = facts_find(&deed->done, "ids");
	return ids ? ids->count : 0;
}

static struct deed deed_of_step(struct act *act, str plan, const struct step *step)
{
	return (struct deed){ .arena = &act->arena,
			      .plan = plan,
			      .step = step->n,
			      .op = step->op,
			      .target = step->target,
			      .account = step->account,
			      .facts = step->facts };
}

int act_survey(struct act *act, struct plan *plan, struct step *step, bool *out_done, struct err *err)
{
	const struct op *op = op_find(step->op);
	struct deed deed = deed_of_step(act, STR(""), step);
	enum state state;
	if (!op)
		return err_set(err, ERR_USAGE, "there is no op %.*s", STR_ARG(step->op));
	int rc = gate_check(&act->gate, op, &deed, err);
	if (!rc)
		rc = op->survey(&act->world, &deed, err);
	if (!rc)
		rc = op->look(&act->world, &deed, &state, err);
	if (rc)
		return rc == ERR_GONE ? ERR_REFUSED : rc;
	facts_copy(&step->facts, &plan->arena, &deed.facts);
	*out_done = state == STATE_AFTER;
	return state == STATE_OTHER ? ERR_REFUSED : 0;
}

int deed_journal(struct act *act, const struct deed *deed, enum record_kind kind, enum result result, str text,
		 struct err *err)
{
	struct record record = { .at = act->world.now, .kind = kind,	       .plan = deed->plan,
				 .step = deed->step,   .op = deed->op,	       .target = deed->target,
				 .result = result,     .account = deed->account, .text = text };
	record.facts = kind == RECORD_INTENT ? deed->facts : deed->done;
	return journal_add(&act->journal, &record, err);
}

enum result deed_result(int rc)
{
	switch (rc) {
	case 0: return RESULT_CHANGED;
	case ERR_REFUSED:
	case ERR_GONE: return RESULT_REFUSED;
	default: return RESULT_FAILED;
	}
}

/* What make or undo says for people: its error, or what was left over. */
str deed_text(const struct deed *deed, int rc, const struct err *err)
{
	const struct fact *left = facts_find(&deed->done, "left"), *ids = facts_find(&deed->done, "ids");
	if (rc)
		return arena_copy(deed->arena, str_from(err->text));
	if (!ids)
		return STR("");
	if (!left || !left->count)
		return arena_printf(deed->arena, "%zu messages", ids->count);
	return arena_printf(deed->arena, "%zu messages; %zu left over, the first: %.*s", ids->count, left->count,
			    STR_ARG(left->values[0]));
}

/* An op on many objects says itself what it did; of the others the state is read again. */
static int confirm(struct act *act, const struct op *op, const struct deed *deed, enum state wanted, struct err *err)
{
	enum state state;
	if (op->settle)
		return deed_count(deed) ? 0 : err_set(err, ERR_REFUSED, "none of the messages could be had");
	int rc = op->look(&act->world, deed, &state, err);
	if (rc)
		return rc;
	return state == wanted ? 0 : err_set(err, ERR_SYSTEM, "done, but the state is not what it should be");
}

int deed_close(struct act *act, const struct deed *deed, enum record_kind kind, enum result *result, int rc, struct err *err)
{
	struct err why;
	if (*result == RESULT_UNKNOWN)
		return rc;
	int journal_rc = deed_journal(act, deed, kind, *result, deed_text(deed, rc, err), &why);
	if (!journal_rc)
		return rc;
	*result = RESULT_UNKNOWN;
	*err = why;
	return journal_rc;
}

int deed_make(struct act *act, const struct op *op, struct deed *deed, struct err *err)
{
	int rc = op->make(&act->world, deed, err);
	return rc ? rc : confirm(act, op, deed, STATE_AFTER, err);
}

int deed_undo(struct act *act, const struct op *op, struct deed *deed, struct err *err)
{
	int rc = op->undo(&act->world, deed, err);
	return rc ? rc : confirm(act, op, deed, STATE_BEFORE, err);
}

/* It failed half-way: what was done of one object is taken back at once, what was done of many is finished. */
static enum result settle_failure(struct act *act, const struct op *op, struct deed *deed, int rc)
{
	enum state state = STATE_OTHER;
	struct err unused;
	if (op->settle)
		return op->settle(&act->world, deed, false, &unused) ? RESULT_UNKNOWN :
		       deed_count(deed) ? RESULT_CHANGED : deed_result(rc);
	if (op->look(&act->world, deed, &state, &unused) || state == STATE_OTHER)
		return RESULT_UNKNOWN;
	if (state != STATE_BEFORE && (!op->undo || deed_undo(act, op, deed, &unused)))
		return RESULT_UNKNOWN;
	return deed_result(rc);
}

/* Intent first, outcome after. Returns what is to be reported; *err holds the reason. */
static int execute(struct act *act, const struct op *op, struct deed *deed, enum result *out, struct err *err)
{
	int rc = op->seal ? op->seal(&act->world, deed, err) : 0;
	*out = rc ? deed_result(rc) : RESULT_NONE;
	if (rc)
		return rc;
	rc = deed_journal(act, deed, RECORD_INTENT, RESULT_NONE, STR(""), err);
	if (rc) {
		*out = RESULT_FAILED;
		return rc;
	}
	rc = deed_make(act, op, deed, err);
	*out = rc ? settle_failure(act, op, deed, rc) : RESULT_CHANGED;
	return deed_close(act, deed, RECORD_OUTCOME, out, rc, err);
}

int act_check_caps(const struct act *act, unsigned planned, struct err *err)
{
	static const usec hour = 3600 * USEC_PER_SEC;
	struct actions actions;
	unsigned live = planned, recent = planned;
	journal_fold(&act->journal, &actions);
	for (size_t i = 0; i < actions.list.count; i++) {
		const struct action *action = &actions.list.at[i];
		if (!action_in_force(action) || !facts_find(&action->intent->facts, "address"))
			continue;
		live++;
		recent += action->outcome->at > act->world.now - hour;
	}
	actions_done(&actions);
	if (act->caps.live && live >= act->caps.live)
		return err_set(err, ERR_REFUSED, "%u addresses are blocked already ([block] live_max)", live);
	if (act->caps.per_hour && recent >= act->caps.per_hour)
		return err_set(err, ERR_REFUSED, "%u addresses were blocked within the hour ([block] per_hour)", recent);
	return 0;
}

static int check_step(struct act *act, const struct op *op, const struct deed *deed, enum state *out, struct err *err)
{
	int rc = op_check_keys(op, &deed->facts, err);
	if (!rc)
		rc = gate_check(&act->gate, op, deed, err);
	if (!rc)
		rc = op->look(&act->world, deed, out, err);
	if (!rc && *out != STATE_BEFORE && *out != STATE_AFTER)
		rc = ERR_REFUSED;
	if (rc)
		err_context(err, "the world has moved since the plan was made");
	else if (facts_find(&deed->facts, "address") && *out == STATE_BEFORE)
		rc = act_check_caps(act, 0, err);
	return rc;
}

static int apply_step(struct act *act, const struct plan *plan, const struct step *step, enum result *out, str *out_text,
		      struct err *err)
{
	struct deed deed = deed_of_step(act, plan->id, step);
	const struct op *op = op_find(step->op);
	enum state state = STATE_OTHER;
	int rc = op ? check_step(act, op, &deed, &state, err) :
		      err_set(err, ERR_INPUT, "there is no op %.*s", STR_ARG(step->op));
	*out = rc ? deed_result(rc) : RESULT_ALREADY;
	if (!rc && state == STATE_BEFORE)
		rc = execute(act, op, &deed, out, err);
	*out_text = deed_text(&deed, rc, err);
	return rc;
}

bool act_was_applied(const struct act *act, const struct plan *plan)
{
	for (size_t i = 0; i < act->journal.records.count; i++)
		if (str_eq(act->journal.records.at[i].plan, plan->id))
			return true;
	return false;
}

static int check_plan(const struct act *act, const struct plan *plan, bool unattended, struct err *err)
{
	if (act->world.now > plan->expires || act->world.now + PLAN_LIFETIME < plan->made)
		return err_set(err, ERR_REFUSED, "plan %.*s has expired; make it anew", STR_ARG(plan->id));
	if (act->world.live != str_eq(plan->root, STR("/")))
		return err_set(err, ERR_REFUSED, "plan %.*s was made for %.*s", STR_ARG(plan->id), STR_ARG(plan->root));
	if (act_was_applied(act, plan))
		return err_set(err, ERR_REFUSED, "plan %.*s was applied before", STR_ARG(plan->id));
	for (size_t i = 0; unattended && i < plan->steps.count; i++)
		if (!plan->steps.at[i].unattended || !plan->steps.at[i].allowed)
			return err_set(err, ERR_REFUSED, "step %zu is not to be done without a person", i + 1);
	return 0;
}

int act_apply(struct act *act, const struct plan *plan, bool unattended, const struct reporter *reporter, struct err *err)
{
	int rc = check_plan(act, plan, unattended, err);
	for (size_t i = 0; !rc && i < plan->steps.count; i++) {
		const struct step *step = &plan->steps.at[i];
		enum result result;
		str text;
		rc = apply_step(act, plan, step, &result, &text, err);
		reporter->step(reporter->context, step->n, step->op, step->target, result, text);
	}
	return rc;
}
