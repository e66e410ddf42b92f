/* SPDX-License-Identifier: Apache-2.0
 *
 * header: one pass over the lines, one growing value per field.
 */
#include "desk/intake/header.h"

enum { NAME_MAX_BYTES = 100 };

/* Narrower than RFC 5322 allows and as wide as fields are named in fact, so that JSON, URLs and prose are no fields. */
static bool is_name_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '_' || c == '.';
}

size_t header_name_length(str line)
{
	size_t at = 0;
	while (at < line.len && at < NAME_MAX_BYTES && is_name_char(line.at[at]))
		at++;
	size_t name = at;
	while (at < line.len && (line.at[at] == ' ' || line.at[at] == '\t'))
		at++;
	return name && at < line.len && line.at[at] == ':' ? name : 0;
}

str header_line(str *rest)
{
	str line = str_cut(rest, '\n');
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool is_mbox_line(str line)
{
	str_skip(&line, STR(">"));
	return str_starts(line, STR("From "));
}

/* The lines of one field; joined when it ends. */
struct field {
	str name;
	size_t from, to; /* its extent in the text, behind the colon */
	bool folded;
};

/* Line ends and the blanks around them become one blank. */
static str unfold(struct arena *arena, str raw)
{
	char *at = arena_alloc(arena, raw.len + 1);
	size_t len = 0;
	for (str rest = raw; rest.len;) {
		str line = str_trim(header_line(&rest));
		if (len && line.len)
			at[len++] = ' ';
		memcpy(at + len, line.at, line.len);
		len += line.len;
	}
	return (str){ at, len };
}

static void end_field(struct arena *arena, str text, struct headers *out, size_t *cap, struct field *field)
{
	if (!field->name.len)
		return;
	if (out->count == HEADERS_MAX) {
		out->cut = true;
		return;
	}
	if (out->count == *cap) {
		*cap = *cap ? *cap * 2 : 32;
		struct header *wider = arena_alloc(arena, *cap * sizeof(*wider));
		if (out->count)
			memcpy(wider, out->at, out->count * sizeof(*wider));
		out->at = wider;
	}
	str raw = { text.at + field->from, field->to - field->from };
	out->at[out->count++] = (struct header){ field->name, field->folded ? unfold(arena, raw) : str_trim(raw) };
	field->name = STR("");
}

static void begin_field(str text, str line, size_t name_length, struct field *field)
{
	str value = line;
	str_cut(&value, ':');
	*field = (struct field){ .name = str_head(line, name_length) };
	field->from = (size_t)(value.at - text.at);
	field->to = field->from + value.len;
}

/* Does the line continue the field, by its indentation or because it is a Received field that lost it? */
static bool continues(const struct field *field, str line)
{
	return field->name.len &&
	       (line.at[0] == ' ' || line.at[0] == '\t' || str_eq_nocase(field->name, STR("Received")));
}

void headers_parse(struct arena *arena, str text, struct headers *out)
{
	struct field field = { 0 };
	size_t cap = 0;
	str rest = text;
	*out = (struct headers){ 0 };
	for (bool started = false; rest.len && !out->cut;) {
		str line = header_line(&rest);
		bool blank = !str_trim(line).len;
		if (!started && (blank || is_mbox_line(line)))
			continue;
		if (blank)
			break;
		started = true;
		size_t name_length = line.at[0] == ' ' || line.at[0] == '\t' ? 0 : header_name_length(line);
		if (name_length) {
			end_field(arena, text, out, &cap, &field);
			begin_field(text, line, name_length, &field);
		} else if (continues(&field, line)) {
			field.to = (size_t)(line.at + line.len - text.at);
			field.folded = true;
		}
	}
	end_field(arena, text, out, &cap, &field);
	out->end = text.len - rest.len;
}

bool headers_find(struct arena *arena, str text, bool (*fits)(const struct headers *), struct headers *out)
{
	for (int runs = 0; text.len && runs < HEADER_RUNS_MAX;) {
		str rest = text;
		if (!header_name_length(header_line(&rest))) {
			text = rest;
			continue;
		}
		headers_parse(arena, text, out);
		if (fits(out))
			return true;
		text = str_from_at(text, out->end);
		runs++;
	}
	return false;
}

str headers_get(const struct headers *headers, const char *name)
{
	for (size_t i = 0; i < headers->count; i++)
		if (str_eq_nocase(headers->at[i].name, str_from(name)))
			return headers->at[i].value;
	return STR("");
}

bool headers_has(const struct headers *headers, const char *name)
{
	for (size_t i = 0; i < headers->count; i++)
		if (str_eq_nocase(headers->at[i].name, str_from(name)))
			return true;
	return false;
}
