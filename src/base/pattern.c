/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern: bounded use of PCRE2.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include <pcre2.h>

enum { PATTERN_MAX = 4096, MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 8192 };

int pattern_open(struct pattern *pattern, str text, struct err *err)
{
	int code;
	PCRE2_SIZE at;
	*pattern = (struct pattern){ 0 };
	if (text.len > PATTERN_MAX)
		return err_set(err, ERR_USAGE, "the pattern has more than %d bytes", PATTERN_MAX);
	pattern->code = pcre2_compile((PCRE2_SPTR)text.at, text.len, PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &code, &at,
				      NULL);
	if (!pattern->code) {
		char why[128];
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
		return err_set(err, ERR_USAGE, "pattern, byte %zu: %s", (size_t)at, why);
	}
	pattern->match = pcre2_match_data_create(1, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->context, HEAP_LIMIT_KIB);
	return 0;
}

bool pattern_in(struct pattern *pattern, str text)
{
	int rc = pcre2_match(pattern->code, (PCRE2_SPTR)text.at, text.len, 0, 0, pattern->match, pattern->context);
	pattern->gave_up += rc < PCRE2_ERROR_NOMATCH;
	return rc >= 0;
}

void pattern_close(struct pattern *pattern)
{
	pcre2_match_data_free(pattern->match);
	pcre2_match_context_free(pattern->context);
	pcre2_code_free(pattern->code);
	*pattern = (struct pattern){ 0 };
}
