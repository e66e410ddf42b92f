/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_id: shape and time of message ids.
 */
#include "model/exim_id.h"

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* By byte; no digit has one of its two upper bits. */
enum { NO_DIGIT = 0x80, DIGIT_BITS = 6 };
#define LETTERS(first, value)                                                                               \
	[first] = (value), (value) + 1, (value) + 2, (value) + 3, (value) + 4, (value) + 5, (value) + 6,    \
	(value) + 7, (value) + 8, (value) + 9, (value) + 10, (value) + 11, (value) + 12, (value) + 13,      \
	(value) + 14, (value) + 15, (value) + 16, (value) + 17, (value) + 18, (value) + 19, (value) + 20,   \
	(value) + 21, (value) + 22, (value) + 23, (value) + 24, (value) + 25
static const unsigned char values[256] = {
	[0 ... '0' - 1] = NO_DIGIT, ['0'] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ['9' + 1 ... 'A' - 1] = NO_DIGIT, LETTERS('A', 10),
	['Z' + 1 ... 'a' - 1] = NO_DIGIT, LETTERS('a', 36), ['z' + 1 ... 255] = NO_DIGIT,
};

/* At most ten digits; what is none shows in *bad. */
static uint64_t pack_digits(const char *at, unsigned count, unsigned *bad)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned digit = values[(unsigned char)at[i]];
		*bad |= digit;
		value = value << DIGIT_BITS | digit;
	}
	return value;
}

/* A 1 in front of the longer ones tells the generations apart. */
bool exim_id_pack(str s, struct exim_id *out)
{
	bool is_long = s.len == EXIM_ID_LONG;
	unsigned process = is_long ? 11 : 6, fraction = is_long ? 4 : 2, bad = 0;
	const char *behind = s.at + EXIM_ID_SECONDS + 1 + process;
	if ((s.len != EXIM_ID_SHORT && !is_long) || s.at[EXIM_ID_SECONDS] != '-' || *behind != '-')
		return false;
	unsigned __int128 value = is_long;
	value = value << EXIM_ID_SECONDS * DIGIT_BITS | pack_digits(s.at, EXIM_ID_SECONDS, &bad);
	value = value << DIGIT_BITS | pack_digits(s.at + EXIM_ID_SECONDS + 1, 1, &bad);
	value = value << (process - 1) * DIGIT_BITS | pack_digits(s.at + EXIM_ID_SECONDS + 2, process - 1, &bad);
	value = value << fraction * DIGIT_BITS | pack_digits(behind + 1, fraction, &bad);
	if (bad & NO_DIGIT)
		return false;
	*out = (struct exim_id){ (uint64_t)(value >> 64), (uint64_t)value };
	return true;
}

static unsigned __int128 unpack_digits(unsigned __int128 value, char *at, unsigned count)
{
	for (; count > 0; value >>= DIGIT_BITS)
		at[--count] = digits[value & ((1 << DIGIT_BITS) - 1)];
	return value;
}

str exim_id_unpack(struct exim_id id, char room[EXIM_ID_LONG])
{
	unsigned __int128 value = (unsigned __int128)id.high << 64 | id.low;
	bool is_long = value >> (EXIM_ID_LONG - 2) * DIGIT_BITS;
	unsigned process = is_long ? 11 : 6, fraction = is_long ? 4 : 2;
	char *behind = room + EXIM_ID_SECONDS + 1 + process;
	value = unpack_digits(value, behind + 1, fraction);
	value = unpack_digits(value, room + EXIM_ID_SECONDS + 1, process);
	unpack_digits(value, room, EXIM_ID_SECONDS);
	room[EXIM_ID_SECONDS] = *behind = '-';
	return (str){ room, is_long ? EXIM_ID_LONG : EXIM_ID_SHORT };
}

bool exim_id_shape(str s)
{
	struct exim_id id;
	return exim_id_pack(s, &id);
}

static uint64_t number_of(str part)
{
	uint64_t number = 0;
	for (size_t i = 0; i < part.len; i++)
		number = number * 62 + values[(unsigned char)part.at[i]];
	return number;
}

usec exim_id_time(str id)
{
	return (usec)number_of(str_head(id, EXIM_ID_SECONDS)) * USEC_PER_SEC;
}

uint64_t exim_id_order(str id)
{
	uint64_t order = number_of(str_head(id, EXIM_ID_SECONDS));
	size_t fraction = id.len == EXIM_ID_SHORT ? id.len - 2 : id.len - 4;
	for (size_t i = fraction; i < fraction + 4; i++) /* a short fraction stands before the long ones that it begins */
		order = order * 63 + (i < id.len ? values[(unsigned char)id.at[i]] + 1u : 0);
	return order;
}

void exim_id_print_time(usec at, char out[EXIM_ID_SECONDS])
{
	int64_t seconds = at / USEC_PER_SEC;
	for (size_t i = EXIM_ID_SECONDS; i-- > 0; seconds /= 62)
		out[i] = digits[seconds % 62];
}
