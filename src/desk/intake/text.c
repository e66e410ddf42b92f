/* SPDX-License-Identifier: Apache-2.0
 *
 * text: linear scans.
 */
#include "desk/intake/text.h"

#include "base/buf.h"

enum { LIST_MAX = 10 };

static bool ends_address(char c)
{
	return c <= ' ' || strchr("<>()[],;:\"'`|", c) != NULL;
}

str text_address(str value)
{
	for (str rest = value; rest.len;) {
		size_t at = str_find(rest, '@');
		if (at == STR_NONE)
			break;
		size_t from = at, to = at + 1;
		while (from > 0 && !ends_address(rest.at[from - 1]))
			from--;
		while (to < rest.len && !ends_address(rest.at[to]) && rest.at[to] != '@')
			to++;
		while (to > at + 1 && rest.at[to - 1] == '.')
			to--;
		if (from < at && to > at + 1)
			return (str){ rest.at + from, to - from };
		rest = str_from_at(rest, at + 1);
	}
	return STR("");
}

/* Is the address among those listed already? */
static bool is_listed(str list, str address)
{
	while (list.len)
		if (str_eq_nocase(str_cut(&list, ','), address))
			return true;
	return false;
}

str text_addresses(struct arena *arena, str value)
{
	struct buf list = BUF_INIT;
	int count = 0;
	for (str rest = value, address = text_address(rest); address.len && count < LIST_MAX;
	     address = text_address(rest)) {
		rest = str_from_at(rest, (size_t)(address.at + address.len - rest.at));
		if (is_listed(buf_str(&list), address))
			continue;
		buf_add(&list, count++ ? STR(",") : STR(""));
		buf_add(&list, address);
	}
	str joined = arena_copy(arena, buf_str(&list));
	buf_done(&list);
	return joined;
}

/* Names under which country registries sell third-level domains (known from the registries' own pages). */
static bool is_registry_label(str label)
{
	static const char *const names[] = { "co", "com", "net", "org", "edu", "gov", "gob", "ac",
					     "ad", "ed",  "go",	 "gr",	"lg",  "ne",  "or",  "id",
					     "in", "nom", "web", "mil", "sch", "ltd", "plc", "me" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq_nocase(label, str_from(names[i])))
			return true;
	return false;
}

str text_organisation(str host)
{
	struct ip literal;
	if (str_ends(host, STR(".")))
		host.len--;
	size_t last = str_rfind(host, '.');
	if (last == STR_NONE || last == 0 || host.at[0] == '[' || ip_parse(host, &literal))
		return STR("");
	size_t second = str_rfind(str_head(host, last), '.');
	if (second == STR_NONE)
		return host;
	str label = { host.at + second + 1, last - second - 1 };
	if (host.len - last - 1 == 2 && is_registry_label(label)) {
		size_t third = str_rfind(str_head(host, second), '.');
		return third == STR_NONE ? host : str_from_at(host, third + 1);
	}
	return str_from_at(host, second + 1);
}

/* Providers whose own mail hosts bear names below several domains, each between bars (seen in their Received lines). */
static const char *const houses[] = {
	"|outlook.com|office365.com|exchangelabs.com|hotmail.com|microsoft.com|live.com|",
	"|google.com|gmail.com|googlemail.com|",
	"|yahoo.com|yahoodns.net|aol.com|oath.cloud|",
	"|icloud.com|apple.com|me.com|mac.com|",
	"|fastmail.com|messagingengine.com|",
	"|gmx.net|gmx.de|web.de|kundenserver.de|ui-dns.de|",
	"|protonmail.ch|proton.me|protonmail.com|",
	"|zoho.com|zohomail.com|",
	"|yandex.ru|yandex.net|yandex.com|",
};

static bool is_in_house(const char *house, str domain)
{
	for (str rest = str_from(house); domain.len && rest.len;)
		if (str_eq_nocase(str_cut(&rest, '|'), domain))
			return true;
	return false;
}

bool text_same_organisation(str host_a, str host_b)
{
	str a = text_organisation(host_a), b = text_organisation(host_b);
	for (size_t i = 0; i < sizeof(houses) / sizeof(*houses); i++)
		if (is_in_house(houses[i], a) && is_in_house(houses[i], b))
			return true;
	return a.len && str_eq_nocase(a, b);
}

static bool is_ip_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f') || c == '.' || c == ':';
}

static bool is_word_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-' ||
	       (unsigned char)c >= 0x80;
}

/* "192.0.2.1." and "192.0.2.1:" end a sentence or a label; "192.0.2.1:25" has a port. */
static bool parse_candidate(str word, struct ip *out)
{
	while (word.len && (word.at[word.len - 1] == '.' || word.at[word.len - 1] == ':') && !str_ends(word, STR("::")))
		word.len--;
	if (ip_parse(word, out))
		return str_find(word, '.') != STR_NONE || word.len > 4;
	size_t colon = str_find(word, ':');
	return colon != STR_NONE && str_find(word, '.') < colon && ip_parse(str_head(word, colon), out);
}

/* The length of "/32" or "/128" in rest: a network of one address. */
static size_t host_prefix(str rest, bool is_v4)
{
	str prefix = is_v4 ? STR("/32") : STR("/128");
	bool ends = rest.len == prefix.len || (rest.len > prefix.len && !is_word_char(rest.at[prefix.len]));
	return str_starts(rest, prefix) && ends ? prefix.len : 0;
}

static bool stands_alone(str text, size_t from, size_t to)
{
	char before = from ? text.at[from - 1] : ' ', after = to < text.len ? text.at[to] : ' ';
	bool in_url = from >= 2 && before == '/' && text.at[from - 2] == '/';
	return !is_word_char(before) && !is_word_char(after) && !in_url && before != '/' && after != '/' &&
	       before != '@';
}

bool text_next_ip(str *rest, struct ip *out, str *out_before)
{
	for (size_t at = 0; at < rest->len;) {
		if (!is_ip_char(rest->at[at])) {
			at++;
			continue;
		}
		size_t from = at;
		while (at < rest->len && is_ip_char(rest->at[at]))
			at++;
		str word = { rest->at + from, at - from };
		at += host_prefix(str_from_at(*rest, at), str_find(word, '.') != STR_NONE);
		if (stands_alone(*rest, from, at) && parse_candidate(word, out)) {
			*out_before = str_head(*rest, from);
			*rest = str_from_at(*rest, at);
			return true;
		}
	}
	return false;
}

bool text_labelled(str text, const char *label, str *out)
{
	str key = str_from(label);
	while (text.len) {
		str line = str_trim(str_cut(&text, '\n'));
		for (size_t at = 0; at + key.len <= line.len; at++) {
			str rest = str_from_at(line, at);
			if (!str_starts_nocase(rest, key) || (at && is_word_char(line.at[at - 1])))
				continue;
			rest = str_from_at(rest, key.len);
			while (rest.len && strchr(" \t:=[(*|", rest.at[0]))
				rest = str_from_at(rest, 1);
			*out = rest;
			return true;
		}
	}
	return false;
}

bool text_contains(str text, const char *needle)
{
	str key = str_from(needle);
	for (; text.len >= key.len; text = str_from_at(text, 1))
		if (str_starts_nocase(text, key))
			return true;
	return false;
}

static const struct plainer {
	const char *sign, *plain;
} plainers[] = {
	{ "\xc2\xa0", " " },	{ "\xe2\x80\xaf", " " }, { "\xe2\x80\x87", " " }, { "\xe3\x80\x80", " " },
	{ "\xe2\x80\x8b", "" }, { "\xe2\x80\x8c", "" },	 { "\xe2\x80\x8e", "" },  { "\xe2\x80\x8f", "" },
	{ "\xe2\x81\xa0", "" }, { "\xef\xbb\xbf", "" },	 { "\xc2\xad", "" },	  { "[.]", "." },
	{ "(.)", "." },		{ "[dot]", "." },	 { "(dot)", "." },	  { "[:]", ":" },
};

static const struct plainer *plainer_of(str rest)
{
	bool starts_one = (unsigned char)rest.at[0] >= 0x80 || rest.at[0] == '[' || rest.at[0] == '(';
	for (size_t i = 0; starts_one && i < sizeof(plainers) / sizeof(*plainers); i++)
		if (str_starts(rest, str_from(plainers[i].sign)))
			return &plainers[i];
	return NULL;
}

str text_plain(struct arena *arena, str text)
{
	char *at = arena_alloc(arena, text.len + 1);
	size_t len = 0;
	for (str rest = text; rest.len;) {
		const struct plainer *plainer = plainer_of(rest);
		str sign = plainer ? str_from(plainer->plain) : str_head(rest, 1);
		memcpy(at + len, sign.at, sign.len);
		len += sign.len;
		rest = str_from_at(rest, plainer ? strlen(plainer->sign) : 1);
	}
	return (str){ at, len };
}

bool text_is_forward_subject(str subject)
{
	static const char *const prefixes[] = {
		"fwd:",	 "fw:",	    "wg:",     "tr:",	"rv:",	"i:",	       "vs:",	 "vb:",	  "enc:",
		"pd:",	 "redir.:", "doorst:", "vl:",	"ilt:", "pt:",	       "trans:", "fwd :", "videresend:",
		"転送:", "转发:",   "轉寄:",   "전달:", "ynt:", "továbbítás:", "пересл:"
	};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (str_starts_nocase(subject, str_from(prefixes[i])))
			return true;
	return false;
}

str text_unquoted(str s)
{
	s = str_trim(s);
	bool quoted = s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0];
	return quoted ? str_trim((str){ s.at + 1, s.len - 2 }) : s;
}

str text_squeeze(struct arena *arena, str s)
{
	char *at = arena_alloc(arena, s.len + 1);
	size_t len = 0;
	for (size_t i = 0; i < s.len; i++) {
		bool blank = strchr(" \t\r\n", s.at[i]) && s.at[i];
		if (blank && (!len || at[len - 1] == ' '))
			continue;
		at[len++] = blank ? ' ' : s.at[i];
	}
	return str_trim((str){ at, len });
}
