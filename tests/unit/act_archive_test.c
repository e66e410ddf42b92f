/* SPDX-License-Identifier: Apache-2.0
 *
 * act_archive: sealed bytes come back; what was damaged or cut is never taken for whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "act/archive.h"
#include "base/buf.h"
#include "base/own.h"

enum { MEMBERS = 5, SIZE_STEP = 40001 };
#define PLAN STR("0123456789ab")

struct world {
	char path[64];
	int dir;
};

static int furnish(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	snprintf(world->path, sizeof(world->path), "/tmp/archive_test.XXXXXX");
	assert_non_null(mkdtemp(world->path));
	world->dir = open(world->path, O_DIRECTORY | O_RDONLY);
	*state = world;
	return 0;
}

static int clear(void **state)
{
	struct world *world = *state;
	unlinkat(world->dir, "0123456789ab-1.seal", 0);
	unlinkat(world->dir, "source", 0);
	close(world->dir);
	assert_int_equal(rmdir(world->path), 0);
	free(world);
	return 0;
}

/* Member number n holds n * SIZE_STEP bytes that follow from n. */
static void fill(struct buf *text, unsigned n)
{
	for (unsigned i = 0; i < n * SIZE_STEP; i++)
		buf_char(text, (char)((i * 7919u + n) >> 3));
}

static void seal(int dir)
{
	struct archive archive;
	struct err err;
	assert_int_equal(archive_create(&archive, dir, PLAN, 1, 0, 0, &err), 0);
	for (unsigned n = 0; n < MEMBERS; n++) {
		struct buf text = BUF_INIT;
		struct stat status;
		char name[32];
		OWN_FD int fd = openat(dir, "source", O_RDWR | O_CREAT | O_TRUNC, 0640);
		fill(&text, n);
		assert_int_equal(buf_write(&text, fd, &err), 0);
		assert_int_equal(fstat(fd, &status), 0);
		snprintf(name, sizeof(name), "member\n%u\xff", n);
		assert_int_equal(archive_add(&archive, str_from(name), fd, &status, &err), 0);
		buf_done(&text);
	}
	assert_int_equal(archive_finish(&archive, &err), 0);
}

static int compare(void *context, const struct archive_member *member, struct err *err)
{
	unsigned *n = context;
	struct buf want = BUF_INIT, got = BUF_INIT;
	OWN_FD int fd = memfd_create("got", 0);
	int rc = archive_extract(member, fd, err);
	if (!rc) {
		fill(&want, *n);
		lseek(fd, 0, SEEK_SET);
		assert_int_equal(buf_read(&got, fd, 10 << 20, err), 0);
		assert_true(str_eq(buf_str(&want), buf_str(&got)));
		assert_int_equal(member->status.st_mode, S_IFREG | 0640);
		assert_int_equal(member->status.st_size, want.len);
	}
	++*n;
	buf_done(&want);
	buf_done(&got);
	return rc;
}

static void comes_back(void **state)
{
	struct world *world = *state;
	struct err err;
	unsigned n = 0;
	seal(world->dir);
	assert_int_equal(archive_each(world->dir, PLAN, 1, compare, &n, &err), 0);
	assert_int_equal(n, MEMBERS);
}

static void damage_is_noticed(void **state)
{
	struct world *world = *state;
	struct stat status;
	struct err err;
	seal(world->dir);
	OWN_FD int fd = openat(world->dir, "0123456789ab-1.seal", O_RDWR);
	assert_int_equal(fstat(fd, &status), 0);
	for (off_t at = 0; at < status.st_size; at += status.st_size / 60 + 1) {
		unsigned n = 0;
		char old, changed;
		assert_int_equal(pread(fd, &old, 1, at), 1);
		changed = (char)(old ^ 0x10);
		assert_int_equal(pwrite(fd, &changed, 1, at), 1);
		int rc = archive_each(world->dir, PLAN, 1, compare, &n, &err);
		assert_true(rc != 0 || n == MEMBERS); /* a name may have changed; the bytes may not */
		assert_int_equal(pwrite(fd, &old, 1, at), 1);
	}
	for (off_t size = status.st_size - 1; size > 0; size -= status.st_size / 20) {
		unsigned n = 0;
		assert_int_equal(ftruncate(fd, size), 0);
		if (archive_each(world->dir, PLAN, 1, compare, &n, &err) == 0)
			assert_int_equal(n, MEMBERS);
	}
}

static void no_room_no_archive(void **state)
{
	struct world *world = *state;
	struct archive archive;
	struct err err;
	assert_int_equal(archive_create(&archive, world->dir, PLAN, 1, UINT64_MAX / 4, 0, &err), ERR_REFUSED);
	assert_int_equal(faccessat(world->dir, "0123456789ab-1.seal", F_OK, 0), -1);
}

static void put_sealed(int dir, const char *name, off_t size, time_t at)
{
	const struct timespec times[2] = { { .tv_sec = at }, { .tv_sec = at } };
	OWN_FD int fd = openat(dir, name, O_RDWR | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(futimens(fd, times), 0);
}

static void full_archive_takes_no_more(void **state)
{
	struct world *world = *state;
	struct archive archive;
	struct err err;
	put_sealed(world->dir, "aaaaaaaaaaaa-1.seal", 900, 1000);
	put_sealed(world->dir, "note", 5000, 1000);
	assert_int_equal(archive_create(&archive, world->dir, PLAN, 1, 101, 1000, &err), ERR_REFUSED);
	assert_non_null(strstr(err.text, "900 of 1000"));
	assert_int_equal(archive_create(&archive, world->dir, PLAN, 1, 100, 1000, &err), 0);
	archive_abandon(&archive);
	unlinkat(world->dir, "aaaaaaaaaaaa-1.seal", 0);
	unlinkat(world->dir, "note", 0);
}

static void old_files_are_dropped(void **state)
{
	struct world *world = *state;
	struct err err;
	put_sealed(world->dir, "aaaaaaaaaaaa-1.seal", 1, 1000);
	put_sealed(world->dir, "aaaaaaaaaaaa-2.seal", 1, 3000);
	put_sealed(world->dir, "aaaaaaaaaaaa-3.secret", 1, 1000);
	assert_int_equal(archive_drop(world->dir, ARCHIVE_SUFFIX, 4000 * USEC_PER_SEC, 2000 * USEC_PER_SEC, &err), 1);
	assert_int_equal(faccessat(world->dir, "aaaaaaaaaaaa-1.seal", F_OK, 0), -1);
	assert_int_equal(archive_drop(world->dir, ".secret", 4000 * USEC_PER_SEC, 2000 * USEC_PER_SEC, &err), 1);
	assert_int_equal(unlinkat(world->dir, "aaaaaaaaaaaa-2.seal", 0), 0);
}

static void source_that_changes_is_not_sealed(void **state)
{
	struct world *world = *state;
	struct archive archive;
	struct stat status;
	struct err err;
	OWN_FD int fd = openat(world->dir, "source", O_RDWR | O_CREAT, 0640);
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(write(fd, "def", 3), 3);
	assert_int_equal(archive_create(&archive, world->dir, PLAN, 1, 6, 0, &err), 0);
	assert_int_equal(archive_add(&archive, STR("source"), fd, &status, &err), ERR_INPUT);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(archive_add(&archive, STR("source"), fd, &status, &err), 0);
	assert_int_equal(archive_finish(&archive, &err), 0);
	assert_int_equal(archive.members, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, furnish, clear),
		cmocka_unit_test_setup_teardown(damage_is_noticed, furnish, clear),
		cmocka_unit_test_setup_teardown(no_room_no_archive, furnish, clear),
		cmocka_unit_test_setup_teardown(full_archive_takes_no_more, furnish, clear),
		cmocka_unit_test_setup_teardown(old_files_are_dropped, furnish, clear),
		cmocka_unit_test_setup_teardown(source_that_changes_is_not_sealed, furnish, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
