/* SPDX-License-Identifier: Apache-2.0
 *
 * dovecot: messages of the login processes.
 */
#include "source/dovecot.h"

#include "source/stamp.h"

struct service {
	str process; /* as logged */
	str name;
};

static const struct service services[] = {
	{ STR("imap-login"), STR("imap") },
	{ STR("pop3-login"), STR("pop3") },
	{ STR("managesieve-login"), STR("sieve") },
	{ STR("submission-login"), STR("submission") },
};

static const struct service *service_of(str process)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (str_eq(process, services[i].process))
			return &services[i];
	return NULL;
}

/* The level that own log files show. */
static void skip_level(str *message)
{
	static const str levels[] = { STR("Info: "),  STR("Debug: "), STR("Warning: "),
				      STR("Error: "), STR("Fatal: "), STR("Panic: ") };
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (str_skip(message, levels[i]))
			return;
}

/* --- the elements behind the event's text --- */

struct elements {
	str user;
	struct ip ip;
	bool has_ip;
};

/* Cuts the last ", TEXT" off; false when there is no more. */
static bool cut_last_element(str *list, str *out)
{
	str left = *list;
	for (size_t comma; (comma = str_rfind(left, ',')) != STR_NONE; left.len = comma) {
		str element = str_from_at(*list, comma + 1);
		if (!str_skip(&element, STR(" ")))
			continue;
		*out = element;
		list->len = comma;
		return true;
	}
	return false;
}

static bool has_bracket(str s)
{
	return str_find(s, '<') != STR_NONE || str_find(s, '>') != STR_NONE;
}

/* list: "USER>, NAME=VALUE, ...", read from the end up to the first element with a bracket, apart from the session's:
 * there the user ends. The last rip= counts. */
static bool parse_elements(str list, struct elements *out)
{
	struct elements parsed = { 0 };
	bool saw_session = false, saw_rip = false;
	str element;
	for (str before = list; cut_last_element(&before, &element); list = before) {
		if (!saw_session && str_starts(element, STR("session=<"))) {
			saw_session = true;
		} else if (has_bracket(element)) {
			break;
		} else if (!saw_rip && str_skip(&element, STR("rip="))) {
			saw_rip = true;
			parsed.has_ip = ip_parse(element, &parsed.ip);
		}
	}
	if (!str_ends(list, STR(">")))
		return false;
	parsed.user = str_head(list, list.len - 1);
	*out = parsed;
	return true;
}

/* --- events --- */

static const str user_mark = STR(": user=<");

static bool parse_login(const struct service *service, str rest, struct event *out)
{
	struct elements elements;
	if (!parse_elements(rest, &elements))
		return false;
	out->kind = EVENT_LOGIN;
	out->login = (struct login){ elements.user, service->name, elements.ip, elements.has_ip };
	return true;
}

/* text: "... (auth failed, 2 attempts in 9 secs)", from 2.4 on with " (auth_failed)" behind it. */
static bool cut_attempts(str text, unsigned *out)
{
	uint64_t attempts;
	if (str_ends(text, STR(" (auth_failed)")))
		text.len -= STR(" (auth_failed)").len;
	size_t open = str_rfind(text, '(');
	str reason = str_from_at(text, open == STR_NONE ? text.len : open);
	if (!str_ends(reason, STR(")")) || !str_skip(&reason, STR("(auth failed, ")) ||
	    !str_cut_u64(&reason, UINT32_MAX, &attempts) || !str_skip(&reason, STR(" attempts")))
		return false;
	*out = (unsigned)attempts;
	return true;
}

static bool parse_end(str text, str rest, struct event *out)
{
	struct elements elements;
	unsigned attempts;
	if (!parse_elements(rest, &elements))
		return false;
	if (!cut_attempts(text, &attempts))
		return true;
	out->kind = EVENT_AUTH_FAILED;
	out->auth_failed = (struct auth_failed){
		.user = elements.user, .ip = elements.ip, .has_ip = elements.has_ip, .attempts = attempts
	};
	return true;
}

static bool is_end(str message)
{
	return str_starts(message, STR("Disconnected")) || str_starts(message, STR("Aborted login")) ||
	       str_starts(message, STR("Login aborted: "));
}

static bool parse_login_process(const struct service *service, str message, struct event *out)
{
	if (str_skip(&message, STR("Login: user=<")) || str_skip(&message, STR("Logged in: user=<")))
		return parse_login(service, message, out);
	if (!is_end(message))
		return true;
	size_t mark = str_search(message, user_mark);
	return mark != STR_NONE && parse_end(str_head(message, mark), str_from_at(message, mark + user_mark.len), out);
}

static bool is_process_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

enum read_result dovecot_parse_message(str message, usec at, struct event *out)
{
	size_t len = 0;
	while (len < message.len && is_process_char(message.at[len]))
		len++;
	str process = str_head(message, len), rest = str_from_at(message, len);
	/* Behind the process: "(user)<pid><session>: text", ": text", "=..." with a mail_log_prefix of its own. */
	if (!len || !rest.len || str_find(STR(":(<="), rest.at[0]) == STR_NONE)
		return READ_UNPARSED;
	struct event event = { .kind = EVENT_NONE, .at = at };
	const struct service *service = service_of(process);
	if (service && str_skip(&rest, STR(": "))) {
		skip_level(&rest);
		if (!parse_login_process(service, rest, &event))
			return READ_UNPARSED;
	}
	*out = event;
	return READ_EVENT;
}

enum read_result dovecot_parse(str line, const struct stamp_base *base, struct event *out)
{
	usec at;
	if ((!stamp_cut_syslog(&line, base, &at) && !stamp_cut_iso(&line, base, &at)) || !str_skip(&line, STR(" ")))
		return READ_UNPARSED;
	return dovecot_parse_message(line, at, out);
}
