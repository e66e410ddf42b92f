/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_spool: cases of one file each (NAME-H, perhaps NAME-J, and what they
 * mean in NAME.json: the message, or the text of the error), cut and changed
 * files, and the walk over a spool folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "model/exim_id.h"
#include "json_of.h"
#include "source/exim_spool.h"

static bool load(const char *path, struct buf *out)
{
	struct err err;
	out->len = 0;
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && buf_read(out, fd, EXIM_SPOOL_FILE_MAX, &err) == 0;
}

static void describe(str header, str journal, struct buf *out)
{
	struct err err;
	struct spool_message message;
	struct jsonw w;
	jsonw_init(&w, out, false);
	if (exim_spool_parse(header, &message, &err)) {
		assert_int_equal(err.code, ERR_INPUT);
		jsonw_open(&w, '{');
		jsonw_field_str(&w, "error", str_from(err.text));
		jsonw_close(&w, '}');
		return;
	}
	exim_spool_journal(journal, &message);
	json_of_spool(&w, &message);
	spool_message_done(&message);
}

static void check_case(const char *header_path)
{
	struct buf header = BUF_INIT, journal = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	char path[4096];
	int stem = (int)strlen(header_path) - 2;
	assert_true(load(header_path, &header));
	snprintf(path, sizeof(path), "%.*s-J", stem, header_path);
	load(path, &journal);
	snprintf(path, sizeof(path), "%.*s.json", stem, header_path);
	describe(buf_str(&header), buf_str(&journal), &got);
	if (!load(path, &want) || !str_eq(buf_str(&want), buf_str(&got))) {
		fprintf(stderr, "%s should be\n%.*s\n", path, STR_ARG(buf_str(&got)));
		fail();
	}
	buf_done(&header);
	buf_done(&journal);
	buf_done(&want);
	buf_done(&got);
}

static void find_cases(glob_t *found)
{
	char pattern[4096];
	snprintf(pattern, sizeof(pattern), "%s/source-exim_spool/*-H", getenv("QUELL_CASES"));
	assert_int_equal(glob(pattern, 0, NULL, found), 0);
}

static void cases(void **state)
{
	(void)state;
	glob_t found;
	find_cases(&found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_case(found.gl_pathv[i]);
	globfree(&found);
}

/* Parses a copy that ends where its memory ends, so that a sanitizer sees each byte too far. */
static int parse_exactly(str file, size_t *header_count)
{
	OWN_MEM char *copy = malloc(file.len ? file.len : 1);
	memcpy(copy, file.at, file.len);
	struct err err;
	struct spool_message message;
	int rc = exim_spool_parse((str){ copy, file.len }, &message, &err);
	if (rc == 0) {
		*header_count = message.headers.count;
		spool_message_done(&message);
	}
	return rc;
}

/* A cut file is damaged, unless it was cut between two headers, or behind zeros of the next one's length. */
static void check_cuts(str file)
{
	size_t whole = 0, last = 0, accepted = 0;
	assert_int_equal(parse_exactly(file, &whole), 0);
	for (size_t len = 0; len < file.len; len++) {
		size_t headers;
		int rc = parse_exactly(str_head(file, len), &headers);
		if (rc == 0) {
			assert_true(headers < whole && headers >= last);
			last = headers;
			accepted += file.at[len - 1] == '\n';
			assert_true(file.at[len - 1] == '\n' || file.at[len - 1] == '0');
		} else {
			assert_int_equal(rc, ERR_INPUT);
		}
	}
	assert_int_equal(accepted, whole);
}

static void check_changes(struct buf *file)
{
	static const char changes[] = { 0, '\n', ' ', '-', '9', 'Y', '<', '\xff' };
	for (size_t i = 0; i < file->len; i++) {
		char before = file->at[i];
		for (size_t k = 0; k < sizeof(changes); k++) {
			size_t headers;
			file->at[i] = changes[k];
			int rc = parse_exactly(buf_str(file), &headers);
			assert_true(rc == 0 || rc == ERR_INPUT);
		}
		file->at[i] = before;
	}
}

static void cut_and_changed_files(void **state)
{
	(void)state;
	static const char *const names[] = { "smtp_auth-H", "delivered_tree-H", "recipient_forms-H",
					     "acl_variables-H" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[4096];
		struct buf file = BUF_INIT;
		snprintf(path, sizeof(path), "%s/source-exim_spool/%s", getenv("QUELL_CASES"), names[i]);
		assert_true(load(path, &file));
		check_cuts(buf_str(&file));
		check_changes(&file);
		buf_done(&file);
	}
}

/* --- the walk --- */

static void write_file(int folder, const char *name, str text)
{
	struct buf buf = BUF_INIT;
	struct err err;
	OWN_FD int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	buf_add(&buf, text);
	assert_int_equal(buf_write(&buf, fd, &err), 0);
	buf_done(&buf);
}

static void write_message(int folder, const char *name, const char *id)
{
	char text[256];
	snprintf(text, sizeof(text), "%s-H\nu 1 1\n<>\n1793868444 0\nXX\n2\na@b.example\nc@d.example\n\n", id);
	write_file(folder, name, str_from(text));
}

static void note_message(void *context, const struct spool_message *message)
{
	struct buf *out = context;
	buf_add(out, message->id);
	for (size_t i = 0; i < message->recipients.count; i++)
		buf_char(out, message->recipients.at[i].done ? '+' : '-');
	buf_char(out, '\n');
}

static void note_failed(void *context, str id, const struct err *why)
{
	buf_printf(context, "%.*s: %s\n", STR_ARG(id), why->text);
}

static void fill_spool(int input)
{
	assert_int_equal(mkdirat(input, "6", 0700), 0);
	assert_int_equal(mkdirat(input, "x", 0700), 0);
	assert_int_equal(symlinkat("6", input, "s"), 0);
	OWN_FD int six = openat(input, "6", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int ex = openat(input, "x", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	write_message(six, "1xHx96-0002pc-0n-H", "1xHx96-0002pc-0n");
	write_file(six, "1xHx96-0002pc-0n-J", STR("c@d.example\n"));
	write_file(six, "1xHx96-0002pc-0n-D", STR("1xHx96-0002pc-0n-D\nbody\n"));
	write_message(input, "1xHx96-0002pc-0n-H", "1xHx96-0002pc-0n");
	write_message(input, "1x9Yvu-0000000039N-2oYM-H", "1x9Yvu-0000000039N-2oYM");
	write_message(input, "hdr.1x9Yvu-0000000039N-2oYM", "1x9Yvu-0000000039N-2oYM");
	write_message(ex, "1xHx9x-0002pc-00-H", "1xHx9x-0002pc-01");
	write_file(ex, "1xHx9x-0002pc-02-H", STR("cut"));
	write_file(ex, "1xHx9x-0002pc-03-J", STR("a@b.example\n"));
	assert_int_equal(symlinkat("1xHx9x-0002pc-00-H", ex, "1xHx9x-0002pc-04-H"), 0);
	assert_int_equal(mkfifoat(ex, "1xHx9x-0002pc-05-H", 0600), 0);
	assert_int_equal(mkdirat(ex, "1xHx9x-0002pc-06-H", 0700), 0);
	write_file(ex, "1xHx9x-0002pc-07-H", STR(""));
	OWN_FD int large = openat(ex, "1xHx9x-0002pc-07-H", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(large, EXIM_SPOOL_FILE_MAX + 1), 0);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

static void walk(void **state)
{
	(void)state;
	char path[] = "/tmp/exim_spool_test.XXXXXX";
	assert_non_null(mkdtemp(path));
	OWN_FD int input = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fill_spool(input);
	struct buf out = BUF_INIT;
	struct err err;
	const struct exim_spool_visitor visitor = { note_message, note_failed, &out };
	struct exim_spool_counts counts = { 0 };
	assert_int_equal(exim_spool_each(input, &visitor, &counts, &err), 0);
	buf_char(&out, 0);
	assert_string_equal(out.at, "1x9Yvu-0000000039N-2oYM--\n"
				    "1xHx96-0002pc-0n--\n"
				    "1xHx9x-0002pc-00: holds message 1xHx9x-0002pc-01\n"
				    "1xHx9x-0002pc-02: byte 0: no ID-H line\n"
				    "1xHx9x-0002pc-04: is a link\n"
				    "1xHx9x-0002pc-05: is not a regular file\n"
				    "1xHx9x-0002pc-06: is not a regular file\n"
				    "1xHx9x-0002pc-07: more than 16777216 bytes\n");
	assert_int_equal(counts.messages, 2);
	assert_int_equal(counts.damaged, 6);
	assert_int_equal(counts.duplicate, 1);
	assert_int_equal(counts.unlisted, 1);
	buf_done(&out);
	assert_int_equal(nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static bool want_old_ids(void *context, str id)
{
	(void)context;
	return id.len == EXIM_ID_SHORT;
}

static void note_size(void *context, const struct spool_message *message)
{
	buf_printf(context, "%.*s %llu\n", STR_ARG(message->id), (unsigned long long)spool_message_size(message));
}

static void note_damage(void *context, str id, uint64_t bytes, const struct spool_message *envelope, const struct err *why)
{
	if (bytes < 1000)
		buf_printf(context, "%.*s: %llu bytes, %s: %s\n", STR_ARG(id), (unsigned long long)bytes,
			   envelope ? "envelope" : "nothing", why->text);
}

static void sizes_and_damage(void **state)
{
	(void)state;
	char path[] = "/tmp/exim_spool_test.XXXXXX";
	assert_non_null(mkdtemp(path));
	OWN_FD int input = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fill_spool(input);
	write_file(input, "1xHx96-0002pc-0n-D", STR("1xHx96-0002pc-0n-D\nbody\n"));
	write_file(input, "1xHxA0-0002pc-01-H", STR("1xHxA0-0002pc-01-H\nu 1 1\n<>\n1793868444 0\nXX\n1\na@b.example\n"));
	write_file(input, "1xHxA0-0002pc-00-H",
		   STR("1xHxA0-0002pc-00-H\nu 1 1\n<>\n1793868444 0\nXX\n1\na@b.example\n\n009  To: a@b\n"
		       "005* Old:\n015P Received: x"));
	struct buf out = BUF_INIT;
	struct err err;
	const struct exim_spool_visitor visitor = { note_size, note_failed, &out, want_old_ids, note_damage, true };
	struct exim_spool_counts counts = { 0 };
	assert_int_equal(exim_spool_each(input, &visitor, &counts, &err), 0);
	assert_int_equal(exim_spool_read(input, STR("1xHx96-0002pc-0n"), 'D', 1000, &out, &err), 0);
	assert_int_equal(exim_spool_read(input, STR("1xHx96-0002pc-0z"), 'D', 1000, &out, &err), ERR_GONE);
	assert_int_equal(exim_spool_read(input, STR("../../etc/passwd"), 0, 1000, &out, &err), ERR_USAGE);
	assert_int_equal(exim_spool_read(input, STR("1xHx9x-0002pc-04"), 'H', 1000, &out, &err), ERR_INPUT);
	buf_char(&out, 0);
	assert_string_equal(out.at, "1xHx96-0002pc-0n 6\n"
				    "1xHx9x-0002pc-00: 71 bytes, nothing: holds message 1xHx9x-0002pc-01\n"
				    "1xHx9x-0002pc-02: 3 bytes, nothing: byte 0: no ID-H line\n"
				    "1xHx9x-0002pc-04: 0 bytes, nothing: is a link\n"
				    "1xHx9x-0002pc-05: 0 bytes, nothing: is not a regular file\n"
				    "1xHx9x-0002pc-06: 0 bytes, nothing: is not a regular file\n"
				    "1xHxA0-0002pc-00: 98 bytes, envelope: byte 82: header is longer than the file\n"
				    "1xHxA0-0002pc-01: 58 bytes, envelope: byte 58: no blank line behind the recipients\n"
				    "1xHx96-0002pc-0n-D\nbody\n");
	buf_done(&out);
	assert_int_equal(nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* What a delivery that ends during the walk does. */
static void remove_next(void *context, const struct spool_message *message)
{
	(void)message;
	unlinkat(*(const int *)context, "1xHx96-0002pc-01-H", 0);
}

static void fail_at(void *context, str id, const struct err *why)
{
	(void)context;
	fail_msg("%.*s: %s", STR_ARG(id), why->text);
}

static void vanishing_messages(void **state)
{
	(void)state;
	char path[] = "/tmp/exim_spool_test.XXXXXX";
	assert_non_null(mkdtemp(path));
	OWN_FD int input = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	write_message(input, "1xHx96-0002pc-00-H", "1xHx96-0002pc-00");
	write_message(input, "1xHx96-0002pc-01-H", "1xHx96-0002pc-01");
	write_message(input, "1xHx96-0002pc-02-H", "1xHx96-0002pc-02");
	struct err err;
	const struct exim_spool_visitor visitor = { remove_next, fail_at, &input };
	struct exim_spool_counts counts = { 0 };
	assert_int_equal(exim_spool_each(input, &visitor, &counts, &err), 0);
	assert_int_equal(counts.messages, 2);
	assert_int_equal(counts.gone, 1);
	assert_int_equal(nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cases), cmocka_unit_test(cut_and_changed_files),
					    cmocka_unit_test(walk), cmocka_unit_test(sizes_and_damage),
					    cmocka_unit_test(vanishing_messages) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
