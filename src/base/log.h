/* SPDX-License-Identifier: Apache-2.0
 *
 * log: what the program says about itself, on stderr. stdout is data, stderr
 * is talk. The level is the one mutable global of the project.
 */
#pragma once
#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
/* Whether lines of that level are printed. */
bool log_shows(enum log_level level);
/* "quell: warning: ..." on stderr, with the name that the program was called by; the whole line is made printable. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
