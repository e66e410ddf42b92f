/* SPDX-License-Identifier: Apache-2.0
 *
 * run: start a program, collect what it says, bound its time.
 */
#include "base/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"

enum { EXIT_NOT_STARTED = 127, CHUNK = 16384 };

static int64_t monotonic_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int input_fd(str input, struct err *err)
{
	OWN_FD int fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "memfd");
	struct buf text = { .at = (char *)input.at, .len = input.len };
	int rc = buf_write(&text, fd, err);
	if (rc)
		return rc;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "memfd");
	return own_take_fd(&fd);
}

static void child(const char *const *argv, int in, int out, int errors)
{
	static char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
					     "LC_ALL=C", "HOME=/", NULL };
	sigset_t none;
	sigemptyset(&none);
	setpgid(0, 0);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0 || chdir("/") < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0 || close_range(3, ~0U, 0) < 0)
		_exit(EXIT_NOT_STARTED);
	signal(SIGPIPE, SIG_DFL);
	execve(argv[0], (char *const *)argv, environment);
	_exit(EXIT_NOT_STARTED);
}

/* One stream's share of a poll round: false when it has ended. */
static bool collect(struct buf *text, int fd, short events, const struct run *heard)
{
	char chunk[CHUNK];
	if (!events)
		return true;
	ssize_t n = read(fd, chunk, sizeof(chunk));
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (heard)
		heard->hear(heard->context, (str){ chunk, (size_t)n });
	else
		buf_add(text, (str){ chunk, (size_t)n });
	return n > 0;
}

static int listen_to(struct pollfd streams[2], const struct run *run, struct run_result *result, int64_t deadline,
		     struct err *err)
{
	size_t max = run->output_max ? run->output_max : RUN_OUTPUT_MAX;
	struct buf *texts[2] = { &result->out, &result->err };
	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		int64_t left = deadline - monotonic_ms();
		if (left <= 0)
			return err_set(err, ERR_SYSTEM, "not finished in time");
		if (poll(streams, 2, (int)left) < 0 && errno != EINTR)
			return err_errno(err, "poll");
		for (int i = 0; i < 2; i++) {
			if (streams[i].fd >= 0 && !collect(texts[i], streams[i].fd, streams[i].revents, i == 0 && run->hear ? run : NULL))
				streams[i].fd = -1;
			if (texts[i]->len > max)
				return err_set(err, ERR_SYSTEM, "printed more than %zu bytes", max);
		}
	}
	return 0;
}

/* The program may close its output and go on: its end has the same deadline. */
static int reap(pid_t pid, int64_t deadline, int *out_status, struct err *err)
{
	const struct timespec nap = { .tv_nsec = 2000000 };
	for (;;) {
		pid_t got = waitpid(pid, out_status, WNOHANG);
		if (got == pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return err_errno(err, "waitpid");
		if (monotonic_ms() >= deadline)
			return err_set(err, ERR_SYSTEM, "not finished in time");
		nanosleep(&nap, NULL);
	}
}

static int watch(pid_t pid, int out, int errors, const struct run *run, struct run_result *result, struct err *err)
{
	int64_t deadline = monotonic_ms() + (run->deadline_ms ? run->deadline_ms : RUN_DEADLINE_MS);
	struct pollfd streams[2] = { { .fd = out, .events = POLLIN }, { .fd = errors, .events = POLLIN } };
	int status = 0;
	int rc = listen_to(streams, run, result, deadline, err);
	if (!rc)
		rc = reap(pid, deadline, &status, err);
	if (rc) {
		kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		return rc;
	}
	result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

static int make_pipe(int *out_read, int *out_write, struct err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	*out_read = ends[0];
	*out_write = ends[1];
	return 0;
}

static int start(const struct run *run, struct run_result *result, struct err *err)
{
	OWN_FD int out = -1;
	OWN_FD int errors = -1;
	OWN_FD int out_write = -1;
	OWN_FD int errors_write = -1;
	OWN_FD int in = input_fd(run->input, err);
	if (in < 0 || make_pipe(&out, &out_write, err) || make_pipe(&errors, &errors_write, err))
		return ERR_SYSTEM;
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0)
		child(run->argv, in, out_write, errors_write);
	setpgid(pid, pid);
	close(own_take_fd(&out_write));
	close(own_take_fd(&errors_write));
	return watch(pid, out, errors, run, result, err);
}

int run_program(const struct run *run, struct run_result *out_result, struct err *err)
{
	*out_result = RUN_RESULT_INIT;
	if (run->argv[0][0] != '/')
		return err_set(err, ERR_USAGE, "%s: not an absolute path", run->argv[0]);
	if (access(run->argv[0], X_OK) < 0)
		return err_errno(err, "%s", run->argv[0]);
	int rc = start(run, out_result, err);
	return rc ? err_context(err, "%s", run->argv[0]) : 0;
}

void run_result_done(struct run_result *result)
{
	buf_done(&result->out);
	buf_done(&result->err);
}
