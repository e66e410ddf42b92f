/* SPDX-License-Identifier: Apache-2.0
 *
 * ip: parsing, printing and classes of addresses.
 */
#include "base/ip.h"

#include <arpa/inet.h>

static const unsigned char mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* Four numbers up to 255 without leading zeros: what inet_pton() takes, without its copy. */
static bool parse_v4(str s, unsigned char out[4])
{
	size_t at = 0;
	for (unsigned part = 0; part < 4; part++) {
		unsigned value = 0;
		size_t from = at;
		for (; at < s.len && s.at[at] >= '0' && s.at[at] <= '9' && at - from < 3; at++)
			value = value * 10 + (unsigned)(s.at[at] - '0');
		if (at == from || value > 255 || (s.at[from] == '0' && at - from > 1))
			return false;
		if (part < 3 && (at == s.len || s.at[at++] != '.'))
			return false;
		out[part] = (unsigned char)value;
	}
	return at == s.len;
}

bool ip_parse(str s, struct ip *out)
{
	char text[INET6_ADDRSTRLEN];
	if (s.len == 0 || s.len >= sizeof(text) || memchr(s.at, 0, s.len))
		return false;
	struct ip ip = { 0 };
	if (parse_v4(s, ip.byte + 12)) {
		memcpy(ip.byte, mapped_prefix, sizeof(mapped_prefix));
	} else {
		memcpy(text, s.at, s.len);
		text[s.len] = 0;
		if (inet_pton(AF_INET6, text, ip.byte) != 1)
			return false;
	}
	*out = ip;
	return true;
}

bool ip_is_v4(struct ip ip)
{
	return memcmp(ip.byte, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

void ip_print(struct buf *buf, struct ip ip)
{
	char text[INET6_ADDRSTRLEN];
	if (ip_is_v4(ip))
		inet_ntop(AF_INET, ip.byte + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, ip.byte, text, sizeof(text));
	buf_add(buf, str_from(text));
}

bool ip_net_has(struct ip_net net, struct ip ip)
{
	unsigned whole = net.bits / 8, rest = net.bits % 8;
	if (memcmp(net.base.byte, ip.byte, whole) != 0)
		return false;
	if (!rest)
		return true;
	unsigned char mask = (unsigned char)(0xff << (8 - rest));
	return ((net.base.byte[whole] ^ ip.byte[whole]) & mask) == 0;
}

static bool in_any(const struct ip_net *nets, size_t count, struct ip ip)
{
	for (size_t i = 0; i < count; i++)
		if (ip_net_has(nets[i], ip))
			return true;
	return false;
}

#define V4(a, b, c, d) { { [10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d } }

bool ip_is_loopback(struct ip ip)
{
	static const struct ip_net nets[] = {
		{ V4(127, 0, 0, 0), 104 },
		{ { { [15] = 1 } }, 128 },
	};
	return in_any(nets, sizeof(nets) / sizeof(*nets), ip);
}

bool ip_is_private(struct ip ip)
{
	static const struct ip_net nets[] = {
		{ V4(10, 0, 0, 0), 104 },      { V4(172, 16, 0, 0), 108 }, { V4(192, 168, 0, 0), 112 },
		{ V4(100, 64, 0, 0), 106 },    { V4(169, 254, 0, 0), 112 }, { V4(0, 0, 0, 0), 104 },
		{ { { 0xfc } }, 7 },           { { { 0xfe, 0x80 } }, 10 },  { { { 0 } }, 128 },
	};
	return ip_is_loopback(ip) || in_any(nets, sizeof(nets) / sizeof(*nets), ip);
}

bool ip_net_parse(str s, struct ip_net *out)
{
	str rest = s;
	str address = str_cut(&rest, '/');
	struct ip_net net;
	if (!ip_parse(address, &net.base))
		return false;
	unsigned offset = ip_is_v4(net.base) && str_find(address, ':') == STR_NONE ? 96 : 0;
	uint64_t bits = 128 - offset;
	if (address.len < s.len && !str_u64(rest, 128 - offset, &bits))
		return false;
	net.bits = (unsigned)bits + offset;
	for (unsigned bit = net.bits; bit < 128; bit++)
		if (net.base.byte[bit / 8] & (0x80 >> bit % 8))
			return false;
	*out = net;
	return true;
}

void ip_net_print(struct buf *buf, struct ip_net net)
{
	ip_print(buf, net.base);
	unsigned offset = ip_is_v4(net.base) ? 96 : 0;
	if (net.bits < 128)
		buf_printf(buf, "/%u", net.bits - offset);
}

struct ip ip_client(struct ip ip)
{
	if (!ip_is_v4(ip))
		memset(ip.byte + 8, 0, 8);
	return ip;
}
