/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern_test: matching, mistakes, and the limits against hostile text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pattern.h"

static void matches_as_perl_does(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *text;
		bool holds;
	} rows[] = {
		{ "^<bob@", "<BOB@shop.example>", true },
		{ "^bob@shop\\.example$", "bob@shopxexample", false },
		{ "(a|b)\\d{2}", "xb42", true },
		{ "^$", "", true },
		{ "\\xff", "\xff", true },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pattern pattern;
		struct err err;
		assert_int_equal(pattern_open(&pattern, str_from(rows[i].pattern), &err), 0);
		assert_int_equal(pattern_in(&pattern, str_from(rows[i].text)), rows[i].holds);
		pattern_close(&pattern);
	}
}

static void tells_where_the_mistake_is(void **state)
{
	(void)state;
	struct pattern pattern;
	struct err err;
	assert_int_equal(pattern_open(&pattern, STR("a(b"), &err), ERR_USAGE);
	assert_non_null(strstr(err.text, "byte 3"));
	pattern_close(&pattern);
}

static void gives_up_within_bounds(void **state)
{
	(void)state;
	enum { LEN = 200000 };
	struct pattern pattern;
	struct err err;
	char *text = mem_alloc(LEN);
	memset(text, 'a', LEN);
	assert_int_equal(pattern_open(&pattern, STR("^(a+)+$|(b+)*c"), &err), 0);
	text[LEN - 1] = '!';
	clock_t from = clock();
	assert_false(pattern_in(&pattern, (str){ text, LEN }));
	assert_int_equal(pattern.gave_up, 1);
	assert_true((double)(clock() - from) / CLOCKS_PER_SEC < 2.0);
	pattern_close(&pattern);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_as_perl_does),
		cmocka_unit_test(tells_where_the_mistake_is),
		cmocka_unit_test(gives_up_within_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
