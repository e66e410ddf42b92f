/* SPDX-License-Identifier: Apache-2.0
 *
 * jail: each attempt is made in a child that has entered the jail; what is
 * forbidden ends it or is refused, what is allowed works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/jail.h"

struct place {
	char path[64];
	int folder;
	int file; /* opened for writing, not on the jail's list */
};

/* 0 when the attempt succeeded, else errno. */
typedef int attempt(const struct place *place);

static int result_of(long rc)
{
	return rc < 0 ? errno : 0;
}

static int read_inside(const struct place *place)
{
	return result_of(openat(place->folder, "file", O_RDONLY));
}

static int read_outside(const struct place *place)
{
	(void)place;
	return result_of(openat(AT_FDCWD, "/etc/passwd", O_RDONLY));
}

static int open_to_write(const struct place *place)
{
	return result_of(openat(place->folder, "file", O_WRONLY));
}

static int open_to_create(const struct place *place)
{
	return result_of(openat(place->folder, "new", O_RDONLY | O_CREAT, 0600));
}

static int open_to_cut(const struct place *place)
{
	return result_of(openat(place->folder, "file", O_RDONLY | O_TRUNC));
}

static int write_elsewhere(const struct place *place)
{
	return result_of(write(place->file, "x", 1));
}

static int cut(const struct place *place)
{
	return result_of(ftruncate(place->file, 0));
}

static int unlink_file(const struct place *place)
{
	return result_of(unlinkat(place->folder, "file", 0));
}

static int rename_file(const struct place *place)
{
	return result_of(renameat(place->folder, "file", place->folder, "other"));
}

static int make_folder(const struct place *place)
{
	return result_of(mkdirat(place->folder, "new", 0700));
}

static int change_mode(const struct place *place)
{
	return result_of(fchmod(place->file, 0777));
}

static int open_socket(const struct place *place)
{
	(void)place;
	return result_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int open_unix_socket(const struct place *place)
{
	(void)place;
	return result_of(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int run_program(const struct place *place)
{
	(void)place;
	char *argv[] = { "true", NULL };
	return result_of(execv("/bin/true", argv));
}

static int fork_child(const struct place *place)
{
	(void)place;
	return result_of(fork());
}

static int kill_parent(const struct place *place)
{
	(void)place;
	return result_of(kill(getppid(), 0));
}

static int trace_parent(const struct place *place)
{
	(void)place;
	return result_of(ptrace(PTRACE_ATTACH, getppid(), 0, 0));
}

static int map_code(const struct place *place)
{
	(void)place;
	return result_of(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
}

static int furnish(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	memcpy(place->path, "/tmp/jail_test.XXXXXX", 22);
	assert_non_null(mkdtemp(place->path));
	place->folder = open(place->path, O_RDONLY | O_DIRECTORY);
	place->file = openat(place->folder, "file", O_CREAT | O_RDWR, 0600);
	assert_true(place->file >= 0);
	*state = place;
	return 0;
}

static int clear(void **state)
{
	struct place *place = *state;
	unlinkat(place->folder, "file", 0);
	close(place->file);
	close(place->folder);
	rmdir(place->path);
	free(place);
	return 0;
}

/* The wait status of a child that enters the jail and tries. */
static int status_in(const struct jail *jail, const struct place *place, attempt *try)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		if (jail_enter(jail, NULL))
			_exit(255);
		_exit(try(place));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int status_of(const struct place *place, attempt *try, bool without_landlock)
{
	static const int writable[] = { STDERR_FILENO };
	struct jail jail = { &place->folder, 1, writable, 1, without_landlock };
	return status_in(&jail, place, try);
}

static bool is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void forbidden(void **state)
{
	static const struct {
		const char *name;
		attempt *try;
	} attempts[] = {
		{ "open to write", open_to_write }, { "open to create", open_to_create }, { "open to cut", open_to_cut },
		{ "write to another descriptor", write_elsewhere }, { "cut", cut }, { "unlink", unlink_file },
		{ "rename", rename_file }, { "make a folder", make_folder }, { "change a mode", change_mode },
		{ "socket", open_socket }, { "unix socket", open_unix_socket }, { "run a program", run_program },
		{ "fork", fork_child }, { "kill", kill_parent }, { "trace", trace_parent }, { "map code", map_code },
	};
#ifdef JAIL_WITHOUT_SECCOMP
	skip();
#endif
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		for (int without_landlock = 0; without_landlock < 2; without_landlock++)
			if (!is_killed(status_of(*state, attempts[i].try, without_landlock)))
				fail_msg("%s is not stopped", attempts[i].name);
}

static void reading(void **state)
{
	assert_int_equal(status_of(*state, read_inside, false), 0);
	assert_int_equal(status_of(*state, read_inside, true), 0);
	assert_int_equal(status_of(*state, read_outside, true), 0);
	int status = status_of(*state, read_outside, false);
	if (status == 0)
		skip(); /* a kernel without Landlock */
	assert_int_equal(WEXITSTATUS(status), EACCES);
}

/* Without a readable folder there is no file at all, with and without Landlock. */
static void reading_nothing(void **state)
{
#ifdef JAIL_WITHOUT_SECCOMP
	skip();
#endif
	for (int without_landlock = 0; without_landlock < 2; without_landlock++) {
		struct jail jail = { .without_landlock = without_landlock };
		assert_int_equal(WEXITSTATUS(status_in(&jail, *state, read_inside)), EACCES);
		assert_int_equal(WEXITSTATUS(status_in(&jail, *state, read_outside)), EACCES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(forbidden, furnish, clear),
		cmocka_unit_test_setup_teardown(reading, furnish, clear),
		cmocka_unit_test_setup_teardown(reading_nothing, furnish, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
