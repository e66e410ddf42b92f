/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_id: message ids of Exim, in both generations.
 *
 *     ssssss-pppppp-ff          16 characters, before 4.97
 *     ssssss-ppppppppppp-ffff   23 characters, since 4.97
 *
 * Each part is a number in base 62 (digits 0-9A-Za-z, so that byte order is
 * order of time): second of arrival, process, fraction of the second. Ids are
 * judged by shape, never by range: clocks step, and localhost_number shares
 * the fraction part.
 */
#pragma once
#include "base/clock.h"
#include "base/str.h"

enum { EXIM_ID_SHORT = 16, EXIM_ID_LONG = 23, EXIM_ID_SECONDS = 6 };

/* The whole of s is an id of either generation. */
bool exim_id_shape(str s);

/* An id as a value, six bits a digit: for tables of millions of them. */
struct exim_id {
	uint64_t high, low;
};
/* False when s has not the shape of an id. */
bool exim_id_pack(str s, struct exim_id *out);
/* The text again; a view into room. */
str exim_id_unpack(struct exim_id id, char room[EXIM_ID_LONG]);
static inline bool exim_id_eq(struct exim_id a, struct exim_id b)
{
	return a.high == b.high && a.low == b.low;
}
/* The second of arrival; id must have the shape. */
usec exim_id_time(str id);
/* The first part of ids that are made in the second of at; all earlier ids are smaller in byte order. at is 1970 or
 * later. */
void exim_id_print_time(usec at, char out[EXIM_ID_SECONDS]);
/* Order of arrival, as exim -bp has it: the second, then its fraction (the last part); the process between them says
 * nothing (queue.c of Exim 4.96). id must have the shape. */
uint64_t exim_id_order(str id);
/* Name of the folder below input/ that a split spool keeps the message in; id must have the shape. */
static inline char exim_id_split_char(str id)
{
	return id.at[EXIM_ID_SECONDS - 1];
}
