/* SPDX-License-Identifier: Apache-2.0
 *
 * str: cutting and comparing of byte views.
 */
#include "base/str.h"

static inline unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

size_t str_rfind(str s, char c)
{
	const char *hit = s.len ? memrchr(s.at, c, s.len) : NULL;
	return hit ? (size_t)(hit - s.at) : STR_NONE;
}

/* memmem() prepares a table for each search: longer than lines are. What stands last in a needle is rare in most. */
enum { NEEDLE_SHORT = 16 };

size_t str_search(str s, str needle)
{
	if (needle.len == 0 || needle.len > NEEDLE_SHORT) {
		const char *hit = s.len ? memmem(s.at, s.len, needle.at, needle.len) : NULL;
		return hit ? (size_t)(hit - s.at) : STR_NONE;
	}
	size_t before = needle.len - 1;
	for (size_t at = before; at < s.len; at++) {
		const char *last = memchr(s.at + at, needle.at[before], s.len - at);
		if (!last)
			break;
		at = (size_t)(last - s.at);
		if (memcmp(last - before, needle.at, before) == 0)
			return at - before;
	}
	return STR_NONE;
}

bool str_eq_nocase(str a, str b)
{
	return a.len == b.len && str_starts_nocase(a, b);
}

bool str_starts_nocase(str s, str prefix)
{
	if (s.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++)
		if (lower((unsigned char)s.at[i]) != lower((unsigned char)prefix.at[i]))
			return false;
	return true;
}

int str_cmp(str a, str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.at, b.at, shorter) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

str str_cut(str *rest, char c)
{
	size_t at = str_find(*rest, c);
	str head = str_head(*rest, at);
	*rest = at == STR_NONE ? str_from_at(*rest, rest->len) : str_from_at(*rest, at + 1);
	return head;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

str str_word(str *rest)
{
	size_t from = 0;
	while (from < rest->len && is_blank(rest->at[from]))
		from++;
	size_t to = from;
	while (to < rest->len && !is_blank(rest->at[to]))
		to++;
	str word = { rest->at + from, to - from };
	*rest = str_from_at(*rest, to);
	return word;
}

static bool is_space(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

str str_trim(str s)
{
	while (s.len && is_space(s.at[0]))
		s = str_from_at(s, 1);
	while (s.len && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

bool str_u64(str s, uint64_t max, uint64_t *out)
{
	uint64_t value;
	if (!str_cut_u64(&s, max, &value) || s.len)
		return false;
	*out = value;
	return true;
}

bool str_cut_u64(str *rest, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	size_t i = 0;
	for (; i < rest->len && rest->at[i] >= '0' && rest->at[i] <= '9'; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(rest->at[i] - '0'), &value))
			return false;
	if (i == 0 || value > max)
		return false;
	*out = value;
	*rest = str_from_at(*rest, i);
	return true;
}

/* Both halves of the product: unlike with its lower half alone, what a difference in the input does to it depends on all
 * bits, so that no pair of inputs is equal for every salt. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t str_hash(str s, uint64_t salt)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ salt ^ s.len;
	const char *p = s.at;
	size_t left = s.len;
	for (; left >= 8; p += 8, left -= 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		h = fold(h ^ word, 0xff51afd7ed558ccdu);
	}
	uint64_t tail = 0;
	if (left)
		memcpy(&tail, p, left);
	return fold(h ^ tail, 0xc4ceb9fe1a85ec53u);
}
