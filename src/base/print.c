/* SPDX-License-Identifier: Apache-2.0
 *
 * print: escaping for terminal, JSON, TSV, HTML and shown shell words.
 */
#include "base/print.h"

size_t utf8_next(str s, uint32_t *out)
{
	const unsigned char *p = (const unsigned char *)s.at;
	if (p[0] < 0x80)
		return *out = p[0], 1;
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || s.len < len)
		return 0;
	uint32_t code = p[0] & (0xff >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return *out = code, len;
}

/* Characters that change how the rest is shown or cannot be seen (Unicode classes Cc, Cf, Zl, Zp and a few fillers). */
static bool is_unsafe(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{ 0x00, 0x1f },       { 0x7f, 0x9f },       { 0xad, 0xad },       { 0x600, 0x605 },
		{ 0x61c, 0x61c },     { 0x6dd, 0x6dd },     { 0x70f, 0x70f },     { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },   { 0x180b, 0x180e },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0x110bd, 0x110bd }, { 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

static void print_escaped(struct buf *buf, uint32_t code)
{
	static const char short_from[] = "\n\r\t", short_to[] = "nrt";
	const char *hit = code ? strchr(short_from, (int)code) : NULL;
	if (code < 0x80 && hit)
		buf_printf(buf, "\\%c", short_to[hit - short_from]);
	else if (code < 0x80)
		buf_printf(buf, "\\x%02x", code);
	else
		buf_printf(buf, "\\u{%x}", code);
}

/* Takes one character off *s and prints it for a terminal. */
static void print_one(struct buf *buf, str *s)
{
	uint32_t code;
	size_t len = utf8_next(*s, &code);
	if (!len) {
		buf_printf(buf, "\\x%02x", (unsigned char)s->at[0]);
		len = 1;
	} else if (is_unsafe(code)) {
		print_escaped(buf, code);
	} else if (code == '\\') {
		buf_add(buf, STR("\\\\"));
	} else {
		buf_add(buf, str_head(*s, len));
	}
	*s = str_from_at(*s, len);
}

void print_text(struct buf *buf, str s)
{
	while (s.len)
		print_one(buf, &s);
}

static size_t columns(str s)
{
	size_t count = 0;
	for (uint32_t code; s.len; count++) {
		size_t len = utf8_next(s, &code);
		s = str_from_at(s, len ? len : 1);
	}
	return count;
}

void print_text_max(struct buf *buf, str s, size_t max)
{
	struct buf whole = BUF_INIT;
	print_text(&whole, str_head(s, max * 4 + 4));
	str text = buf_str(&whole);
	if (columns(text) <= max) {
		buf_add(buf, text);
	} else {
		size_t keep = 0;
		for (size_t i = 0; i + 3 < max; i++) {
			uint32_t code;
			keep += utf8_next(str_from_at(text, keep), &code);
		}
		buf_add(buf, str_head(text, keep));
		buf_add(buf, STR("..."));
	}
	buf_done(&whole);
}

/* How much of the start of s is printed by every JSON writer as it stands. */
static size_t plain_json(str s)
{
	size_t i = 0;
	while (i < s.len && s.at[i] >= ' ' && s.at[i] <= '~' && s.at[i] != '"' && s.at[i] != '\\')
		i++;
	return i;
}

void print_json(struct buf *buf, str s)
{
	buf_char(buf, '"');
	for (;;) {
		size_t plain = plain_json(s);
		buf_add(buf, str_head(s, plain));
		s = str_from_at(s, plain);
		if (!s.len)
			break;
		uint32_t code;
		size_t len = utf8_next(s, &code);
		if (!len) {
			buf_printf(buf, "\\\\x%02x", (unsigned char)s.at[0]);
			len = 1;
		} else if (code == '"' || code == '\\') {
			buf_char(buf, '\\');
			buf_char(buf, (char)code);
		} else if (code == '\n') {
			buf_add(buf, STR("\\n"));
		} else if (is_unsafe(code) && code > 0xffff) {
			buf_printf(buf, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
		} else if (is_unsafe(code)) {
			buf_printf(buf, "\\u%04x", code);
		} else {
			buf_add(buf, str_head(s, len));
		}
		s = str_from_at(s, len);
	}
	buf_char(buf, '"');
}

void print_tsv(struct buf *buf, str s)
{
	if (s.len && strchr("=+-@", s.at[0]) && s.at[0])
		buf_char(buf, '\'');
	print_text(buf, s);
}

void print_html(struct buf *buf, str s)
{
	struct buf safe = BUF_INIT;
	while (s.len) {
		safe.len = 0;
		print_one(&safe, &s);
		str text = buf_str(&safe);
		if (str_eq(text, STR("\\\\")))
			text = STR("\\");
		static const struct {
			char c;
			const char *entity;
		} entities[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" } };
		for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
			if (text.len == 1 && text.at[0] == entities[i].c)
				text = str_from(entities[i].entity);
		buf_add(buf, text);
	}
	buf_done(&safe);
}

static bool is_plain_word(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && !(c && strchr("_-./,:=@%+", c)))
			return false;
	}
	return s.len > 0;
}

static bool is_printable(str s)
{
	while (s.len) {
		uint32_t code;
		size_t len = utf8_next(s, &code);
		if (!len || is_unsafe(code))
			return false;
		s = str_from_at(s, len);
	}
	return true;
}

void print_shell(struct buf *buf, str s)
{
	if (is_plain_word(s)) {
		buf_add(buf, s);
		return;
	}
	bool printable = is_printable(s);
	buf_add(buf, printable ? STR("'") : STR("$'"));
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if (printable && c == '\'')
			buf_add(buf, STR("'\\''"));
		else if (printable)
			buf_char(buf, (char)c);
		else if (c == '\'' || c == '\\')
			buf_printf(buf, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			buf_printf(buf, "\\%03o", c);
		else
			buf_char(buf, (char)c);
	}
	buf_char(buf, '\'');
}
