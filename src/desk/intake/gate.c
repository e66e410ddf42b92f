/* SPDX-License-Identifier: Apache-2.0
 *
 * gate: one pass over the lines with a stack of open boundaries.
 */
#include "desk/intake/gate.h"

#include "desk/intake/header.h"

struct scan {
	str boundary[MAIL_DEPTH_MAX + 1];
	unsigned open; /* boundaries on the stack */
	unsigned parts;
	unsigned fields; /* of the present header block */
	size_t block_start;
	bool in_header, in_content_type;
};

/* The value of boundary= in a line of a Content-Type field. What is written in a way that only a full parser
 * understands (folded behind the =, RFC 2231, escaped) gives the empty string, which counts every line that begins with
 * --. */
static bool find_boundary(str line, str *out)
{
	static const char key[] = "boundary";
	for (size_t at = 0; at < line.len; at++) {
		str rest = str_from_at(line, at);
		if (!str_starts_nocase(rest, STR("boundary")))
			continue;
		rest = str_trim(str_from_at(rest, sizeof(key) - 1));
		*out = STR("");
		if (!str_skip(&rest, STR("=")))
			return true;
		rest = str_trim(rest);
		bool quoted = str_skip(&rest, STR("\""));
		str value = quoted ? str_cut(&rest, '"') : str_trim(str_cut(&rest, ';'));
		if (str_find(value, '\\') == STR_NONE && str_find(value, '(') == STR_NONE)
			*out = value;
		return true;
	}
	return false;
}

static const char *header_line_seen(struct scan *scan, str line, size_t at)
{
	bool folded = line.at[0] == ' ' || line.at[0] == '\t';
	if (!folded) {
		scan->in_content_type = str_starts_nocase(line, STR("Content-Type"));
		if (++scan->fields > HEADERS_MAX)
			return "headers";
	}
	if (at + line.len - scan->block_start > HEADER_BLOCK_MAX)
		return "headers";
	str boundary;
	if (!scan->in_content_type || !find_boundary(line, &boundary))
		return NULL;
	if (scan->open == MAIL_DEPTH_MAX)
		return "depth";
	scan->boundary[scan->open++] = boundary;
	return NULL;
}

/* Does the line look like a delimiter of an open boundary? Only one that is so beyond doubt closes those inside it, so
 * that depth is never counted too low. */
static bool is_delimiter(struct scan *scan, str line)
{
	if (!str_skip(&line, STR("--")))
		return false;
	for (unsigned i = scan->open; i > 0; i--) {
		str rest = line, boundary = scan->boundary[i - 1];
		if (!str_skip(&rest, boundary))
			continue;
		bool closes = boundary.len && str_starts(rest, STR("--"));
		if (closes || (boundary.len && !str_trim(rest).len))
			scan->open = closes ? i - 1 : i;
		return !closes;
	}
	return false;
}

static const char *line_seen(struct scan *scan, str line, size_t at)
{
	if (scan->in_header && line.len)
		return header_line_seen(scan, line, at);
	scan->in_header = false;
	if (!is_delimiter(scan, line))
		return NULL;
	if (++scan->parts > MAIL_PARTS_MAX)
		return "parts";
	scan->in_header = true;
	scan->fields = 0;
	scan->block_start = at;
	return NULL;
}

static str cut_to_size(str mail, struct words *limits)
{
	if (mail.len > MAIL_BYTES_MAX)
		words_add(limits, STR("size"));
	return str_head(mail, MAIL_BYTES_MAX);
}

/* Outside of headers only lines that begin with two hyphens can mean anything. */
static void skip_body(str *rest)
{
	if (str_starts(*rest, STR("--")))
		return;
	size_t at = str_search(*rest, STR("\n--"));
	*rest = str_from_at(*rest, at == STR_NONE ? rest->len : at + 1);
}

str gate_pass(str mail, unsigned depth, struct words *limits)
{
	struct scan scan = { .in_header = true };
	str whole = cut_to_size(mail, limits), rest = whole;
	if (depth > MAIL_DEPTH_MAX) {
		words_add(limits, STR("depth"));
		return str_head(whole, 0);
	}
	while (rest.len) {
		if (!scan.in_header)
			skip_body(&rest);
		size_t at = (size_t)(rest.at - whole.at);
		const char *limit = line_seen(&scan, header_line(&rest), at);
		if (limit) {
			words_add(limits, str_from(limit));
			return str_head(whole, at);
		}
	}
	return whole;
}
