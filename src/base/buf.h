/* SPDX-License-Identifier: Apache-2.0
 *
 * buf: a growing byte buffer, the target of all printers.
 */
#pragma once
#include "base/err.h"
#include "base/str.h"

struct buf {
	char *at; /* owned; not NUL-terminated */
	size_t len, cap;
};

#define BUF_INIT ((struct buf){ 0 })

void buf_add(struct buf *buf, str s);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes all of it to fd. */
int buf_write(const struct buf *buf, int fd, struct err *err);
/* Appends everything that fd yields until its end; ERR_INPUT when that exceeds max bytes. */
int buf_read(struct buf *buf, int fd, size_t max, struct err *err);
/* The same for a regular file: where a read brings less than was asked for is its end, which saves asking again. */
int buf_read_file(struct buf *buf, int fd, size_t max, struct err *err);
void buf_done(struct buf *buf);

static inline str buf_str(const struct buf *buf)
{
	return (str){ buf->at ? buf->at : "", buf->len };
}
