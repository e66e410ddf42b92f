/* SPDX-License-Identifier: Apache-2.0
 *
 * proc_net: tables as text, cut at blanks.
 */
#include "act/proc_net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/own.h"

enum { TABLE_BYTES_MAX = 16 << 20, STATE_ESTABLISHED = 1 };

bool proc_net_address(str hex, bool is_swapped, struct ip *out)
{
	unsigned char bytes[16];
	if (hex.len != 8 && hex.len != 32)
		return false;
	for (size_t i = 0; i < hex.len / 2; i++) {
		char pair[3] = { hex.at[2 * i], hex.at[2 * i + 1], 0 };
		bytes[is_swapped ? i ^ 3 : i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	*out = (struct ip){ .byte = { [10] = 0xff, [11] = 0xff } };
	memcpy(hex.len == 8 ? out->byte + 12 : out->byte, bytes, hex.len / 2);
	return true;
}

int proc_net_each(const char *path, void (*row)(void *context, const str *words), void *context, struct err *err)
{
	struct buf text = BUF_INIT;
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, "%s", path);
	int rc = buf_read(&text, fd, TABLE_BYTES_MAX, err);
	for (str rest = buf_str(&text); !rc && rest.len;) {
		str line = str_cut(&rest, '\n'), words[PROC_NET_WORDS];
		for (size_t i = 0; i < PROC_NET_WORDS; i++)
			words[i] = str_word(&line);
		row(context, words);
	}
	buf_done(&text);
	return rc;
}

struct tcp_walk {
	void (*row)(void *context, const struct tcp_row *);
	void *context;
};

static unsigned long hex_of(str s)
{
	char text[9] = "";
	memcpy(text, s.at, s.len < sizeof(text) ? s.len : 0);
	return strtoul(text, NULL, 16);
}

/* Number, local address:port, remote address:port, state, ...; the inode is the tenth. */
static void take_tcp(void *context, const str *words)
{
	const struct tcp_walk *walk = context;
	struct tcp_row row;
	str local = words[1], remote = words[2];
	str_cut(&local, ':');
	row.local_port = (unsigned)hex_of(local);
	if (hex_of(words[3]) == STATE_ESTABLISHED && proc_net_address(str_cut(&remote, ':'), true, &row.remote) &&
	    str_u64(words[9], UINT64_MAX, &row.inode))
		walk->row(walk->context, &row);
}

int proc_net_established(void (*row)(void *context, const struct tcp_row *), void *context, struct err *err)
{
	struct tcp_walk walk = { row, context };
	int rc = proc_net_each("/proc/net/tcp", take_tcp, &walk, err);
	return rc ? rc : proc_net_each("/proc/net/tcp6", take_tcp, &walk, err);
}
