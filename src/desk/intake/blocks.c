/* SPDX-License-Identifier: Apache-2.0
 *
 * blocks: line by line, remembering where the present run of fields began.
 */
#include "desk/intake/blocks.h"

#include "desk/intake/header.h"

static str strip_quote(str line)
{
	for (;;) {
		str inner = line;
		while (inner.len && inner.at[0] == ' ')
			inner = str_from_at(inner, 1);
		if (!inner.len || (inner.at[0] != '>' && inner.at[0] != '|') || str_starts(inner, STR(">From ")))
			return line;
		line = str_from_at(inner, 1);
		str_skip(&line, STR(" "));
	}
}

/* A field's name at the start of an indented line shows that the whole block is indented. */
static str strip_indent(str line)
{
	static const char *const starts[] = { "Received:", "Return-Path:", "From:", "To:",
					      "Subject:",  "Message-ID:",  "Date:", "Delivered-To:" };
	str inner = str_trim(line);
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (str_starts_nocase(inner, str_from(starts[i])))
			return inner;
	return line;
}

/* Writes a line; "*From:* x", as mail programs turn bold into text, without its asterisks. */
static size_t put_line(char *at, str line)
{
	str field = line, name;
	if (str_skip(&field, STR("*")) && (name = str_head(field, header_name_length(field))).len &&
	    str_starts(str_from_at(field, name.len), STR(":*"))) {
		memcpy(at, field.at, name.len + 1);
		str rest = str_from_at(field, name.len + 2);
		memcpy(at + name.len + 1, rest.at, rest.len);
		return name.len + 1 + rest.len;
	}
	memcpy(at, line.at, line.len);
	return line.len;
}

str text_unquote(struct arena *arena, str text)
{
	char *at = arena_alloc(arena, text.len + 2);
	size_t len = 0;
	for (str rest = text; rest.len;) {
		len += put_line(at + len, strip_indent(strip_quote(header_line(&rest))));
		at[len++] = '\n';
	}
	return (str){ at, len };
}

static bool is_trace_field(str line)
{
	static const char *const names[] = { "Received",
					     "Return-Path",
					     "Delivered-To",
					     "X-Received",
					     "Message-ID",
					     "Received-SPF",
					     "Authentication-Results",
					     "DKIM-Signature",
					     "X-Original-To",
					     "Envelope-To",
					     "Delivery-date",
					     "From",
					     "To",
					     "Subject",
					     "Date" };
	str name = str_head(line, header_name_length(line));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq_nocase(name, str_from(names[i])))
			return true;
	return str_starts_nocase(name, STR("X-")) || str_starts_nocase(name, STR("ARC-"));
}

/* Does the text go on with a field that belongs to the same block? */
static bool goes_on(str rest)
{
	while (rest.len) {
		str line = header_line(&rest);
		if (str_trim(line).len)
			return is_trace_field(line) || str_starts(line, STR("\t")) || str_starts(line, STR("    "));
	}
	return false;
}

/* From the first line of *rest to the end of its block; *out_received tells whether a Received field is in it. */
static str cut_block(str *rest, bool *out_received)
{
	str block = *rest;
	bool after_blank = false;
	*out_received = false;
	while (rest->len) {
		str next = *rest;
		str line = header_line(&next);
		bool blank = !str_trim(line).len, double_spaced = after_blank;
		if (blank && !goes_on(next))
			break;
		if (!blank && double_spaced && str_starts_nocase(line, STR("Return-Path:")))
			break; /* the next pasted mail */
		*out_received = *out_received || str_starts_nocase(line, STR("Received:"));
		after_blank = blank;
		*rest = next;
	}
	return str_head(block, (size_t)(rest->at - block.at));
}

bool text_next_block(str *rest, str *out)
{
	while (rest->len) {
		str next = *rest;
		str line = header_line(&next);
		bool received = false;
		if (!header_name_length(line) || !is_trace_field(line)) {
			*rest = next;
			continue;
		}
		*out = cut_block(rest, &received);
		if (received)
			return true;
		if (!out->len)
			*rest = next;
	}
	return false;
}
