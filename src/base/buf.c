/* SPDX-License-Identifier: Apache-2.0
 *
 * buf: a growing byte buffer.
 */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static void make_room(struct buf *buf, size_t extra)
{
	if (buf->cap - buf->len >= extra)
		return;
	size_t wanted = buf->cap ? buf->cap : 256;
	while (wanted - buf->len < extra)
		wanted *= 2;
	buf->at = mem_realloc(buf->at, wanted);
	buf->cap = wanted;
}

void buf_add(struct buf *buf, str s)
{
	if (!s.len)
		return;
	make_room(buf, s.len);
	memcpy(buf->at + buf->len, s.at, s.len);
	buf->len += s.len;
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, (str){ &c, 1 });
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len > 0) {
		make_room(buf, (size_t)len + 1);
		vsnprintf(buf->at + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

int buf_write(const struct buf *buf, int fd, struct err *err)
{
	for (size_t done = 0; done < buf->len;) {
		ssize_t n = write(fd, buf->at + done, buf->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "write");
		done += (size_t)n;
	}
	return 0;
}

/* Reads once: *out_full tells whether all the room was filled. */
static ssize_t read_some(struct buf *buf, int fd, bool *out_full)
{
	make_room(buf, 64 * 1024);
	size_t room = buf->cap - buf->len;
	ssize_t n;
	do
		n = read(fd, buf->at + buf->len, room);
	while (n < 0 && errno == EINTR);
	*out_full = n == (ssize_t)room;
	return n;
}

static int read_all(struct buf *buf, int fd, size_t max, bool short_is_end, struct err *err)
{
	bool full, more = true;
	for (size_t total = 0; more;) {
		ssize_t n = read_some(buf, fd, &full);
		if (n < 0)
			return err_errno(err, "read");
		total += (size_t)n;
		if (total > max)
			return err_set(err, ERR_INPUT, "more than %zu bytes", max);
		buf->len += (size_t)n;
		more = short_is_end ? full : n > 0;
	}
	return 0;
}

int buf_read(struct buf *buf, int fd, size_t max, struct err *err)
{
	return read_all(buf, fd, max, false, err);
}

int buf_read_file(struct buf *buf, int fd, size_t max, struct err *err)
{
	return read_all(buf, fd, max, true, err);
}

void buf_done(struct buf *buf)
{
	free(buf->at);
	*buf = BUF_INIT;
}
