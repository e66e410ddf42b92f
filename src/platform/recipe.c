/* SPDX-License-Identifier: Apache-2.0
 *
 * recipe: values checked and put into a row's templates.
 */
#include "platform/recipe.h"

#include <stdlib.h>

#include "base/ip.h"

enum { WORDS_MAX = 40, USER_LEN_MAX = 32, DOMAIN_LEN_MAX = 253, LABEL_LEN_MAX = 63, TEXT_LEN_MAX = 200, PATH_LEN_MAX = 4096 };

static bool is_of(str s, const char *letters)
{
	for (size_t i = 0; i < s.len; i++)
		if (!s.at[i] || !strchr(letters, s.at[i]))
			return false;
	return s.len > 0;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool is_user(str s)
{
	return s.len <= USER_LEN_MAX && is_of(str_head(s, 1), LOWER "_") && is_of(s, LOWER DIGITS "_-");
}

static bool is_domain(str s)
{
	if (s.len > DOMAIN_LEN_MAX || !s.len)
		return false;
	while (s.len) {
		bool last = str_find(s, '.') == STR_NONE;
		str label = str_cut(&s, '.');
		if (label.len > LABEL_LEN_MAX || !is_of(label, LOWER DIGITS "-") || label.at[0] == '-' ||
		    label.at[label.len - 1] == '-' || (!last && !s.len))
			return false;
	}
	return true;
}

/* What a login name may hold without being a path, an option, a wildcard of doveadm or a second field of a passwd-file. */
static bool is_local_part(str s)
{
	return is_of(s, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "!#$&'+=^_`{|}~.-") && s.len <= 64 && s.at[0] != '-' &&
	       s.at[0] != '.' && str_search(s, STR("..")) == STR_NONE;
}

static bool is_login(str s)
{
	str domain = s;
	str local = str_cut(&domain, '@');
	return is_local_part(local) && (local.len == s.len || is_domain(domain));
}

static bool is_address(str s)
{
	struct ip_net net;
	return ip_net_parse(s, &net);
}

static bool is_path(str s)
{
	return s.len && s.len < PATH_LEN_MAX && s.at[0] == '/' && !memchr(s.at, 0, s.len) && str_find(s, '\n') == STR_NONE;
}

static bool is_number(str s)
{
	uint64_t value;
	return str_u64(s, UINT32_MAX, &value);
}

/* A reason or comment: one line that no tool takes for anything else. */
static bool is_text(str s)
{
	return s.len <= TEXT_LEN_MAX && is_of(s, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS " -.") && s.at[0] != '-';
}

static const struct {
	const char *name;
	bool (*is_valid)(str);
} patterns[] = {
	{ "user", is_user },	   { "hostname", is_domain }, { "domain", is_domain },   { "local", is_local_part }, { "mailbox", is_login },
	{ "login", is_login },	   { "address", is_address }, { "host", is_address },	  { "file", is_path },
	{ "key", is_login },	   { "seconds", is_number },  { "note", is_text },	  { "script", is_path },
};

static int find_value(const struct recipe_value *values, str name, str *out, struct err *err)
{
	for (; values->name; values++)
		if (str_eq(name, str_from(values->name)))
			break;
	if (!values->name || !values->value.len)
		return err_set(err, ERR_REFUSED, "the %.*s is not known", STR_ARG(name));
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (!str_eq(name, str_from(patterns[i].name)))
			continue;
		*out = values->value;
		return patterns[i].is_valid(values->value) ?
			       0 :
			       err_set(err, ERR_REFUSED, "\"%.*s\" is not taken as a %.*s", STR_ARG(values->value), STR_ARG(name));
	}
	return err_set(err, ERR_REFUSED, "no pattern for %.*s", STR_ARG(name));
}

/* Names in braces that act fills in itself, since no plan may hold their value. */
static bool is_secret(str name)
{
	return str_eq(name, STR("password")) || str_eq(name, STR("password_file")) || str_eq(name, STR("api"));
}

static int fill(struct arena *arena, str template, const struct recipe_value *values, str *out, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = 0;
	while (!rc && template.len) {
		str value = STR("");
		if (str_skip(&template, STR("{{")) || str_skip(&template, STR("}}"))) {
			buf_char(&text, template.at[-1]);
			continue;
		}
		if (!str_skip(&template, STR("{"))) {
			buf_char(&text, template.at[0]);
			template = str_from_at(template, 1);
			continue;
		}
		str name = str_cut(&template, '}');
		if (is_secret(name))
			value = arena_printf(arena, "{%.*s}", STR_ARG(name));
		else
			rc = find_value(values, name, &value, err);
		buf_add(&text, value);
	}
	*out = arena_copy(arena, buf_str(&text));
	buf_done(&text);
	return rc;
}

static str command_word(str *line)
{
	*line = str_trim(*line);
	return str_skip(line, STR("'")) ? str_cut(line, '\'') : str_word(line);
}

static int add_command(struct plan *plan, struct step *step, const char *key, str line, const struct recipe_value *values,
		       struct err *err)
{
	str words[WORDS_MAX];
	size_t count = 0;
	for (str word; (word = command_word(&line)).len;) {
		if (count == WORDS_MAX)
			return err_set(err, ERR_INPUT, "more than %d words", WORDS_MAX);
		int rc = fill(&plan->arena, word, values, &words[count++], err);
		if (rc)
			return rc;
	}
	facts_set_list(&step->facts, &plan->arena, key, words, count);
	return 0;
}

static bool is_command(const char *key)
{
	static const char *const keys[] = { "do", "undo", "read", "then", "check", "keep", "never", "api", "api_end" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static int add_facts(struct plan *plan, struct step *step, const struct recipe *recipe, const struct recipe_value *values,
		     struct err *err)
{
	for (size_t i = 0; i < RECIPE_FACTS_MAX && recipe->facts[i].key; i++) {
		const char *key = recipe->facts[i].key;
		str template = str_from(recipe->facts[i].value), value;
		int rc = is_command(key) ? add_command(plan, step, key, template, values, err) :
					   fill(&plan->arena, template, values, &value, err);
		if (rc)
			return rc;
		if (!is_command(key))
			facts_set(&step->facts, &plan->arena, key, value);
	}
	return 0;
}

static int add_shell(struct plan *plan, const struct step *step, const char *template, const char *key,
		     const struct recipe_value *values, str *out, struct err *err)
{
	const struct fact *words = facts_find(&step->facts, key);
	if (template)
		return fill(&plan->arena, str_from(template), values, out, err);
	*out = words ? plan_shell(&plan->arena, words->values, words->count) : STR("");
	return 0;
}

const struct recipe *recipe_find(const struct recipe *table, const char *verb)
{
	for (; table && table->verb; table++)
		if (strcmp(table->verb, verb) == 0)
			return table;
	return NULL;
}

int recipe_add(struct plan *plan, const struct recipe *recipe, const struct recipe_value *values, str account,
	       struct step **out, struct err *err)
{
	str target;
	int rc = fill(&plan->arena, str_from(recipe->target), values, &target, err);
	if (rc)
		return rc;
	struct step *step = plan_add(plan, recipe->op, target, account);
	step->reversible = recipe->reversible;
	step->why = str_from(recipe->why);
	rc = add_facts(plan, step, recipe, values, err);
	if (!rc)
		rc = add_shell(plan, step, recipe->shell, "do", values, &step->shell, err);
	if (!rc)
		rc = add_shell(plan, step, recipe->undo, "undo", values, &step->undo, err);
	if (rc) {
		plan->steps.count--;
		return rc;
	}
	*out = step;
	return 0;
}
