/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_id: shape, time and folder of message ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/exim_id.h"

static void shapes(void **state)
{
	(void)state;
	static const char *const good[] = { "1xHx96-0002pc-0n", "1xBVvT-000000003ll-1l8U", "zzzzzz-zzzzzz-zz" };
	static const char *const bad[] = { "",
					   "1xHx96-0002pc-0",
					   "1xHx96-0002pc-0nx",
					   "1xHx96-0002pc00n",
					   "1xHx960-002pc-0n",
					   "1xHx96_0002pc_0n",
					   "1xBVvT-000000003ll-1l8",
					   "1xBVvT-000003ll-1l8Uxxx",
					   "1xBVvT-0000000-3ll1l8U",
					   "1xHx9\xc3-0002pc-0n",
					   "../../-etcpas-sw" };
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(exim_id_shape(str_from(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(exim_id_shape(str_from(bad[i])));
}

static void times(void **state)
{
	(void)state;
	/* Received at 1793868444 and 1790215894 according to their -H files. */
	assert_int_equal(exim_id_time(STR("1xOt80-0002Cz-37")), 1793868444 * USEC_PER_SEC);
	assert_int_equal(exim_id_time(STR("1x9Yvu-0000000039N-2oYM")), 1790215894 * USEC_PER_SEC);
	char last[EXIM_ID_SECONDS] = "000000";
	for (int64_t seconds = 0; seconds < 40000000000; seconds += 7919 * 7919) {
		char id[] = "xxxxxx-000000-00";
		exim_id_print_time(seconds * USEC_PER_SEC + 999999, id);
		assert_int_equal(exim_id_time(str_from(id)), seconds * USEC_PER_SEC);
		assert_true(memcmp(last, id, sizeof(last)) <= 0);
		memcpy(last, id, sizeof(last));
	}
}

static void packs(void **state)
{
	static const char *const texts[] = { "1xOt80-0002Cz-37", "zzzzzz-zzzzzz-zz", "000000-000000-00", "1x9Yvu-0000000039N-2oYM",
					     "zzzzzz-zzzzzzzzzzz-zzzz", "000000-00000000000-0000", "AZaz09-9zaZA012345-Zz0A" };
	struct exim_id ids[sizeof(texts) / sizeof(*texts)];
	char room[EXIM_ID_LONG];
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_true(exim_id_pack(str_from(texts[i]), &ids[i]));
		assert_true(str_eq(exim_id_unpack(ids[i], room), str_from(texts[i])));
		for (size_t k = 0; k < i; k++)
			assert_false(exim_id_eq(ids[i], ids[k]));
	}
}

static void folders(void **state)
{
	(void)state;
	assert_int_equal(exim_id_split_char(STR("1xHx96-0002pc-0n")), '6');
}

static void order(void **state)
{
	(void)state;
	/* the process says nothing; a short fraction stands before those that it begins */
	static const char *const rising[] = { "1xHx95-zzzzzz-zz", "1xHx96-0002pc-0n", "1xHx96-zzzzzzzzzzz-0n00",
					      "1xHx96-00000000001-0n01", "1xHx96-000001-0o", "1xHxA0-000001-00", "1xHxa0-000001-00" };
	for (size_t i = 1; i < sizeof(rising) / sizeof(*rising); i++)
		assert_true(exim_id_order(str_from(rising[i - 1])) < exim_id_order(str_from(rising[i])));
	assert_true(exim_id_order(STR("1xHx96-0002pc-0n")) == exim_id_order(STR("1xHx96-000001-0n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shapes), cmocka_unit_test(times), cmocka_unit_test(packs),
					    cmocka_unit_test(folders), cmocka_unit_test(order) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
