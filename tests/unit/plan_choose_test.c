/* SPDX-License-Identifier: Apache-2.0
 *
 * plan_choose: the order of actions per vector, and what may be done without a person.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "plan/choose.h"
#include "plan/policy.h"

static void order_per_vector(void **state)
{
	(void)state;
	static const struct {
		const char *vector, *verbs;
	} cases[] = {
		{ "script_http", "disable hold? purge block" },
		{ "script_cron", "disable hold? cron_off purge" },
		{ "shell", "hold purge" },
		{ "smtp_auth", "hold password sessions hangup purge block" },
		{ "webmail", "hold password sessions purge block" },
		{ "form", "disable hold? purge block" },
		{ "newsletter", "hold purge" },
		{ "mailing_list", "alias_off purge" },
		{ "local_smtp", "disable purge block" },
		{ "forwarder", "alias_off freeze" },
		{ "backscatter", "alias_off purge" },
		{ "inbound", "block" },
		{ "script", "" },
		{ "", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf got = BUF_INIT;
		size_t at = 0;
		for (const struct choice *choice; (choice = choose_next(str_from(cases[i].vector), &at));)
			buf_printf(&got, "%s%s%s", got.len ? " " : "", choice->verb, choice->only_if_refused ? "?" : "");
		buf_char(&got, 0);
		assert_string_equal(got.at, cases[i].verbs);
		buf_done(&got);
	}
}

static void grades(void **state)
{
	(void)state;
	assert_true(policy_permits('A', false, "disable", true));
	assert_true(policy_permits('B', true, "disable", true));
	assert_false(policy_permits('B', false, "disable", true));
	assert_false(policy_permits('C', true, "disable", true));
	assert_false(policy_permits('D', true, "disable", true));
	assert_false(policy_permits('A', true, "password", false));
	assert_false(policy_permits('A', true, "rootpw", true));
	assert_false(policy_permits('A', true, "suspend", true));
}

static void nothing_is_allowed_unless_listed(void **state)
{
	(void)state;
	static const struct conf_row rows[] = { { "policy", false, "allow", CONF_TEXT, .many = true, .help = "" }, { 0 } };
	struct conf conf;
	struct err err;
	conf_init(&conf, rows);
	assert_false(policy_allows(&conf, "purge"));
	assert_int_equal(conf_add(&conf, STR("[policy]\nallow = purge\nallow = disable\n"), "test.conf", &err), 0);
	assert_true(policy_allows(&conf, "purge") && policy_allows(&conf, "disable"));
	assert_false(policy_allows(&conf, "block") || policy_allows(&conf, "pur") || policy_allows(&conf, ""));
	conf_done(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order_per_vector), cmocka_unit_test(grades),
					    cmocka_unit_test(nothing_is_allowed_unless_listed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
