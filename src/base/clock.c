/* SPDX-License-Identifier: Apache-2.0
 *
 * clock: civil time, zones, ages.
 */
#include "base/clock.h"

#include <endian.h>
#include <time.h>

enum { SECONDS_PER_DAY = 86400 };

int64_t clock_days(int year, int month, int day)
{
	/* Years start in March, so that the leap day is the last of the year. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

bool clock_from_civil(const struct civil *c, usec *out)
{
	if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month) || c->hour < 0 || c->hour > 23 || c->minute < 0 ||
	    c->minute > 59 || c->second < 0 || c->second > 60)
		return false;
	int64_t seconds = clock_days(c->year, c->month, c->day) * SECONDS_PER_DAY + c->hour * 3600 +
			  c->minute * 60 + c->second;
	*out = seconds * USEC_PER_SEC;
	return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct civil clock_to_civil(usec at)
{
	int64_t seconds = floor_div(at, USEC_PER_SEC);
	int64_t days = floor_div(seconds, SECONDS_PER_DAY);
	int64_t in_day = seconds - days * SECONDS_PER_DAY;
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	return (struct civil){
		.year = (int)(yoe + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.hour = (int)(in_day / 3600),
		.minute = (int)(in_day / 60 % 60),
		.second = (int)(in_day % 60),
	};
}

int clock_month(str name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	if (name.len != 3)
		return 0;
	for (int i = 0; i < 12; i++)
		if (memcmp(names + i * 3, name.at, 3) == 0)
			return i + 1;
	return 0;
}

/* --- TZif (RFC 8536) --------------------------------------------------- */

struct tzif_counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t be32_at(const char *at)
{
	uint32_t v;
	memcpy(&v, at, 4);
	return be32toh(v);
}

static int64_t be64_at(const char *at)
{
	uint64_t v;
	memcpy(&v, at, 8);
	return (int64_t)be64toh(v);
}

static bool tzif_header(str data, struct tzif_counts *counts)
{
	if (data.len < 44 || memcmp(data.at, "TZif", 4) != 0)
		return false;
	uint32_t v[6];
	for (int i = 0; i < 6; i++) {
		v[i] = be32_at(data.at + 20 + i * 4);
		if (v[i] > 100000)
			return false;
	}
	*counts = (struct tzif_counts){ v[0], v[1], v[2], v[3], v[4], v[5] };
	return counts->type > 0;
}

static size_t tzif_body(const struct tzif_counts *n, size_t time_size)
{
	return n->time * time_size + n->time + n->type * 6 + n->chars + n->leap * (time_size + 4) + n->isstd +
	       n->isut;
}

int zone_parse(struct arena *arena, str data, struct zone *out, struct err *err)
{
	struct tzif_counts n;
	if (!tzif_header(data, &n))
		return err_set(err, ERR_INPUT, "not a TZif file");
	size_t time_size = 4;
	str block = str_from_at(data, 44);
	if (data.at[4] >= '2') {
		str second = str_from_at(data, 44 + tzif_body(&n, 4));
		if (!tzif_header(second, &n))
			return err_set(err, ERR_INPUT, "TZif: second header missing");
		block = str_from_at(second, 44);
		time_size = 8;
	}
	size_t size = tzif_body(&n, time_size);
	if (block.len < size)
		return err_set(err, ERR_INPUT, "TZif: cut short");
	const char *types = block.at + n.time * time_size;
	const char *infos = types + n.time;
	int64_t *from = arena_alloc(arena, n.time * sizeof(*from));
	int32_t *offset = arena_alloc(arena, n.time * sizeof(*offset));
	for (uint32_t i = 0; i < n.time; i++) {
		unsigned type = (unsigned char)types[i];
		if (type >= n.type)
			return err_set(err, ERR_INPUT, "TZif: type out of range");
		from[i] = time_size == 8 ? be64_at(block.at + i * 8) : (int32_t)be32_at(block.at + i * 4);
		offset[i] = (int32_t)be32_at(infos + type * 6);
	}
	str footer = str_from_at(block, size);
	str_skip(&footer, STR("\n"));
	footer = str_cut(&footer, '\n');
	*out = (struct zone){ from, offset, n.time, (int32_t)be32_at(infos), arena_copy(arena, footer) };
	return 0;
}

/* --- POSIX TZ rule of the footer: "CET-1CEST,M3.5.0,M10.5.0/3" ---------- */

struct posix_rule {
	int month, week, weekday;
	int32_t second; /* local time of day at which it changes */
};

static bool cut_name(str *s)
{
	size_t from = s->len;
	if (str_skip(s, STR("<"))) {
		str_cut(s, '>');
		return s->len < from;
	}
	while (s->len && ((s->at[0] >= 'A' && s->at[0] <= 'Z') || (s->at[0] >= 'a' && s->at[0] <= 'z')))
		*s = str_from_at(*s, 1);
	return s->len < from;
}

static bool cut_hms(str *s, int32_t *out)
{
	int sign = 1;
	if (str_skip(s, STR("-")))
		sign = -1;
	else
		str_skip(s, STR("+"));
	uint64_t h = 0, m = 0, sec = 0;
	if (!str_cut_u64(s, 167, &h))
		return false;
	if (str_skip(s, STR(":")) && !str_cut_u64(s, 59, &m))
		return false;
	if (str_skip(s, STR(":")) && !str_cut_u64(s, 59, &sec))
		return false;
	*out = sign * (int32_t)(h * 3600 + m * 60 + sec);
	return true;
}

static bool cut_rule(str *s, struct posix_rule *out)
{
	uint64_t month, week, day;
	if (!str_skip(s, STR(",M")) || !str_cut_u64(s, 12, &month) || month < 1 || !str_skip(s, STR(".")) ||
	    !str_cut_u64(s, 5, &week) || week < 1 || !str_skip(s, STR(".")) || !str_cut_u64(s, 6, &day))
		return false;
	*out = (struct posix_rule){ (int)month, (int)week, (int)day, 7200 };
	return !str_skip(s, STR("/")) || cut_hms(s, &out->second);
}

static int64_t rule_seconds(const struct posix_rule *rule, int year)
{
	int64_t first = clock_days(year, rule->month, 1);
	int weekday = (int)((first + 4) % 7); /* 1970-01-01 was a Thursday; all years here are later */
	int day = 1 + (rule->weekday - weekday + 7) % 7 + (rule->week - 1) * 7;
	while (day > days_in_month(year, rule->month))
		day -= 7;
	return (first + day - 1) * SECONDS_PER_DAY + rule->second;
}

static int32_t footer_offset(str footer, int64_t utc, int32_t fallback)
{
	int32_t west, west_dst;
	struct posix_rule start, end;
	if (!cut_name(&footer) || !cut_hms(&footer, &west))
		return fallback;
	if (!footer.len || !cut_name(&footer))
		return -west;
	west_dst = west - 3600;
	if (footer.len && footer.at[0] != ',' && !cut_hms(&footer, &west_dst))
		return -west;
	if (!cut_rule(&footer, &start) || !cut_rule(&footer, &end))
		return -west;
	int year = clock_to_civil((utc - west) * USEC_PER_SEC).year;
	int64_t dst_from = rule_seconds(&start, year) + west;
	int64_t dst_to = rule_seconds(&end, year) + west_dst;
	bool dst = dst_from < dst_to ? utc >= dst_from && utc < dst_to : utc >= dst_from || utc < dst_to;
	return dst ? -west_dst : -west;
}

int32_t zone_offset(const struct zone *zone, int64_t utc)
{
	size_t low = 0, high = zone->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (zone->from[middle] <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	int32_t found = low ? zone->offset[low - 1] : zone->first_offset;
	return low == zone->count && zone->footer.len ? footer_offset(zone->footer, utc, found) : found;
}

usec zone_to_utc(const struct zone *zone, usec local)
{
	int64_t seconds = floor_div(local, USEC_PER_SEC);
	int32_t before = zone_offset(zone, seconds - SECONDS_PER_DAY / 2);
	int32_t after = zone_offset(zone, seconds + SECONDS_PER_DAY / 2);
	int32_t offset = before;
	if (before != after && zone_offset(zone, seconds - before) != before)
		offset = after;
	return local - offset * USEC_PER_SEC;
}

/* --- text --------------------------------------------------------------- */

void clock_print(struct buf *buf, usec at)
{
	struct civil c = clock_to_civil(at);
	buf_printf(buf, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static bool cut_two(str *s, int *out)
{
	if (s->len < 2 || s->at[0] < '0' || s->at[0] > '9' || s->at[1] < '0' || s->at[1] > '9')
		return false;
	*out = (s->at[0] - '0') * 10 + (s->at[1] - '0');
	*s = str_from_at(*s, 2);
	return true;
}

static bool cut_iso_zone(str *s, usec *shift)
{
	*shift = 0;
	if (!s->len || str_skip(s, STR("Z")))
		return true;
	int sign = s->at[0] == '+' ? 1 : s->at[0] == '-' ? -1 : 0, hour, minute = 0;
	*s = str_from_at(*s, 1);
	if (!sign || !cut_two(s, &hour))
		return false;
	str_skip(s, STR(":"));
	if (s->len && !cut_two(s, &minute))
		return false;
	*shift = -sign * (hour * 3600 + minute * 60) * USEC_PER_SEC;
	return true;
}

static bool parse_iso(str s, usec *out)
{
	int century, year;
	struct civil c = { 0 };
	if (!cut_two(&s, &century) || !cut_two(&s, &year) || !str_skip(&s, STR("-")) || !cut_two(&s, &c.month) ||
	    !str_skip(&s, STR("-")) || !cut_two(&s, &c.day))
		return false;
	c.year = century * 100 + year;
	if (str_skip(&s, STR("T")) || str_skip(&s, STR(" "))) {
		if (!cut_two(&s, &c.hour) || !str_skip(&s, STR(":")) || !cut_two(&s, &c.minute))
			return false;
		if (str_skip(&s, STR(":")) && !cut_two(&s, &c.second))
			return false;
		if (str_skip(&s, STR(".")))
			while (s.len && s.at[0] >= '0' && s.at[0] <= '9')
				s = str_from_at(s, 1);
	}
	usec shift, at;
	if (!cut_iso_zone(&s, &shift) || s.len || !clock_from_civil(&c, &at))
		return false;
	*out = at + shift;
	return true;
}

bool clock_parse(str s, usec now, usec *out)
{
	uint64_t seconds;
	usec age;
	if (str_eq(s, STR("now")))
		return *out = now, true;
	if (str_starts(s, STR("@")) && str_u64(str_from_at(s, 1), UINT32_MAX, &seconds))
		return *out = (usec)seconds * USEC_PER_SEC, true;
	if (parse_iso(s, out))
		return true;
	if (now == USEC_NEVER || !clock_parse_age(s, &age))
		return false;
	return *out = now - age, true;
}

static int64_t unit_seconds(char unit)
{
	switch (unit) {
	case 's': return 1;
	case 'm': return 60;
	case 'h': return 3600;
	case 'd': return SECONDS_PER_DAY;
	case 'w': return 7 * SECONDS_PER_DAY;
	default: return 0;
	}
}

/* One "NUMBER UNIT" of an ISO 8601 duration; in_time tells month from minute. */
static bool cut_iso_part(str *s, bool in_time, int64_t *total)
{
	uint64_t number;
	if (!str_cut_u64(s, 1000000, &number) || !s->len)
		return false;
	char unit = s->at[0];
	*s = str_from_at(*s, 1);
	bool ok = in_time ? strchr("HMS", unit) != NULL : strchr("WD", unit) != NULL;
	*total += (int64_t)number * unit_seconds((char)(unit + 32));
	return ok;
}

bool clock_parse_age(str s, usec *out)
{
	int64_t total = 0;
	if (str_skip(&s, STR("P"))) {
		bool in_time = false;
		if (!s.len)
			return false;
		while (s.len) {
			if (!in_time && str_skip(&s, STR("T")))
				in_time = true;
			if (!cut_iso_part(&s, in_time, &total))
				return false;
		}
		return *out = total * USEC_PER_SEC, true;
	}
	if (!s.len)
		return false;
	while (s.len) {
		uint64_t number;
		if (!str_cut_u64(&s, 1000000000, &number))
			return false;
		int64_t unit = s.len ? unit_seconds(s.at[0]) : 1;
		if (!unit)
			return false;
		s = str_from_at(s, 1);
		total += (int64_t)number * unit;
	}
	return *out = total * USEC_PER_SEC, true;
}

void clock_print_age(struct buf *buf, usec age)
{
	long long minutes = age < 0 ? 0 : age / (60 * USEC_PER_SEC);
	if (minutes <= 90)
		buf_printf(buf, "%lldm", minutes);
	else if ((minutes + 30) / 60 <= 72)
		buf_printf(buf, "%lldh", (minutes + 30) / 60);
	else
		buf_printf(buf, "%lldd", ((minutes + 30) / 60 + 12) / 24);
}

bool size_parse(str s, uint64_t *out)
{
	uint64_t whole, tenths = 0, unit = 1;
	if (!str_cut_u64(&s, UINT32_MAX, &whole))
		return false;
	if (str_skip(&s, STR(".")) && !str_cut_u64(&s, 9, &tenths))
		return false;
	if (str_skip(&s, STR("K")) || str_skip(&s, STR("k")))
		unit = 1024;
	else if (str_skip(&s, STR("M")))
		unit = 1024 * 1024;
	else if (str_skip(&s, STR("G")))
		unit = 1024 * 1024 * 1024;
	if (s.len || (unit == 1 && tenths))
		return false;
	return *out = whole * unit + tenths * unit / 10, true;
}

void size_print(struct buf *buf, uint64_t size)
{
	static const uint64_t kilo = 1024, mega = 1024 * 1024;
	if (!size)
		buf_add(buf, STR("     "));
	else if (size < kilo)
		buf_printf(buf, "%5d", (int)size);
	else if (size < 10 * kilo)
		buf_printf(buf, "%4.1fK", (double)size / (double)kilo);
	else if (size < mega)
		buf_printf(buf, "%4dK", (int)((size + kilo / 2) / kilo));
	else if (size < 10 * mega)
		buf_printf(buf, "%4.1fM", (double)size / (double)mega);
	else
		buf_printf(buf, "%4lluM", (unsigned long long)((size + mega / 2) / mega));
}

usec clock_monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (usec)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}
