/* SPDX-License-Identifier: Apache-2.0
 *
 * jailed: the reader in a child of its own. The mail is in memory when the
 * child is made, so the child needs nothing but a pipe to answer on.
 */
#include "desk/intake/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/jail.h"
#include "base/own.h"

enum { ANSWER_BYTES_MAX = 4 * 1024 * 1024 };

#if defined(__SANITIZE_ADDRESS__)
static const bool limit_memory = false; /* its shadow needs terabytes of address space */
#else
static const bool limit_memory = true;
#endif

static void set_limits(void)
{
	struct rlimit cpu = { READER_CPU_SECONDS, READER_CPU_SECONDS }, none = { 0, 0 };
	struct rlimit memory = { READER_ADDRESS_SPACE, READER_ADDRESS_SPACE };
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	if (limit_memory)
		setrlimit(RLIMIT_AS, &memory);
}

/* Never returns. Every descriptor but the pipe is closed before a byte is parsed. */
static _Noreturn void run_child(int pipe_fd, str bytes, const struct view *view)
{
	enum { PIPE_FD = 3 };
	struct arena arena = ARENA_INIT;
	struct complaint complaint;
	struct buf answer = BUF_INIT;
	static const int writable[] = { PIPE_FD };
	struct jail jail = { .writable = writable, .writable_count = 1 };
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(pipe_fd, PIPE_FD) < 0 || close_range(PIPE_FD + 1, ~0u, 0) < 0)
		_exit(1);
	set_limits();
	if (jail_enter(&jail, NULL))
		_exit(1);
	complaint_read(&arena, bytes, view, &complaint);
	complaint_print_json(&answer, &complaint, true);
	_exit(buf_write(&answer, PIPE_FD, NULL) ? 1 : 0);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Everything up to the end of the pipe; false when it takes too long or is too much. */
static bool read_answer(int fd, struct buf *answer)
{
	char block[65536];
	for (int64_t deadline = now_ms() + READER_DEADLINE_MS;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - now_ms();
		if (left <= 0 || answer->len > ANSWER_BYTES_MAX)
			return false;
		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		ssize_t got = read(fd, block, sizeof(block));
		if (got == 0)
			return true;
		if (got < 0 && errno != EINTR)
			return false;
		if (got > 0)
			buf_add(answer, (str){ block, (size_t)got });
	}
}

static void set_unreadable(struct complaint *out)
{
	*out = COMPLAINT_INIT;
	out->format = STR("unreadable");
	words_add(&out->limits, STR("reader"));
	words_add(&out->degraded, STR("limits"));
}

int reader_run(struct arena *arena, str bytes, const struct view *view, struct complaint *out, struct err *err)
{
	int ends[2], status = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	OWN_FD int from = ends[0];
	OWN_FD int to = ends[1];
	pid_t child = fork();
	if (child < 0)
		return err_errno(err, "fork");
	if (child == 0)
		run_child(to, bytes, view);
	close(own_take_fd(&to));
	struct buf answer = BUF_INIT;
	bool whole = read_answer(from, &answer);
	if (!whole)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	bool ok = whole && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!ok || complaint_parse_json(arena, buf_str(&answer), out, NULL))
		set_unreadable(out);
	buf_done(&answer);
	return 0;
}
