/* SPDX-License-Identifier: Apache-2.0
 *
 * source: line readers against their cases.
 *
 * tests/case/source-NAME/good.txt: a line as logged, and below it "= " and the
 * event as JSON. bad.txt: lines that must not give an event. Local time is one
 * hour east of UTC, the latest time known is 7 November 2026.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>

#include "base/own.h"
#include "json_of.h"
#include "source/access_log.h"
#include "source/cron_log.h"
#include "source/crontab.h"
#include "source/dovecot.h"
#include "source/exim_mainlog.h"
#include "source/journald.h"
#include "source/php_mail.h"
#include "source/stamp.h"
#include "source/syslog.h"

static const struct zone zone = { .first_offset = 3600 };
static const struct stamp_base base = { &zone, 1794009600 * USEC_PER_SEC };

/* Describes what a reader makes of a line; false when that is no event. */
typedef bool describe_fn(str line, struct jsonw *w);

static bool describe_event(enum read_result result, const struct event *event, struct jsonw *w)
{
	if (result == READ_UNPARSED || event->kind == EVENT_NONE)
		return false;
	json_of_event(w, event);
	return true;
}

static bool describe_access_log(str line, struct jsonw *w)
{
	struct event event;
	return describe_event(access_log_parse(line, &event), &event, w);
}

static bool describe_dovecot(str line, struct jsonw *w)
{
	struct event event;
	return describe_event(dovecot_parse(line, &base, &event), &event, w);
}

static bool describe_dovecot_syslog(str line, struct jsonw *w)
{
	struct syslog_line frame;
	struct event event;
	return syslog_parse(line, &base, &frame) && str_eq(frame.tag, STR("dovecot")) &&
	       describe_event(dovecot_parse_message(frame.message, frame.at, &event), &event, w);
}

static bool describe_exim_mainlog(str line, struct jsonw *w)
{
	struct exim_mainlog log = { 0 };
	struct event event;
	bool found = exim_mainlog_line(&log, line, &base, &event) == MAINLOG_EVENT && event.kind != EVENT_NONE;
	if (found)
		json_of_event(w, &event);
	exim_mainlog_done(&log);
	return found;
}

static bool describe_php_mail(str line, struct jsonw *w)
{
	struct event event;
	return describe_event(php_mail_parse(line, &base, &event), &event, w);
}

static bool describe_cron_log(str line, struct jsonw *w)
{
	struct syslog_line frame;
	struct event event;
	return syslog_parse(line, &base, &frame) && describe_event(cron_log_parse(&frame, &event), &event, w);
}

/* The command and the first minutes of the next eight days in which it is due. */
static bool describe_crontab(str line, struct jsonw *w)
{
	struct crontab_entry entry;
	if (crontab_parse(line, &entry) != READ_EVENT || !entry.command.len)
		return false;
	jsonw_open(w, '{');
	jsonw_field_str(w, "command", entry.command);
	jsonw_key(w, "due");
	jsonw_open(w, '[');
	unsigned found = 0;
	for (usec at = base.latest; found < 3 && at < base.latest + 8 * 86400 * USEC_PER_SEC; at += 60 * USEC_PER_SEC) {
		struct civil civil = clock_to_civil(at);
		if (!schedule_is_due(&entry.schedule, &civil))
			continue;
		jsonw_time(w, at);
		found++;
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
	return true;
}

static void describe_frame(const struct syslog_line *frame, struct jsonw *w)
{
	jsonw_open(w, '{');
	jsonw_field_int(w, "at", frame->at);
	jsonw_field_str(w, "host", frame->host);
	jsonw_field_str(w, "tag", frame->tag);
	jsonw_field_int(w, "pid", frame->pid);
	if (frame->has_uid)
		jsonw_field_int(w, "uid", frame->uid);
	jsonw_field_str(w, "message", frame->message);
	jsonw_close(w, '}');
}

static bool describe_syslog(str line, struct jsonw *w)
{
	struct syslog_line frame;
	if (!syslog_parse(line, &base, &frame))
		return false;
	describe_frame(&frame, w);
	return true;
}

static const struct {
	const char *name;
	describe_fn *describe;
} readers[] = {
	{ "access_log", describe_access_log }, { "cron_log", describe_cron_log },
	{ "crontab", describe_crontab },
	{ "dovecot", describe_dovecot },       { "dovecot_syslog", describe_dovecot_syslog },
	{ "php_mail", describe_php_mail },     { "syslog", describe_syslog },
	{ "exim_mainlog", describe_exim_mainlog },
};

static void load(const char *reader, const char *file, struct buf *out)
{
	char path[4096];
	struct err err;
	snprintf(path, sizeof(path), "%s/source-%s/%s", getenv("QUELL_CASES"), reader, file);
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || buf_read(out, fd, 1 << 20, &err))
		fail_msg("cannot read %s", path);
}

/* What the reader makes of line, in out; empty for no event. The line is copied so that a sanitizer sees each byte too
 * far. */
static void describe(describe_fn *fn, str line, struct buf *out)
{
	OWN_MEM char *copy = malloc(line.len + 1);
	memcpy(copy, line.at, line.len);
	struct jsonw w;
	out->len = 0;
	jsonw_init(&w, out, true);
	fn((str){ copy, line.len }, &w);
	if (out->len)
		out->len--; /* its newline */
}

static unsigned check_good(const char *name, describe_fn *fn)
{
	struct buf file = BUF_INIT, got = BUF_INIT;
	unsigned count = 0, wrong = 0;
	load(name, "good.txt", &file);
	for (str rest = buf_str(&file); rest.len; count++) {
		str line = str_cut(&rest, '\n'), want = str_cut(&rest, '\n');
		describe(fn, line, &got);
		if (str_skip(&want, STR("= ")) && str_eq(want, buf_str(&got)))
			continue;
		fprintf(stderr, "%s/good.txt: %.*s\nshould be\n= %.*s\n", name, STR_ARG(line), STR_ARG(buf_str(&got)));
		wrong++;
	}
	assert_int_equal(wrong, 0);
	buf_done(&file);
	buf_done(&got);
	return count;
}

static unsigned check_bad(const char *name, describe_fn *fn)
{
	struct buf file = BUF_INIT, got = BUF_INIT;
	unsigned count = 0;
	load(name, "bad.txt", &file);
	for (str rest = buf_str(&file); rest.len; count++) {
		str line = str_cut(&rest, '\n');
		describe(fn, line, &got);
		if (got.len)
			fail_msg("%s/bad.txt: %.*s\ngives %.*s", name, STR_ARG(line), STR_ARG(buf_str(&got)));
	}
	buf_done(&file);
	buf_done(&got);
	return count;
}

static void cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		unsigned good = check_good(readers[i].name, readers[i].describe);
		unsigned bad = check_bad(readers[i].name, readers[i].describe);
		/* At least one line in four must not match. */
		assert_true(good > 0 && bad * 3 >= good);
	}
}

static void cut_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		struct buf file = BUF_INIT, got = BUF_INIT;
		load(readers[i].name, "good.txt", &file);
		for (str rest = buf_str(&file); rest.len; str_cut(&rest, '\n')) {
			str line = str_cut(&rest, '\n');
			for (size_t len = 0; len < line.len; len++)
				describe(readers[i].describe, str_head(line, len), &got);
		}
		buf_done(&file);
		buf_done(&got);
	}
}

/* --- stamps --- */

static void check_year(const char *latest, const char *stamp, const char *want)
{
	static const struct zone utc;
	struct stamp_base known = { &utc, USEC_NEVER };
	struct buf out = BUF_INIT;
	str text = str_from(stamp);
	usec at;
	assert_true(!*latest || clock_parse(str_from(latest), 0, &known.latest));
	assert_true(stamp_cut_syslog(&text, &known, &at));
	clock_print(&out, at);
	assert_true(str_eq(buf_str(&out), str_from(want)));
	buf_done(&out);
}

static void years(void **state)
{
	(void)state;
	check_year("2026-11-07T00:00:00Z", "Nov  7 23:59:59", "2026-11-07T23:59:59Z");
	check_year("2026-11-07T00:00:00Z", "Nov  8 00:00:01", "2025-11-08T00:00:01Z");
	check_year("2026-01-01T00:10:00Z", "Dec 31 23:50:00", "2025-12-31T23:50:00Z");
	check_year("2025-12-31T23:50:00Z", "Jan 01 00:10:00", "2026-01-01T00:10:00Z");
	check_year("2027-03-01T00:00:00Z", "Feb 29 12:00:00", "2024-02-29T12:00:00Z");
	check_year("", "Nov  7 23:59:59", "1970-11-07T23:59:59Z");
	check_year("", "Feb 29 12:00:00", "1968-02-29T12:00:00Z");
}

static void check_iso(const char *stamp, int64_t want)
{
	str text = str_from(stamp);
	usec at;
	assert_true(stamp_cut_iso(&text, &base, &at));
	assert_true(str_eq(text, STR(" x")));
	assert_int_equal(at, want);
}

static void iso_stamps(void **state)
{
	(void)state;
	const int64_t second = 1793927380 * USEC_PER_SEC; /* 2026-11-06T01:09:40Z */
	check_iso("2026-11-06T01:09:40Z x", second);
	check_iso("2026-11-06T01:09:40.5Z x", second + 500000);
	check_iso("2026-11-06T01:09:40.123456789Z x", second + 123456);
	check_iso("2026-11-06T03:09:40+02:00 x", second);
	check_iso("2026-11-05T20:39:40-0430 x", second);
	check_iso("2026-11-06 02:09:40 x", second);
	static const char *const bad[] = { "",
					   "2026-11-06",
					   "2026-13-06T01:09:40Z",
					   "2026-11-06T01:09:40.Z",
					   "2026-11-06T01:09:40+2:00",
					   "2026-11-06T01:09:40+99:00",
					   "26-11-06T01:09:40",
					   "2026-11-06T01:09:4",
					   "2026-02-30T01:09:40" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		str text = str_from(bad[i]);
		usec at;
		assert_false(stamp_cut_iso(&text, &base, &at));
		assert_int_equal(text.len, strlen(bad[i]));
	}
}

static void probing(void **state)
{
	(void)state;
	assert_true(
		access_log_probe(STR("torn start of a line\n"
				     "203.0.113.7 - - [06/Nov/2026:01:09:40 +0000] \"GET / HTTP/1.1\" 200 5\n203.0")));
	assert_false(access_log_probe(STR("1793784284 191 .\n1793784284 416 .\n")));
	assert_false(access_log_probe(
		STR("[Wed Nov 04 05:00:08.711673 2026] [mpm_event:notice] [pid 1:tid 1] AH00489: x\n")));
	assert_false(access_log_probe(STR("")));
}

/* --- the journal --- */

/* Feeds text in chunks of size bytes and describes each record on a line of its own. */
static void feed(str text, size_t size, struct journald *journald, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out, true);
	for (; text.len; text = str_from_at(text, size)) {
		size_t len = str_head(text, size).len;
		OWN_MEM char *copy = malloc(len);
		memcpy(copy, text.at, len);
		struct syslog_line frame;
		for (str chunk = { copy, len }; journald_next(journald, &chunk, &frame);)
			describe_frame(&frame, &w);
	}
}

static void check_journal(str text, const char *want, uint64_t damaged)
{
	for (size_t size = 1; size <= text.len; size++) {
		struct journald journald = JOURNALD_INIT;
		struct buf out = BUF_INIT;
		feed(text, size, &journald, &out);
		assert_int_equal(journald.damaged, damaged);
		assert_int_equal(journald.offset, text.len);
		buf_char(&out, 0);
		assert_string_equal(out.at, want);
		buf_done(&out);
		journald_done(&journald);
	}
}

#define TIME_FIELD "__REALTIME_TIMESTAMP=1793927380123456\n"
#define SEEN(rest) "{\"at\":1793927380123456,\"host\":\"web8\"," rest "}\n"

static void journal_records(void **state)
{
	(void)state;
	check_journal(
		STR("__CURSOR=s=1\n" TIME_FIELD "_HOSTNAME=web8\nSYSLOG_IDENTIFIER=dovecot\n_COMM=log\nSYSLOG_PID=12\n"
		    "_PID=13\n_UID=0\nMESSAGE=imap-login: Login: user=<a=b>\n\n"),
		SEEN("\"tag\":\"dovecot\",\"pid\":12,\"uid\":0,\"message\":\"imap-login: Login: user=<a=b>\""), 0);
	check_journal(STR(TIME_FIELD "_HOSTNAME=web8\n_COMM=exim4\n_PID=13\nMESSAGE=x\nMESSAGE=second\n\n"),
		      SEEN("\"tag\":\"exim4\",\"pid\":13,\"message\":\"x\""), 0);
	/* A binary message may look like fields and records, may end in newlines, and its length may hold one. */
	check_journal(
		STR(TIME_FIELD "_HOSTNAME=web8\nMESSAGE\n\x0d\0\0\0\0\0\0\0a\n\nMESSAGE=b\n\nSYSLOG_IDENTIFIER=t\n\n"),
		SEEN("\"tag\":\"t\",\"pid\":0,\"message\":\"a\\n\\nMESSAGE=b\\n\""), 0);
	check_journal(STR(TIME_FIELD "_HOSTNAME=web8\nMESSAGE\n\x0a\0\0\0\0\0\0\0"
				     "0123\n567\x01\r\n\n"),
		      SEEN("\"tag\":null,\"pid\":0,\"message\":\"0123\\n567\\u0001\\u000d\""), 0);
	check_journal(STR(TIME_FIELD "_HOSTNAME=web8\nMESSAGE\n\0\0\0\0\0\0\0\0\n\n"),
		      SEEN("\"tag\":null,\"pid\":0,\"message\":null"), 0);
	/* Without message: not of interest. */
	check_journal(STR(TIME_FIELD "_HOSTNAME=web8\n\n"), "", 0);
}

static void damaged_journals(void **state)
{
	(void)state;
	/* A wrong length, no time; the next record is read again. */
	check_journal(
		STR(TIME_FIELD "MESSAGE\n\2\0\0\0\0\0\0\0abc\nPID=1\n\n" TIME_FIELD "_HOSTNAME=web8\nMESSAGE=ok\n\n"),
		SEEN("\"tag\":null,\"pid\":0,\"message\":\"ok\""), 1);
	check_journal(STR("MESSAGE=x\n\n__REALTIME_TIMESTAMP=x\nMESSAGE=y\n\n"), "", 2);
	check_journal(STR(TIME_FIELD "MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff"
				     "abc\n\n\n"),
		      "", 0);
	check_journal(STR("no frame at all\nMESSAGE\n"), "", 0);
}

/* The place of a record, for whoever wants to show it. */
static void journal_places(void **state)
{
	(void)state;
	static const char first[] = TIME_FIELD "MESSAGE\n\2\0\0\0\0\0\0\0\n\n\n\n";
	struct journald journald = JOURNALD_INIT;
	struct buf text = BUF_INIT;
	struct syslog_line frame;
	buf_add(&text, (str){ first, sizeof(first) - 1 });
	buf_add(&text, STR(TIME_FIELD "MESSAGE=x\n\n"));
	str chunk = buf_str(&text);
	assert_true(journald_next(&journald, &chunk, &frame) && journald.record_offset == 0);
	assert_true(journald_next(&journald, &chunk, &frame));
	assert_int_equal(journald.record_offset, sizeof(first) - 1);
	assert_int_equal(journald.record_newlines, 6);
	buf_done(&text);
	journald_done(&journald);
}

static void long_journal_fields(void **state)
{
	(void)state;
	struct journald journald = JOURNALD_INIT;
	struct syslog_line frame;
	struct buf text = BUF_INIT;
	buf_add(&text, STR("__REALTIME_TIMESTAMP=5\nMESSAGE="));
	for (int i = 0; i < 2 * JOURNALD_VALUE_MAX; i++)
		buf_char(&text, 'x');
	buf_add(&text, STR("\n\n"));
	str chunk = buf_str(&text);
	assert_true(journald_next(&journald, &chunk, &frame));
	assert_int_equal(frame.message.len, JOURNALD_VALUE_MAX);
	buf_done(&text);
	journald_done(&journald);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases),
		cmocka_unit_test(cut_lines),
		cmocka_unit_test(years),
		cmocka_unit_test(iso_stamps),
		cmocka_unit_test(probing),
		cmocka_unit_test(journal_records),
		cmocka_unit_test(damaged_journals),
		cmocka_unit_test(journal_places),
		cmocka_unit_test(long_journal_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
