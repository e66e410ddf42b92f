/* SPDX-License-Identifier: Apache-2.0
 *
 * log: one line per event on stderr, made printable as a whole.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/print.h"

static enum log_level current_level = LOG_WARN;

void log_set_level(enum log_level level)
{
	current_level = level;
}

bool log_shows(enum log_level level)
{
	return level <= current_level;
}

static void say(enum log_level level, const char *prefix, const char *format, va_list args)
{
	if (level > current_level)
		return;
	char text[2048];
	vsnprintf(text, sizeof(text), format, args);
	struct buf line = BUF_INIT;
	buf_printf(&line, "%s: %s", program_invocation_short_name, prefix);
	print_text(&line, str_from(text));
	buf_char(&line, '\n');
	buf_write(&line, STDERR_FILENO, NULL);
	buf_done(&line);
}

#define LOG_FUNCTION(name, level, prefix)          \
	void name(const char *format, ...)         \
	{                                          \
		va_list args;                      \
		va_start(args, format);            \
		say(level, prefix, format, args);  \
		va_end(args);                      \
	}

LOG_FUNCTION(log_error, LOG_ERROR, "")
LOG_FUNCTION(log_warn, LOG_WARN, "warning: ")
LOG_FUNCTION(log_info, LOG_INFO, "")
LOG_FUNCTION(log_debug, LOG_DEBUG, "debug: ")
