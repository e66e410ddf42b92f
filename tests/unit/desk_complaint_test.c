/* SPDX-License-Identifier: Apache-2.0
 *
 * desk_complaint: a complaint survives its own JSON; foreign JSON is refused;
 * networks by range and time; where a case may go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/case.h"
#include "model/complaint.h"
#include "model/network.h"

static void fill(struct complaint *complaint)
{
	*complaint = COMPLAINT_INIT;
	complaint->format = STR("arf");
	complaint->class = CLASS_SPAM;
	complaint->reporter_kind = REPORTER_TRAP;
	complaint->reporter_address = STR("\xff\x00<script>\"");
	words_add(&complaint->limits, STR("size"));
	struct item *item = complaint_add(complaint);
	item->has_source = ip_parse(STR("192.0.2.1"), &item->source);
	item->source_from = FROM_SUBJECT;
	item->verdict = VERDICT_CONFLICT;
	item->confidence = CONFIDENCE_BORDER;
	item->subject = STR("a\r\nb\xe2\x80\xae");
	item->date = 0;
	item->weight = 37;
	words_add(&item->mta_ids, STR("1xHwqb-0002p2-1o"));
}

static void round_trip(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	struct complaint first, second, third;
	struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT;
	fill(&first);
	complaint_print_json(&a, &first, true);
	assert_int_equal(complaint_parse_json(&arena, buf_str(&a), &second, NULL), 0);
	assert_int_equal(second.items.at[0].weight, 37);
	assert_int_equal(second.items.at[0].date, 0);
	assert_int_equal(second.items.at[0].arrival, USEC_NEVER);
	assert_true(str_eq(second.items.at[0].subject, first.items.at[0].subject));
	/* bytes that are no UTF-8 are written as text once and are text from then on */
	complaint_print_json(&b, &second, true);
	assert_int_equal(complaint_parse_json(&arena, buf_str(&b), &third, NULL), 0);
	complaint_print_json(&c, &third, true);
	assert_true(str_eq(buf_str(&b), buf_str(&c)));
	complaint_done(&first);
	complaint_done(&second);
	complaint_done(&third);
	buf_done(&a);
	buf_done(&b);
	buf_done(&c);
	arena_done(&arena);
}

static void refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{\"class\":\"spam\"}",
		"{\"class\":\"x\",\"reporter\":{\"kind\":\"fbl\"}}",
		"{\"class\":\"spam\",\"class\":\"feed\",\"reporter\":{\"kind\":\"fbl\"}}",
		"{\"class\":\"spam\",\"reporter\":{\"kind\":\"fbl\"},\"items\":[{\"verdict\":\"mine\"}]}",
	};
	struct arena arena = ARENA_INIT;
	struct complaint complaint;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(complaint_parse_json(&arena, str_from(texts[i]), &complaint, NULL), ERR_INPUT);
	arena_done(&arena);
}

static void full(void **state)
{
	(void)state;
	struct complaint complaint = COMPLAINT_INIT;
	for (int i = 0; i < COMPLAINT_ITEMS_MAX; i++)
		assert_non_null(complaint_add(&complaint));
	assert_null(complaint_add(&complaint));
	assert_true(words_has(&complaint.limits, STR("items")));
	complaint_done(&complaint);
}

static const struct network *find(const struct networks *networks, const char *ip, const char *day)
{
	struct ip address;
	usec at = USEC_NEVER;
	assert_true(ip_parse(str_from(ip), &address));
	clock_parse(str_from(day), USEC_NEVER, &at);
	return networks_find(networks, address, at);
}

static void networks_in_time(void **state)
{
	(void)state;
	static const struct conf_row rows[] = { NETWORK_CONF_ROWS, { 0 } };
	struct conf conf;
	struct networks networks;
	conf_init(&conf, rows);
	assert_int_equal(conf_add(&conf,
				  STR("[network all]\nrange = 192.0.2.0/24\nrange = 10.0.0.0/8\n[network r]\nrange = "
				      "192.0.2.64/28\nrole = relay\nto = 2026-06-01\n"),
				  "test", NULL),
			 0);
	networks_load(&networks, &conf);
	assert_int_equal(find(&networks, "192.0.2.65", "2026-05-31")->role, ROLE_RELAY);
	assert_int_equal(find(&networks, "192.0.2.65", "2026-06-01")->role, ROLE_HOST);
	assert_int_equal(find(&networks, "::ffff:10.1.2.3", "")->role, ROLE_HOST);
	assert_null(find(&networks, "192.0.3.0", ""));
	assert_non_null(networks_named(&networks, STR("ALL")));
	assert_null(networks_named(&networks, STR("")));
	networks_done(&networks);
	conf_done(&conf);
}

static void states(void **state)
{
	(void)state;
	enum case_state parsed;
	for (int i = 0; i < STATE_COUNT; i++) {
		assert_true(case_state_parse(str_from(case_state_name((enum case_state)i)), &parsed) &&
			    (int)parsed == i);
		assert_int_equal(case_state_allows((enum case_state)i, STATE_MERGED),
				 case_state_is_open((enum case_state)i));
	}
	assert_true(case_state_allows(STATE_CLOSED, STATE_OPEN) && !case_state_allows(STATE_OPEN, STATE_OPEN));
	assert_false(case_state_allows(STATE_WAITING_CUSTOMER, STATE_ESCALATED_2)); /* never past the first step */
	assert_false(case_state_parse(STR("opened"), &parsed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),	    cmocka_unit_test(refused), cmocka_unit_test(full),
		cmocka_unit_test(networks_in_time), cmocka_unit_test(states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
