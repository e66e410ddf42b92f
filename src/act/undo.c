/* SPDX-License-Identifier: Apache-2.0
 *
 * undo, recover, verify: going over the journal's actions.
 */
#include <stdlib.h>

#include "act/deed.h"

/* The deed as it stands in the journal. Copied: the records move when others are added. */
static struct deed deed_of_action(struct act *act, const struct action *action)
{
	const struct record *intent = action->intent;
	struct deed deed = { .arena = &act->arena,
			     .plan = arena_copy(&act->arena, intent->plan),
			     .step = intent->step,
			     .op = arena_copy(&act->arena, intent->op),
			     .target = arena_copy(&act->arena, intent->target),
			     .account = arena_copy(&act->arena, intent->account),
			     .settled = action->progress != NULL };
	facts_copy(&deed.facts, &act->arena, &intent->facts);
	if (action->outcome)
		facts_copy(&deed.made, &act->arena, &action->outcome->facts);
	if (action->progress)
		facts_copy(&deed.done, &act->arena, &action->progress->facts);
	return deed;
}

/* Deeds that wanted() picks, oldest first, in the run's arena. */
struct deeds {
	struct deed *at;
	bool *undoing;
	size_t count;
};

static bool passes(const struct act_filter *filter, const struct record *intent)
{
	const struct {
		str wanted, got;
	} members[] = { { filter->plan, intent->plan },
			{ filter->verb, facts_get(&intent->facts, "verb") },
			{ filter->who, facts_get(&intent->facts, "who") } };
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].wanted.len && !str_eq(members[i].wanted, members[i].got))
			return false;
	return true;
}

static struct deeds collect(struct act *act, const struct act_filter *filter, bool (*wanted)(const struct action *))
{
	struct actions actions;
	struct deeds deeds = { 0 };
	journal_fold(&act->journal, &actions);
	deeds.at = arena_alloc(&act->arena, (actions.list.count + 1) * sizeof(*deeds.at));
	deeds.undoing = arena_alloc(&act->arena, (actions.list.count + 1) * sizeof(*deeds.undoing));
	for (size_t i = 0; i < actions.list.count; i++) {
		const struct action *action = &actions.list.at[i];
		if (!passes(filter, action->intent) || !wanted(action))
			continue;
		deeds.undoing[deeds.count] = action->undo != NULL;
		deeds.at[deeds.count++] = deed_of_action(act, action);
	}
	actions_done(&actions);
	return deeds;
}

/* Sessions that were ended: whoever may connect again does so, and nothing is to be taken back. */
static bool is_done_once(const struct op *op, const struct deed *deed)
{
	return !op->undo || str_eq(facts_get(&deed->facts, "once"), STR("yes"));
}

/* *out is STATE_BEFORE when somebody has undone it already. */
static int check_undo(struct act *act, const struct op *op, const struct deed *deed, enum state *out, struct err *err)
{
	*out = STATE_AFTER;
	if (!op)
		return err_set(err, ERR_REFUSED, "it cannot be undone");
	if (is_done_once(op, deed)) {
		*out = STATE_BEFORE;
		return 0;
	}
	if (op->settle)
		return 0;
	int rc = op->look(&act->world, deed, out, err);
	if (rc || *out == STATE_AFTER || *out == STATE_BEFORE)
		return rc;
	err_context(err, "it is not as we left it");
	return ERR_REFUSED;
}

/* After a failed undo: what is still wholly in force stays so; what is not stays open, for recover to finish; many objects
 * are finished now. */
static void settle_undo(struct act *act, const struct op *op, struct deed *deed, enum result *out)
{
	enum state state = STATE_OTHER;
	struct err unused;
	if (op->settle)
		*out = op->settle(&act->world, deed, true, &unused) ? RESULT_UNKNOWN :
		       deed_count(deed) ? RESULT_CHANGED : *out;
	else if (op->look(&act->world, deed, &state, &unused) || state != STATE_AFTER)
		*out = RESULT_UNKNOWN;
}

static int undo_one(struct act *act, struct deed *deed, str *out_text, enum result *out, struct err *err)
{
	const struct op *op = op_find(deed->op);
	enum state state;
	int rc = check_undo(act, op, deed, &state, err);
	*out = rc ? deed_result(rc) : RESULT_ALREADY;
	*out_text = rc ? deed_text(deed, rc, err) : is_done_once(op, deed) ?
			     STR("done once, nothing stays to be taken back") : STR("somebody has undone it already");
	if (rc)
		return rc;
	if (state == STATE_BEFORE)
		return deed_journal(act, deed, RECORD_UNDONE, *out, *out_text, err);
	rc = deed_journal(act, deed, RECORD_UNDO, RESULT_NONE, STR(""), err);
	if (rc) {
		*out = RESULT_FAILED;
		return rc;
	}
	deed->done = (struct facts){ 0 };
	deed->settled = false;
	rc = deed_undo(act, op, deed, err);
	*out = deed_result(rc);
	*out_text = deed_text(deed, rc, err);
	if (rc)
		settle_undo(act, op, deed, out);
	return deed_close(act, deed, RECORD_UNDONE, out, rc, err);
}

int act_undo(struct act *act, const struct act_filter *filter, const struct reporter *reporter, struct err *err)
{
	struct deeds deeds = collect(act, filter, action_in_force);
	int first = 0;
	if (!deeds.count)
		return err_set(err, ERR_REFUSED, "nothing of it is in force");
	for (size_t i = deeds.count; i > 0; i--) {
		struct deed *deed = &deeds.at[i - 1];
		struct err why = { 0 };
		enum result result;
		str text;
		int rc = undo_one(act, deed, &text, &result, &why);
		reporter->step(reporter->context, deed->step, deed->op, deed->target, result, text);
		if (rc && !first) {
			first = rc;
			*err = why;
		}
	}
	return first;
}

static bool is_interrupted(const struct action *action)
{
	return !action->outcome || (action->undo && !action->undone);
}

/* One object: whole one way, whole the other, or half-way and then taken back (forward again when an undo was cut short). */
static int recover_single(struct act *act, const struct op *op, struct deed *deed, bool undoing, enum result *out,
			  struct err *err)
{
	enum state state;
	int rc = op->look(&act->world, deed, &state, err);
	if (!rc && state == STATE_PARTIAL) {
		rc = deed_undo(act, op, deed, err);
		state = STATE_BEFORE;
	}
	if (rc)
		return rc;
	if (state == STATE_OTHER) {
		*out = RESULT_FAILED;
		err_context(err, "left alone");
		return 0;
	}
	bool is_done = undoing == (state == STATE_BEFORE);
	*out = is_done ? RESULT_CHANGED : RESULT_FAILED;
	err_set(err, ERR_NONE, "%s", is_done ? "was complete" : "taken back: it is as before");
	if (undoing && !is_done)
		err_set(err, ERR_NONE, "the undo had not begun");
	return 0;
}

static int recover_many(struct act *act, const struct op *op, struct deed *deed, bool undoing, enum result *out,
			struct err *err)
{
	int rc = op->settle(&act->world, deed, undoing, err);
	const struct fact *ids = facts_find(&deed->done, "ids");
	bool is_done = ids && ids->count;
	*out = rc ? RESULT_UNKNOWN : is_done ? RESULT_CHANGED : RESULT_FAILED;
	if (!rc)
		err_set(err, ERR_NONE, "%zu messages %s", is_done ? ids->count : 0,
			is_done ? "finished" : "taken back: it is as before");
	return rc;
}

static int recover_one(struct act *act, struct deed *deed, bool undoing, const struct reporter *reporter, struct err *err)
{
	const struct op *op = op_find(deed->op);
	enum result result = RESULT_UNKNOWN;
	struct err why = { 0 };
	int rc = op ? 0 : err_set(&why, ERR_INPUT, "there is no such op any more");
	if (op && op->tidy)
		op->tidy(&act->world, deed);
	if (op)
		rc = op->settle ? recover_many(act, op, deed, undoing, &result, &why) :
				  recover_single(act, op, deed, undoing, &result, &why);
	str text = arena_copy(&act->arena, str_from(why.text));
	rc = rc ? rc : deed_journal(act, deed, undoing ? RECORD_UNDONE : RECORD_OUTCOME, result, text, &why);
	reporter->step(reporter->context, deed->step, deed->op, deed->target, result, text);
	if (rc)
		*err = why;
	return rc;
}

int act_recover(struct act *act, const struct reporter *reporter, struct err *err)
{
	struct deeds deeds = collect(act, &(struct act_filter){ 0 }, is_interrupted);
	int first = 0;
	for (size_t i = 0; i < deeds.count; i++) {
		int rc = recover_one(act, &deeds.at[i], deeds.undoing[i], reporter, err);
		first = first ? first : rc;
	}
	return first;
}

static bool is_block(const struct action *action)
{
	return action_in_force(action) &&
	       (facts_find(&action->intent->facts, "until") ||
		str_starts(facts_get(&action->intent->facts, "verb"), STR("ready")));
}

static int sync_one(struct act *act, struct deed *deed, str *out_text, enum result *out, struct err *err)
{
	const struct op *op = op_find(deed->op);
	enum state state = STATE_OTHER;
	uint64_t until = UINT64_MAX;
	facts_number(&deed->facts, "until", UINT64_MAX, &until);
	if ((usec)(act->world.now / USEC_PER_SEC) >= (usec)until && until != UINT64_MAX)
		return undo_one(act, deed, out_text, out, err);
	int rc = op->look(&act->world, deed, &state, err);
	*out = rc ? deed_result(rc) : RESULT_ALREADY;
	if (rc || state == STATE_AFTER)
		return rc;
	rc = deed_journal(act, deed, RECORD_INTENT, RESULT_NONE, STR(""), err);
	if (!rc)
		rc = deed_make(act, op, deed, err);
	*out = deed_result(rc);
	*out_text = STR("made again");
	/* Not made again, it is still in force by its record: the next sync tries again. */
	return rc ? rc : deed_close(act, deed, RECORD_OUTCOME, out, rc, err);
}

int act_sync(struct act *act, const struct reporter *reporter, struct err *err)
{
	struct deeds deeds = collect(act, &(struct act_filter){ 0 }, is_block);
	int first = 0;
	for (size_t i = 0; i < deeds.count; i++) {
		struct deed *deed = &deeds.at[i];
		struct err why = { 0 };
		enum result result = RESULT_UNKNOWN;
		str text = STR("");
		int rc = sync_one(act, deed, &text, &result, &why);
		if (rc && !first) {
			first = rc;
			*err = why;
		}
		if (rc || result != RESULT_ALREADY)
			reporter->step(reporter->context, deed->step, deed->op, deed->target, result,
				       rc ? arena_copy(&act->arena, str_from(why.text)) : text);
	}
	return first;
}

int act_verify(struct act *act, const struct act_filter *filter, const struct reporter *reporter, unsigned *out_undone,
	       struct err *err)
{
	struct deeds deeds = collect(act, filter, action_in_force);
	*out_undone = 0;
	if (filter->plan.len && !deeds.count)
		return err_set(err, ERR_REFUSED, "nothing of it is in force");
	for (size_t i = 0; i < deeds.count; i++) {
		struct deed *deed = &deeds.at[i];
		const struct op *op = op_find(deed->op);
		enum state state = STATE_OTHER;
		struct err why = { 0 };
		int rc = op ? op->look(&act->world, deed, &state, &why) : ERR_INPUT;
		bool holds = !rc && (state == STATE_AFTER || is_done_once(op, deed));
		enum result result = holds ? RESULT_ALREADY : rc ? RESULT_UNKNOWN : RESULT_FAILED;
		if (!holds && !why.text[0])
			err_set(&why, 0, "is as it was before: somebody has undone it");
		*out_undone += !holds;
		reporter->step(reporter->context, deed->step, deed->op, deed->target, result,
			       holds ? STR("in force") : arena_copy(&act->arena, str_from(why.text)));
	}
	return 0;
}
