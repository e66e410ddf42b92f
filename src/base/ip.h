/* SPDX-License-Identifier: Apache-2.0
 *
 * ip: an IPv4 or IPv6 address. IPv4 is held as ::ffff:a.b.c.d, so the mapped
 * form folds onto the plain one and one comparison serves both.
 */
#pragma once
#include "base/buf.h"
#include "base/str.h"

struct ip {
	unsigned char byte[16];
};

/* Strict inet_pton forms only (no 127.1, no 010.0.0.1, no zone); an "IPv6:" tag and brackets are the caller's. */
bool ip_parse(str s, struct ip *out);
/* Canonical text (RFC 5952 for IPv6). */
void ip_print(struct buf *buf, struct ip ip);
bool ip_is_v4(struct ip ip);
bool ip_is_loopback(struct ip ip); /* 127.0.0.0/8, ::1 */
/* RFC 1918, RFC 6598, link-local, ULA, loopback, unspecified: not routable on the Internet. */
bool ip_is_private(struct ip ip);
static inline bool ip_eq(struct ip a, struct ip b)
{
	return memcmp(a.byte, b.byte, 16) == 0;
}

/* A network: address and prefix length in bits of the 16-byte form (IPv4 /24 = 120). */
struct ip_net {
	struct ip base;
	unsigned bits;
};

/* "192.0.2.0/24" or a single address; host bits must be zero. */
bool ip_net_parse(str s, struct ip_net *out);
bool ip_net_has(struct ip_net net, struct ip ip);
void ip_net_print(struct buf *buf, struct ip_net net);
/* What stands for one client: the IPv4 address itself, the /64 of an IPv6 address. */
struct ip ip_client(struct ip ip);
