/* SPDX-License-Identifier: Apache-2.0
 *
 * act_journal: what was acknowledged is there, a torn tail is cut, a change is noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/journal.h"

enum { NOW_S = 1700000000 };
#define NOW ((usec)NOW_S * USEC_PER_SEC)

struct world {
	char path[64];
	int dir;
};

static int furnish(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	snprintf(world->path, sizeof(world->path), "/tmp/journal_test.XXXXXX");
	assert_non_null(mkdtemp(world->path));
	world->dir = open(world->path, O_DIRECTORY | O_RDONLY);
	*state = world;
	return 0;
}

static int clear(void **state)
{
	struct world *world = *state;
	unlinkat(world->dir, "journal.jsonl", 0);
	unlinkat(world->dir, "journal.1.jsonl", 0);
	close(world->dir);
	assert_int_equal(rmdir(world->path), 0);
	free(world);
	return 0;
}

static void add(struct journal *journal, enum record_kind kind, unsigned step, enum result result)
{
	struct err err;
	struct record record = { .at = NOW,
				 .kind = kind,
				 .plan = STR("0123456789ab"),
				 .step = step,
				 .op = STR("disable"),
				 .target = STR("/home/a/x.php"),
				 .result = result };
	facts_set(&record.facts, &journal->arena, "path", STR("/home/a/x\n\xff.php"));
	assert_int_equal(journal_add(journal, &record, &err), 0);
}

/* Three records; leaves the journal closed. */
static void write_three(int dir)
{
	struct journal journal;
	struct err err;
	assert_int_equal(journal_open(&journal, dir, true, NOW, &err), 0);
	add(&journal, RECORD_INTENT, 1, RESULT_NONE);
	add(&journal, RECORD_OUTCOME, 1, RESULT_CHANGED);
	add(&journal, RECORD_INTENT, 2, RESULT_NONE);
	journal_close(&journal);
}

static int count(int dir, bool writable, size_t *out_records, uint64_t *out_torn)
{
	struct journal journal;
	struct err err;
	int rc = journal_open(&journal, dir, writable, NOW, &err);
	if (rc)
		return rc;
	*out_records = journal.records.count;
	*out_torn = journal.torn;
	journal_close(&journal);
	return 0;
}

static void comes_back(void **state)
{
	struct world *world = *state;
	struct journal journal;
	struct actions actions;
	struct err err;
	write_three(world->dir);
	assert_int_equal(journal_open(&journal, world->dir, false, NOW, &err), 0);
	assert_int_equal(journal.records.count, 3);
	assert_true(str_eq(facts_get(&journal.records.at[0].facts, "path"), STR("/home/a/x\n\xff.php")));
	assert_int_equal(journal.records.at[2].at, NOW);
	journal_fold(&journal, &actions);
	assert_int_equal(actions.list.count, 2);
	assert_true(action_in_force(&actions.list.at[0]));
	assert_false(action_in_force(&actions.list.at[1]));
	actions_done(&actions);
	journal_close(&journal);
}

static off_t size_of(int dir)
{
	struct stat status;
	assert_int_equal(fstatat(dir, "journal.jsonl", &status, 0), 0);
	return status.st_size;
}

static void cut_to(int dir, off_t size)
{
	int fd = openat(dir, "journal.jsonl", O_WRONLY);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

/* Every possible place at which the last record can be torn. */
static void torn_tail_is_cut_and_said(void **state)
{
	struct world *world = *state;
	size_t records;
	uint64_t torn;
	write_three(world->dir);
	off_t whole = size_of(world->dir), two;
	for (off_t cut = 1; cut < 200; cut += 7) {
		unlinkat(world->dir, "journal.jsonl", 0);
		write_three(world->dir);
		cut_to(world->dir, whole - cut);
		assert_int_equal(count(world->dir, false, &records, &torn), 0);
		assert_int_equal(records, 2);
		two = whole - cut - (off_t)torn;
		assert_int_equal(count(world->dir, true, &records, &torn), 0);
		assert_int_equal(records, 3); /* two, and the record of the cut */
		assert_true(size_of(world->dir) > two);
		assert_int_equal(count(world->dir, false, &records, &torn), 0);
		assert_int_equal(torn, 0);
	}
}

static void zeros_behind_the_end_are_a_torn_tail(void **state)
{
	struct world *world = *state;
	size_t records;
	uint64_t torn;
	write_three(world->dir);
	cut_to(world->dir, size_of(world->dir) + 4096);
	assert_int_equal(count(world->dir, false, &records, &torn), 0);
	assert_int_equal(records, 3);
	assert_int_equal(torn, 4096);
}

/* Any changed byte is noticed: never fewer records without a word. */
static void changed_bytes_are_refused(void **state)
{
	struct world *world = *state;
	size_t records;
	uint64_t torn;
	write_three(world->dir);
	for (off_t at = 0; at < size_of(world->dir); at += 3) {
		char old, changed;
		int fd = openat(world->dir, "journal.jsonl", O_RDWR);
		assert_int_equal(pread(fd, &old, 1, at), 1);
		changed = (char)(old ^ 1);
		assert_int_equal(pwrite(fd, &changed, 1, at), 1);
		int rc = count(world->dir, false, &records, &torn);
		if (!(rc == ERR_REFUSED || rc == ERR_INPUT || (rc == 0 && torn > 0)))
			fail_msg("byte %ld changed: %d, %zu records", (long)at, rc, records);
		assert_int_equal(pwrite(fd, &old, 1, at), 1);
		close(fd);
	}
	assert_int_equal(count(world->dir, false, &records, &torn), 0);
}

static void chain_goes_on_in_the_next_file(void **state)
{
	struct world *world = *state;
	static char big[128 * 1024];
	struct journal journal;
	struct err err;
	size_t records;
	uint64_t torn;
	memset(big, 'x', sizeof(big));
	assert_int_equal(journal_open(&journal, world->dir, true, NOW, &err), 0);
	size_t count_before = JOURNAL_BYTES_MAX / 2 / sizeof(big) + 1;
	for (size_t i = 0; i < count_before; i++)
		assert_int_equal(journal_add(&journal, &(struct record){ .at = NOW, .text = { big, sizeof(big) } }, &err), 0);
	journal_close(&journal);
	assert_int_equal(count(world->dir, true, &records, &torn), 0);
	assert_int_equal(faccessat(world->dir, "journal.1.jsonl", F_OK, 0), 0);
	assert_int_equal(count(world->dir, false, &records, &torn), 0);
	assert_int_equal(records, count_before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, furnish, clear),
		cmocka_unit_test_setup_teardown(torn_tail_is_cut_and_said, furnish, clear),
		cmocka_unit_test_setup_teardown(zeros_behind_the_end_are_a_torn_tail, furnish, clear),
		cmocka_unit_test_setup_teardown(changed_bytes_are_refused, furnish, clear),
		cmocka_unit_test_setup_teardown(chain_goes_on_in_the_next_file, furnish, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
