/* SPDX-License-Identifier: Apache-2.0
 *
 * run: programs end in time, say no more than allowed, and get nothing they were not given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/run.h"

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct outcome {
	int rc, exit_code;
	char out[256];
};

static struct outcome run_it(struct run run)
{
	struct outcome outcome = { 0 };
	struct run_result result;
	struct err err;
	outcome.rc = run_program(&run, &result, &err);
	outcome.exit_code = result.exit_code;
	str out = str_head(buf_str(&result.out), sizeof(outcome.out) - 1);
	memcpy(outcome.out, out.at, out.len);
	run_result_done(&result);
	return outcome;
}

static void words_reach_the_program_as_they_are(void **state)
{
	(void)state;
	struct outcome got = run_it((struct run){ ARGV("/usr/bin/printf", "%s|", "a b", "$(id)", "-rf", "x\ny") });
	assert_int_equal(got.rc, 0);
	assert_string_equal(got.out, "a b|$(id)|-rf|x\ny|");
}

static void only_the_fixed_environment(void **state)
{
	(void)state;
	setenv("LD_PRELOAD_TEST", "x", 1);
	struct outcome got = run_it((struct run){ ARGV("/usr/bin/env") });
	assert_null(strstr(got.out, "LD_PRELOAD_TEST"));
	assert_non_null(strstr(got.out, "LC_ALL=C\n"));
}

static void input_and_exit_code(void **state)
{
	(void)state;
	struct outcome got = run_it((struct run){ ARGV("/bin/cat"), .input = STR("secret\n") });
	assert_string_equal(got.out, "secret\n");
	assert_int_equal(run_it((struct run){ ARGV("/bin/false") }).exit_code, 1);
	assert_int_equal(run_it((struct run){ ARGV("/bin/cat") }).exit_code, 0);
}

static void bounds(void **state)
{
	(void)state;
	assert_int_equal(run_it((struct run){ ARGV("/bin/sleep", "20"), .deadline_ms = 100 }).rc, ERR_SYSTEM);
	assert_int_equal(run_it((struct run){ ARGV("/usr/bin/yes"), .output_max = 1000 }).rc, ERR_SYSTEM);
	assert_int_equal(run_it((struct run){ ARGV("/no/such/program") }).rc, ERR_GONE);
	assert_int_equal(run_it((struct run){ ARGV("cat") }).rc, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_reach_the_program_as_they_are),
		cmocka_unit_test(only_the_fixed_environment),
		cmocka_unit_test(input_and_exit_code),
		cmocka_unit_test(bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
