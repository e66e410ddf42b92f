/* SPDX-License-Identifier: Apache-2.0
 *
 * opt: reading of option words and nearest-name hints.
 */
#include "base/opt.h"

#include <stdlib.h>

enum { WORD_MAX = 48 };

static size_t distance(str a, str b)
{
	size_t row[WORD_MAX + 1];
	if (a.len > WORD_MAX || b.len > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t change = diagonal + (a.at[i - 1] != b.at[j - 1]);
			diagonal = row[j];
			size_t best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			row[j] = change < best ? change : best;
		}
	}
	return row[b.len];
}

const char *opt_nearest(str word, const char *(*next)(void *context), void *context)
{
	const char *best = NULL;
	size_t best_distance = 3;
	for (const char *name; (name = next(context));) {
		size_t d = distance(word, str_from(name));
		if (d < best_distance && d * 2 < word.len) {
			best = name;
			best_distance = d;
		}
	}
	return best;
}

struct table_walk {
	const struct opt *const *tables;
	size_t table_count, table, row;
};

static const struct opt *next_row(struct table_walk *walk)
{
	for (; walk->table < walk->table_count; walk->table++, walk->row = 0) {
		const struct opt *table = walk->tables[walk->table];
		if (table && (table[walk->row].name || table[walk->row].letter))
			return &table[walk->row++];
	}
	return NULL;
}

static const char *next_name(void *context)
{
	for (const struct opt *row; (row = next_row(context));)
		if (row->name)
			return row->name;
	return NULL;
}

static const struct opt *find_long(struct table_walk walk, str name)
{
	for (const struct opt *row; (row = next_row(&walk));)
		if (row->name && str_eq(str_from(row->name), name))
			return row;
	return NULL;
}

static const struct opt *find_letter(struct table_walk walk, char letter)
{
	for (const struct opt *row; (row = next_row(&walk));)
		if (row->letter == letter)
			return row;
	return NULL;
}

static int add_hit(struct opts *opts, const struct opt *row, const char *value, const char *word, struct err *err)
{
	for (size_t i = 0; !row->many && i < opts->hits.count; i++)
		if (opts->hits.at[i].opt == row)
			return err_set(err, ERR_USAGE, "%s is given twice", word);
	*VEC_PUSH(&opts->hits) = (struct opt_hit){ row, value };
	return 0;
}

struct words {
	char *const *argv;
	int argc, at;
};

static int take_value(struct words *words, const char *attached, const char *word, const char **out, struct err *err)
{
	if (attached)
		*out = attached;
	else if (words->at < words->argc)
		*out = words->argv[words->at++];
	else
		return err_set(err, ERR_USAGE, "%s needs a value", word);
	return 0;
}

static int read_long(struct opts *opts, struct words *words, struct table_walk walk, const char *word, struct err *err)
{
	str rest = str_from(word + 2);
	const char *equals = strchr(word + 2, '=');
	str name = str_cut(&rest, '=');
	const struct opt *row = find_long(walk, name);
	if (!row) {
		const char *near = opt_nearest(name, next_name, &walk);
		return err_set(err, ERR_USAGE, "unknown option --%.*s%s%s%s", STR_ARG(name),
			       near ? " (did you mean --" : "", near ? near : "", near ? "?)" : "");
	}
	const char *value = NULL;
	if (!row->value && equals)
		return err_set(err, ERR_USAGE, "--%s takes no value", row->name);
	if (row->value) {
		int rc = take_value(words, equals ? equals + 1 : NULL, word, &value, err);
		if (rc)
			return rc;
	}
	return add_hit(opts, row, value, word, err);
}

static int read_letters(struct opts *opts, struct words *words, struct table_walk walk, const char *word,
			struct err *err)
{
	for (const char *at = word + 1; *at; at++) {
		const struct opt *row = find_letter(walk, *at);
		if (!row)
			return err_set(err, ERR_USAGE, "unknown option -%c in %s", *at, word);
		const char *value = NULL;
		int rc = row->value ? take_value(words, at[1] ? at + 1 : NULL, word, &value, err) : 0;
		if (!rc)
			rc = add_hit(opts, row, value, word, err);
		if (rc || row->value)
			return rc;
	}
	return 0;
}

int opts_parse(struct opts *opts, int argc, char *const *argv, const struct opt *const *tables, size_t table_count,
	       bool stop_at_operand, int *out_used, struct err *err)
{
	struct words words = { argv, argc, 0 };
	struct table_walk walk = { tables, table_count, 0, 0 };
	bool only_operands = false;
	int rc = 0;
	while (!rc && words.at < argc) {
		const char *word = argv[words.at];
		bool is_option = !only_operands && word[0] == '-' && word[1];
		if (!is_option && stop_at_operand)
			break;
		words.at++;
		if (!is_option)
			*VEC_PUSH(&opts->operands) = word;
		else if (strcmp(word, "--") == 0)
			only_operands = true;
		else if (word[1] == '-')
			rc = read_long(opts, &words, walk, word, err);
		else
			rc = read_letters(opts, &words, walk, word, err);
	}
	if (out_used)
		*out_used = words.at;
	return rc;
}

const char *opts_get(const struct opts *opts, const char *name)
{
	for (size_t i = opts->hits.count; i-- > 0;) {
		const struct opt *opt = opts->hits.at[i].opt;
		bool is_name = opt->name && strcmp(opt->name, name) == 0;
		bool is_letter = opt->letter && opt->letter == name[0] && !name[1];
		if (is_name || is_letter)
			return opts->hits.at[i].value ? opts->hits.at[i].value : "";
	}
	return NULL;
}

void opts_done(struct opts *opts)
{
	free(opts->hits.at);
	free(opts->operands.at);
	*opts = (struct opts){ 0 };
}
