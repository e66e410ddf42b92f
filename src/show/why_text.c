/* SPDX-License-Identifier: Apache-2.0
 *
 * why_text: selection by name, then reason after reason with its lines.
 */
#include "show/why_text.h"

#include "base/print.h"
#include "show/scan_text.h"

static str text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? (str){ json_string_value(value), json_string_length(value) } : STR("");
}

static bool in_list(const json_t *list, str word)
{
	size_t i;
	const json_t *row;
	json_array_foreach(list, i, row)
		if (json_is_string(row) && str_eq(str_from(json_string_value(row)), word))
			return true;
	return false;
}

static bool names_actor(const json_t *row, str word)
{
	static const char *const keys[] = { "account", "mailbox", "script", "called_script", "entry_script", "target" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (word.len && str_eq_nocase(text_of(row, keys[i]), word))
			return true;
	return false;
}

static bool names_ip(const json_t *incident, str word)
{
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(incident, "ips"), i, row)
		if (str_eq(text_of(row, "ip"), word))
			return true;
	return false;
}

static bool names_incident(const json_t *incident, str word)
{
	uint64_t number;
	const json_t *messages = json_object_get(incident, "messages");
	if (str_u64(word, UINT32_MAX, &number))
		return (json_int_t)number == json_integer_value(json_object_get(incident, "n"));
	return str_eq(text_of(incident, "id"), word) || str_eq(text_of(incident, "cause_id"), word) ||
	       names_actor(incident, word) || names_ip(incident, word) || in_list(json_object_get(messages, "ids"), word) ||
	       in_list(json_object_get(messages, "derived_ids"), word);
}

static json_t *select_rows(const json_t *list, str word, bool (*names)(const json_t *, str))
{
	size_t i;
	json_t *row, *chosen = json_array();
	json_array_foreach(list, i, row)
		if (names(row, word))
			json_array_append(chosen, row);
	return chosen;
}

static void show_evidence(struct buf *out, const json_t *reason)
{
	size_t i;
	const json_t *line;
	json_array_foreach(json_object_get(reason, "evidence"), i, line) {
		buf_add(out, STR("      "));
		print_text(out, text_of(line, "path"));
		buf_printf(out, ":%lld\n        ", (long long)json_integer_value(json_object_get(line, "line")));
		print_text(out, text_of(line, "text"));
		buf_char(out, '\n');
	}
}

static void show_reasons(struct buf *out, const json_t *incident)
{
	size_t i;
	const json_t *reason;
	buf_add(out, STR("   proof:\n"));
	json_array_foreach(json_object_get(incident, "reasons"), i, reason) {
		buf_printf(out, "    %zu. ", i + 1);
		print_text(out, text_of(reason, "says"));
		buf_printf(out, " (%s, weight %.2f, grade %s)\n", json_string_value(json_object_get(reason, "rule")),
			   json_real_value(json_object_get(reason, "weight")),
			   json_string_value(json_object_get(reason, "grade")));
		show_evidence(out, reason);
	}
}

static void show_counted(struct buf *out, const json_t *incident, const char *key, const char *field, const char *title)
{
	size_t i;
	const json_t *row;
	const json_t *list = json_object_get(incident, key);
	if (!json_array_size(list))
		return;
	buf_printf(out, "   %s:\n", title);
	json_array_foreach(list, i, row) {
		buf_printf(out, "    %6lld  ", (long long)json_integer_value(json_object_get(row, "count")));
		print_text_max(out, text_of(row, field), 100);
		buf_char(out, '\n');
	}
}

static void show_ips(struct buf *out, const json_t *incident)
{
	size_t i;
	const json_t *row;
	buf_add(out, STR("   addresses:\n"));
	json_array_foreach(json_object_get(incident, "ips"), i, row) {
		buf_printf(out, "    %6lld  ", (long long)json_integer_value(json_object_get(row, "hits")));
		print_text(out, text_of(row, "ip"));
		buf_add(out, STR(" ("));
		print_text(out, text_of(row, "role"));
		buf_add(out, STR(")  "));
		print_text(out, text_of(row, "first"));
		buf_add(out, STR(" to "));
		print_text(out, text_of(row, "last"));
		buf_char(out, '\n');
	}
}

static void show_text(struct buf *out, const json_t *incidents, const json_t *cleared, bool color)
{
	size_t i;
	const json_t *row;
	json_array_foreach(incidents, i, row) {
		scan_print_incident(out, row, color);
		show_reasons(out, row);
		show_counted(out, row, "subjects", "text", "subjects");
		show_counted(out, row, "senders", "address", "envelope senders");
		show_ips(out, row);
		buf_char(out, '\n');
	}
	if (json_array_size(cleared))
		scan_print_cleared(out, cleared);
	if (!json_array_size(incidents) && !json_array_size(cleared))
		buf_add(out, STR("Nothing in this host's logs and queue speaks of that as an actor of spam.\n"));
}

int why_show(const json_t *report, str word, bool as_json, bool color, int fd, struct err *err)
{
	json_t *incidents = select_rows(json_object_get(report, "incidents"), word, names_incident);
	json_t *cleared = select_rows(json_object_get(report, "cleared"), word, names_actor);
	json_t *answer = json_pack("{s:s, s:s%, s:O, s:O, s:O}", "schema", "quell.why/1", "query", word.at, word.len, "now",
				   json_object_get(report, "now"), "incidents", incidents, "cleared", cleared);
	struct buf out = BUF_INIT;
	int rc;
	if (!answer) {
		rc = err_set(err, ERR_USAGE, "why: the word is not UTF-8");
	} else if (as_json) {
		rc = scan_print_json(answer, fd, err);
	} else {
		show_text(&out, incidents, cleared, color);
		rc = buf_write(&out, fd, err);
	}
	int code = answer ? scan_code(answer) : 0;
	buf_done(&out);
	json_decref(answer);
	json_decref(incidents);
	json_decref(cleared);
	return rc ? rc : code;
}
