/* SPDX-License-Identifier: Apache-2.0
 *
 * desk_inventory: CSV as spreadsheets write it, ranges, errors with lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk/inventory/inventory.h"

static const struct place *find(const struct inventory *inventory, const char *text)
{
	struct ip ip;
	assert_true(ip_parse(str_from(text), &ip));
	return inventory_find(inventory, ip);
}

static void ranges(void **state)
{
	(void)state;
	struct inventory inventory = { 0 };
	str text = STR("\xef\xbb\xbfip,hostname,client_name,extra\r\n192.0.2.0/24,wide,\"A, \"\"B\"\"\nC\",\r\n"
		       "192.0.2.16-192.0.2.31,mid,,\r\n192.0.2.20,one,,x\r\n2001:db8::/32,six,,\r\n");
	assert_int_equal(inventory_add_csv(&inventory, STR("a.csv"), text, NULL), 0);
	assert_true(str_eq(find(&inventory, "192.0.2.1")->client_name, STR("A, \"B\"\nC")));
	assert_true(str_eq(find(&inventory, "192.0.2.16")->host, STR("mid")));
	assert_true(str_eq(find(&inventory, "192.0.2.20")->host, STR("one")));
	assert_int_equal(find(&inventory, "192.0.2.20")->line, 5);
	assert_true(str_eq(find(&inventory, "2001:db8:1::")->host, STR("six")));
	assert_null(find(&inventory, "192.0.3.0"));
	assert_int_equal(
		inventory_add_csv(&inventory, STR("b.csv"), STR("ip,hostname\n192.0.2.20,two\n198.51.100.1,b\n"), NULL),
		0);
	assert_true(str_eq(find(&inventory, "192.0.2.20")->host, STR("one"))); /* the first source answers */
	assert_true(str_eq(
		inventory_differs(&inventory, find(&inventory, "192.0.2.20")->first, find(&inventory, "192.0.2.20"))
			->host,
		STR("two")));
	assert_true(str_eq(find(&inventory, "198.51.100.1")->host, STR("b")));
	inventory_done(&inventory);
}

static void errors(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "header" },
		{ "hostname\nx\n", "header" },
		{ "ip,hostname\n192.0.2.1\n", "x.csv:2" },
		{ "ip,hostname\n192.0.2.9-192.0.2.1,a\n", "x.csv:2" },
		{ "ip,hostname\n192.0.2.1/24,a\n", "x.csv:2" },
		{ "ip,hostname\n192.0.2.1,a\n192.0.2.2,b\n192.0.2.1,c\n", "lines 2 and 4" },
		{ "ip,hostname,valid_until\n192.0.2.1,a,soon\n", "valid_until" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct inventory inventory = { 0 };
		struct err err = { 0 };
		assert_int_equal(inventory_add_csv(&inventory, STR("x.csv"), str_from(rows[i].text), &err), ERR_INPUT);
		assert_non_null(strstr(err.text, rows[i].says));
		inventory_done(&inventory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ranges), cmocka_unit_test(errors) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
