/* SPDX-License-Identifier: Apache-2.0
 *
 * proc_net: the kernel's tables of routes and TCP connections (proc(5)).
 */
#pragma once
#include "base/err.h"
#include "base/ip.h"
#include "base/str.h"

enum { PROC_NET_WORDS = 16 };

/* Calls row for each line of a table below /proc/net, cut into words. A table that this kernel does not have is empty. */
int proc_net_each(const char *path, void (*row)(void *context, const str *words), void *context, struct err *err);
/* An address there: hexadecimal groups of four bytes, each in the machine's order when swapped. */
bool proc_net_address(str hex, bool is_swapped, struct ip *out);

struct tcp_row {
	struct ip remote;
	unsigned local_port;
	uint64_t inode; /* of the socket */
};
/* Established connections over IPv4 and IPv6. */
int proc_net_established(void (*row)(void *context, const struct tcp_row *), void *context, struct err *err);
