/* SPDX-License-Identifier: Apache-2.0
 *
 * conf: strict INI, one line at a time.
 */
#include "base/conf.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/opt.h"
#include "base/own.h"

enum { FILE_MAX = 1024 * 1024 };

struct place {
	const char *file;
	unsigned line;
};

void conf_init(struct conf *conf, const struct conf_row *rows)
{
	*conf = (struct conf){ .rows = rows };
}

static bool row_in(const struct conf_row *row, str section)
{
	return str_eq(str_from(row->section), section);
}

struct row_walk {
	const struct conf_row *row;
	str section; /* only keys of this section; empty = names of sections */
};

static const char *next_row_name(void *context)
{
	struct row_walk *walk = context;
	for (; walk->row->section; walk->row++) {
		if (!walk->section.len)
			return (walk->row++)->section;
		if (row_in(walk->row, walk->section))
			return (walk->row++)->key;
	}
	return NULL;
}

static int unknown(const struct conf *conf, struct place place, const char *what, str word, str section,
		   struct err *err)
{
	struct row_walk walk = { conf->rows, section };
	const char *near = opt_nearest(word, next_row_name, &walk);
	return err_set(err, ERR_USAGE, "%s:%u: unknown %s \"%.*s\"%s%s%s", place.file, place.line, what,
		       STR_ARG(str_head(word, 60)), near ? " (did you mean \"" : "", near ? near : "",
		       near ? "\"?)" : "");
}

static const struct conf_row *find_row(const struct conf *conf, str section, str key)
{
	for (const struct conf_row *row = conf->rows; row->section; row++)
		if (row_in(row, section) && (!key.len || str_eq(str_from(row->key), key)))
			return row;
	return NULL;
}

static bool parse_ratio(str s, double *out)
{
	uint64_t whole, part = 0, scale = 1;
	if (!str_cut_u64(&s, 100, &whole))
		return false;
	if (str_skip(&s, STR("."))) {
		size_t digits = s.len;
		if (!str_cut_u64(&s, 999999, &part))
			return false;
		for (digits -= s.len; digits > 0; digits--)
			scale *= 10;
	}
	double value = (double)whole + (double)part / (double)scale;
	if (str_skip(&s, STR("%")))
		value /= 100;
	if (s.len || value > 1.0)
		return false;
	return *out = value, true;
}

static bool is_choice(str value, const char *choices)
{
	for (str rest = str_from(choices); rest.len;)
		if (str_eq(str_cut(&rest, '|'), value))
			return true;
	return false;
}

static bool parse_int(str s, int64_t min, int64_t max, int64_t *out)
{
	uint64_t value;
	bool negative = min < 0 && str_skip(&s, STR("-"));
	if (!str_u64(s, (uint64_t)INT64_MAX, &value))
		return false;
	int64_t number = negative ? -(int64_t)value : (int64_t)value;
	if (number < min || number > max)
		return false;
	return *out = number, true;
}

static bool value_fits(const struct conf_row *row, str value)
{
	int64_t number;
	double ratio;
	usec time;
	struct ip_net net;
	switch (row->type) {
	case CONF_TEXT: return value.len > 0;
	case CONF_INT: return parse_int(value, row->min, row->max, &number);
	case CONF_RATIO: return parse_ratio(value, &ratio);
	case CONF_AGE: return clock_parse_age(value, &time);
	case CONF_BOOL: return is_choice(value, "yes|no");
	case CONF_IP: return ip_net_parse(value, &net);
	case CONF_DATE: return clock_parse(value, USEC_NEVER, &time);
	case CONF_CHOICE: return is_choice(value, row->choices);
	}
	return false;
}

static const char *expected(const struct conf_row *row)
{
	switch (row->type) {
	case CONF_TEXT: return "some text";
	case CONF_INT: return "a whole number within its limits";
	case CONF_RATIO: return "a share such as 0.25 or 25%";
	case CONF_AGE: return "a time span such as 45m, 2h or 3d";
	case CONF_BOOL: return "yes or no";
	case CONF_IP: return "an address or a network such as 192.0.2.0/24 without host bits";
	case CONF_DATE: return "a date such as 2026-11-06 or 2026-11-06T01:09:40Z";
	case CONF_CHOICE: return row->choices;
	}
	return "";
}

static bool same_slot(const struct conf_entry *entry, const struct conf_row *row, str name)
{
	return entry->row == row && str_eq(entry->section_name, name);
}

static int add_entry(struct conf *conf, const struct conf_row *row, str name, str value, struct place place,
		     struct err *err)
{
	for (size_t i = 0; !row->many && i < conf->entries.count; i++) {
		struct conf_entry *entry = &conf->entries.at[i];
		if (!same_slot(entry, row, name))
			continue;
		if (strcmp(entry->file, place.file) == 0)
			return err_set(err, ERR_USAGE, "%s:%u: %s is given twice (first in line %u)", place.file,
				       place.line, row->key, entry->line);
		entry->value = arena_copy(&conf->arena, value);
		entry->file = place.file;
		entry->line = place.line;
		return 0;
	}
	*VEC_PUSH(&conf->entries) = (struct conf_entry){ row, name, arena_copy(&conf->arena, value), place.file,
							 place.line };
	return 0;
}

struct section {
	str kind, name;
};

static int read_section(struct conf *conf, str line, struct place place, struct section *out, struct err *err)
{
	if (!str_ends(line, STR("]")))
		return err_set(err, ERR_USAGE, "%s:%u: a section ends with ]", place.file, place.line);
	str inner = str_trim((str){ line.at + 1, line.len - 2 });
	str name = inner;
	str kind = str_cut(&name, ' ');
	name = str_trim(name);
	const struct conf_row *row = find_row(conf, kind, STR(""));
	if (!row)
		return unknown(conf, place, "section", kind, STR(""), err);
	if (row->named != (name.len > 0))
		return err_set(err, ERR_USAGE, "%s:%u: section [%.*s] %s a name", place.file, place.line, STR_ARG(kind),
			       row->named ? "needs" : "takes no");
	*out = (struct section){ kind, arena_copy(&conf->arena, name) };
	return 0;
}

static int read_setting(struct conf *conf, str line, struct place place, const struct section *section, struct err *err)
{
	str value = line;
	str key = str_trim(str_cut(&value, '='));
	if (key.len == line.len)
		return err_set(err, ERR_USAGE, "%s:%u: expected \"key = value\"", place.file, place.line);
	value = str_trim(value);
	if (!section->kind.len)
		return err_set(err, ERR_USAGE, "%s:%u: setting before the first [section]", place.file, place.line);
	const struct conf_row *row = find_row(conf, section->kind, key);
	if (!row || !key.len)
		return unknown(conf, place, "setting", key, section->kind, err);
	if (!value_fits(row, value))
		return err_set(err, ERR_USAGE, "%s:%u: %s: \"%.*s\" is not %s", place.file, place.line, row->key,
			       STR_ARG(str_head(value, 60)), expected(row));
	return add_entry(conf, row, section->name, value, place, err);
}

int conf_add(struct conf *conf, str text, const char *file, struct err *err)
{
	struct place place = { arena_cstring(&conf->arena, str_from(file)), 0 };
	struct section section = { 0 };
	while (text.len) {
		str line = str_trim(str_cut(&text, '\n'));
		int rc = 0;
		place.line++;
		if (!line.len || line.at[0] == '#' || line.at[0] == ';')
			continue;
		if (memchr(line.at, 0, line.len))
			return err_set(err, ERR_USAGE, "%s:%u: NUL byte", place.file, place.line);
		if (line.at[0] == '[')
			rc = read_section(conf, line, place, &section, err);
		else
			rc = read_setting(conf, line, place, &section, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int load_file(struct conf *conf, const char *path, bool must_exist, struct err *err)
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && !must_exist)
		return 0;
	if (fd < 0) {
		err_errno(err, "%s", path);
		return ERR_USAGE;
	}
	struct buf text = BUF_INIT;
	int rc = buf_read(&text, fd, FILE_MAX, err) ? err_context(err, "%s", path) :
						      conf_add(conf, buf_str(&text), path, err);
	buf_done(&text);
	return rc;
}

static int is_conf_file(const struct dirent *entry)
{
	str name = str_from(entry->d_name);
	return name.at[0] != '.' && str_ends(name, STR(".conf"));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int conf_load(struct conf *conf, const char *path, const char *directory, bool must_exist, struct err *err)
{
	int rc = path ? load_file(conf, path, must_exist, err) : 0;
	if (rc || !directory)
		return rc;
	struct dirent **list;
	int count = scandir(directory, &list, is_conf_file, by_bytes);
	for (int i = 0; i < count; i++) {
		if (!rc)
			rc = load_file(conf,
				       arena_printf(&conf->arena, "%s/%s", directory, list[i]->d_name).at, false, err);
		free(list[i]);
	}
	if (count >= 0)
		free(list);
	return rc;
}

str conf_get(const struct conf *conf, const char *section, str name, const char *key)
{
	const struct conf_row *row = find_row(conf, str_from(section), str_from(key));
	assert(row);
	for (size_t i = 0; i < conf->entries.count; i++)
		if (same_slot(&conf->entries.at[i], row, name))
			return conf->entries.at[i].value;
	return str_from(row->fallback);
}

int64_t conf_int(const struct conf *conf, const char *section, const char *key)
{
	int64_t value = 0;
	parse_int(conf_get(conf, section, STR(""), key), INT64_MIN, INT64_MAX, &value);
	return value;
}

double conf_ratio(const struct conf *conf, const char *section, const char *key)
{
	double value = 0;
	parse_ratio(conf_get(conf, section, STR(""), key), &value);
	return value;
}

usec conf_age(const struct conf *conf, const char *section, const char *key)
{
	usec value = 0;
	clock_parse_age(conf_get(conf, section, STR(""), key), &value);
	return value;
}

bool conf_bool(const struct conf *conf, const char *section, const char *key)
{
	return str_eq(conf_get(conf, section, STR(""), key), STR("yes"));
}

void conf_done(struct conf *conf)
{
	free(conf->entries.at);
	arena_done(&conf->arena);
	*conf = (struct conf){ 0 };
}
