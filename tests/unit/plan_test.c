/* SPDX-License-Identifier: Apache-2.0
 *
 * plan: text and back, and a changed plan is not that plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/plan.h"

#define NOW ((usec)1700000000 * USEC_PER_SEC)

static void make(struct plan *plan)
{
	const str argv[] = { STR("/usr/sbin/nft"), STR("a b"), STR("\xff") };
	plan_init(plan, STR("stop"), STR("/"), STR("0123456789ab"), NOW);
	struct step *step = plan_add(plan, "disable", STR("/home/a/x.php"), STR("a"));
	step->why = STR("it sends");
	step->reversible = true;
	facts_set(&step->facts, &plan->arena, "path", STR("/home/a/\xfe\xff.php"));
	facts_set_number(&step->facts, &plan->arena, "uid", 1001);
	facts_set_list(&step->facts, &plan->arena, "argv", argv, 3);
	facts_set_list(&step->facts, &plan->arena, "none", NULL, 0);
	plan_seal(plan);
}

static void round_trip(void **state)
{
	(void)state;
	struct plan plan, back;
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct err err;
	uint64_t uid;
	make(&plan);
	plan_print(&text, &plan);
	assert_int_equal(plan_parse(&back, buf_str(&text), &err), 0);
	plan_print(&again, &back);
	assert_true(str_eq(buf_str(&text), buf_str(&again)));
	const struct step *step = &back.steps.at[0];
	assert_true(str_eq(facts_get(&step->facts, "path"), STR("/home/a/\xfe\xff.php")));
	assert_true(facts_number(&step->facts, "uid", 5000, &uid) && uid == 1001);
	assert_int_equal(facts_find(&step->facts, "argv")->count, 3);
	assert_int_equal(facts_find(&step->facts, "none")->count, 0);
	assert_true(step->reversible && !step->allowed);
	assert_int_equal(back.expires - back.made, PLAN_LIFETIME);
	buf_done(&text);
	buf_done(&again);
	plan_done(&plan);
	plan_done(&back);
}

/* Whatever single byte is changed, the result is an error or the same content (blanks), never another plan. */
static void changed_plans_are_refused(void **state)
{
	(void)state;
	struct plan plan, back;
	struct buf text = BUF_INIT;
	struct err err;
	make(&plan);
	plan_print(&text, &plan);
	for (size_t i = 0; i < text.len; i++) {
		text.at[i] ^= 2;
		if (plan_parse(&back, buf_str(&text), &err) == 0) {
			assert_true(str_eq(back.id, plan.id));
			assert_int_equal(back.steps.count, 1);
			plan_done(&back);
		}
		text.at[i] ^= 2;
	}
	buf_done(&text);
	plan_done(&plan);
}

static void nonsense(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "[]", "{}", "{\"schema\":\"quell.plan/1\"}", "{\"schema\":\"quell.plan/2\"}",
					     "{\"schema\":\"quell.plan/1\",\"steps\":[{\"facts\":{\"a\":{\"hex\":\"0\"}}}]}",
					     "{\"schema\":\"quell.plan/1\",\"steps\":[{\"facts\":{\"a\":1}}]}" };
	struct plan plan;
	struct err err;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(plan_parse(&plan, str_from(texts[i]), &err), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(round_trip), cmocka_unit_test(changed_plans_are_refused),
					    cmocka_unit_test(nonsense) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
