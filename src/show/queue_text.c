/* SPDX-License-Identifier: Apache-2.0
 *
 * queue_text: lists, counts and single messages of the queue.
 */
#include "show/queue_text.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/print.h"

const struct column queue_columns[] = {
	{ "id", "id", COLUMN_TEXT },
	{ "age", "age", COLUMN_AGE },
	{ "size", "size", COLUMN_SIZE },
	{ "sender", "sender", COLUMN_TEXT },
	{ "account", "account", COLUMN_TEXT },
	{ "login", "login", COLUMN_TEXT },
	{ "script", "script", COLUMN_TEXT },
	{ "ip", "from", COLUMN_TEXT },
	{ "frozen", "frozen", COLUMN_YES },
	{ "subject", "subject", COLUMN_TEXT },
	{ "recipients", "recipients", COLUMN_LIST },
	{ "received", NULL, COLUMN_TIME },
	{ "frozen_since", NULL, COLUMN_TIME },
	{ "protocol", NULL, COLUMN_TEXT },
	{ "submitter", NULL, COLUMN_TEXT },
	{ "queue", NULL, COLUMN_TEXT },
	{ "damage", NULL, COLUMN_TEXT },
	{ 0 },
};

const struct column queue_group_columns[] = {
	{ "messages", "mails", COLUMN_NUMBER },
	{ "recipients", "waiting", COLUMN_NUMBER },
	{ "frozen", "frozen", COLUMN_NUMBER },
	{ "bytes", "size", COLUMN_SIZE },
	{ "oldest", "oldest", COLUMN_AGE },
	{ "newest", "newest", COLUMN_AGE },
	{ "key", "who", COLUMN_TEXT },
	{ 0 },
};

/* On stderr: the list itself stays what exim -bp prints. */
static void warn_blind(const json_t *report)
{
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(report, "blind"), i, row)
		log_warn("%s", json_string_value(json_object_get(row, "missing")));
}

static bool is_bounce(const json_t *message)
{
	return view_str(message, "sender").len == 0;
}

static void sender(struct buf *out, const json_t *message)
{
	buf_add(out, STR("<"));
	print_text(out, view_str(message, "sender"));
	buf_add(out, STR(">"));
}

/* --- exim -bp ---------------------------------------------------------------------- */

static void long_recipients(struct buf *out, const json_t *message, const struct queue_display *display)
{
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(message, "recipients"), i, row) {
		bool delivered = view_true(row, "delivered");
		if (delivered && display->undelivered)
			continue;
		buf_printf(out, "        %s ", delivered ? "D" : " ");
		print_text(out, view_str(row, "address"));
		buf_char(out, '\n');
	}
	json_array_foreach(json_object_get(message, "generated"), i, row) {
		if (!display->generated)
			break;
		buf_add(out, STR("       +D "));
		print_text(out, str_from(json_string_value(row)));
		buf_char(out, '\n');
	}
	buf_char(out, '\n');
}

/* The columns of age and size are two and five wide; a damaged file has neither. */
static void long_message(struct buf *out, const json_t *message, const struct queue_display *display)
{
	struct buf age = BUF_INIT;
	bool damaged = view_str(message, "damage").len > 0, envelope = json_object_get(message, "sender") != NULL;
	if (envelope) {
		clock_print_age(&age, view_int(message, "age") * USEC_PER_SEC);
		buf_printf(out, "%3.*s ", STR_ARG(buf_str(&age)));
	}
	size_print(out, (uint64_t)view_int(message, "size"));
	buf_char(out, ' ');
	print_text(out, view_str(message, "id"));
	if (envelope) {
		buf_char(out, ' ');
		sender(out, message);
	}
	if (view_true(message, "sender_set_untrusted")) {
		buf_add(out, STR(" ("));
		print_text(out, view_str(message, "submitter"));
		buf_char(out, ')');
	}
	if (damaged)
		buf_printf(out, "\n    *** spool format error: size=%lld ***", view_int(message, "file_bytes"));
	if (view_true(message, "frozen"))
		buf_add(out, STR(" *** frozen ***"));
	buf_char(out, '\n');
	if (envelope)
		long_recipients(out, message, display);
	else
		buf_char(out, '\n');
	buf_done(&age);
}

/* --- exiqgrep -b --------------------------------------------------------------------- */

static void brief_message(struct buf *out, const json_t *message, const struct queue_display *display)
{
	size_t i, shown = 0;
	const json_t *row;
	print_text(out, view_str(message, "id"));
	buf_add(out, STR(" From: "));
	sender(out, message);
	buf_add(out, STR(" To: "));
	json_array_foreach(json_object_get(message, "recipients"), i, row) {
		if (display->undelivered && view_true(row, "delivered"))
			continue;
		buf_add(out, shown++ ? STR(";") : STR(""));
		print_text(out, view_str(row, "address"));
	}
	buf_char(out, '\n');
}

void queue_text_list(struct buf *out, const json_t *report, const void *context, bool color)
{
	(void)color;
	size_t i;
	const json_t *message;
	const struct queue_display *display = context;
	json_array_foreach(json_object_get(report, "messages"), i, message) {
		if (display->form == QUEUE_LONG) {
			long_message(out, message, display);
		} else if (display->form == QUEUE_BRIEF) {
			brief_message(out, message, display);
		} else {
			print_text(out, view_str(message, "id"));
			buf_char(out, '\n');
		}
	}
	warn_blind(report);
}

void queue_text_count(struct buf *out, const json_t *report, const void *context, bool color)
{
	(void)color;
	long long matched = view_int(report, "matched");
	if (*(const bool *)context)
		buf_printf(out, "%lld matches out of %lld messages\n", matched, view_int(report, "total"));
	else
		buf_printf(out, "%lld\n", matched);
	warn_blind(report);
}

/* --- one message ------------------------------------------------------------------------ */

static void fact(struct buf *out, const char *name, str value)
{
	if (!value.len)
		return;
	buf_printf(out, "%-11s", name);
	print_text(out, value);
	buf_char(out, '\n');
}

/* Lines of outside text, each printable and behind the same mark. */
static void lines(struct buf *out, const char *mark, str text)
{
	while (text.len) {
		buf_add(out, str_from(mark));
		print_text(out, str_cut(&text, '\n'));
		buf_char(out, '\n');
	}
}

static void show_envelope(struct buf *out, const json_t *message)
{
	size_t i;
	const json_t *row;
	fact(out, "id", view_str(message, "id"));
	fact(out, "queue", view_str(message, "queue"));
	fact(out, "sender", is_bounce(message) ? STR("<> (a bounce)") : view_str(message, "sender"));
	fact(out, "account", view_str(message, "account"));
	fact(out, view_true(message, "smtp_auth") ? "mailbox" : "login", view_str(message, "login"));
	fact(out, "script", view_str(message, "script"));
	fact(out, "from", view_str(message, "ip"));
	fact(out, "helo", view_str(message, "helo"));
	fact(out, "protocol", view_str(message, "protocol"));
	fact(out, "received", view_str(message, "received"));
	fact(out, "frozen", view_str(message, "frozen_since"));
	json_array_foreach(json_object_get(message, "recipients"), i, row)
		fact(out, view_true(row, "delivered") ? "delivered" : "waiting", view_str(row, "address"));
	json_array_foreach(json_object_get(message, "generated"), i, row)
		fact(out, "and so", str_from(json_string_value(row)));
}

static void show_message(struct buf *out, const json_t *message)
{
	size_t i;
	const json_t *row;
	str damage = view_str(message, "damage"), body = view_str(message, "body");
	if (damage.len) {
		fact(out, "id", view_str(message, "id"));
		fact(out, "damaged", damage);
		lines(out, "  ", view_str(message, "file"));
	} else {
		show_envelope(out, message);
		buf_add(out, STR("\nheaders\n"));
	}
	json_array_foreach(json_object_get(message, "headers"), i, row)
		lines(out, str_eq(view_str(row, "type"), STR("*")) ? "* " : "  ", view_str(row, "text"));
	buf_add(out, STR("\nbody\n"));
	lines(out, "  ", body);
	fact(out, "  unread:", view_str(message, "body_problem"));
	if (view_int(message, "body_bytes") > (long long)body.len)
		buf_printf(out, "  (of %lld bytes in all)\n", view_int(message, "body_bytes"));
	buf_add(out, STR("\nlog\n"));
	json_array_foreach(json_object_get(message, "log"), i, row)
		lines(out, "  ", str_from(json_string_value(row)));
}

void queue_text_show(struct buf *out, const json_t *report, const void *context, bool color)
{
	(void)context;
	(void)color;
	size_t i;
	const json_t *message;
	json_array_foreach(json_object_get(report, "messages"), i, message)
		show_message(out, message);
	warn_blind(report);
}
