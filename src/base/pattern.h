/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern: Perl-compatible patterns that an admin types, run over text that
 * anybody wrote. PCRE2's interpreter with low match, depth and heap limits:
 * a pattern that goes astray costs milliseconds, is no match, and is counted.
 * The just-in-time compiler is not used; it would need writable code memory.
 */
#pragma once
#include "base/err.h"
#include "base/str.h"

struct pattern {
	void *code, *match, *context; /* PCRE2's own objects; owned */
	uint64_t gave_up;             /* matches that ran into a limit */
};

/* Letters match in either case. ERR_USAGE with the place of the mistake. */
int pattern_open(struct pattern *pattern, str text, struct err *err);
/* Whether it occurs anywhere in text. */
bool pattern_in(struct pattern *pattern, str text);
void pattern_close(struct pattern *pattern);
