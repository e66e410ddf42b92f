/* SPDX-License-Identifier: Apache-2.0
 *
 * stamp: fixed-width numbers and their separators, one form after the other.
 */
#include "source/stamp.h"

static const usec usec_per_day = 86400 * USEC_PER_SEC;

/* Exactly width digits. */
static bool cut_digits(str *rest, size_t width, int *out)
{
	uint64_t value;
	if (rest->len < width || !str_u64(str_head(*rest, width), 9999, &value))
		return false;
	*out = (int)value;
	*rest = str_from_at(*rest, width);
	return true;
}

static bool cut_month_name(str *rest, int *out)
{
	*out = clock_month(str_head(*rest, 3));
	*rest = str_from_at(*rest, 3);
	return *out != 0;
}

/* "01:09:40" */
static bool cut_time(str *rest, struct civil *out)
{
	return cut_digits(rest, 2, &out->hour) && str_skip(rest, STR(":")) && cut_digits(rest, 2, &out->minute) &&
	       str_skip(rest, STR(":")) && cut_digits(rest, 2, &out->second);
}

/* "+0100" or "+01:00", as seconds east of UTC. */
static bool cut_offset(str *rest, int *out)
{
	int hour, minute;
	bool west = str_starts(*rest, STR("-"));
	if (!str_skip(rest, STR("+")) && !str_skip(rest, STR("-")))
		return false;
	if (!cut_digits(rest, 2, &hour))
		return false;
	str_skip(rest, STR(":"));
	if (!cut_digits(rest, 2, &minute))
		return false;
	*out = (west ? -1 : 1) * (hour * 3600 + minute * 60);
	return hour < 24 && minute < 60;
}

/* --- syslog --- */

static bool cut_day(str *rest, int *out)
{
	return str_skip(rest, STR(" ")) ? cut_digits(rest, 1, out) : cut_digits(rest, 2, out);
}

static bool place_in_year(struct civil *civil, const struct stamp_base *base, usec *out)
{
	usec latest = base->latest == USEC_NEVER ? 364 * usec_per_day : base->latest;
	civil->year = clock_to_civil(latest + 2 * usec_per_day).year;
	/* 29 February may be eight years back (1904 after 1896). */
	for (int tries = 0; tries < 10; tries++, civil->year--) {
		usec local;
		if (!clock_from_civil(civil, &local))
			continue;
		*out = zone_to_utc(base->zone, local);
		if (*out <= latest + usec_per_day)
			return true;
	}
	return false;
}

bool stamp_cut_syslog(str *rest, const struct stamp_base *base, usec *out)
{
	str s = *rest;
	struct civil civil = { 0 };
	usec at;
	if (!cut_month_name(&s, &civil.month) || !str_skip(&s, STR(" ")) || !cut_day(&s, &civil.day) ||
	    !str_skip(&s, STR(" ")) || !cut_time(&s, &civil) || !place_in_year(&civil, base, &at))
		return false;
	*rest = s;
	*out = at;
	return true;
}

/* --- ISO 8601, RFC 3339 --- */

static bool cut_fraction(str *rest, usec *out)
{
	*out = 0;
	if (!str_skip(rest, STR(".")))
		return true;
	uint64_t value;
	size_t before = rest->len;
	if (!str_cut_u64(rest, 999999999, &value))
		return false;
	size_t digits = before - rest->len;
	for (; digits < 6; digits++)
		value *= 10;
	for (; digits > 6; digits--)
		value /= 10;
	*out = (usec)value;
	return true;
}

static bool cut_iso_zone(str *rest, const struct stamp_base *base, usec local, usec *out)
{
	int offset;
	if (str_skip(rest, STR("Z")))
		return *out = local, true;
	if (!str_starts(*rest, STR("+")) && !str_starts(*rest, STR("-")))
		return *out = zone_to_utc(base->zone, local), true;
	if (!cut_offset(rest, &offset))
		return false;
	*out = local - offset * USEC_PER_SEC;
	return true;
}

bool stamp_cut_iso(str *rest, const struct stamp_base *base, usec *out)
{
	str s = *rest;
	struct civil civil = { 0 };
	usec local, fraction, at;
	if (!cut_digits(&s, 4, &civil.year) || !str_skip(&s, STR("-")) || !cut_digits(&s, 2, &civil.month) ||
	    !str_skip(&s, STR("-")) || !cut_digits(&s, 2, &civil.day) ||
	    !(str_skip(&s, STR("T")) || str_skip(&s, STR(" "))) || !cut_time(&s, &civil) ||
	    !clock_from_civil(&civil, &local) || !cut_fraction(&s, &fraction) || !cut_iso_zone(&s, base, local, &at))
		return false;
	*rest = s;
	*out = at + fraction;
	return true;
}

/* --- access logs --- */

/* "06/Nov" or "11/06" */
static bool cut_day_and_month(str *rest, struct civil *out)
{
	int first;
	if (!cut_digits(rest, 2, &first) || !str_skip(rest, STR("/")))
		return false;
	out->day = first;
	if (rest->len && rest->at[0] >= 'A')
		return cut_month_name(rest, &out->month);
	out->month = first;
	return cut_digits(rest, 2, &out->day);
}

bool stamp_cut_access(str *rest, usec *out)
{
	str s = *rest;
	struct civil civil = { 0 };
	usec local;
	int offset;
	if (!cut_day_and_month(&s, &civil) || !str_skip(&s, STR("/")) || !cut_digits(&s, 4, &civil.year) ||
	    !str_skip(&s, STR(":")) || !cut_time(&s, &civil) || !str_skip(&s, STR(" ")) || !cut_offset(&s, &offset) ||
	    !clock_from_civil(&civil, &local))
		return false;
	*rest = s;
	*out = local - offset * USEC_PER_SEC;
	return true;
}

/* --- PHP --- */

bool stamp_cut_php(str *rest, const struct stamp_base *base, usec *out)
{
	str s = *rest;
	struct civil civil = { 0 };
	usec local;
	if (!cut_digits(&s, 2, &civil.day) || !str_skip(&s, STR("-")) || !cut_month_name(&s, &civil.month) ||
	    !str_skip(&s, STR("-")) || !cut_digits(&s, 4, &civil.year) || !str_skip(&s, STR(" ")) ||
	    !cut_time(&s, &civil) || !str_skip(&s, STR(" ")) || !clock_from_civil(&civil, &local))
		return false;
	size_t name = 0;
	while (name < s.len && s.at[name] > ' ' && s.at[name] != ']')
		name++;
	if (!name)
		return false;
	*out = str_eq(str_head(s, name), STR("UTC")) ? local : zone_to_utc(base->zone, local);
	*rest = str_from_at(s, name);
	return true;
}
