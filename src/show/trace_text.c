/* SPDX-License-Identifier: Apache-2.0
 *
 * trace_text: messages and their events.
 */
#include "show/trace_text.h"

#include "base/log.h"
#include "base/print.h"

const struct column trace_columns[] = {
	{ "at", "at", COLUMN_TIME },
	{ "message", "message", COLUMN_TEXT },
	{ "kind", "kind", COLUMN_TEXT },
	{ "text", "text", COLUMN_TEXT },
	{ "path", NULL, COLUMN_TEXT },
	{ "line", NULL, COLUMN_NUMBER },
	{ 0 },
};

/* Messages and events come in the same order, so that *from never goes back. */
static const json_t *next_message(const json_t *report, str id, size_t *from)
{
	const json_t *messages = json_object_get(report, "messages");
	for (size_t i = *from; i < json_array_size(messages); i++)
		if (str_eq(view_str(json_array_get(messages, i), "id"), id)) {
			*from = i + 1;
			return json_array_get(messages, i);
		}
	return NULL;
}

static void part(struct buf *out, const char *before, str text)
{
	if (!text.len)
		return;
	buf_add(out, str_from(before));
	print_text(out, text);
}

static void head(struct buf *out, const json_t *message, str id, bool color)
{
	size_t people = json_array_size(json_object_get(message, "recipients"));
	buf_add(out, color ? STR("\x1b[1m") : STR(""));
	print_text(out, id.len ? id : STR("of no message"));
	if (message) {
		buf_add(out, STR(" <"));
		print_text(out, view_str(message, "sender"));
		buf_printf(out, "> to %zu", people);
		part(out, ", login ", view_str(message, "login"));
		part(out, ", account ", view_str(message, "account"));
		part(out, ", from ", view_str(message, "ip"));
		part(out, ", bounce of ", view_str(message, "bounce_of"));
		if (view_true(message, "forged"))
			buf_add(out, STR(", FORGED: the queue knows nothing of it"));
	}
	buf_add(out, color ? STR("\x1b[0m\n") : STR("\n"));
}

void trace_text(struct buf *out, const json_t *report, const void *context, bool color)
{
	(void)context;
	size_t i, from = 0;
	const json_t *event;
	str last = STR("-");
	json_array_foreach(json_object_get(report, "events"), i, event) {
		str id = view_str(event, "message");
		if (!str_eq(id, last)) {
			buf_add(out, i ? STR("\n") : STR(""));
			head(out, next_message(report, id, &from), id, color);
			last = id;
		}
		buf_printf(out, "  %-8s", json_string_value(json_object_get(event, "kind")));
		print_text(out, view_str(event, "text"));
		buf_char(out, '\n');
	}
	if (!json_array_size(json_object_get(report, "events")))
		log_warn("nothing matches");
	if (json_array_size(json_object_get(report, "blind")))
		buf_char(out, '\n');
	view_blind(out, report);
}
