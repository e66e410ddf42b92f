/* SPDX-License-Identifier: Apache-2.0
 *
 * pager: only less is started, by its absolute path: PAGER may come from
 * anywhere when a shell was opened by sudo.
 */
#include "show/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"

#define PAGER_PATH "/usr/bin/less"

static bool is_longer_than_terminal(const struct buf *text, int fd)
{
	struct winsize size;
	unsigned lines = 0;
	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) || !size.ws_row)
		return false;
	for (size_t i = 0; i < text->len; i++)
		lines += text->at[i] == '\n';
	return lines >= size.ws_row;
}

static bool is_wanted(void)
{
	const char *pager = getenv("PAGER");
	return access(PAGER_PATH, X_OK) == 0 && !(pager && (!*pager || strcmp(pager, "cat") == 0));
}

static _Noreturn void become_pager(int from)
{
	static char name[] = "less", options[] = "-FRX", secure[] = "LESSSECURE=1", charset[] = "LESSCHARSET=utf-8";
	char term[128];
	const char *type = getenv("TERM");
	snprintf(term, sizeof(term), "TERM=%s", type ? type : "dumb");
	char *argv[] = { name, options, NULL }, *environment[] = { secure, charset, term, NULL };
	if (dup2(from, STDIN_FILENO) >= 0)
		execve(PAGER_PATH, argv, environment);
	_exit(127);
}

int pager_write(const struct buf *text, int fd, struct err *err)
{
	int ends[2];
	if (!is_longer_than_terminal(text, fd) || !is_wanted())
		return buf_write(text, fd, err);
	if (pipe2(ends, O_CLOEXEC))
		return err_errno(err, "pipe");
	OWN_FD int from = ends[0];
	OWN_FD int to = ends[1];
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0)
		become_pager(from);
	close(own_take_fd(&from));
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigaction(SIGPIPE, &ignore, &before);
	int rc = buf_write(text, to, err);
	bool left_early = rc && err && err->sys_errno == EPIPE;
	close(own_take_fd(&to));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGPIPE, &before, NULL);
	return left_early ? 0 : rc;
}
