/* SPDX-License-Identifier: Apache-2.0
 *
 * php_mail: script and line, recipient, headers.
 */
#include "source/php_mail.h"

#include "source/stamp.h"

/* Cuts everything up to mark off; false when it is missing. */
static bool cut_at(str *rest, str mark, str *out)
{
	size_t at = str_search(*rest, mark);
	if (at == STR_NONE)
		return false;
	*out = str_head(*rest, at);
	*rest = str_from_at(*rest, at + mark.len);
	return true;
}

/* "/home/u/public_html/contact.php:7" */
static bool split_place(str place, struct php_mail *out)
{
	uint64_t line;
	size_t colon = str_rfind(place, ':');
	if (colon == STR_NONE || !str_u64(str_from_at(place, colon + 1), UINT32_MAX, &line))
		return false;
	out->script = str_head(place, colon);
	out->line = (unsigned)line;
	return colon > 0;
}

enum read_result php_mail_parse_message(str message, usec at, struct event *out)
{
	struct php_mail mail = { 0 };
	str place;
	if (!str_skip(&message, STR("mail() on [")) || !cut_at(&message, STR("]: To: "), &place) ||
	    !split_place(place, &mail) || !cut_at(&message, STR(" -- Headers: "), &mail.to))
		return READ_UNPARSED;
	mail.headers = message;
	*out = (struct event){ .kind = EVENT_PHP_MAIL, .at = at, .php_mail = mail };
	return READ_EVENT;
}

enum read_result php_mail_parse(str line, const struct stamp_base *base, struct event *out)
{
	usec at;
	if (!str_skip(&line, STR("[")) || !stamp_cut_php(&line, base, &at) || !str_skip(&line, STR("] ")))
		return READ_UNPARSED;
	return php_mail_parse_message(line, at, out);
}
