/* SPDX-License-Identifier: Apache-2.0
 *
 * err: filling of struct err.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int code, const char *format, ...)
{
	if (!err)
		return code;
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	err->code = code;
	err->sys_errno = 0;
	return code;
}

int err_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	int code = number == ENOENT ? ERR_GONE : ERR_SYSTEM;
	if (!err)
		return code;
	va_list args;
	va_start(args, format);
	int len = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof(err->text))
		snprintf(err->text + len, sizeof(err->text) - (size_t)len, ": %s", strerror(number));
	err->code = code;
	err->sys_errno = number;
	return code;
}

int err_context(struct err *err, const char *format, ...)
{
	if (!err)
		return ERR_SYSTEM;
	char inner[sizeof(err->text)];
	memcpy(inner, err->text, sizeof(inner));
	va_list args;
	va_start(args, format);
	int len = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof(err->text))
		snprintf(err->text + len, sizeof(err->text) - (size_t)len, ": %s", inner);
	return err->code;
}
