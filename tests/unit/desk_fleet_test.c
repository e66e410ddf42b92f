/* SPDX-License-Identifier: Apache-2.0
 *
 * desk_fleet: ids that hands confused, and answers of hosts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk/fleet/proof.h"

static const usec at = 1792904400 * USEC_PER_SEC; /* 2026-10-25T05:00:00Z */

static bool is_among(const str *list, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i], str_from(id)))
			return true;
	return false;
}

static void repairs(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	str out[8];
	size_t count = proof_repair_id(&arena, STR("lxKqKs-0006Ol-1a"), at, out, 8);
	assert_true(is_among(out, count, "1xKqKs-0006Ol-1a"));
	assert_false(is_among(out, count, "lxKqKs-0006Ol-1a")); /* a time far from the hop's */
	count = proof_repair_id(&arena, STR("1xKqKs-000002-aa"), at, out, 8);
	assert_true(count == 8 && str_eq(out[0], STR("1xKqKs-000002-aa"))); /* as written comes first */
	assert_int_equal(proof_repair_id(&arena, STR("9A/90-02413-683D2965"), at, out, 8), 0);
	assert_int_equal(proof_repair_id(&arena, STR(""), at, out, 8), 0);
	arena_done(&arena);
}

static void strongest_reason(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	struct proof proof;
	str id = STR("1xKqKs-000002-aa");
	struct wanted wanted = { &id, 1, STR("u@reader.test"), STR("m@web1.example"), at };
	str both = STR("{\"schema\":\"quell.trace/"
		       "1\",\"messages\":[{\"id\":\"1xKqKs-000001-aa\",\"message_id\":\"<m@web1.example>\"},"
		       "{\"id\":\"1xKqKs-000002-aa\",\"account\":\"shop\",\"script\":\"/x.php\"}]}");
	assert_int_equal(proof_read_trace(&arena, both, &wanted, &proof, NULL), 0);
	assert_true(proof.found && str_eq(proof.account, STR("shop")));
	assert_string_equal(proof.by, "id");
	str other_day = STR("{\"schema\":\"quell.trace/"
			    "1\",\"messages\":[{\"id\":\"1xKqKs-000009-aa\",\"at\":\"2026-10-26T05:00:00Z\","
			    "\"recipients\":[{\"address\":\"u@reader.test\"}]}]}");
	assert_int_equal(proof_read_trace(&arena, other_day, &wanted, &proof, NULL), 0);
	assert_false(proof.found);
	assert_int_equal(proof_read_trace(&arena, STR("{\"schema\":\"quell.scan/1\"}"), &wanted, &proof, NULL),
			 ERR_INPUT);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(repairs), cmocka_unit_test(strongest_reason) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
