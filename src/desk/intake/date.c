/* SPDX-License-Identifier: Apache-2.0
 *
 * date: words are told apart by their form, so one reader serves both orders.
 */
#include "desk/intake/date.h"

#include <stdio.h>

enum { WORDS_MAX = 14 };

/* RFC 822 section 5.1 and names that mail programs write; minutes east of UTC. */
static const struct zone_name {
	const char *name;
	int minutes;
} zone_names[] = {
	{ "UTC", 0 },	 { "GMT", 0 },	  { "UT", 0 },	   { "Z", 0 },	    { "WET", 0 },    { "BST", 60 },
	{ "CET", 60 },	 { "WEST", 60 },  { "MET", 60 },   { "CEST", 120 }, { "EET", 120 },  { "EEST", 180 },
	{ "MSK", 180 },	 { "IST", 330 },  { "SGT", 480 },  { "HKT", 480 },  { "JST", 540 },  { "KST", 540 },
	{ "AEST", 600 }, { "NZST", 720 }, { "AST", -240 }, { "EDT", -240 }, { "EST", -300 }, { "CDT", -300 },
	{ "CST", -360 }, { "MDT", -360 }, { "MST", -420 }, { "PDT", -420 }, { "PST", -480 }, { "BRT", -180 },
};

struct parts {
	struct civil civil;
	int zone_minutes;
	bool has_day, has_year, has_time, has_zone;
};

static bool take_number(str word, uint64_t max, int *out)
{
	uint64_t value;
	if (!str_u64(word, max, &value))
		return false;
	*out = (int)value;
	return true;
}

static bool take_time(struct parts *parts, str word)
{
	struct civil *c = &parts->civil;
	str minute = word;
	str hour = str_cut(&minute, ':');
	if (parts->has_time || hour.len == word.len)
		return false;
	str second = minute;
	minute = str_cut(&second, ':');
	second = str_cut(&second, '.');
	c->second = 0;
	if (!take_number(hour, 23, &c->hour) || !take_number(minute, 59, &c->minute) ||
	    (second.len && !take_number(second, 60, &c->second)))
		return false;
	return parts->has_time = true;
}

/* The first letters of month names in other languages than English, where they differ from it and from each other. */
static const struct month_name {
	const char *start;
	int month;
} month_names[] = {
	{ "ene", 1 },  { "gen", 1 },  { "fév", 2 },  { "fev", 2 },  { "mär", 3 },  { "mrt", 3 },  { "maa", 3 },
	{ "avr", 4 },  { "abr", 4 },  { "mai", 5 },  { "mag", 5 },  { "mei", 5 },  { "maj", 5 },  { "juin", 6 },
	{ "giu", 6 },  { "juil", 7 }, { "lug", 7 },  { "août", 8 }, { "ago", 8 },  { "set", 9 },  { "okt", 10 },
	{ "out", 10 }, { "ott", 10 }, { "dez", 12 }, { "déc", 12 }, { "dic", 12 }, { "янв", 1 },  { "фев", 2 },
	{ "мар", 3 },  { "апр", 4 },  { "мая", 5 },  { "июн", 6 },  { "июл", 7 },  { "авг", 8 },  { "сен", 9 },
	{ "окт", 10 }, { "ноя", 11 }, { "дек", 12 }, { "sty", 1 },  { "lut", 2 },  { "kwi", 4 },  { "cze", 6 },
	{ "sie", 8 },  { "wrz", 9 },  { "paź", 10 }, { "gru", 12 }, { "oca", 1 },  { "şub", 2 },  { "nis", 4 },
	{ "haz", 6 },  { "tem", 7 },  { "ağu", 8 },  { "eyl", 9 },  { "eki", 10 }, { "kas", 11 }, { "ara", 12 },
};

static int month_of(str word)
{
	char start[3] = { 0 };
	for (size_t i = 0; i < 3 && i < word.len; i++) /* "OCT", "octobre" */
		start[i] = (char)(i ? word.at[i] | 32 : word.at[i] & ~32);
	int month = word.len >= 3 ? clock_month((str){ start, 3 }) : 0;
	for (size_t i = 0; i < sizeof(month_names) / sizeof(*month_names) && !month; i++)
		if (str_starts_nocase(word, str_from(month_names[i].start)))
			month = month_names[i].month;
	return month;
}

static bool take_month(struct parts *parts, str word)
{
	int month = month_of(word);
	if (!month || parts->civil.month)
		return false;
	parts->civil.month = month;
	return true;
}

/* Two digits: 00-49 are 2000-2049, else 19xx (RFC 5322 section 4.3). */
static bool take_day_or_year(struct parts *parts, str word)
{
	int number;
	if (str_ends(word, STR("."))) /* "19. September" */
		word.len--;
	if (!take_number(word, 9999, &number))
		return false;
	if (!parts->has_day && word.len <= 2 && number >= 1 && number <= 31) {
		parts->civil.day = number;
		return parts->has_day = true;
	}
	if (parts->has_year || (word.len != 4 && word.len != 2))
		return false;
	parts->civil.year = word.len == 4 ? number : number + (number < 50 ? 2000 : 1900);
	return parts->has_year = true;
}

/* "+0200", "-0500", "+02:00", and behind UTC or GMT also "+2", "+5:30" */
static bool take_offset(struct parts *parts, str word, bool named)
{
	uint64_t hours = 0, minutes = 0;
	bool west = word.len && word.at[0] == '-';
	if (!str_skip(&word, STR("-")) && !str_skip(&word, STR("+")))
		return false;
	if (word.len == 4 && str_u64(word, 9999, &minutes)) {
		hours = minutes / 100;
		minutes %= 100;
	} else if ((!named && (word.len != 5 || word.at[2] != ':')) || !str_cut_u64(&word, 14, &hours) ||
		   (str_skip(&word, STR(":")) && !str_u64(word, 59, &minutes))) {
		return false;
	}
	parts->zone_minutes = (int)(hours * 60 + minutes) * (west ? -1 : 1);
	return parts->has_zone = true;
}

static bool take_zone(struct parts *parts, str word)
{
	if (parts->has_zone || !parts->has_time || !word.len)
		return false;
	if (str_starts(word, STR("UTC")) || str_starts(word, STR("GMT"))) {
		if (take_offset(parts, str_from_at(word, 3), true))
			return true;
	}
	if (take_offset(parts, word, false))
		return true;
	for (size_t i = 0; i < sizeof(zone_names) / sizeof(*zone_names); i++)
		if (str_eq_nocase(word, str_from(zone_names[i].name))) {
			parts->zone_minutes = zone_names[i].minutes;
			return parts->has_zone = true;
		}
	return false;
}

/* "11:04:10 PM"; "at" between day and time, as mail programs write in some languages. */
static bool take_filler(struct parts *parts, str word)
{
	int *hour = &parts->civil.hour;
	bool pm = str_eq_nocase(word, STR("PM"));
	if (parts->has_time && (pm || str_eq_nocase(word, STR("AM")))) {
		if (*hour <= 12)
			*hour = *hour % 12 + (pm ? 12 : 0);
		return true;
	}
	static const char *const words[] = { "at", "à",	 "um",	"a",   "las", "alle", "om",
					     "às", "de", "kl.", "klo", "в",   "г." };
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq_nocase(word, str_from(words[i])))
			return true;
	return false;
}

static bool is_complete(const struct parts *parts)
{
	return parts->has_day && parts->civil.month && parts->has_year && parts->has_time;
}

static str next_word(str *rest)
{
	while (rest->len && strchr(" \t,;*", rest->at[0]))
		*rest = str_from_at(*rest, 1);
	size_t at = 0;
	while (at < rest->len && !strchr(" \t,;*()<>\"", rest->at[at]))
		at++;
	str word = str_head(*rest, at);
	*rest = str_from_at(*rest, at);
	return word;
}

/* "17-Aug-2026" is three words to the readers above. */
static bool take_word(struct parts *parts, str word)
{
	if (take_time(parts, word) || take_month(parts, word) || take_day_or_year(parts, word) ||
	    take_zone(parts, word) || take_filler(parts, word))
		return true;
	str rest = word;
	str day = str_cut(&rest, '-');
	return day.len < word.len && take_day_or_year(parts, day) && take_month(parts, str_cut(&rest, '-')) &&
	       take_day_or_year(parts, rest);
}

static bool parse_words(str s, struct parts *parts)
{
	for (int i = 0; i < WORDS_MAX && s.len; i++) {
		str word = next_word(&s);
		if (!word.len)
			break;
		bool is_weekday = i == 0 && word.len >= 2 && (unsigned char)word.at[0] > '9';
		if (!take_word(parts, word) && !is_weekday)
			break;
	}
	return is_complete(parts);
}

/* "2026-11-06T01:09:40Z", "2026-11-06 01:09:40 +0100", "2026-04-17T17:02:02-0400" */
static bool parse_iso(str s, usec *out, bool *out_has_zone)
{
	char text[40];
	str rest = s;
	str date = next_word(&rest), clock = { 0 }, zone = { 0 };
	if (date.len == 10) {
		clock = next_word(&rest);
		zone = next_word(&rest);
	}
	bool joined = clock.len && zone.len && (zone.at[0] == '+' || zone.at[0] == '-' || str_eq(zone, STR("Z")));
	bool utc_named = str_eq(zone, STR("UTC")) || str_eq(zone, STR("GMT"));
	int len = snprintf(text, sizeof(text), "%.*s%s%.*s%.*s", STR_ARG(date), clock.len ? "T" : "", STR_ARG(clock),
			   joined ? (int)zone.len : 0, zone.at);
	str iso = { text, len > 0 && (size_t)len < sizeof(text) ? (size_t)len : 0 };
	if (iso.len < 16 || iso.at[4] != '-' || !clock_parse(iso, USEC_NEVER, out))
		return false;
	str time_part = str_from_at(iso, 16);
	*out_has_zone = utc_named || str_find(time_part, '+') != STR_NONE || str_find(time_part, '-') != STR_NONE ||
			str_ends(iso, STR("Z"));
	*out -= *out % USEC_PER_SEC;
	return true;
}

/* Seconds since 1970, as some programs write; ten digits, so that no year or day is taken for them. */
static bool parse_epoch(str s, usec *out)
{
	uint64_t seconds;
	if (s.len != 10 || !str_u64(s, 9999999999, &seconds))
		return false;
	*out = (usec)seconds * USEC_PER_SEC;
	return true;
}

bool date_parse(str s, usec *out, bool *out_has_zone)
{
	struct parts parts = { 0 };
	bool has_zone;
	usec at;
	if (parse_iso(s, &at, &has_zone)) {
		*out = at;
	} else if (parse_epoch(str_trim(s), &at)) {
		*out = at;
		has_zone = true;
	} else if (parse_words(s, &parts) && clock_from_civil(&parts.civil, &at)) {
		*out = at - (usec)parts.zone_minutes * 60 * USEC_PER_SEC;
		has_zone = parts.has_zone;
	} else {
		return false;
	}
	if (out_has_zone)
		*out_has_zone = has_zone;
	return true;
}
