/* SPDX-License-Identifier: Apache-2.0
 *
 * ids: numbers in order of appearance, found again near and far.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "trace/ids.h"

enum { COUNT = 100000 };

/* Numbers of processes that follow each other, as on a host: neighbours differ in few bits. */
static struct exim_id id_of(uint32_t i)
{
	return (struct exim_id){ 0x40000000u, (uint64_t)i << 24 };
}

static void numbers(void **state)
{
	struct ids ids;
	(void)state;
	ids_init(&ids);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(ids_add(&ids, id_of(i)), i);
	for (uint32_t i = COUNT; i-- > 0;) {
		assert_int_equal(ids_add(&ids, id_of(i)), i);
		assert_int_equal(ids_get(&ids, id_of(i)), i);
	}
	assert_int_equal(ids_get(&ids, id_of(COUNT)), UINT32_MAX);
	assert_int_equal(ids.list.count, COUNT);
	ids_done(&ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(numbers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
