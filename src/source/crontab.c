/* SPDX-License-Identifier: Apache-2.0
 *
 * crontab: fields are lists of values and ranges with steps.
 */
#include "source/crontab.h"

struct field {
	unsigned low, high;
	const char *names; /* three letters each, from low on; "" = numbers only */
};

static const struct field fields[] = {
	{ 0, 59, "" }, { 0, 23, "" }, { 1, 31, "" }, { 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" }, { 0, 7, "sunmontuewedthufrisat" },
};

static const struct {
	const char *name, *line;
} nicknames[] = {
	{ "@hourly", "0 * * * *" }, { "@daily", "0 0 * * *" },  { "@midnight", "0 0 * * *" },
	{ "@weekly", "0 0 * * 0" }, { "@monthly", "0 0 1 * *" }, { "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" },
	{ "@reboot", "" }, /* in no minute */
};

static bool parse_value(const struct field *field, str text, unsigned *out)
{
	uint64_t number;
	str names = str_from(field->names);
	for (unsigned i = 0; text.len == 3 && (i + 1) * 3 <= names.len; i++)
		if (str_eq_nocase(str_head(str_from_at(names, (size_t)i * 3), 3), text)) {
			*out = field->low + i;
			return true;
		}
	if (!str_u64(text, field->high, &number) || number < field->low)
		return false;
	*out = (unsigned)number;
	return true;
}

/* "*", "5", "1-5", each with "/2". */
static bool parse_range(const struct field *field, str text, uint64_t *bits)
{
	str step_text = text;
	str range = str_cut(&step_text, '/');
	uint64_t step = 1;
	unsigned from = field->low, to = field->high;
	if (range.len < text.len && (!str_u64(step_text, field->high, &step) || !step))
		return false;
	if (!str_eq(range, STR("*"))) {
		str last = range;
		str first = str_cut(&last, '-');
		bool is_range = first.len < range.len;
		if (!parse_value(field, first, &from))
			return false;
		to = range.len < text.len ? field->high : from;
		if (is_range && (!parse_value(field, last, &to) || to < from))
			return false;
	}
	for (uint64_t value = from; value <= to; value += step)
		*bits |= 1ull << value;
	return true;
}

static bool parse_field(const struct field *field, str text, uint64_t *out)
{
	*out = 0;
	if (!text.len)
		return false;
	while (text.len)
		if (!parse_range(field, str_cut(&text, ','), out))
			return false;
	return true;
}

static bool parse_times(str *rest, struct schedule *out)
{
	uint64_t *const bits[] = { &out->minutes, &out->hours, &out->days, &out->months, &out->weekdays };
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		str word = str_word(rest);
		if (!parse_field(&fields[i], word, bits[i]))
			return false;
		out->every_day |= i == 2 && word.at[0] == '*';
		out->every_weekday |= i == 4 && word.at[0] == '*';
	}
	out->weekdays |= out->weekdays >> 7 & 1; /* 7 is Sunday as well */
	return true;
}

/* What follows an unescaped '%' is the command's input. */
static str cut_input(str command)
{
	for (size_t i = 0; i < command.len; i++)
		if (command.at[i] == '%' && (!i || command.at[i - 1] != '\\'))
			return str_head(command, i);
	return command;
}

static bool is_name_start(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '"' || c == '\'';
}

/* NAME=value, NAME = value */
static bool is_setting(str line)
{
	str rest = line;
	if (!is_name_start(line.at[0]))
		return false;
	str word = str_word(&rest);
	return str_find(word, '=') != STR_NONE || str_starts(str_trim(rest), STR("="));
}

/* The five fields that a nickname stands for; "" for @reboot, which has no minute. */
static bool expand_nickname(str *rest, str *times)
{
	str probe = *rest;
	str word = str_word(&probe);
	for (size_t i = 0; i < sizeof(nicknames) / sizeof(*nicknames); i++)
		if (str_eq(word, str_from(nicknames[i].name))) {
			*times = str_from(nicknames[i].line);
			*rest = probe;
			return true;
		}
	return false;
}

enum read_result crontab_parse(str line, struct crontab_entry *out)
{
	struct crontab_entry entry = { 0 };
	str rest = str_trim(line), times;
	if (!rest.len || rest.at[0] == '#' || is_setting(rest)) {
		*out = entry;
		return READ_EVENT;
	}
	bool named = expand_nickname(&rest, &times);
	bool timed = named ? !times.len || parse_times(&times, &entry.schedule) : parse_times(&rest, &entry.schedule);
	str command = str_trim(rest);
	if (!timed || !command.len)
		return READ_UNPARSED;
	if (entry.schedule.minutes)
		entry.command = cut_input(command);
	*out = entry;
	return READ_EVENT;
}
