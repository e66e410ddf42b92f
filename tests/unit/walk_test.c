/* SPDX-License-Identifier: Apache-2.0
 *
 * walk: what is not walked, and that the kernel's way and the fallback agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "base/walk.h"

struct world {
	char path[64];
	int base;
};

static void put(int base, const char *name)
{
	OWN_FD int fd = openat(base, name, O_CREAT | O_WRONLY, 0644);
	assert_true(fd >= 0 && write(fd, "x", 1) == 1);
}

static int furnish(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	snprintf(world->path, sizeof(world->path), "/tmp/walk_test.XXXXXX");
	assert_non_null(mkdtemp(world->path));
	world->base = open(world->path, O_DIRECTORY | O_RDONLY);
	assert_int_equal(mkdirat(world->base, "home", 0755), 0);
	assert_int_equal(mkdirat(world->base, "home/a", 0755), 0);
	put(world->base, "home/a/file");
	put(world->base, "outside");
	assert_int_equal(symlinkat("../outside", world->base, "home/link"), 0);
	assert_int_equal(symlinkat("a", world->base, "home/folderlink"), 0);
	assert_int_equal(symlinkat("/etc", world->base, "home/etc"), 0);
	assert_int_equal(mkfifoat(world->base, "home/fifo", 0600), 0);
	*state = world;
	return 0;
}

static int clear(void **state)
{
	static const char *const names[] = { "home/a/file", "home/link", "home/folderlink", "home/etc",
					     "home/fifo",   "outside",   NULL };
	struct world *world = *state;
	for (int i = 0; names[i]; i++)
		unlinkat(world->base, names[i], 0);
	unlinkat(world->base, "home/a", AT_REMOVEDIR);
	unlinkat(world->base, "home", AT_REMOVEDIR);
	close(world->base);
	rmdir(world->path);
	free(world);
	return 0;
}

static int code_of(int base, const char *path, const struct walk_rule *rule)
{
	struct err err;
	OWN_FD int fd = walk_open(base, str_from(path), rule, &err);
	return fd < 0 ? fd : 0;
}

static void check_rules(int base)
{
	static const struct {
		const char *path;
		int code;
	} cases[] = {
		{ "home/a/file", 0 },		 { "/home//a/file", 0 },	    { "", 0 },
		{ "home/a", 0 },		 { "home/link", ERR_REFUSED },      { "home/folderlink/file", ERR_REFUSED },
		{ "home/etc/passwd", ERR_REFUSED }, { "home/../outside", ERR_REFUSED }, { "home/./a", ERR_REFUSED },
		{ "home/none", ERR_GONE },	 { "home/none/file", ERR_GONE },    { "home/a/file/x", ERR_SYSTEM },
		{ "home/fifo", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (code_of(base, cases[i].path, WALK_FREE) != cases[i].code)
			fail_msg("%s gives %d", cases[i].path, code_of(base, cases[i].path, WALK_FREE));
}

static void links_and_dots(void **state)
{
	check_rules(((struct world *)*state)->base);
}

/* The kernel without openat2: every case must come out alike. In a child, since a filter cannot be taken back. */
static void without_openat2(void **state)
{
	struct world *world = *state;
	pid_t pid = fork();
	if (pid == 0) {
		scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
		if (seccomp_load(filter) < 0)
			_exit(2);
		check_rules(world->base);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void owners(void **state)
{
	struct world *world = *state;
	const struct walk_rule mine = { .owner = 12345 };
	if (getuid() != 0)
		skip();
	assert_int_equal(code_of(world->base, "home/a", &mine), 0); /* root's folders are passed */
	assert_int_equal(code_of(world->base, "home/a/file", &mine), ERR_REFUSED);
	assert_int_equal(fchownat(world->base, "home/a/file", 12345, 1, 0), 0);
	assert_int_equal(code_of(world->base, "home/a/file", &mine), 0);
	assert_int_equal(fchownat(world->base, "home/a", 54321, 1, 0), 0);
	assert_int_equal(code_of(world->base, "home/a/file", &mine), ERR_REFUSED);
}

static void devices(void **state)
{
	(void)state;
	OWN_FD int root = open("/", O_DIRECTORY | O_RDONLY);
	assert_int_equal(code_of(root, "proc/self", &(struct walk_rule){ WALK_ANY, true }), ERR_REFUSED);
}

static void special_files_are_not_opened(void **state)
{
	struct world *world = *state;
	struct stat status;
	struct err err;
	assert_int_equal(walk_file(world->base, STR("home/fifo"), WALK_FREE, O_RDONLY, &status, &err), ERR_REFUSED);
	OWN_FD int fd = walk_file(world->base, STR("home/a/file"), WALK_FREE, O_RDONLY, &status, &err);
	assert_true(fd >= 0 && status.st_size == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(links_and_dots, furnish, clear),
		cmocka_unit_test_setup_teardown(without_openat2, furnish, clear),
		cmocka_unit_test_setup_teardown(owners, furnish, clear),
		cmocka_unit_test_setup_teardown(devices, furnish, clear),
		cmocka_unit_test_setup_teardown(special_files_are_not_opened, furnish, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
