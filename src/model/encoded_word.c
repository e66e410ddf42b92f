/* SPDX-License-Identifier: Apache-2.0
 *
 * encoded_word: "=?" charset "?" B or Q "?" text "?=".
 */
#include "model/encoded_word.h"

/* RFC 2047 allows 75 bytes, programs write more. */
enum { WORD_MAX = 1024 };

enum charset { CHARSET_UTF8, CHARSET_LATIN, CHARSET_OTHER };

struct word {
	enum charset charset;
	bool base64;
	str text;
};

static enum charset charset_of(str name)
{
	static const struct {
		const char *name;
		enum charset charset;
	} known[] = {
		{ "utf-8", CHARSET_UTF8 },       { "utf8", CHARSET_UTF8 },         { "us-ascii", CHARSET_UTF8 },
		{ "iso-8859-1", CHARSET_LATIN }, { "iso-8859-15", CHARSET_LATIN }, { "windows-1252", CHARSET_LATIN },
	};
	name = str_cut(&name, '*'); /* a language may follow (RFC 2231) */
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_eq_nocase(name, str_from(known[i].name)))
			return known[i].charset;
	return CHARSET_OTHER;
}

/* Cuts a whole encoded word off the start of rest. */
static bool cut_word(str *rest, struct word *out)
{
	str probe = str_head(*rest, WORD_MAX);
	if (!str_skip(&probe, STR("=?")))
		return false;
	str charset = str_cut(&probe, '?'), encoding = str_cut(&probe, '?');
	size_t end = str_search(probe, STR("?="));
	bool base64 = str_eq_nocase(encoding, STR("B"));
	enum charset known = charset_of(charset);
	if ((!base64 && !str_eq_nocase(encoding, STR("Q"))) || known == CHARSET_OTHER || end == STR_NONE)
		return false;
	*out = (struct word){ known, base64, str_head(probe, end) };
	*rest = str_from_at(*rest, (size_t)(probe.at + end + 2 - rest->at));
	return true;
}

static void add_raw(struct buf *out, unsigned char byte)
{
	buf_add(out, (str){ (const char *)&byte, 1 });
}

/* In windows-1252 the bytes 80 to 9f are other signs than in ISO 8859-1, where nobody writes them; they are taken as the latter. */
static void add_byte(struct buf *out, enum charset charset, unsigned char byte)
{
	if (charset == CHARSET_LATIN && byte >= 0x80) {
		add_raw(out, (unsigned char)(0xc0 | byte >> 6));
		byte = 0x80 | (byte & 0x3f);
	}
	add_raw(out, byte);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode_quoted(struct buf *out, const struct word *word)
{
	for (size_t i = 0; i < word->text.len; i++) {
		char c = word->text.at[i];
		bool escape = c == '=' && i + 2 < word->text.len && hex_value(word->text.at[i + 1]) >= 0 &&
			      hex_value(word->text.at[i + 2]) >= 0;
		if (escape) {
			add_byte(out, word->charset,
				 (unsigned char)(hex_value(word->text.at[i + 1]) * 16 + hex_value(word->text.at[i + 2])));
			i += 2;
		} else {
			add_byte(out, word->charset, (unsigned char)(c == '_' ? ' ' : c));
		}
	}
}

static int base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? memchr(digits, c, sizeof(digits) - 1) : NULL;
	return at ? (int)(at - digits) : -1;
}

static void decode_base64(struct buf *out, const struct word *word)
{
	uint32_t bits = 0;
	unsigned count = 0;
	for (size_t i = 0; i < word->text.len; i++) {
		int value = base64_value(word->text.at[i]);
		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		add_byte(out, word->charset, (unsigned char)(bits >> count));
	}
}

static str without_blanks(str text)
{
	while (text.len && strchr(" \t\r\n", text.at[0]))
		text = str_from_at(text, 1);
	return text;
}

void encoded_word_decode(struct buf *out, str text)
{
	while (text.len) {
		struct word word, next;
		if (!cut_word(&text, &word)) {
			buf_add(out, str_head(text, 1));
			text = str_from_at(text, 1);
			continue;
		}
		if (word.base64)
			decode_base64(out, &word);
		else
			decode_quoted(out, &word);
		str probe = without_blanks(text), behind = probe;
		if (cut_word(&behind, &next))
			text = probe;
	}
}
