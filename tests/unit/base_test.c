/* SPDX-License-Identifier: Apache-2.0
 *
 * base: strings, numbers, addresses, time, configuration, options, escaping.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/ip.h"
#include "base/jsonw.h"
#include "base/lines.h"
#include "base/map.h"
#include "base/opt.h"
#include "base/print.h"
#include "base/sha256.h"

static void assert_str(str got, const char *want)
{
	struct buf text = BUF_INIT;
	buf_add(&text, got);
	buf_char(&text, 0);
	assert_string_equal(text.at, want);
	buf_done(&text);
}

static void cutting(void **state)
{
	(void)state;
	str rest = STR("a=b=c");
	assert_str(str_cut(&rest, '='), "a");
	assert_str(rest, "b=c");
	assert_str(str_cut(&rest, '!'), "b=c");
	assert_int_equal(rest.len, 0);
	rest = STR("  two \twords ");
	assert_str(str_word(&rest), "two");
	assert_str(str_word(&rest), "words");
	assert_int_equal(str_word(&rest).len, 0);
	assert_true(str_starts_nocase(STR("Received: x"), STR("received:")));
	assert_false(str_starts(STR("ab"), STR("abc")));
}

/* Texts of few letters, so that needles nearly fit at many places. */
static void searching(void **state)
{
	(void)state;
	unsigned chance = 1;
	for (int trial = 0; trial < 20000; trial++) {
		char text[40];
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = "ab"[(chance = chance * 1103515245 + 12345) >> 30 & 1];
		str s = { text, chance >> 8 & 15 }, needle = { text + 16, (chance >> 16) % 24 };
		const char *hit = s.len ? memmem(s.at, s.len, needle.at, needle.len) : NULL;
		assert_int_equal(str_search(s, needle), hit ? (size_t)(hit - s.at) : STR_NONE);
	}
	assert_int_equal(str_search(STR("x (set_id=a)"), STR(" (set_id=")), 1);
	assert_int_equal(str_search(STR(") [x) [1"), STR(") [1")), 4);
	assert_int_equal(str_search(STR("abc"), STR("abcd")), STR_NONE);
}

/* Lines of all lengths around the blocks, with and without one longer than any block. */
static void check_held_lines(size_t longest)
{
	struct lines lines;
	struct line line;
	struct err err;
	uint64_t number = 0, offset = 0;
	int fd = memfd_create("lines", MFD_CLOEXEC);
	FILE *file = fdopen(dup(fd), "w");
	assert_true(fd >= 0 && file);
	for (size_t i = 0; i < 3000; i++)
		fprintf(file, "%zu%*s\n", i, (int)(i == 1500 ? longest : i % 257), "");
	fclose(file);
	assert_int_equal(lines_open(&lines, fd, UINT64_MAX, &err), 0);
	while (lines_next(&lines, &line, &err) == 1) {
		const char *first = line.text.at;
		do {
			str rest = line.text;
			uint64_t told;
			assert_true(str_cut_u64(&rest, UINT64_MAX, &told) && told == number && line.number == ++number);
			assert_int_equal(line.offset, offset);
			assert_true(line.text.at >= first); /* in the same block: nothing moved */
			offset += line.text.len + 1;
		} while (lines_next_held(&lines, &line));
	}
	assert_int_equal(number, 3000);
	lines_close(&lines);
	close(fd);
}

static void held_lines(void **state)
{
	(void)state;
	check_held_lines(10);
	check_held_lines(700000);
}

/* A file of size bytes, read both ways, by a ceiling that it keeps or not. */
static void check_reading(size_t size)
{
	int (*const ways[])(struct buf *, int, size_t, struct err *) = { buf_read, buf_read_file };
	int fd = memfd_create("reading", MFD_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(pwrite(fd, &(char){ (char)(i / 1000) }, 1, (off_t)i), 1);
	for (size_t i = 0; i < 2; i++) {
		struct buf text = BUF_INIT;
		struct err err;
		lseek(fd, 0, SEEK_SET);
		assert_int_equal(ways[i](&text, fd, size, &err), 0);
		assert_true(text.len == size && (!size || text.at[size - 1] == (char)((size - 1) / 1000)));
		lseek(fd, 0, SEEK_SET);
		assert_int_equal(size ? ways[i](&text, fd, size - 1, &err) : ERR_INPUT, ERR_INPUT);
		buf_done(&text);
	}
	close(fd);
}

static void reading(void **state)
{
	(void)state;
	static const size_t lengths[] = { 0, 1, 65535, 65536, 65537, 131072 };
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		check_reading(lengths[i]);
}

static void numbers(void **state)
{
	(void)state;
	uint64_t value = 7;
	assert_true(str_u64(STR("255"), 255, &value) && value == 255);
	assert_false(str_u64(STR("256"), 255, &value));
	assert_false(str_u64(STR("18446744073709551616"), UINT64_MAX, &value));
	assert_false(str_u64(STR("1x"), 255, &value) || str_u64(STR(""), 255, &value) || str_u64(STR("-1"), 255, &value));
	assert_int_equal(value, 255);
}

static void addresses(void **state)
{
	(void)state;
	static const char *const refused[] = { "127.1", "010.0.0.1", "0x7f.0.0.1", "1.2.3.4 ", "256.1.1.1", "localhost",
					       "fe80::1%lo", "[::1]", "" };
	struct ip ip, mapped = { 0 };
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_false(ip_parse(str_from(refused[i]), &ip));
	unsigned chance = 7, taken = 0;
	for (int trial = 0; trial < 100000; trial++) {
		char text[12];
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = "00123459.... "[((chance = chance * 1103515245 + 12345) >> 16) % 13];
		text[7 + chance % 5] = 0;
		struct in_addr told;
		bool good = inet_pton(AF_INET, text, &told) == 1;
		assert_true(ip_parse(str_from(text), &ip) == good && (!good || memcmp(ip.byte + 12, &told, 4) == 0));
		taken += good;
	}
	assert_true(taken > 100);
	assert_true(ip_parse(STR("192.0.2.1"), &ip) && ip_parse(STR("::ffff:192.0.2.1"), &mapped));
	assert_true(ip_eq(ip, mapped) && ip_is_v4(ip) && !ip_is_private(ip));
	assert_true(ip_parse(STR("10.1.2.3"), &ip) && ip_is_private(ip) && !ip_is_loopback(ip));
	struct buf text = BUF_INIT;
	assert_true(ip_parse(STR("2001:DB8:0:0:0:0:0:1"), &ip));
	ip_print(&text, ip_client(ip));
	assert_str(buf_str(&text), "2001:db8::");
	buf_done(&text);
	struct ip_net net;
	assert_true(ip_net_parse(STR("192.0.2.0/24"), &net));
	assert_true(ip_parse(STR("192.0.2.255"), &ip) && ip_net_has(net, ip));
	assert_true(ip_parse(STR("192.0.3.0"), &ip) && !ip_net_has(net, ip));
	assert_false(ip_net_parse(STR("192.0.2.1/24"), &net) || ip_net_parse(STR("192.0.2.0/33"), &net));
}

static void check_time(const char *text, const char *want)
{
	usec at;
	struct buf out = BUF_INIT;
	assert_true(clock_parse(str_from(text), 0, &at));
	clock_print(&out, at);
	assert_str(buf_str(&out), want);
	buf_done(&out);
}

static void times(void **state)
{
	(void)state;
	check_time("2026-11-06T01:09:40Z", "2026-11-06T01:09:40Z");
	check_time("2026-11-06 01:09:40+02:00", "2026-11-05T23:09:40Z");
	check_time("2000-02-29", "2000-02-29T00:00:00Z");
	check_time("@1793939069", "2026-11-06T04:24:29Z");
	usec at;
	assert_false(clock_parse(STR("2026-02-29"), 0, &at) || clock_parse(STR("2026-11-06T25:00"), 0, &at));
	assert_true(clock_parse_age(STR("1d2h"), &at) && at == 26 * 3600 * USEC_PER_SEC);
	assert_true(clock_parse_age(STR("P1DT2H"), &at) && at == 26 * 3600 * USEC_PER_SEC);
	assert_false(clock_parse_age(STR("2x"), &at) || clock_parse_age(STR(""), &at) || clock_parse_age(STR("P"), &at));
	struct buf out = BUF_INIT;
	clock_print_age(&out, 90 * 60 * USEC_PER_SEC);
	buf_char(&out, ' ');
	clock_print_age(&out, 91 * 60 * USEC_PER_SEC);
	buf_char(&out, ' ');
	clock_print_age(&out, 73 * 3600 * USEC_PER_SEC);
	assert_str(buf_str(&out), "90m 2h 3d");
	buf_done(&out);
}

/* The texts are those of string_format_size() of Exim 4.96. */
static void sizes(void **state)
{
	(void)state;
	static const uint64_t list[] = { 0, 7, 1023, 1024, 10239, 10240, 1048575, 1048576, 10485759, 10485760, 5000000000 };
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		size_print(&out, list[i]);
		buf_char(&out, '|');
	}
	assert_str(buf_str(&out), "     |    7| 1023| 1.0K|10.0K|  10K|1024K| 1.0M|10.0M|  10M|4768M|");
	buf_done(&out);
}

static void zones(void **state)
{
	(void)state;
	/* A version 2 file without transitions whose footer holds the rule, as zic -b slim writes it. */
	static const char head[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1";
	struct buf file = BUF_INIT;
	for (int i = 0; i < 2; i++) {
		buf_add(&file, (str){ head, 44 });
		buf_add(&file, (str){ "\0\0\x0e\x10\0\0\0", 7 });
	}
	buf_add(&file, STR("\nCET-1CEST,M3.5.0,M10.5.0/3\n"));
	struct arena arena = ARENA_INIT;
	struct zone zone;
	struct err err;
	assert_int_equal(zone_parse(&arena, buf_str(&file), &zone, &err), 0);
	struct {
		const char *local, *utc;
	} rows[] = {
		{ "2026-01-15T12:00:00Z", "2026-01-15T11:00:00Z" },
		{ "2026-07-15T12:00:00Z", "2026-07-15T10:00:00Z" },
		{ "2026-03-29T03:30:00Z", "2026-03-29T01:30:00Z" },
		{ "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z" },
		{ "2026-10-25T03:30:00Z", "2026-10-25T02:30:00Z" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		usec local;
		assert_true(clock_parse(str_from(rows[i].local), 0, &local));
		struct buf out = BUF_INIT;
		clock_print(&out, zone_to_utc(&zone, local));
		assert_str(buf_str(&out), rows[i].utc);
		buf_done(&out);
	}
	assert_int_equal(zone_parse(&arena, str_head(buf_str(&file), 60), &zone, &err), ERR_INPUT);
	buf_done(&file);
	arena_done(&arena);
}

static void interning(void **state)
{
	(void)state;
	struct names names;
	names_init(&names);
	char key[16];
	for (uint32_t i = 1; i <= 5000; i++) {
		int len = snprintf(key, sizeof(key), "key%u", i);
		assert_int_equal(names_add(&names, (str){ key, (size_t)len }), i);
	}
	assert_int_equal(names_add(&names, STR("key17")), 17);
	assert_str(names_str(&names, 5000), "key5000");
	assert_int_equal(names_get(&names, STR("never")), 0);
	names_done(&names);

	struct index index = { 0 };
	bool is_new;
	for (uint32_t i = 0; i < 1000; i++)
		*index_add(&index, index_pair(i, i + 1), &is_new) = i;
	assert_int_equal(*index_add(&index, index_pair(5, 6), &is_new), 5);
	assert_false(is_new);
	assert_null(index_get(&index, index_pair(6, 5)));
	index_done(&index);
}

/* Keys of two words that all hash alike without a salt: the second undoes what the first did. They must cost one rebuild
 * of the table, not a walk over all earlier ones each. */
static void equal_hashes(void **state)
{
	(void)state;
	enum { COUNT = 20000 };
	struct names names;
	uint64_t first[2];
	names_init(&names);
	for (uint64_t i = 1; i <= COUNT; i++) {
		uint64_t key[2] = { i, 0 };
		unsigned __int128 product = (unsigned __int128)(0x9e3779b97f4a7c15u ^ sizeof(key) ^ i) * 0xff51afd7ed558ccdu;
		key[1] = (uint64_t)product ^ (uint64_t)(product >> 64);
		if (i == 1)
			memcpy(first, key, sizeof(first));
		str s = { (const char *)key, sizeof(key) };
		assert_true(str_hash(s, 0) == str_hash((str){ (const char *)first, sizeof(first) }, 0));
		assert_int_equal(names_add(&names, s), i);
	}
	assert_int_not_equal(names.salt, 0);
	names_done(&names);
}

static void escaping(void **state)
{
	(void)state;
	struct buf out = BUF_INIT;
	print_text(&out, STR("a\x1b[31m\xff\\\xe2\x80\xaez\xc3\xa9\n"));
	assert_str(buf_str(&out), "a\\x1b[31m\\xff\\\\\\u{202e}z\xc3\xa9\\n");
	out.len = 0;
	print_json(&out, STR("q\"\\\x01\xff\n"));
	assert_str(buf_str(&out), "\"q\\\"\\\\\\u0001\\\\xff\\n\"");
	out.len = 0;
	print_tsv(&out, STR("=1+1\t\r\n\\"));
	assert_str(buf_str(&out), "'=1+1\\t\\r\\n\\\\");
	out.len = 0;
	print_html(&out, STR("<a href='x'>&\"\x01"));
	assert_str(buf_str(&out), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\\x01");
	out.len = 0;
	print_shell(&out, STR("/home/u/plain.php"));
	buf_char(&out, ' ');
	print_shell(&out, STR("it's"));
	buf_char(&out, ' ');
	print_shell(&out, STR("a\nb"));
	assert_str(buf_str(&out), "/home/u/plain.php 'it'\\''s' $'a\\012b'");
	out.len = 0;
	print_text_max(&out, STR("0123456789"), 8);
	assert_str(buf_str(&out), "01234...");
	buf_done(&out);
}

static void writing_json(void **state)
{
	(void)state;
	struct buf out = BUF_INIT;
	struct jsonw json;
	jsonw_init(&json, &out, true);
	jsonw_open(&json, '{');
	jsonw_field_str(&json, "a", STR("x"));
	jsonw_field_str(&json, "none", STR(""));
	jsonw_key(&json, "list");
	jsonw_open(&json, '[');
	jsonw_int(&json, 1);
	jsonw_fixed2(&json, 0.5);
	jsonw_close(&json, ']');
	jsonw_field_time(&json, "t", 0);
	jsonw_close(&json, '}');
	assert_str(buf_str(&out), "{\"a\":\"x\",\"none\":null,\"list\":[1,0.50],\"t\":\"1970-01-01T00:00:00Z\"}\n");
	buf_done(&out);
}

static void hashing(void **state)
{
	(void)state;
	struct sha256 sha;
	char hex[65];
	sha256_init(&sha);
	sha256_add(&sha, STR("abc"));
	sha256_hex(&sha, 64, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_init(&sha);
	for (int i = 0; i < 1000000; i++)
		sha256_add(&sha, STR("a"));
	sha256_hex(&sha, 64, hex);
	assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static const struct conf_row conf_rows[] = {
	{ "judge", false, "floor", CONF_INT, .min = 1, .max = 100, .fallback = "8" },
	{ "judge", false, "share", CONF_RATIO, .fallback = "0.2" },
	{ "known", true, "ip", CONF_IP, .many = true },
	{ 0 },
};

static void check_conf_error(const char *text, const char *want)
{
	struct conf conf;
	struct err err;
	conf_init(&conf, conf_rows);
	assert_int_equal(conf_add(&conf, str_from(text), "q.conf", &err), ERR_USAGE);
	assert_string_equal(err.text, want);
	conf_done(&conf);
}

static void configuration(void **state)
{
	(void)state;
	struct conf conf;
	struct err err;
	conf_init(&conf, conf_rows);
	assert_int_equal(conf_add(&conf, STR("[judge]\nfloor = 12\n[known x]\nip = 192.0.2.1\nip=192.0.2.0/24"), "q.conf",
				  &err), 0);
	assert_int_equal(conf_int(&conf, "judge", "floor"), 12);
	assert_true(conf_ratio(&conf, "judge", "share") == 0.2);
	assert_int_equal(conf.entries.count, 3);
	assert_int_equal(conf_add(&conf, STR("[judge]\nfloor = 13\nshare = 50%"), "r.conf", &err), 0);
	assert_int_equal(conf_int(&conf, "judge", "floor"), 13);
	assert_true(conf_ratio(&conf, "judge", "share") == 0.5);
	conf_done(&conf);
	check_conf_error("[judge]\nflor = 1", "q.conf:2: unknown setting \"flor\" (did you mean \"floor\"?)");
	check_conf_error("[jugde]\n", "q.conf:1: unknown section \"jugde\" (did you mean \"judge\"?)");
	check_conf_error("[judge]\nfloor = 0", "q.conf:2: floor: \"0\" is not a whole number within its limits");
	check_conf_error("[judge]\nfloor = 1\nfloor = 2", "q.conf:3: floor is given twice (first in line 2)");
	check_conf_error("[known]\n", "q.conf:1: section [known] needs a name");
	check_conf_error("x = 1", "q.conf:1: setting before the first [section]");
}

static const struct opt option_rows[] = {
	{ "since", 0, "T", false, "" }, { "log", 'l', "F", true, "" }, { "quiet", 'q', NULL, false, "" }, OPT_END,
};

static int parse_words(struct opts *opts, char *const *words, struct err *err)
{
	int count = 0;
	while (words[count])
		count++;
	return opts_parse(opts, count, words, (const struct opt *const[]){ option_rows }, 1, false, NULL, err);
}

static void options(void **state)
{
	(void)state;
	struct opts opts = { 0 };
	struct err err;
	char *good[] = { "--since=2h", "scan", "-qla", "--log", "b", "--", "-x", NULL };
	assert_int_equal(parse_words(&opts, good, &err), 0);
	assert_string_equal(opts_get(&opts, "since"), "2h");
	assert_string_equal(opts_get(&opts, "l"), "b");
	assert_non_null(opts_get(&opts, "quiet"));
	assert_int_equal(opts.operands.count, 2);
	assert_string_equal(opts.operands.at[1], "-x");
	opts_done(&opts);
	char *unknown[] = { "--sinc", NULL }, *twice[] = { "-q", "-q", NULL }, *missing[] = { "--log", NULL };
	assert_int_equal(parse_words(&opts, unknown, &err), ERR_USAGE);
	assert_string_equal(err.text, "unknown option --sinc (did you mean --since?)");
	opts_done(&opts);
	assert_int_equal(parse_words(&opts, twice, &err), ERR_USAGE);
	opts_done(&opts);
	assert_int_equal(parse_words(&opts, missing, &err), ERR_USAGE);
	opts_done(&opts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cutting),	 cmocka_unit_test(searching),	  cmocka_unit_test(held_lines),	  cmocka_unit_test(reading),	  cmocka_unit_test(numbers),	  cmocka_unit_test(addresses),
		cmocka_unit_test(times),	 cmocka_unit_test(sizes),
		cmocka_unit_test(zones),	  cmocka_unit_test(interning),
		cmocka_unit_test(equal_hashes),
		cmocka_unit_test(escaping),	 cmocka_unit_test(writing_json), cmocka_unit_test(hashing),
		cmocka_unit_test(configuration), cmocka_unit_test(options),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
