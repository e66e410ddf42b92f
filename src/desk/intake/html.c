/* SPDX-License-Identifier: Apache-2.0
 *
 * html: one pass, with a count of how deep inside a hidden element it is.
 */
#include "desk/intake/html.h"

#include "base/buf.h"

struct state {
	struct buf out;
	str hidden_name; /* the element that hides what it holds */
	unsigned hidden; /* how many of that name are open, 0 = visible */
	unsigned pre;	 /* inside <pre>: blanks and line ends count */
	str raw_until;	 /* "script" or "style": nothing is a tag until its end */
};

static void put(struct state *state, char c)
{
	bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
	if (state->hidden)
		return;
	if (!blank || state->pre) {
		buf_char(&state->out, c);
		return;
	}
	char last = state->out.len ? state->out.at[state->out.len - 1] : '\n';
	if (last != ' ' && last != '\n')
		buf_char(&state->out, ' ');
}

static void break_line(struct state *state)
{
	if (!state->hidden && state->out.len && state->out.at[state->out.len - 1] != '\n')
		buf_char(&state->out, '\n');
}

static bool is_one_of(str name, const char *const *names)
{
	for (; *names; names++)
		if (str_eq_nocase(name, str_from(*names)))
			return true;
	return false;
}

static const char *const block_names[] = { "p",	 "div", "br", "tr",    "li",	     "ul", "ol", "h1", "h2", "h3",
					   "h4", "pre", "hr", "table", "blockquote", "td", "dt", "dd", NULL };
static const char *const void_names[] = {
	"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", NULL
};
static const char *const hidden_names[] = { "head", "title", "template", "noscript", "object", "select", NULL };
static const char *const raw_names[] = { "script", "style", "textarea", NULL };
/* What makes an element invisible, as it stands in a tag; blanks are taken out before comparing. */
static const char *const hiding[] = { "display:none", "visibility:hidden", "font-size:0",  "mso-hide:all",
				      "opacity:0;",   "opacity:0\"",	   "max-height:0", NULL };

static bool is_hiding(str tag)
{
	char squeezed[512];
	size_t len = 0;
	for (size_t i = 0; i < tag.len && len < sizeof(squeezed); i++)
		if (tag.at[i] > ' ')
			squeezed[len++] = (char)(tag.at[i] >= 'A' && tag.at[i] <= 'Z' ? tag.at[i] + 32 : tag.at[i]);
	for (const char *const *at = hiding; *at; at++)
		if (str_search((str){ squeezed, len }, str_from(*at)) != STR_NONE)
			return true;
	str rest = tag;
	while (rest.len)
		if (str_eq_nocase(str_word(&rest), STR("hidden")))
			return true;
	return false;
}

static void open_tag(struct state *state, str name, str tag)
{
	bool is_void = is_one_of(name, void_names) || str_ends(tag, STR("/"));
	if (is_one_of(name, raw_names)) {
		state->raw_until = name;
		return;
	}
	if (is_void)
		return;
	if (state->hidden ? str_eq_nocase(name, state->hidden_name) : is_one_of(name, hidden_names) || is_hiding(tag)) {
		state->hidden_name = name;
		state->hidden++;
	}
	if (str_eq_nocase(name, STR("pre")))
		state->pre++;
}

static void close_tag(struct state *state, str name)
{
	if (state->hidden && str_eq_nocase(name, state->hidden_name))
		state->hidden--;
	if (state->pre && str_eq_nocase(name, STR("pre")))
		state->pre--;
}

/* rest stands behind "<"; moves it behind the tag. */
static void read_tag(struct state *state, str *rest)
{
	if (str_skip(rest, STR("!--"))) {
		size_t end = str_search(*rest, STR("-->"));
		*rest = str_from_at(*rest, end == STR_NONE ? rest->len : end + 3);
		return;
	}
	str tag = str_cut(rest, '>');
	bool closing = str_skip(&tag, STR("/"));
	size_t length = 0;
	while (length < tag.len && tag.at[length] > ' ' && tag.at[length] != '/')
		length++;
	str name = str_head(tag, length);
	if (is_one_of(name, block_names))
		break_line(state);
	if (closing)
		close_tag(state, name);
	else
		open_tag(state, name, tag);
}

static void skip_raw(struct state *state, str *rest)
{
	while (rest->len) {
		str_cut(rest, '<');
		str after = *rest;
		if (!str_skip(&after, STR("/")) || !str_starts_nocase(after, state->raw_until))
			continue;
		str_cut(rest, '>');
		break;
	}
	state->raw_until = STR("");
}

static const struct entity {
	const char *name, *text;
} entities[] = {
	{ "lt", "<" },	   { "gt", ">" },   { "amp", "&" },    { "quot", "\"" }, { "apos", "'" },   { "nbsp", " " },
	{ "lsqb", "[" },   { "rsqb", "]" }, { "period", "." }, { "colon", ":" }, { "lpar", "(" },   { "rpar", ")" },
	{ "commat", "@" }, { "sol", "/" },  { "hyphen", "-" }, { "semi", ";" },	 { "equals", "=" }, { "num", "#" },
};

static void put_code_point(struct state *state, uint32_t c)
{
	if (c < 0x80) {
		put(state, (char)c);
	} else if (c < 0x800) {
		put(state, (char)(0xc0 | c >> 6));
		put(state, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		put(state, (char)(0xe0 | c >> 12));
		put(state, (char)(0x80 | (c >> 6 & 0x3f)));
		put(state, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x110000) {
		put(state, (char)(0xf0 | c >> 18));
		put(state, (char)(0x80 | (c >> 12 & 0x3f)));
		put(state, (char)(0x80 | (c >> 6 & 0x3f)));
		put(state, (char)(0x80 | (c & 0x3f)));
	}
}

static bool parse_code_point(str name, uint32_t *out)
{
	uint32_t value = 0;
	if (!str_skip(&name, STR("#")))
		return false;
	bool hex = str_skip(&name, STR("x")) || str_skip(&name, STR("X"));
	if (!name.len || name.len > 7)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		int digit = c >= '0' && c <= '9'			? c - '0'
			    : hex && (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
									: -1;
		if (digit < 0)
			return false;
		value = value * (hex ? 16 : 10) + (uint32_t)digit;
	}
	return *out = value, true;
}

/* rest stands behind "&". What is no known entity stays as it is written. */
static void read_entity(struct state *state, str *rest)
{
	enum { NAME_MAX = 10 };
	size_t end = str_find(str_head(*rest, NAME_MAX), ';');
	str name = end == STR_NONE ? STR("") : str_head(*rest, end);
	uint32_t code;
	const struct entity *entity = entities, *stop = entities + sizeof(entities) / sizeof(*entities);
	while (entity < stop && !str_eq(name, str_from(entity->name)))
		entity++;
	if (entity < stop)
		put(state, *entity->text);
	else if (parse_code_point(name, &code))
		put_code_point(state, code == 0xa0 ? ' ' : code);
	else
		put(state, '&');
	if (entity < stop || parse_code_point(name, &code))
		*rest = str_from_at(*rest, end + 1);
}

str html_text(struct arena *arena, str html)
{
	struct state state = { 0 };
	for (str rest = html; rest.len;) {
		char c = rest.at[0];
		if (state.raw_until.len) {
			skip_raw(&state, &rest);
			continue;
		}
		rest = str_from_at(rest, 1);
		if (c == '<')
			read_tag(&state, &rest);
		else if (c == '&')
			read_entity(&state, &rest);
		else
			put(&state, c);
	}
	str text = arena_copy(arena, buf_str(&state.out));
	buf_done(&state.out);
	return text;
}
