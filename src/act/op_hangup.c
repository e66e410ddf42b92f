/* SPDX-License-Identifier: Apache-2.0
 *
 * hangup: SMTP sessions of given clients, ended. Exim serves each connection
 * by a process of its own, which a new password does not reach: it is told to
 * end. Found by the socket, so that only what serves these clients is hit, and
 * signalled through a descriptor, so that a number that was given out anew is
 * not. It cannot be taken back; the client may connect again.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "act/ops.h"
#include "act/proc_net.h"
#include "base/own.h"

enum { SESSIONS_MAX = 256, LINK_LEN_MAX = 64, WAIT_TRIES = 30 };

static const unsigned ports[] = { 25, 465, 587 };

struct sessions {
	const struct fact *peers;
	uint64_t inodes[SESSIONS_MAX];
	size_t count;
};

static bool is_peer(const struct fact *peers, struct ip ip)
{
	struct ip_net net;
	for (size_t i = 0; peers && i < peers->count; i++)
		if (ip_net_parse(peers->values[i], &net) && ip_net_has(net, ip))
			return true;
	return false;
}

static void take_row(void *context, const struct tcp_row *row)
{
	struct sessions *sessions = context;
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (row->local_port == ports[i] && row->inode && sessions->count < SESSIONS_MAX &&
		    is_peer(sessions->peers, row->remote))
			sessions->inodes[sessions->count++] = row->inode;
}

static int find_sessions(const struct deed *deed, struct sessions *out, struct err *err)
{
	*out = (struct sessions){ .peers = facts_find(&deed->facts, "peers") };
	return proc_net_established(take_row, out, err);
}

static str link_text(int dir, const char *name, char text[LINK_LEN_MAX])
{
	ssize_t len = readlinkat(dir, name, text, LINK_LEN_MAX);
	return (str){ text, len > 0 ? (size_t)len : 0 };
}

static bool is_exim(int process)
{
	char text[LINK_LEN_MAX];
	str exe = link_text(process, "exe", text);
	return str_ends(exe, STR("/exim4")) || str_ends(exe, STR("/exim"));
}

/* Does the process hold one of the sockets? */
static bool serves(int process, const struct sessions *sessions)
{
	bool found = false;
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd < 0 ? NULL : fdopendir(fd);
	if (!names) {
		own_close_fd(&fd);
		return false;
	}
	for (const struct dirent *entry; !found && (entry = readdir(names));) {
		char text[LINK_LEN_MAX];
		uint64_t inode;
		str socket = link_text(fd, entry->d_name, text);
		if (!str_skip(&socket, STR("socket:[")) || !str_u64(str_cut(&socket, ']'), UINT64_MAX, &inode))
			continue;
		for (size_t i = 0; i < sessions->count; i++)
			found |= sessions->inodes[i] == inode;
	}
	closedir(names);
	return found;
}

/* The process is looked at after its descriptor was taken, so that it is the one that is signalled. */
static int end_process(const char *name, const struct sessions *sessions, struct err *err)
{
	OWN_FD int handle = (int)syscall(SYS_pidfd_open, atoi(name), 0);
	OWN_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWN_FD int process = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (handle < 0 || process < 0 || !is_exim(process) || !serves(process, sessions))
		return 0;
	return syscall(SYS_pidfd_send_signal, handle, SIGTERM, NULL, 0) < 0 ? err_errno(err, "ending process %s", name) : 0;
}

static int end_all(const struct sessions *sessions, struct err *err)
{
	DIR *names = opendir("/proc");
	int rc = 0;
	if (!names)
		return err_errno(err, "/proc");
	for (const struct dirent *entry; !rc && (entry = readdir(names));)
		if (isdigit((unsigned char)entry->d_name[0]))
			rc = end_process(entry->d_name, sessions, err);
	closedir(names);
	return rc;
}

static int survey(const struct act_world *world, struct deed *deed, struct err *err)
{
	(void)world;
	const struct fact *peers = facts_find(&deed->facts, "peers");
	return peers && peers->count ? 0 : err_set(err, ERR_REFUSED, "no client whose sessions could be ended is known");
}

static int look(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	struct sessions sessions;
	(void)world;
	int rc = find_sessions(deed, &sessions, err);
	*out = sessions.count ? STATE_BEFORE : STATE_AFTER;
	return rc;
}

static int make(const struct act_world *world, struct deed *deed, struct err *err)
{
	const struct timespec nap = { .tv_nsec = 100000000 };
	struct sessions sessions;
	int rc = find_sessions(deed, &sessions, err);
	if (!rc)
		rc = end_all(&sessions, err);
	for (int i = 0; !rc && i < WAIT_TRIES; i++) {
		enum state state;
		rc = look(world, deed, &state, err);
		if (rc || state == STATE_AFTER)
			return rc;
		nanosleep(&nap, NULL);
	}
	return rc ? rc : err_set(err, ERR_REFUSED, "a session goes on, or another was begun");
}

const struct op op_hangup = {
	.name = "hangup",
	.keys = "peers",
	.live_only = true,
	.survey = survey,
	.look = look,
	.make = make,
};
