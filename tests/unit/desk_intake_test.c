/* SPDX-License-Identifier: Apache-2.0
 *
 * desk_intake: gate, header, date, received, html, text, each by what it must
 * take and what it must refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "desk/intake/blocks.h"
#include "desk/intake/date.h"
#include "desk/intake/gate.h"
#include "desk/intake/header.h"
#include "desk/intake/html.h"
#include "desk/intake/received.h"
#include "desk/intake/text.h"

static void assert_str(str got, const char *want)
{
	struct buf text = BUF_INIT;
	buf_add(&text, got);
	buf_char(&text, 0);
	assert_string_equal(text.at, want);
	buf_done(&text);
}

static void dates(void **state)
{
	(void)state;
	static const struct {
		const char *text, *utc;
		bool zone;
	} rows[] = {
		{ "Tue, 19 Jan 2016 14:32:40 -0500 (EST)", "2016-01-19T19:32:40Z", true },
		{ "29 Dec 2015 5:21:05 +0000", "2015-12-29T05:21:05Z", true },
		{ "Thu, 30 Dec 10 10:37:16 -0800", "2010-12-30T18:37:16Z", true },
		{ "Fri Sep 15 18:55:37 UTC 2023", "2023-09-15T18:55:37Z", true },
		{ "Tue, 19 Jan 2016 14:32:34", "2016-01-19T14:32:34Z", false },
		{ "2026-04-17T17:02:02-0400", "2026-04-17T21:02:02Z", true },
		{ "2015-03-02 01:45:59 +01:00", "2015-03-02T00:45:59Z", true },
		{ "2026-09-28T08:45:05.611Z", "2026-09-28T08:45:05Z", true },
		{ "25 October 2026 at 11:04:10 PM CET", "2026-10-25T22:04:10Z", true },
		{ "17-Aug-2026 20:59:40 +0000", "2026-08-17T20:59:40Z", true },
		{ "26 octobre 2021 à 14:25:08 UTC+3", "2021-10-26T11:25:08Z", true },
		{ "Montag, 19. September 2022, 17:55:44 -0400", "2022-09-19T21:55:44Z", true },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf text = BUF_INIT;
		usec at;
		bool zone;
		assert_true(date_parse(str_from(rows[i].text), &at, &zone));
		clock_print(&text, at);
		assert_str(buf_str(&text), rows[i].utc);
		assert_int_equal(zone, rows[i].zone);
		buf_done(&text);
	}
	usec at = 7;
	assert_false(date_parse(STR("yesterday"), &at, NULL) || date_parse(STR("31 Feb 2026 10:00:00"), &at, NULL) ||
		     date_parse(STR("1 Jan 2026"), &at, NULL) || date_parse(STR("1 Jan 2026 25:00:00"), &at, NULL));
	assert_int_equal(at, 7);
}

static void connection_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *value, *ip, *rdns, *by;
	} rows[] = {
		{ "from helo.example (rdns.example [192.0.2.1]) by mx.test (Postfix)", "192.0.2.1", "rdns.example",
		  "mx.test" },
		{ "from x (unknown [192.0.2.1]) by mx.test", "192.0.2.1", "", "mx.test" },
		{ "from r.example ([192.0.2.1]:4711 helo=x) by mx.test with esmtps (Exim 4.96)", "192.0.2.1",
		  "r.example", "mx.test" },
		{ "from [192.0.2.1] (port=1 helo=[192.0.2.9]) by mx.test with esmtp (Exim 4.96)", "192.0.2.1", "",
		  "mx.test" },
		{ "from u (HELO [192.0.2.9]) (id@192.0.2.1) by mx.test with SMTP", "192.0.2.1", "u", "mx.test" },
		{ "from a (2001:db8::1) by b (2001:db8::2) with Microsoft SMTP Server", "2001:db8::1", "", "b" },
		{ "from by (by [192.0.2.1]) by mx.test", "192.0.2.1", "by", "mx.test" },
		{ "from x (x (evil) [192.0.2.1]) by mx.test", "192.0.2.1", "x (evil)", "mx.test" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct hop hop;
		struct buf text = BUF_INIT;
		hop_parse(str_from(rows[i].value), &hop);
		assert_true(hop.has_ip);
		ip_print(&text, hop.ip);
		assert_str(buf_str(&text), rows[i].ip);
		assert_str(hop.rdns, rows[i].rdns);
		assert_str(hop.by, rows[i].by);
		buf_done(&text);
	}
}

static void no_connection_address(void **state)
{
	(void)state;
	static const char *const values[] = {
		"by 192.0.2.1 with SMTP id x",	"from x.test by y (192.0.2.1)",		"from x (x [192.0.2.xxx]) by y",
		"from x (x [0192.0.2.1]) by y", "from x (using TLS 1.2.3.4 bits) by y", "(qmail 1 invoked from network)"
	};
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct hop hop;
		hop_parse(str_from(values[i]), &hop);
		assert_false(hop.has_ip);
	}
}

static void fields(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	struct headers headers;
	str mail = STR("\n>From x Mon\r\nReceived: a\r\n\tb\nc: no, a field\nSubject : s\nstray line\nReceived: "
		       "d\nunfolded\n\nbody: x\n");
	headers_parse(&arena, mail, &headers);
	assert_int_equal(headers.count, 4);
	assert_str(headers.at[0].value, "a b");
	assert_str(headers_get(&headers, "subject"), "s");
	assert_str(headers.at[3].value, "d unfolded");
	assert_str(str_from_at(mail, headers.end), "body: x\n");
	assert_int_equal(header_name_length(STR("{\"Version\": 1}")), 0);
	arena_done(&arena);
}

static const char *limit_of(const char *mail, size_t *out_len)
{
	static char name[16];
	struct words limits = { 0 };
	*out_len = gate_pass(str_from(mail), 0, &limits).len;
	strcpy(name, limits.list.count ? limits.list.at[0].at : "");
	free(limits.list.at);
	return name;
}

static void gate_counts(void **state)
{
	(void)state;
	struct buf mail = BUF_INIT;
	size_t len;
	buf_add(&mail, STR("Content-Type: multipart/mixed;\n boundary=\"q\"\n\n"));
	for (int i = 0; i < MAIL_PARTS_MAX + 1; i++)
		buf_add(&mail, STR("--q \n\nx\n"));
	buf_char(&mail, 0);
	assert_string_equal(limit_of(mail.at, &len), "parts");
	assert_true(len > 5000 && len < mail.len);
	buf_done(&mail);
	for (int i = 0; i < HEADERS_MAX + 1; i++)
		buf_add(&mail, STR("A: b\n"));
	buf_char(&mail, 0);
	assert_string_equal(limit_of(mail.at, &len), "headers");
	assert_int_equal(len, HEADERS_MAX * 5);
	buf_done(&mail);
	assert_string_equal(limit_of("A: b\n\n--x\n--x\n", &len), "");
	assert_int_equal(len, 14);
}

static void visible_text(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	assert_str(html_text(&arena, STR("<p>a&lt;b&#46;&#x63;</p><p>d &unknown; e</p>")), "a<b.c\nd &unknown; e\n");
	assert_str(html_text(&arena, STR("a<div style='DISPLAY : none'>h<div>h</div>h</div>b<!-- c -->d")), "a\nbd");
	assert_str(html_text(&arena, STR("<script>if (a</b) x</script>y<style>z</style>")), "y");
	arena_done(&arena);
}

static void addresses_in_text(void **state)
{
	(void)state;
	str rest = STR("v1.2.3.4 192.0.2.1, http://192.0.2.2/ 192.0.2.0/24 (192.0.2.3) 1.192.0.2.4.5 192.0.2.5. "
		       "2001:db8::1 at 10:20"),
	    before;
	static const char *const want[] = { "192.0.2.1", "192.0.2.3", "192.0.2.5", "2001:db8::1" };
	struct ip ip, expected;
	for (size_t i = 0; i < 4; i++) {
		assert_true(text_next_ip(&rest, &ip, &before));
		assert_true(ip_parse(str_from(want[i]), &expected) && ip_eq(ip, expected));
	}
	assert_false(text_next_ip(&rest, &ip, &before));
	assert_str(text_address(STR("\"A, B\" <a@b.example>")), "a@b.example");
	assert_str(text_address(STR("<mailto:a@b.example>")), "a@b.example");
	assert_str(text_address(STR("redacted@")), "");
	assert_str(text_organisation(STR("mail.shop.co.uk")), "shop.co.uk");
	assert_str(text_organisation(STR("a.b.example.com.")), "example.com");
	assert_true(text_same_organisation(STR("mx1.big.test"), STR("in.big.test")));
	assert_false(text_same_organisation(STR("localhost"), STR("localhost")));
}

static void pasted_blocks(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	str rest = text_unquote(
		&arena, STR("Hi: there\n\n> > Received: a\n> >\tb\n> > Subject: s\n> >\n> > Text.\nFrom: x\n\n"));
	str block;
	assert_true(text_next_block(&rest, &block));
	assert_str(block, "Received: a\n\tb\nSubject: s\n");
	assert_false(text_next_block(&rest, &block));
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates),
		cmocka_unit_test(connection_addresses),
		cmocka_unit_test(no_connection_address),
		cmocka_unit_test(fields),
		cmocka_unit_test(gate_counts),
		cmocka_unit_test(visible_text),
		cmocka_unit_test(addresses_in_text),
		cmocka_unit_test(pasted_blocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
