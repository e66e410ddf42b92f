/* SPDX-License-Identifier: Apache-2.0
 *
 * banner: one short conversation on port 25 (RFC 5321 section 4.2: the last
 * line of a reply has a blank behind its code, others a hyphen).
 */
#include "desk/inventory/banner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/own.h"

enum { GREETING_MAX = 8192 };

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static socklen_t socket_address(struct ip ip, unsigned port, struct sockaddr_storage *out)
{
	if (ip_is_v4(ip)) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)out;
		*v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
		memcpy(&v4->sin_addr, ip.byte + 12, 4);
		return sizeof(*v4);
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	*v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	memcpy(&v6->sin6_addr, ip.byte, 16);
	return sizeof(*v6);
}

static bool wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd wait = { .fd = fd, .events = events };
	int64_t left = deadline - now_ms();
	return left > 0 && poll(&wait, 1, (int)left) > 0;
}

static int connect_until(struct ip ip, unsigned port, int64_t deadline)
{
	struct sockaddr_storage address;
	int error = 0;
	socklen_t size = sizeof(error), len = socket_address(ip, port, &address);
	OWN_FD int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, len) < 0 && errno != EINPROGRESS)
		return -errno;
	if (!wait_for(fd, POLLOUT, deadline))
		return -ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error ? -error : own_take_fd(&fd);
}

/* Is the reply complete: does a line begin with three digits and a blank? */
static bool is_complete(str text)
{
	while (text.len) {
		size_t end = str_find(text, '\n');
		if (end == STR_NONE)
			return false;
		if (end > 3 && text.at[3] == ' ')
			return true;
		text = str_from_at(text, end + 1);
	}
	return false;
}

static bool is_host_name(str word)
{
	bool dot = false;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];
		dot = dot || c == '.';
		if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '.'))
			return false;
	}
	return dot && word.len < 254;
}

static void take_greeting(str text, struct banner *out)
{
	out->line = str_trim(str_cut(&text, '\n'));
	if (!str_starts(out->line, STR("220")) || out->line.len < 5)
		return;
	str rest = str_from_at(out->line, 4);
	str word = str_word(&rest);
	if (is_host_name(word))
		out->host = word;
}

void banner_read(struct arena *arena, struct ip ip, unsigned port, struct banner *out)
{
	int64_t deadline = now_ms() + BANNER_TIMEOUT_MS;
	char *text = arena_alloc(arena, GREETING_MAX);
	size_t len = 0;
	*out = (struct banner){ 0 };
	OWN_FD int fd = connect_until(ip, port, deadline);
	if (fd < 0) {
		out->line = arena_printf(arena, "no banner: %s", strerror(-fd));
		return;
	}
	while (!is_complete((str){ text, len }) && len < GREETING_MAX && wait_for(fd, POLLIN, deadline)) {
		ssize_t got = read(fd, text + len, GREETING_MAX - len);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	take_greeting((str){ text, len }, out);
	if (!len)
		out->line = STR("no banner: the server said nothing");
	if (write(fd, "QUIT\r\n", 6) < 0)
		return; /* it hung up first */
}
