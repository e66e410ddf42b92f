/* SPDX-License-Identifier: Apache-2.0
 *
 * str: a borrowed view of bytes (pointer and length).
 *
 * Every byte from outside travels as a str: it is never assumed to end in
 * NUL, to be UTF-8, to be one line or to be short. A str owns nothing; it is
 * valid as long as what it points into. The empty str has len 0 and any at.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct str {
	const char *at;
	size_t len;
} str;

#define STR(literal) ((str){ "" literal, sizeof(literal) - 1 })
/* for printf: printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).len, (s).at

static inline str str_from(const char *cstring)
{
	return (str){ cstring ? cstring : "", cstring ? strlen(cstring) : 0 };
}

static inline bool str_eq(str a, str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool str_starts(str s, str prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

static inline bool str_ends(str s, str suffix)
{
	return s.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len) == 0);
}

/* The part from offset from (clamped) to the end. */
static inline str str_from_at(str s, size_t from)
{
	if (from > s.len)
		from = s.len;
	return (str){ s.at + from, s.len - from };
}

/* The first len bytes (clamped). */
static inline str str_head(str s, size_t len)
{
	return (str){ s.at, len < s.len ? len : s.len };
}

#define STR_NONE ((size_t)-1)

/* Offset of the first / last byte c, or STR_NONE. */
static inline size_t str_find(str s, char c)
{
	const char *hit = s.len ? memchr(s.at, c, s.len) : NULL;
	return hit ? (size_t)(hit - s.at) : STR_NONE;
}
size_t str_rfind(str s, char c);
/* Offset of the first occurrence of needle, or STR_NONE; linear for the short needles used here. */
size_t str_search(str s, str needle);

bool str_eq_nocase(str a, str b);
bool str_starts_nocase(str s, str prefix);
/* <0, 0, >0 in byte order; a prefix sorts first. */
int str_cmp(str a, str b);

/* Cuts *rest at the first c: returns what stands before it and moves *rest behind it.
 * Without c the whole of *rest is returned and *rest becomes empty. */
str str_cut(str *rest, char c);
/* If *rest starts with prefix, moves behind it and returns true. */
static inline bool str_skip(str *rest, str prefix)
{
	if (!str_starts(*rest, prefix))
		return false;
	*rest = str_from_at(*rest, prefix.len);
	return true;
}
/* Next word of *rest, separated by runs of blanks and tabs; empty at the end. */
str str_word(str *rest);
/* Without blanks, tabs, CR and LF at both ends. */
str str_trim(str s);

/* Decimal digits only, the whole of s, at most max. False leaves *out alone. */
bool str_u64(str s, uint64_t max, uint64_t *out);
/* Cuts leading decimal digits off *rest; false when there is none or the value exceeds max. */
bool str_cut_u64(str *rest, uint64_t max, uint64_t *out);

/* 64-bit hash. Who knows the salt can make equal hashes; for another salt they differ (see map.h). */
uint64_t str_hash(str s, uint64_t salt);
