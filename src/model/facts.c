/* SPDX-License-Identifier: Apache-2.0
 *
 * facts: named byte strings and their JSON form.
 */
#include "model/facts.h"

#include <assert.h>

#include "base/print.h"

static struct fact *slot(struct facts *facts, struct arena *arena, const char *key)
{
	for (size_t i = 0; i < facts->count; i++)
		if (str_eq(facts->list[i].key, str_from(key)))
			return &facts->list[i];
	assert(facts->count < FACTS_MAX);
	struct fact *fact = &facts->list[facts->count++];
	fact->key = arena_copy(arena, str_from(key));
	return fact;
}

static void fill(struct fact *fact, struct arena *arena, const str *values, size_t count)
{
	str *copies = arena_alloc(arena, (count ? count : 1) * sizeof(*copies));
	for (size_t i = 0; i < count; i++)
		copies[i] = arena_copy(arena, values[i]);
	fact->values = copies;
	fact->count = count;
}

void facts_set(struct facts *facts, struct arena *arena, const char *key, str value)
{
	struct fact *fact = slot(facts, arena, key);
	fill(fact, arena, &value, 1);
	fact->is_list = false;
}

void facts_set_number(struct facts *facts, struct arena *arena, const char *key, uint64_t value)
{
	facts_set(facts, arena, key, arena_printf(arena, "%llu", (unsigned long long)value));
}

void facts_set_list(struct facts *facts, struct arena *arena, const char *key, const str *values, size_t count)
{
	struct fact *fact = slot(facts, arena, key);
	fill(fact, arena, values, count);
	fact->is_list = true;
}

static const struct fact *find(const struct facts *facts, str key)
{
	for (size_t i = 0; i < facts->count; i++)
		if (str_eq(facts->list[i].key, key))
			return &facts->list[i];
	return NULL;
}

const struct fact *facts_find(const struct facts *facts, const char *key)
{
	return find(facts, str_from(key));
}

str facts_get(const struct facts *facts, const char *key)
{
	const struct fact *fact = facts_find(facts, key);
	return fact && !fact->is_list ? fact->values[0] : STR("");
}

bool facts_number(const struct facts *facts, const char *key, uint64_t max, uint64_t *out)
{
	return str_u64(facts_get(facts, key), max, out);
}

bool fact_same(const struct fact *a, const struct fact *b)
{
	if (!a || !b)
		return a == b;
	if (a->count != b->count || a->is_list != b->is_list)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!str_eq(a->values[i], b->values[i]))
			return false;
	return true;
}

str facts_differ(const struct facts *wanted, const struct facts *got)
{
	for (size_t i = 0; i < wanted->count; i++) {
		if (!fact_same(&wanted->list[i], find(got, wanted->list[i].key)))
			return wanted->list[i].key;
	}
	return STR("");
}

void facts_copy(struct facts *to, struct arena *arena, const struct facts *from)
{
	*to = *from;
	for (size_t i = 0; i < from->count; i++) {
		to->list[i].key = arena_copy(arena, from->list[i].key);
		fill(&to->list[i], arena, from->list[i].values, from->list[i].count);
	}
}

static bool is_plain(str s)
{
	uint32_t code;
	while (s.len) {
		size_t len = utf8_next(s, &code);
		if (!len || !code)
			return false;
		s = str_from_at(s, len);
	}
	return true;
}

static void print_value(struct jsonw *w, str value)
{
	if (is_plain(value)) {
		jsonw_str(w, value);
		return;
	}
	struct buf hex = BUF_INIT;
	for (size_t i = 0; i < value.len; i++)
		buf_printf(&hex, "%02x", (unsigned char)value.at[i]);
	jsonw_open(w, '{');
	jsonw_key(w, "hex");
	jsonw_str(w, buf_str(&hex));
	jsonw_close(w, '}');
	buf_done(&hex);
}

void facts_print(struct jsonw *w, const struct facts *facts)
{
	struct buf key = BUF_INIT;
	jsonw_open(w, '{');
	for (size_t i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->list[i];
		key.len = 0;
		buf_add(&key, fact->key);
		buf_char(&key, 0);
		jsonw_key(w, key.at);
		if (!fact->is_list) {
			print_value(w, fact->values[0]);
			continue;
		}
		jsonw_open(w, '[');
		for (size_t j = 0; j < fact->count; j++)
			print_value(w, fact->values[j]);
		jsonw_close(w, ']');
	}
	jsonw_close(w, '}');
	buf_done(&key);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_hex(str *out, struct arena *arena, str hex, struct err *err)
{
	char *bytes = arena_alloc(arena, hex.len / 2 + 1);
	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		int high = hex_digit(hex.at[i]), low = hex_digit(hex.at[i + 1]);
		if (high < 0 || low < 0)
			return err_set(err, ERR_INPUT, "not hexadecimal");
		bytes[i / 2] = (char)(high << 4 | low);
	}
	*out = (str){ bytes, hex.len / 2 };
	return hex.len % 2 ? err_set(err, ERR_INPUT, "odd number of hexadecimal digits") : 0;
}

static int parse_value(str *out, struct arena *arena, const json_t *value, struct err *err)
{
	const json_t *hex = json_is_object(value) ? json_object_get(value, "hex") : NULL;
	const json_t *text = hex ? hex : value;
	if (!json_is_string(text))
		return err_set(err, ERR_INPUT, "neither a string nor bytes in hexadecimal");
	str s = { json_string_value(text), json_string_length(text) };
	if (hex)
		return parse_hex(out, arena, s, err);
	*out = arena_copy(arena, s);
	return 0;
}

static int parse_fact(struct facts *out, struct arena *arena, const char *key, const json_t *value, struct err *err)
{
	bool is_list = json_is_array(value);
	size_t count = is_list ? json_array_size(value) : 1;
	str *values = arena_alloc(arena, (count ? count : 1) * sizeof(*values));
	for (size_t i = 0; i < count; i++) {
		int rc = parse_value(&values[i], arena, is_list ? json_array_get(value, i) : value, err);
		if (rc)
			return err_context(err, "%s", key);
	}
	out->list[out->count++] = (struct fact){ arena_copy(arena, str_from(key)), values, count, is_list };
	return 0;
}

int facts_parse(struct facts *out, struct arena *arena, const json_t *object, struct err *err)
{
	const char *key;
	json_t *value;
	*out = (struct facts){ 0 };
	if (!json_is_object(object) || json_object_size(object) > FACTS_MAX)
		return err_set(err, ERR_INPUT, "facts: not an object of at most %d members", FACTS_MAX);
	json_object_foreach((json_t *)object, key, value) {
		int rc = parse_fact(out, arena, key, value, err);
		if (rc)
			return err_context(err, "facts");
	}
	return 0;
}

int facts_members(const struct member *members, struct arena *arena, const json_t *object, struct err *err)
{
	for (const struct member *member = members; member->key; member++) {
		const json_t *value = json_object_get(object, member->key);
		*member->to = STR("");
		if (value && !json_is_null(value) && parse_value(member->to, arena, value, err))
			return err_context(err, "%s", member->key);
	}
	return 0;
}

int facts_member_time(usec *out, const json_t *object, const char *key, struct err *err)
{
	const json_t *value = json_object_get(object, key);
	*out = USEC_NEVER;
	if (!value || json_is_null(value))
		return 0;
	str text = { json_string_value(value), json_string_length(value) };
	if (!json_is_string(value) || !clock_parse(text, 0, out))
		return err_set(err, ERR_INPUT, "%s: not a time", key);
	return 0;
}
