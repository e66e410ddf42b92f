/* SPDX-License-Identifier: Apache-2.0
 *
 * progress_test: the line, and that it never goes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show/progress.h"

static void tells_bytes_rate_and_time(void **state)
{
	(void)state;
	struct progress progress;
	struct buf line = BUF_INIT;
	progress_begin(&progress, 100 * USEC_PER_SEC, 40000000);
	progress_step(&progress, 102 * USEC_PER_SEC, 10000000);
	progress_step(&progress, 104 * USEC_PER_SEC, 20000000);
	progress_step(&progress, 104 * USEC_PER_SEC, 5000000);
	progress_print(&line, &progress);
	buf_char(&line, 0);
	assert_string_equal(line.at, "###############...............  50 %  20.0 of 40.0 MB, 5.0 MB/s, 4 s left");
	progress_step(&progress, 104 * USEC_PER_SEC, 90000000);
	assert_int_equal(progress.done, progress.total);
	progress_end(&progress);
	buf_done(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tells_bytes_rate_and_time) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
