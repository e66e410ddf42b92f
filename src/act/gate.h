/* SPDX-License-Identifier: Apache-2.0
 *
 * gate: what is never done, whoever asks.
 *
 * Every step passes here when it is planned and again just before it is done.
 * The never-block list is made from what is true at that moment: reserved
 * ranges, this machine's own addresses, gateway and resolvers, the peers of
 * its SSH connections, the allow lists of csf, apf, fail2ban and HestiaCP, and
 * what the caller adds (configured relays, monitors, proxies; addresses of
 * innocent senders).
 */
#pragma once
#include "act/ops.h"
#include "base/ip.h"

struct gate_entry {
	struct ip_net net;
	const char *reason; /* constant */
};

struct gate {
	int root;
	bool live;
	VEC(struct gate_entry) never;
	VEC(unsigned) ssh_ports; /* where this machine's sshd listens */
};

/* root is borrowed. Files that are not there are skipped; one that is there and cannot be read is an error. */
int gate_open(struct gate *gate, int root, bool live, struct err *err);
void gate_add(struct gate *gate, struct ip_net net, const char *reason);
/* Is address (inet_pton form, or with /N) one that may be blocked? Mapped IPv6 is folded to IPv4; wider than /32 or /64 only
 * with wide. ERR_REFUSED says why not. */
int gate_check_address(const struct gate *gate, str address, bool wide, struct ip_net *out, struct err *err);
/* The account as passwd has it, when it is a customer's: not root, not a system account. */
int gate_check_account(const struct gate *gate, str name, uint64_t *out_uid, str *out_home, struct arena *arena,
		       struct err *err);
int gate_check(const struct gate *gate, const struct op *op, const struct deed *deed, struct err *err);
void gate_close(struct gate *gate);
