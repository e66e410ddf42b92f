/* SPDX-License-Identifier: Apache-2.0
 *
 * access_log: fields from the left, quoted ones by their closing quote.
 */
#include "source/access_log.h"

#include "source/stamp.h"

/* Offset of the first " that no backslash escapes, or STR_NONE. */
static size_t find_quote(str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '"')
			return i;
		if (s.at[i] == '\\')
			i++;
	}
	return STR_NONE;
}

/* Cuts a quoted text off, without its quotes. */
static bool cut_quoted(str *rest, str *out)
{
	str s = *rest;
	if (!str_skip(&s, STR("\"")))
		return false;
	size_t end = find_quote(s);
	if (end == STR_NONE)
		return false;
	*out = str_head(s, end);
	*rest = str_from_at(s, end + 1);
	return true;
}

/* "VHOST:PORT" -> "VHOST" */
static bool cut_port(str *host)
{
	uint64_t port;
	size_t colon = str_rfind(*host, ':');
	if (colon == STR_NONE || !str_u64(str_from_at(*host, colon + 1), 65535, &port))
		return false;
	host->len = colon;
	return true;
}

static bool cut_client(str *rest, struct request *out)
{
	str first = str_cut(rest, ' ');
	if (ip_parse(first, &out->ip))
		return true;
	if (!cut_port(&first) || !ip_parse(str_cut(rest, ' '), &out->ip))
		return false;
	out->vhost = first;
	return true;
}

static str none_as_empty(str s)
{
	return str_eq(s, STR("-")) ? STR("") : s;
}

/* *rest: "IDENT USER [STAMP] " and a quote. */
static bool cut_user_and_stamp(str *rest, struct request *out, usec *at)
{
	size_t quote = find_quote(*rest);
	str head = str_head(*rest, quote);
	if (quote == STR_NONE || !str_ends(head, STR("] ")))
		return false;
	size_t open = str_rfind(head, '[');
	if (open == STR_NONE)
		return false;
	str stamp = str_from_at(head, open + 1);
	str user = str_head(head, open);
	if (!stamp_cut_access(&stamp, at) || !str_eq(stamp, STR("] ")))
		return false;
	if (!str_cut(&user, ' ').len || user.len < 2 || !str_ends(user, STR(" ")))
		return false;
	out->user = none_as_empty(str_head(user, user.len - 1));
	*rest = str_from_at(*rest, quote);
	return true;
}

static bool is_method(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] < 'A' || s.at[i] > 'Z') && s.at[i] != '-' && s.at[i] != '_')
			return false;
	return s.len > 0;
}

/* "METHOD TARGET HTTP/1.1"; HTTP/0.9 has no third word, and the target of a broken client may hold blanks. */
static bool split_request(str text, struct request *out)
{
	size_t last = str_rfind(text, ' ');
	if (last != STR_NONE && str_starts(str_from_at(text, last), STR(" HTTP/")))
		text.len = last;
	out->method = str_cut(&text, ' ');
	out->target = text;
	return is_method(out->method) && text.len;
}

static bool cut_status_and_bytes(str *rest, struct request *out)
{
	uint64_t status, bytes;
	if (!str_skip(rest, STR(" ")) || !str_cut_u64(rest, 999, &status) || !str_skip(rest, STR(" ")))
		return false;
	out->status = (unsigned)status;
	return str_skip(rest, STR("-")) || str_cut_u64(rest, UINT64_MAX, &bytes);
}

/* Common logs end before them; what stands behind them is not ours. */
static bool cut_referer_and_agent(str *rest, struct request *out)
{
	if (!str_starts(*rest, STR(" \"")))
		return true;
	if (!str_skip(rest, STR(" ")) || !cut_quoted(rest, &out->referer) || !str_skip(rest, STR(" ")) ||
	    !cut_quoted(rest, &out->agent))
		return false;
	out->referer = none_as_empty(out->referer);
	out->agent = none_as_empty(out->agent);
	return true;
}

enum read_result access_log_parse(str line, struct event *out)
{
	struct request request = { 0 };
	usec at;
	str text;
	if (!cut_client(&line, &request) || !cut_user_and_stamp(&line, &request, &at) || !cut_quoted(&line, &text) ||
	    !cut_status_and_bytes(&line, &request) || (line.len && line.at[0] != ' ') ||
	    !cut_referer_and_agent(&line, &request))
		return READ_UNPARSED;
	bool proper = split_request(text, &request);
	*out = (struct event){ .kind = proper ? EVENT_REQUEST : EVENT_NONE, .at = at };
	if (proper)
		out->request = request;
	return READ_EVENT;
}

enum { PROBED_LINES = 10 };

bool access_log_probe(str head)
{
	struct event event;
	for (int i = 0; i < PROBED_LINES && head.len; i++)
		if (access_log_parse(str_cut(&head, '\n'), &event) == READ_EVENT)
			return true;
	return false;
}
