/* SPDX-License-Identifier: Apache-2.0
 *
 * model: addresses and Exim's escapes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "model/address.h"
#include "model/encoded_word.h"
#include "model/exim_text.h"

static void assert_str(str got, str want)
{
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.at, want.at, want.len);
}

static void cutting(void **state)
{
	(void)state;
	str rest = STR("a@b.example \"r r\"@c.example  \"q\\\" x\"@d.example \"open @e.example");
	assert_str(address_cut(&rest), STR("a@b.example"));
	assert_str(address_cut(&rest), STR("\"r r\"@c.example"));
	assert_str(address_cut(&rest), STR("\"q\\\" x\"@d.example"));
	assert_str(address_cut(&rest), STR("\"open @e.example"));
	assert_int_equal(address_cut(&rest).len, 0);
}

static void check_decoded(const char *text, const char *want)
{
	struct buf out = BUF_INIT;
	encoded_word_decode(&out, str_from(text));
	assert_str(buf_str(&out), str_from(want));
	buf_done(&out);
}

static void encoded_words(void **state)
{
	(void)state;
	check_decoded("plain = text?", "plain = text?");
	check_decoded("=?utf-8?Q?Gr=C3=BC=C3=9Fe_an?= alle", "Gr\303\274\303\237e an alle");
	check_decoded("=?UTF-8?B?R3LDvMOfZQ==?=\n =?utf-8*de?q?_dich?=", "Gr\303\274\303\237e dich");
	check_decoded("=?iso-8859-1?Q?Gr=FC=DFe?=", "Gr\303\274\303\237e");
	check_decoded("a =?x-other?Q?a=41?= b", "a =?x-other?Q?a=41?= b");
	check_decoded("=?utf-8?Q?=4?= =?utf-8?X?a?= =?utf-8?Q?open", "=4 =?utf-8?X?a?= =?utf-8?Q?open");
	check_decoded("=?utf-8?B?" "?==?utf-8?Q?x?=", "x");
	check_decoded("=?=?=" "?=", "=?=?=" "?=");
}

static void parts(void **state)
{
	(void)state;
	assert_str(address_domain(STR("\"a@b\"@c.example")), STR("c.example"));
	assert_str(address_local_part(STR("\"a@b\"@c.example")), STR("\"a@b\""));
	assert_str(address_domain(STR("\"a@b\"")), STR(""));
	assert_str(address_domain(STR("shop")), STR(""));
	assert_str(address_local_part(STR("shop")), STR("shop"));
}

static void unescaping(void **state)
{
	(void)state;
	static const struct {
		str escaped, plain;
	} rows[] = {
		{ { "Gr\\303\\274\\303\\237e", 19 }, { "Gr\xc3\xbc\xc3\x9f" "e", 7 } },
		{ { "a\\n\\tb\\\"c\\\\d", 12 }, { "a\n\tb\"c\\d", 8 } },
		{ { "\\\\n", 3 }, { "\\n", 2 } },
		{ { "\\9 \\400 \\", 9 }, { "\\9 \\400 \\", 9 } },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = BUF_INIT;
		exim_unescape(&out, rows[i].escaped);
		assert_str(buf_str(&out), rows[i].plain);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cutting),
		cmocka_unit_test(encoded_words), cmocka_unit_test(parts),
		cmocka_unit_test(unescaping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
