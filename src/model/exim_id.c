/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_id: shape and time of message ids.
 */
#include "model/exim_id.h"

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 36;
	return -1;
}

bool exim_id_shape(str s)
{
	static const size_t last_hyphen[] = { [EXIM_ID_SHORT] = 13, [EXIM_ID_LONG] = 18 };
	if (s.len != EXIM_ID_SHORT && s.len != EXIM_ID_LONG)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool hyphen = i == EXIM_ID_SECONDS || i == last_hyphen[s.len];
		if (hyphen ? s.at[i] != '-' : digit_value(s.at[i]) < 0)
			return false;
	}
	return true;
}

static uint64_t number_of(str part)
{
	uint64_t number = 0;
	for (size_t i = 0; i < part.len; i++)
		number = number * 62 + (uint64_t)digit_value(part.at[i]);
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
		order = order * 63 + (i < id.len ? (uint64_t)digit_value(id.at[i]) + 1 : 0);
	return order;
}

void exim_id_print_time(usec at, char out[EXIM_ID_SECONDS])
{
	int64_t seconds = at / USEC_PER_SEC;
	for (size_t i = EXIM_ID_SECONDS; i-- > 0; seconds /= 62)
		out[i] = digits[seconds % 62];
}
