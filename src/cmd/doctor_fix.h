/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor_fix: the exact lines that make a host log what an investigation
 * needs, and where each panel wants them, so that its next rebuild keeps them.
 */
#pragma once
#include "platform/host.h"

enum doctor_topic { FIX_SELECTOR, FIX_FILE_LOG, FIX_DOVECOT, FIX_WEB, FIX_PHP, FIX_CRON, FIX_ROTATION, FIX_HOLD, FIX_NONE };

struct doctor_fix {
	const char *file;  /* where; "" when it is no file */
	const char *lines; /* what to add, separated by newlines */
	const char *then;  /* what makes it count; "" when nothing more is needed */
};

struct doctor_fix doctor_fix_get(enum doctor_topic topic, enum panel panel);
