/* SPDX-License-Identifier: Apache-2.0
 *
 * ops: the table.
 */
#include "act/ops.h"

static const struct op *const table[] = { &op_disable, &op_create, &op_edit_line, &op_hangup, &op_freeze, &op_thaw, &op_purge, &op_switch };

const struct op *op_find(str name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq(name, str_from(table[i]->name)))
			return table[i];
	return NULL;
}

int op_check_keys(const struct op *op, const struct facts *facts, struct err *err)
{
	str rest = str_from(op->keys);
	for (str key; (key = str_word(&rest)).len;) {
		bool found = false;
		for (size_t i = 0; i < facts->count && !found; i++)
			found = str_eq(facts->list[i].key, key);
		if (!found)
			return err_set(err, ERR_REFUSED, "the plan lacks the fact %.*s", STR_ARG(key));
	}
	return 0;
}

int deed_number(const struct deed *deed, const char *key, uint64_t max, uint64_t *out, struct err *err)
{
	return facts_number(&deed->facts, key, max, out) ? 0 : err_set(err, ERR_INPUT, "the fact %s is not a number", key);
}

int deed_progress(const struct act_world *world, struct deed *deed, struct err *err)
{
	struct record record = { .at = world->now, .kind = RECORD_PROGRESS, .plan = deed->plan, .step = deed->step,
				 .op = deed->op,   .target = deed->target,  .account = deed->account, .facts = deed->done };
	int rc = journal_add(world->journal, &record, err);
	deed->settled = rc == 0;
	return rc;
}
