/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_mainlog: stamp, then the kind of entry by what stands at fixed places,
 * then its fields from left to right.
 */
#include "source/exim_mainlog.h"

#include "model/address.h"
#include "model/exim_id.h"

/* PATH_MAX of Linux bounds what a torn cwd= can hold; a little more for the " N args:" that ends it. */
enum { TORN_MAX = 4096 + 512, TORN_LINES_MAX = 256, ARGS_MAX = 1000000 };

/* --- stamp ---------------------------------------------------------------- */

static bool two_digits(const char *at, int *out)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	*out = (at[0] - '0') * 10 + (at[1] - '0');
	return true;
}

/* "2026-11-06 01:09:40" */
static bool cut_civil(str *rest, usec *out)
{
	struct civil c;
	int century;
	const char *p = rest->at;
	if (rest->len < 19 || p[4] != '-' || p[7] != '-' || p[10] != ' ' || p[13] != ':' || p[16] != ':')
		return false;
	if (!two_digits(p, &century) || !two_digits(p + 2, &c.year) || !two_digits(p + 5, &c.month) ||
	    !two_digits(p + 8, &c.day) || !two_digits(p + 11, &c.hour) || !two_digits(p + 14, &c.minute) ||
	    !two_digits(p + 17, &c.second))
		return false;
	c.year += century * 100;
	if (!clock_from_civil(&c, out))
		return false;
	*rest = str_from_at(*rest, 19);
	return true;
}

/* ".070" of +millisec */
static usec cut_millisec(str *rest)
{
	uint64_t ms;
	str probe = str_head(*rest, 4);
	if (!str_skip(&probe, STR(".")) || !str_u64(probe, 999, &ms))
		return 0;
	*rest = str_from_at(*rest, 4);
	return (usec)ms * 1000;
}

/* "+0200 " of log_timezone */
static bool cut_zone(str *rest, usec *shift)
{
	int hour, minute;
	if (rest->len < 6 || (rest->at[0] != '+' && rest->at[0] != '-') || rest->at[5] != ' ' ||
	    !two_digits(rest->at + 1, &hour) || !two_digits(rest->at + 3, &minute))
		return false;
	*shift = (rest->at[0] == '-' ? 1 : -1) * (hour * 3600 + minute * 60) * USEC_PER_SEC;
	*rest = str_from_at(*rest, 6);
	return true;
}

/* "[5219] " of +pid */
static unsigned cut_pid(str *rest)
{
	str probe = *rest;
	uint64_t pid;
	if (!str_skip(&probe, STR("[")) || !str_cut_u64(&probe, UINT32_MAX, &pid) || !str_skip(&probe, STR("] ")))
		return 0;
	*rest = probe;
	return (unsigned)pid;
}

/* The whole second of a stamp, as log->second_*. */
static bool cut_second(struct exim_mainlog *log, str *rest, const struct zone *zone)
{
	str text = str_head(*rest, sizeof(log->second));
	if (log->zone == zone && str_eq(text, (str){ log->second, sizeof(log->second) })) {
		*rest = str_from_at(*rest, text.len);
		return true;
	}
	if (!cut_civil(rest, &log->second_civil))
		return false;
	memcpy(log->second, text.at, sizeof(log->second));
	log->zone = zone;
	log->second_utc = zone_to_utc(zone, log->second_civil);
	return true;
}

static bool cut_stamp(struct exim_mainlog *log, str *rest, const struct stamp_base *base, usec *out_at, unsigned *out_pid)
{
	usec shift;
	if (!cut_second(log, rest, base->zone))
		return false;
	usec millisec = cut_millisec(rest);
	if (!str_skip(rest, STR(" ")))
		return false;
	*out_at = millisec + (cut_zone(rest, &shift) ? log->second_civil + shift : log->second_utc);
	*out_pid = cut_pid(rest);
	return true;
}

bool exim_mainlog_probe(str line)
{
	usec at;
	return cut_civil(&line, &at) && line.len && (line.at[0] == ' ' || line.at[0] == '.');
}

/* --- pieces of entries ------------------------------------------------------ */

/* Next blank-separated word of fields; never skips more than the one blank before it. */
static str next_word(str *rest)
{
	str_skip(rest, STR(" "));
	size_t end = str_find(*rest, ' ');
	str word = str_head(*rest, end);
	*rest = str_from_at(*rest, word.len);
	return word;
}

/* "[192.0.2.1]" or "[192.0.2.1]:25" at the start of s; *out_len = its length. */
static bool read_bracket_ip(str s, struct ip *out, size_t *out_len)
{
	str rest = s;
	if (!str_skip(&rest, STR("[")))
		return false;
	size_t end = str_find(str_head(rest, 46), ']');
	if (end == STR_NONE || !ip_parse(str_head(rest, end), out))
		return false;
	rest = str_from_at(rest, end + 1);
	str port = rest;
	uint64_t number;
	if (str_skip(&port, STR(":")) && str_cut_u64(&port, 65535, &number))
		rest = port;
	*out_len = s.len - rest.len;
	return true;
}

static bool is_lower_word(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] < 'a' || s.at[i] > 'z') && s.at[i] != '-')
			return false;
	return s.len > 0;
}

/* Where a HELO ends: before the first ") [ip]" that can be followed by what follows. A host that takes any HELO logs
 * "(x) [192.0.2.1] P=local) [198.51.100.7]": no protocol ends in a parenthesis. */
static size_t helo_end(str s)
{
	size_t from = 0, at, len;
	struct ip ip;
	while ((at = str_search(str_from_at(s, from), STR(") ["))) != STR_NONE) {
		from += at + 2;
		if (!read_bracket_ip(str_from_at(s, from), &ip, &len))
			continue;
		str behind = str_from_at(s, from + len);
		if (!str_skip(&behind, STR(" P=")) || is_lower_word(str_head(behind, str_find(behind, ' '))))
			return from - 2;
	}
	return STR_NONE;
}

/* Host, HELO and address behind "H=": name (HELO) [ip]:port, (HELO) [ip], name [ip], or name alone. */
struct host_field {
	str name, helo;
	struct ip ip;
	bool has_ip;
};

static void cut_host(str *rest, struct host_field *out)
{
	*out = (struct host_field){ 0 };
	if (!str_starts(*rest, STR("("))) {
		str name = next_word(rest);
		size_t ip_len;
		if (read_bracket_ip(name, &out->ip, &ip_len)) {
			out->has_ip = true;
			return;
		}
		out->name = name;
	}
	str probe = *rest;
	str_skip(&probe, STR(" "));
	if (str_skip(&probe, STR("("))) {
		size_t end = helo_end(probe);
		if (end == STR_NONE)
			return;
		out->helo = str_head(probe, end);
		probe = str_from_at(probe, end + 2);
	}
	size_t len;
	if (!read_bracket_ip(probe, &out->ip, &len))
		return;
	out->has_ip = true;
	*rest = str_from_at(probe, len);
}

/* The text of a quoted string whose opening quote was skipped; *rest moves behind the closing quote, which is the first
 * " with an even number of backslashes before it. */
static bool cut_quoted(str *rest, str *out)
{
	for (size_t i = 0; i < rest->len; i++) {
		if (rest->at[i] == '\\') {
			i++;
		} else if (rest->at[i] == '"') {
			*out = str_head(*rest, i);
			*rest = str_from_at(*rest, i + 1);
			return true;
		}
	}
	return false;
}

/* "<addr>" or "<>", quote aware; *rest moves behind it. */
static bool cut_path(str *rest, str *out)
{
	str probe = *rest;
	bool quoted = false;
	if (!str_skip(&probe, STR("<")))
		return false;
	size_t end = str_find(probe, '>');
	if (end != STR_NONE && str_find(str_head(probe, end), '"') == STR_NONE) {
		*out = str_head(probe, end);
		*rest = str_from_at(probe, end + 1);
		return true;
	}
	for (size_t i = 0; i < probe.len; i++) {
		if (quoted && probe.at[i] == '\\')
			i++;
		else if (probe.at[i] == '"')
			quoted = !quoted;
		else if (!quoted && probe.at[i] == '>') {
			*out = str_head(probe, i);
			*rest = str_from_at(probe, i + 1);
			return true;
		}
	}
	return false;
}

/* --- arrivals --------------------------------------------------------------- */

/* " from <sender> for rcpt rcpt" behind all fields */
static void read_tail(str rest, struct arrival *out)
{
	str path;
	if (str_skip(&rest, STR(" from ")) && !cut_path(&rest, &path))
		return;
	if (str_skip(&rest, STR(" for ")))
		out->recipients = rest;
}

/* id=, which is raw and may hold blanks: it ends where T=" or " from <" or " for " follows, else at the end. */
static str cut_message_id(str *rest)
{
	size_t end = str_search(*rest, STR(" T=\""));
	if (end == STR_NONE)
		end = str_search(*rest, STR(" from <"));
	if (end == STR_NONE)
		end = str_search(*rest, STR(" for "));
	str id = str_head(*rest, end);
	*rest = str_from_at(*rest, id.len);
	return id;
}

/* A host that takes any HELO may log "(x) [1.2.3.4] P=.. A=..) [real]": then two readings of the line are possible and
 * nothing before the true address may be believed. */
static bool has_second_host(str rest)
{
	size_t at;
	while ((at = str_search(rest, STR(") ["))) != STR_NONE) {
		struct ip ip;
		size_t len;
		rest = str_from_at(rest, at + 2);
		if (read_bracket_ip(rest, &ip, &len)) {
			str behind = str_from_at(rest, len);
			if (str_starts(behind, STR(" I=[")) || str_starts(behind, STR(" P=")) ||
			    str_starts(behind, STR(" U=")))
				return true;
		}
	}
	return false;
}

static void read_auth(str value, struct arrival *out)
{
	str rest = value;
	out->authenticator = str_cut(&rest, ':');
	out->auth_id = str_cut(&rest, ':');
}

/* Fields up to S=, in Exim's order; behind it only what the sender wrote. Returns false when S= never comes. */
static bool read_trusted_fields(str *rest, struct arrival *out, struct host_field *host)
{
	bool has_host = false;
	while (rest->len) {
		str word = next_word(rest);
		str value = word;
		if (str_skip(&value, STR("H=")) && !has_host) {
			*rest = (str){ value.at, (size_t)(rest->at + rest->len - value.at) };
			cut_host(rest, host);
			has_host = true;
		} else if (str_skip(&value, STR("I="))) {
			size_t len;
			out->has_own_ip = read_bracket_ip(value, &out->own_ip, &len);
		} else if (str_skip(&value, STR("R="))) {
			out->parent_id = exim_id_shape(value) ? value : STR("");
		} else if (str_skip(&value, STR("U="))) {
			out->login = value;
		} else if (str_skip(&value, STR("P=")) && is_lower_word(value)) {
			out->protocol = value;
		} else if (str_skip(&value, STR("A="))) {
			read_auth(value, out);
		} else if (str_skip(&value, STR("DN=\"")) || str_skip(&value, STR("SNI=\""))) {
			str name;
			*rest = (str){ value.at, (size_t)(rest->at + rest->len - value.at) };
			if (!cut_quoted(rest, &name))
				return false;
		} else if (str_skip(&value, STR("S="))) {
			return str_u64(value, INT64_MAX, &out->size);
		}
	}
	return false;
}

/* What stands behind S=: id=, T=, from, for; any other word is skipped. */
static void read_sender_fields(str rest, struct arrival *out)
{
	while (rest.len && !str_starts(rest, STR(" from <")) && !str_starts(rest, STR(" for "))) {
		str probe = rest;
		if (str_skip(&probe, STR(" T=\""))) {
			if (!cut_quoted(&probe, &out->subject))
				return;
			read_tail(probe, out);
			return;
		}
		if (str_skip(&probe, STR(" id=")) || str_skip(&probe, STR(" id*="))) {
			out->message_id = cut_message_id(&probe);
			rest = probe;
		} else {
			next_word(&rest);
		}
	}
	read_tail(rest, out);
}

/* U= is a local login only for local submissions; A= only for SMTP clients. */
static void settle_origin(struct arrival *out, const struct host_field *host)
{
	out->host_name = host->name;
	out->helo = host->helo;
	out->ip = host->ip;
	out->has_ip = host->has_ip;
	out->local = str_starts(out->protocol, STR("local")) && !host->has_ip;
	if (!out->local)
		out->login = STR("");
	if (out->local)
		out->authenticator = out->auth_id = STR("");
}

static bool read_arrival(str id, str rest, bool fake_reject, struct event *out)
{
	struct arrival *arrival = &out->arrival;
	struct host_field host = { 0 };
	str fields;
	*arrival = (struct arrival){ .id = id, .fake_reject = fake_reject };
	if (str_skip(&rest, STR("<>")))
		arrival->sender = STR("");
	else
		arrival->sender = address_cut(&rest);
	/* address_cut skipped the blank behind the sender */
	fields = rest;
	if (!read_trusted_fields(&fields, arrival, &host))
		return false;
	str behind_host = host.has_ip ? fields : STR("");
	read_sender_fields(fields, arrival);
	if (behind_host.len) {
		str until_subject = str_head(behind_host, arrival->subject.len ? (size_t)(arrival->subject.at -
										   behind_host.at) :
										  behind_host.len);
		arrival->ambiguous = has_second_host(until_subject);
	}
	settle_origin(arrival, &host);
	out->kind = EVENT_ARRIVAL;
	return true;
}

/* --- deliveries ------------------------------------------------------------- */

/* Address of a pipe, file or autoreply: it holds blanks and ends before " <original>" or " R=". */
static str cut_special_address(str *rest)
{
	size_t end = str_search(*rest, STR(" <"));
	if (end == STR_NONE)
		end = str_search(*rest, STR(" R="));
	str address = str_head(*rest, end);
	*rest = str_from_at(*rest, address.len);
	return address;
}

static str cut_delivery_address(str *rest)
{
	if (rest->len && strchr("|/>", rest->at[0]))
		return cut_special_address(rest);
	str probe = *rest;
	str address = address_cut(&probe);
	*rest = str_from_at(*rest, address.len);
	return address;
}

/* A word that ends in ':' ends the fields; the rest is text. */
static bool ends_fields(str *word)
{
	if (!word->len || word->at[word->len - 1] != ':')
		return false;
	word->len--;
	return true;
}

static void read_defer_code(str word, struct delivery *out)
{
	uint64_t code;
	bool negative;
	if (!str_skip(&word, STR("(")))
		return;
	negative = str_skip(&word, STR("-"));
	if (str_cut_u64(&word, INT32_MAX, &code) && str_eq(word, STR(")")))
		out->defer_code = negative ? -(int)code : (int)code;
}

static void read_delivery_host(str *rest, struct delivery *out)
{
	struct host_field host;
	cut_host(rest, &host);
	out->host_name = host.name;
	out->ip = host.ip;
	out->has_ip = host.has_ip;
}

/* R= T= H= I= X= C="..." ... in any number, up to a word that ends in ':' */
static void read_delivery_fields(str rest, struct delivery *out)
{
	while (rest.len) {
		str path, before = rest;
		if (str_skip(&rest, STR(" C=\""))) {
			cut_quoted(&rest, &out->text);
			return;
		}
		if (str_skip(&rest, STR(" F=")) || str_skip(&rest, STR(" P="))) {
			if (cut_path(&rest, &path))
				continue;
			rest = before;
		}
		if (str_skip(&rest, STR(" H="))) {
			read_delivery_host(&rest, out);
			if (str_skip(&rest, STR(":"))) {
				out->text = str_trim(rest);
				return;
			}
			continue;
		}
		str word = next_word(&rest);
		bool last = ends_fields(&word);
		str value = word;
		if (str_skip(&value, STR("R=")))
			out->router = value;
		else if (str_skip(&value, STR("T=")))
			out->transport = value;
		else
			read_defer_code(word, out);
		if (last) {
			out->text = str_trim(rest);
			return;
		}
	}
}

static bool read_delivery(str id, str rest, enum delivery_result result, struct event *out)
{
	struct delivery *delivery = &out->delivery;
	*delivery = (struct delivery){ .id = id, .result = result };
	delivery->address = cut_delivery_address(&rest);
	if (!delivery->address.len)
		return false;
	bool last = !str_starts(rest, STR(" <")) && ends_fields(&delivery->address);
	str probe = rest;
	if (!last && str_skip(&probe, STR(" ")) && cut_path(&probe, &delivery->original)) {
		rest = probe;
		last = str_skip(&rest, STR(":"));
	}
	if (last)
		delivery->text = str_trim(rest);
	else
		read_delivery_fields(rest, delivery);
	out->kind = EVENT_DELIVERY;
	return true;
}

/* --- other entries of a message --------------------------------------------- */

static bool read_note(str id, str text, struct event *out)
{
	static const struct {
		str text;
		enum event_kind kind;
		bool names_user; /* the rest is a user name */
	} notes[] = {
		{ { "Completed", 9 }, EVENT_COMPLETED, false },
		{ { "removed by ", 11 }, EVENT_REMOVED, true },
		{ { "cancelled by ", 13 }, EVENT_REMOVED, true },
		{ { "Frozen", 6 }, EVENT_FROZEN, false },
		{ { "Message is frozen", 17 }, EVENT_FROZEN, false },
		{ { "frozen by ", 10 }, EVENT_FROZEN, true },
	};
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++) {
		str rest = text;
		if (!str_skip(&rest, notes[i].text))
			continue;
		out->kind = notes[i].kind;
		out->note = (struct message_note){ id, notes[i].names_user ? rest : STR("") };
		return true;
	}
	return false;
}

static bool read_message_entry(str id, str text, struct event *out)
{
	static const struct {
		char mark[3];
		bool arrival, fake_reject;
		enum delivery_result result;
	} marks[] = {
		{ "<=", true, false, 0 },
		{ "(=", true, true, 0 },
		{ "=>", false, false, DELIVERY_DONE },
		{ "->", false, false, DELIVERY_DONE },
		{ ">>", false, false, DELIVERY_DONE },
		{ "*>", false, false, DELIVERY_DONE },
		{ "**", false, false, DELIVERY_FAILED },
		{ "==", false, false, DELIVERY_DEFERRED },
	};
	bool marked = text.len > 2 && text.at[2] == ' ';
	for (size_t i = 0; marked && i < sizeof(marks) / sizeof(*marks); i++) {
		str rest = str_from_at(text, 3);
		if (text.at[0] != marks[i].mark[0] || text.at[1] != marks[i].mark[1])
			continue;
		return marks[i].arrival ? read_arrival(id, rest, marks[i].fake_reject, out) :
					  read_delivery(id, rest, marks[i].result, out);
	}
	read_note(id, text, out);
	return true;
}

/* --- cwd= ------------------------------------------------------------------- */

/* Offset of the last " N args: " in s, or STR_NONE; *out_count = N, *out_end = offset behind it. */
static size_t find_args(str s, unsigned *out_count, size_t *out_end)
{
	static const str mark = { " args:", 6 };
	for (size_t colon = str_rfind(s, ':'); colon != STR_NONE; colon = str_rfind(str_head(s, colon), ':')) {
		size_t end = colon + 1;
		if (end == s.len || s.at[end] != ' ' || !str_ends(str_head(s, end), mark))
			continue;
		size_t digits_end = end - mark.len, from = digits_end;
		while (from > 0 && s.at[from - 1] >= '0' && s.at[from - 1] <= '9')
			from--;
		uint64_t count;
		if (from > 0 && s.at[from - 1] == ' ' &&
		    str_u64((str){ s.at + from, digits_end - from }, ARGS_MAX, &count)) {
			*out_count = (unsigned)count;
			*out_end = end + 1;
			return from - 1;
		}
	}
	return STR_NONE;
}

/* Options that hand in no message: -bp, -bt, -M.., -q.., -R, -S, -E<id> (bounces made by Exim itself), -d.., -v alone. */
static bool is_other_mode(str word)
{
	if (str_starts(word, STR("-b")))
		return !str_eq(word, STR("-bm")) && !str_eq(word, STR("-bs")) && !str_eq(word, STR("-bS"));
	return word.len >= 2 && word.at[0] == '-' && strchr("MqREdNC", word.at[1]) && !str_starts(word, STR("-N"));
}

static void read_args(struct call *call)
{
	str rest = call->args;
	str_word(&rest); /* the program */
	bool has_operand = false;
	for (str word; (word = str_word(&rest)).len;) {
		if (is_other_mode(word))
			return;
		if (str_eq(word, STR("-f")))
			call->sender = str_word(&rest);
		else if (str_starts(word, STR("-f")))
			call->sender = str_from_at(word, 2);
		has_operand = true;
	}
	call->is_submission = has_operand;
}

static bool has_control(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
			return true;
	return str_search(s, STR("#012")) != STR_NONE; /* a newline as rsyslog writes it */
}

/* text starts behind "cwd=" */
static bool read_call(str text, bool torn, struct event *out)
{
	struct call *call = &out->call;
	size_t end;
	*call = (struct call){ 0 };
	size_t at = find_args(text, &call->arg_count, &end);
	if (at == STR_NONE)
		return false;
	call->cwd = str_head(text, at);
	call->args = str_from_at(text, end);
	call->is_torn = torn || has_control(call->cwd);
	read_args(call);
	out->kind = EVENT_CALL;
	return true;
}

/* --- entries without a message ---------------------------------------------- */

/* "X authenticator failed for (HELO) [IP]:PORT I=[..]:..: 535 Incorrect authentication data (set_id=ID)" */
static bool read_auth_failed(str name, str rest, struct event *out)
{
	struct auth_failed *failed = &out->auth_failed;
	struct host_field host;
	*failed = (struct auth_failed){ .authenticator = name, .attempts = 1 };
	cut_host(&rest, &host);
	failed->ip = host.ip;
	failed->has_ip = host.has_ip;
	size_t at = str_search(rest, STR(" (set_id="));
	if (at != STR_NONE) {
		str id = str_from_at(rest, at + 9);
		if (str_ends(id, STR(")")))
			failed->user = str_head(id, id.len - 1);
	}
	out->kind = EVENT_AUTH_FAILED;
	return true;
}

/* "[temporarily ]rejected STAGE <ADDRESS>: TEXT" */
static bool read_rejection(str rest, struct rejected *out)
{
	str_skip(&rest, STR("temporarily "));
	if (!str_skip(&rest, STR("rejected ")))
		return false;
	out->stage = next_word(&rest);
	str_skip(&rest, STR(" "));
	if (!cut_path(&rest, &out->recipient)) {
		str text = rest;
		out->recipient = str_cut(&text, ':');
	}
	size_t at = str_find(rest, ':');
	out->text = str_trim(str_from_at(rest, at == STR_NONE ? rest.len : at + 1));
	return true;
}

/* "H=(HELO) [IP] X=.. A=..:.. F=<SENDER> rejected RCPT <RCPT>: TEXT" behind "H=" */
static void read_refused(str rest, struct event *out)
{
	struct rejected *rejected = &out->rejected;
	struct host_field host;
	*rejected = (struct rejected){ 0 };
	cut_host(&rest, &host);
	rejected->ip = host.ip;
	rejected->has_ip = host.has_ip;
	while (rest.len) {
		str path, probe = rest, value;
		str_skip(&probe, STR(" "));
		if (read_rejection(probe, rejected)) {
			out->kind = EVENT_REJECTED;
			return;
		}
		if (str_skip(&probe, STR("F=")) && cut_path(&probe, &path)) {
			rejected->sender = path;
			rest = probe;
			continue;
		}
		value = next_word(&rest);
		if (str_skip(&value, STR("A="))) {
			str_cut(&value, ':');
			rejected->auth_id = str_cut(&value, ':');
		}
	}
}

static void read_hostless_entry(str text, struct event *out)
{
	str rest = text;
	if (str_skip(&rest, STR("H="))) {
		read_refused(rest, out);
		return;
	}
	str name = str_cut(&rest, ' ');
	if (str_skip(&rest, STR("authenticator failed for ")))
		read_auth_failed(name, rest, out);
}

/* --- entries ----------------------------------------------------------------- */

static enum mainlog_result begin_torn(struct exim_mainlog *log, str text, usec at, unsigned pid)
{
	log->torn.len = 0;
	buf_add(&log->torn, text);
	log->torn_at = at;
	log->torn_pid = pid;
	log->torn_lines = 1;
	return MAINLOG_PART;
}

/* Glues a physical line to the torn entry until " N args: " ends it. */
static enum mainlog_result continue_torn(struct exim_mainlog *log, str line, struct event *out)
{
	unsigned count;
	size_t end;
	buf_char(&log->torn, '\n');
	buf_add(&log->torn, str_head(line, TORN_MAX));
	log->torn_lines++;
	bool complete = find_args(line, &count, &end) != STR_NONE;
	if (!complete && log->torn.len < TORN_MAX && log->torn_lines < TORN_LINES_MAX)
		return MAINLOG_PART;
	*out = (struct event){ .kind = EVENT_NONE, .at = log->torn_at, .pid = log->torn_pid };
	log->torn_lines = 0;
	return read_call(buf_str(&log->torn), true, out) ? MAINLOG_EVENT : MAINLOG_UNPARSED;
}

enum mainlog_result exim_mainlog_text(struct exim_mainlog *log, str text, usec at, unsigned pid, struct event *out)
{
	*out = (struct event){ .kind = EVENT_NONE, .at = at, .pid = pid };
	str rest = text;
	if (str_skip(&rest, STR("cwd=")))
		return read_call(rest, false, out) ? MAINLOG_EVENT : begin_torn(log, rest, at, pid);
	str id = str_cut(&rest, ' ');
	if (exim_id_pack(id, &out->message))
		return read_message_entry(id, rest, out) ? MAINLOG_EVENT : MAINLOG_UNPARSED;
	read_hostless_entry(text, out);
	return MAINLOG_EVENT;
}

enum mainlog_result exim_mainlog_line(struct exim_mainlog *log, str line, const struct stamp_base *base,
				      struct event *out)
{
	usec at;
	unsigned pid;
	str rest = line;
	if (log->torn_lines)
		return continue_torn(log, line, out);
	if (!cut_stamp(log, &rest, base, &at, &pid))
		return str_starts(line, STR(" ")) || str_starts(line, STR("\t")) || str_starts(line, STR("...")) ?
			       MAINLOG_PART : MAINLOG_UNPARSED;
	return exim_mainlog_text(log, rest, at, pid, out);
}

void exim_mainlog_done(struct exim_mainlog *log)
{
	buf_done(&log->torn);
}
