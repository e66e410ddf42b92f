/* SPDX-License-Identifier: Apache-2.0
 *
 * jailed: the reader in a child of its own, fed and read through two pipes;
 * each message on them is a length in eight bytes and that many bytes.
 */
#include "desk/intake/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/jail.h"
#include "base/own.h"
#include "desk/intake/gate.h"

enum { ANSWER_BYTES_MAX = 4 * 1024 * 1024, PIPE_BYTES = 1024 * 1024 };

#if defined(__SANITIZE_ADDRESS__)
static const bool limit_memory = false; /* its shadow needs terabytes of address space */
#else
static const bool limit_memory = true;
#endif

/* --- the child ----------------------------------------------------------- */

enum { ANSWER_FD = 3, MAIL_FD = 4 };

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

static bool read_exactly(int fd, char *at, size_t len)
{
	while (len) {
		ssize_t got = read(fd, at, len);
		if (got <= 0 && !(got < 0 && errno == EINTR))
			return false;
		at += got > 0 ? got : 0;
		len -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

static bool write_message(int fd, str bytes)
{
	uint64_t len = bytes.len;
	struct buf head = { (char *)&len, sizeof(len), 0 }, body = { (char *)bytes.at, bytes.len, 0 };
	return !buf_write(&head, fd, NULL) && !buf_write(&body, fd, NULL);
}

/* Mails until the parent closes its pipe. */
static _Noreturn void serve(const struct view *view)
{
	uint64_t len;
	while (read_exactly(MAIL_FD, (char *)&len, sizeof(len)) && len <= MAIL_BYTES_MAX + 1) {
		struct arena arena = ARENA_INIT;
		struct complaint complaint;
		struct buf answer = BUF_INIT;
		OWN_MEM char *mail = malloc(len + 1);
		if (!mail || !read_exactly(MAIL_FD, mail, len))
			break;
		complaint_read(&arena, (str){ mail, len }, view, &complaint);
		complaint_print_json(&answer, &complaint, true);
		if (!write_message(ANSWER_FD, buf_str(&answer)))
			break;
		buf_done(&answer);
		complaint_done(&complaint);
		arena_done(&arena);
	}
	_exit(0);
}

/* Every descriptor but the two pipes is closed before a byte is parsed. */
static _Noreturn void run_child(int answer_fd, int mail_fd, const struct view *view)
{
	static const int writable[] = { ANSWER_FD };
	struct jail jail = { .writable = writable, .writable_count = 1 };
	int mail_copy = fcntl(mail_fd, F_DUPFD, MAIL_FD + 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mail_copy < 0 || dup2(answer_fd, ANSWER_FD) < 0 || dup2(mail_copy, MAIL_FD) < 0 ||
	    close_range(MAIL_FD + 1, ~0u, 0) < 0)
		_exit(1);
	set_limits();
	mallopt(M_TRIM_THRESHOLD, ANSWER_BYTES_MAX); /* memory of one mail serves the next */
	mallopt(M_MMAP_THRESHOLD, ANSWER_BYTES_MAX);
	if (jail_enter(&jail, NULL))
		_exit(1);
	serve(view);
}

/* --- the parent ---------------------------------------------------------- */

static int start(struct reader *reader, struct err *err)
{
	int mail[2], answer[2];
	if (pipe2(mail, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	OWN_FD int mail_read = mail[0];
	OWN_FD int mail_write = mail[1];
	if (pipe2(answer, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	OWN_FD int answer_read = answer[0];
	OWN_FD int answer_write = answer[1];
	fcntl(mail_write, F_SETPIPE_SZ, PIPE_BYTES); /* fewer changes between the two; refused is no harm */
	pid_t child = fork();
	if (child < 0)
		return err_errno(err, "fork");
	if (child == 0)
		run_child(answer_write, mail_read, reader->view);
	*reader = (struct reader){ reader->view, child, own_take_fd(&mail_write), own_take_fd(&answer_read), 0 };
	return 0;
}

int reader_open(struct reader *reader, const struct view *view, struct err *err)
{
	*reader = (struct reader){ .view = view };
	return start(reader, err);
}

void reader_close(struct reader *reader)
{
	if (!reader->child)
		return;
	close(reader->to);
	close(reader->from);
	kill(reader->child, SIGKILL); /* between mails there is nothing to lose, and within one it has had its time */
	while (waitpid(reader->child, NULL, 0) < 0 && errno == EINTR)
		;
	reader->child = 0;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* len bytes from the child, or false when it ends or takes too long. */
static bool read_until(int fd, int64_t deadline, char *at, size_t len)
{
	while (len) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - now_ms();
		if (left <= 0)
			return false;
		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		ssize_t got = read(fd, at, len);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		at += got > 0 ? got : 0;
		len -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

static bool exchange(struct reader *reader, struct arena *arena, str bytes, struct complaint *out)
{
	int64_t deadline = now_ms() + READER_DEADLINE_MS;
	uint64_t len;
	if (!write_message(reader->to, bytes) || !read_until(reader->from, deadline, (char *)&len, sizeof(len)) ||
	    len > ANSWER_BYTES_MAX)
		return false;
	OWN_MEM char *answer = malloc(len + 1);
	return answer && read_until(reader->from, deadline, answer, len) &&
	       complaint_parse_json(arena, (str){ answer, len }, out, NULL) == 0;
}

static void set_unreadable(struct complaint *out)
{
	*out = COMPLAINT_INIT;
	out->format = STR("unreadable");
	words_add(&out->limits, STR("reader"));
	words_add(&out->degraded, STR("limits"));
}

int reader_ask(struct reader *reader, struct arena *arena, str bytes, struct complaint *out, struct err *err)
{
	bytes = str_head(bytes, MAIL_BYTES_MAX + 1);
	if (reader->served >= READER_MAILS_MAX)
		reader_close(reader);
	for (;;) {
		int rc = reader->child ? 0 : start(reader, err);
		if (rc)
			return rc;
		bool fresh = reader->served++ == 0;
		if (exchange(reader, arena, bytes, out))
			return 0;
		reader_close(reader);
		if (fresh)
			return set_unreadable(out), 0;
	}
}
