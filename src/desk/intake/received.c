/* SPDX-License-Identifier: Apache-2.0
 *
 * received: tokens (words and comments) sorted into clauses by the keywords.
 */
#include "desk/intake/received.h"

#include "desk/intake/date.h"

enum { COMMENT_DEPTH_MAX = 16 };

/* A word, or a comment with its outer parentheses taken off. */
struct token {
	str text;
	bool is_comment;
};

static str cut_comment(str *rest)
{
	size_t at = 1, depth = 1;
	while (at < rest->len && depth) {
		char c = rest->at[at++];
		if (c == '\\' && at < rest->len)
			at++;
		else if (c == '(' && depth < COMMENT_DEPTH_MAX)
			depth++;
		else if (c == ')')
			depth--;
	}
	str comment = { rest->at + 1, at - 1 - (depth ? 0 : 1) };
	*rest = str_from_at(*rest, at);
	return comment;
}

static bool next_token(str *rest, struct token *out)
{
	*rest = str_trim(*rest);
	if (!rest->len)
		return false;
	if (rest->at[0] == '(') {
		*out = (struct token){ cut_comment(rest), true };
		return true;
	}
	size_t at = 0;
	while (at < rest->len && rest->at[at] != ' ' && rest->at[at] != '\t' && rest->at[at] != '(')
		at++;
	*out = (struct token){ str_head(*rest, at), false };
	*rest = str_from_at(*rest, at);
	return true;
}

static str strip_port(str token)
{
	size_t colon = str_rfind(token, ':');
	uint64_t port;
	bool one_colon = colon != STR_NONE && str_find(token, ':') == colon;
	return one_colon && str_u64(str_from_at(token, colon + 1), 65535, &port) ? str_head(token, colon) : token;
}

bool hop_parse_ip(str token, struct ip *out)
{
	token = str_trim(token);
	size_t at_sign = str_rfind(token, '@');
	if (at_sign != STR_NONE)
		token = str_from_at(token, at_sign + 1);
	if (str_skip(&token, STR("["))) {
		size_t end = str_find(token, ']');
		if (end == STR_NONE)
			return false;
		token = str_head(token, end);
	}
	if (str_starts_nocase(token, STR("IPv6:")))
		token = str_from_at(token, 5);
	str zone = token;
	token = str_cut(&zone, '%');
	return ip_parse(token, out) || ip_parse(strip_port(token), out);
}

static bool is_helo_comment(str comment)
{
	return str_starts_nocase(comment, STR("HELO ")) || str_starts_nocase(comment, STR("EHLO ")) ||
	       str_starts_nocase(comment, STR("LHLO ")) || str_starts_nocase(comment, STR("helo="));
}

static bool says_authenticated(str comment)
{
	return str_starts_nocase(comment, STR("authenticated")) || str_starts_nocase(comment, STR("auth "));
}

/* Where the bracketed address of a comment begins: the last that is not a HELO's, since an ident that the client chose may
 * stand before it. */
static size_t find_literal(str comment)
{
	size_t found = STR_NONE;
	struct ip ip;
	for (size_t at = 0; at < comment.len; at++)
		if (comment.at[at] == '[' && (!at || comment.at[at - 1] != '=') &&
		    hop_parse_ip(str_from_at(comment, at), &ip))
			found = at;
	return found;
}

/* "rdns [IP] (may be forged)", "[IP]:port helo=x", "IP", "user@IP", "port=1 helo=x" */
static void from_comment(struct hop *hop, str comment)
{
	struct ip ip;
	if (says_authenticated(comment))
		hop->authenticated = true;
	if (is_helo_comment(comment)) {
		hop->rdns = hop->helo; /* qmail and Yahoo put the verified name, or "unknown", first */
		hop->has_rdns = true;
		return;
	}
	size_t bracket = find_literal(comment);
	str before = str_trim(str_head(comment, bracket == STR_NONE ? 0 : bracket));
	if (bracket != STR_NONE) {
		hop_parse_ip(str_from_at(comment, bracket), &ip);
		hop->rdns = before;
		hop->has_rdns = hop->has_rdns || before.len > 0;
	} else if (str_find(str_trim(comment), ' ') != STR_NONE || !hop_parse_ip(comment, &ip)) {
		return;
	}
	hop->ip = ip;
	hop->has_ip = true;
}

static void from_token(struct hop *hop, struct token token)
{
	struct ip ip;
	if (token.is_comment) {
		from_comment(hop, token.text);
	} else if (!hop->helo.len) {
		hop->helo = token.text;
		hop->has_ip = hop_parse_ip(token.text, &hop->ip);
	} else if (str_starts(token.text, STR("[")) && hop_parse_ip(token.text, &ip)) {
		hop->ip = ip; /* "name [IP] by" */
		hop->has_ip = true;
	}
}

static void by_token(struct hop *hop, struct token token)
{
	struct ip ip;
	if (!token.is_comment && !hop->by.len) {
		hop->by = token.text;
		hop->has_by_ip = hop_parse_ip(token.text, &hop->by_ip);
	} else if (token.is_comment && !hop->has_by_ip) {
		size_t bracket = str_find(token.text, '[');
		str literal = bracket == STR_NONE ? token.text : str_from_at(token.text, bracket);
		hop->has_by_ip = hop_parse_ip(literal, &ip);
		if (hop->has_by_ip)
			hop->by_ip = ip;
	}
}

static void with_token(struct hop *hop, struct token token)
{
	static const char *const logged_in[] = { "esmtpa", "esmtpsa", "asmtp", "http", "https", "utf8smtpsa" };
	if (token.is_comment || hop->with.len)
		return;
	hop->with = token.text;
	for (size_t i = 0; i < sizeof(logged_in) / sizeof(*logged_in); i++)
		if (str_eq_nocase(token.text, str_from(logged_in[i])))
			hop->authenticated = true;
	hop->local = str_starts_nocase(token.text, STR("local"));
}

static str strip_angles(str text)
{
	str_skip(&text, STR("<"));
	return str_ends(text, STR(">")) ? str_head(text, text.len - 1) : text;
}

static void id_token(struct hop *hop, struct token token)
{
	if (!token.is_comment && !hop->id.len)
		hop->id = strip_angles(token.text);
}

static void for_token(struct hop *hop, struct token token)
{
	if (!token.is_comment && !hop->recipient.len)
		hop->recipient = strip_angles(token.text);
}

static void any_comment(struct hop *hop, struct token token)
{
	if (token.is_comment && says_authenticated(token.text))
		hop->authenticated = true;
}

static const struct clause {
	const char *keyword;
	void (*take)(struct hop *, struct token);
} clauses[] = {
	{ "from", from_token }, { "by", by_token },   { "with", with_token },
	{ "id", id_token },	{ "for", for_token }, { "via", any_comment },
};

static const struct clause *clause_of(struct token token)
{
	for (size_t i = 0; !token.is_comment && i < sizeof(clauses) / sizeof(*clauses); i++)
		if (str_eq_nocase(token.text, str_from(clauses[i].keyword)))
			return &clauses[i];
	return NULL;
}

/* The time stands behind the last semicolon outside comments. */
static str cut_time(str value, str *out_time)
{
	size_t depth = 0, last = STR_NONE;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '(')
			depth++;
		else if (value.at[i] == ')' && depth)
			depth--;
		else if (value.at[i] == ';' && !depth)
			last = i;
	}
	*out_time = last == STR_NONE ? STR("") : str_from_at(value, last + 1);
	return str_head(value, last == STR_NONE ? value.len : last);
}

/* Exim names a verified client before the brackets, "name ([IP]:port helo=x)", and an unknown one by its address alone.
 */
static void settle_exim_names(struct hop *hop, bool is_exim)
{
	struct ip literal;
	if (!is_exim || hop->has_rdns || hop->local)
		return;
	hop->has_rdns = true;
	hop->rdns = hop_parse_ip(hop->helo, &literal) ? STR("") : hop->helo;
}

void hop_parse(str value, struct hop *out)
{
	struct hop hop = { .time = USEC_NEVER };
	str time;
	str rest = cut_time(value, &time);
	bool is_exim = str_search(rest, STR("(Exim")) != STR_NONE;
	const struct clause *clause = NULL;
	for (struct token token; next_token(&rest, &token);) {
		const struct clause *next = clause_of(token);
		if (next && !next_token(&rest, &token)) /* the word behind a keyword is never a keyword itself */
			break;
		clause = next ? next : clause;
		any_comment(&hop, token);
		if (clause)
			clause->take(&hop, token);
	}
	settle_exim_names(&hop, is_exim);
	if (str_eq_nocase(hop.rdns, STR("unknown")))
		hop.rdns = STR("");
	date_parse(time, &hop.time, NULL);
	*out = hop;
}
