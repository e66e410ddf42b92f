/* SPDX-License-Identifier: Apache-2.0
 *
 * scan_forms: columns of incidents, and the sections of the HTML report.
 */
#include "show/scan_forms.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/print.h"
#include "show/html.h"
#include "show/scan_text.h"

static const struct column columns[] = {
	{ "n", "no", COLUMN_NUMBER },
	{ "id", "id", COLUMN_TEXT },
	{ "direction", "direction", COLUMN_TEXT },
	{ "vector", "vector", COLUMN_TEXT },
	{ "blame", "blame", COLUMN_YES },
	{ "ongoing", "going on", COLUMN_YES },
	{ "account", "account", COLUMN_TEXT },
	{ "mailbox", "mailbox", COLUMN_TEXT },
	{ "script", "script", COLUMN_TEXT },
	{ "first", "first", COLUMN_TIME },
	{ "last", "last", COLUMN_TIME },
	{ "peak_per_hour", "peak per hour", COLUMN_NUMBER },
	{ "confidence", "sure", COLUMN_SHARE },
	{ "grade", "grade", COLUMN_TEXT },
	{ "cause_id", NULL, COLUMN_TEXT },
	{ "entry_script", NULL, COLUMN_TEXT },
	{ 0 },
};

static const struct column ip_columns[] = {
	{ "ip", "address", COLUMN_TEXT },   { "role", "as", COLUMN_TEXT },   { "hits", "times", COLUMN_NUMBER },
	{ "first", "first", COLUMN_TIME }, { "last", "last", COLUMN_TIME }, { 0 },
};
static const struct column domain_columns[] = { { "domain", "domain", COLUMN_TEXT }, { "count", "people", COLUMN_NUMBER }, { 0 } };
static const struct column subject_columns[] = { { "text", "subject", COLUMN_TEXT }, { "count", "mails", COLUMN_NUMBER }, { 0 } };
static const struct column sender_columns[] = { { "address", "sender", COLUMN_TEXT }, { "count", "mails", COLUMN_NUMBER }, { 0 } };
static const struct column cleared_columns[] = {
	{ "account", "account", COLUMN_TEXT }, { "mailbox", "mailbox", COLUMN_TEXT }, { "script", "script", COLUMN_TEXT },
	{ "looked_like", "looked like", COLUMN_TEXT }, { "why_not", "but", COLUMN_TEXT }, { 0 },
};
static const struct column blind_columns[] = {
	{ "missing", "missing", COLUMN_TEXT }, { "hides", "what that hides", COLUMN_TEXT }, { "fix", "what would show it", COLUMN_TEXT },
	{ 0 },
};

static void text(struct buf *out, str value)
{
	print_html(out, value);
}

/* --- the plot ------------------------------------------------------------------------ */

static str bar_label(struct buf *labels, usec at)
{
	size_t from = labels->len;
	struct civil civil = clock_to_civil(at);
	buf_printf(labels, "%02d-%02d %02d:00", civil.month, civil.day, civil.hour);
	return (str){ labels->at + from, labels->len - from };
}

/* Labels point into one buffer, which must not move while bars are made: it is filled once before. */
static void plot(struct buf *out, const json_t *incident, const char *id)
{
	const json_t *timeline = json_object_get(incident, "timeline");
	const json_t *spam = json_object_get(timeline, "spam"), *other = json_object_get(timeline, "other");
	size_t count = json_array_size(spam);
	long long hours = view_int(timeline, "bar_hours");
	usec from;
	if (!count || !clock_parse(view_str(timeline, "from"), USEC_NEVER, &from))
		return;
	struct html_bar *bars = mem_alloc(count * sizeof(*bars));
	struct buf labels = BUF_INIT;
	for (int pass = 0; pass < 2; pass++) {
		labels.len = 0;
		for (size_t i = 0; i < count; i++) {
			long long mail = json_integer_value(json_array_get(spam, i)), past = json_integer_value(json_array_get(other, i));
			bars[i] = (struct html_bar){ mail + past, mail > 0,
						     bar_label(&labels, from + (usec)i * hours * 3600 * USEC_PER_SEC) };
		}
	}
	buf_add(out, STR("<p class=\"quiet\">People written to in every "));
	if (hours > 1)
		buf_printf(out, "%lld hours", hours);
	else
		buf_add(out, STR("hour"));
	buf_add(out, STR(" (UTC): red in <span class=\"bad\">this incident</span>, blue by the sender's other mail.</p>\n"));
	html_chart(out, id, STR("people written to over time"), bars, count);
	free(bars);
	buf_done(&labels);
}

/* --- sections --------------------------------------------------------------------------- */

static void table(struct buf *out, const json_t *incident, const char *heading, const struct column *list, const char *key)
{
	char label[64];
	const json_t *rows = json_object_get(incident, key);
	if (!json_array_size(rows))
		return;
	snprintf(label, sizeof(label), "%s, incident %lld", heading, view_int(incident, "n"));
	buf_printf(out, "<div><h3>%s</h3>\n", heading);
	view_html_table(out, str_from(label), list, rows);
	buf_add(out, STR("</div>\n"));
}

static void proof(struct buf *out, const json_t *incident)
{
	size_t i, k;
	const json_t *reason, *line;
	buf_add(out, STR("<h3>Proof</h3>\n<ul>\n"));
	json_array_foreach(json_object_get(incident, "reasons"), i, reason) {
		buf_add(out, STR("<li>"));
		text(out, view_str(reason, "says"));
		buf_add(out, STR(" <span class=\"quiet\">(grade "));
		text(out, view_str(reason, "grade"));
		buf_add(out, STR(")</span>\n"));
		json_array_foreach(json_object_get(reason, "evidence"), k, line) {
			buf_add(out, STR("<pre>"));
			text(out, view_str(line, "path"));
			buf_printf(out, ":%lld\n", view_int(line, "line"));
			text(out, view_str(line, "text"));
			buf_add(out, STR("</pre>\n"));
		}
		buf_add(out, STR("</li>\n"));
	}
	buf_add(out, STR("</ul>\n"));
}

/* The same sentences as on the terminal; behind the first, which is the heading, stands whether it still goes on. */
static void sentences(struct buf *out, const json_t *incident)
{
	struct buf words = BUF_INIT;
	scan_print_incident(&words, incident, false);
	str rest = buf_str(&words);
	str_word(&rest); /* its number */
	str first = str_trim(str_cut(&rest, '\n'));
	bool ongoing = view_true(incident, "ongoing");
	str state = ongoing ? STR("going on") : STR("over");
	if (str_ends(first, state))
		first = str_trim(str_head(first, first.len - state.len));
	buf_printf(out, "<h2>%lld. ", view_int(incident, "n"));
	text(out, first);
	buf_printf(out, " <span class=\"state%s\">%s</span></h2>\n", ongoing ? " bad" : "", state.at);
	while (rest.len) {
		buf_add(out, STR("<p>"));
		text(out, str_trim(str_cut(&rest, '\n')));
		buf_add(out, STR("</p>\n"));
	}
	buf_done(&words);
}

static void show_incident(struct buf *out, const json_t *incident)
{
	char id[32];
	snprintf(id, sizeof(id), "plot-%lld", view_int(incident, "n"));
	buf_add(out, STR("<section>\n"));
	sentences(out, incident);
	plot(out, incident, id);
	proof(out, incident);
	table(out, incident, "From where", ip_columns, "ips");
	buf_add(out, STR("<div class=\"beside\">\n"));
	table(out, incident, "Where it went", domain_columns, "domains");
	table(out, incident, "Subjects", subject_columns, "subjects");
	table(out, incident, "Senders", sender_columns, "senders");
	buf_add(out, STR("</div>\n</section>\n"));
}

static void summary(struct buf *out, const json_t *report)
{
	const json_t *host = json_object_get(report, "host"), *window = json_object_get(report, "window");
	const json_t *totals = json_object_get(report, "totals");
	buf_add(out, STR("<p class=\"lead\">"));
	text(out, view_str(host, "name"));
	buf_add(out, STR(", "));
	text(out, view_str(host, "panel"));
	buf_printf(out, ": %zu incidents among %lld messages, ", json_array_size(json_object_get(report, "incidents")),
		   view_int(totals, "messages"));
	text(out, view_str(window, "from"));
	buf_add(out, STR(" to "));
	text(out, view_str(window, "to"));
	buf_printf(out, "; %lld queued</p>\n", view_int(totals, "queued"));
}

static void html_report(struct buf *out, const json_t *report)
{
	size_t i;
	const json_t *incident;
	summary(out, report);
	json_array_foreach(json_object_get(report, "incidents"), i, incident)
		show_incident(out, incident);
	html_section(out, "Looks guilty, is not");
	view_html_table(out, STR("Looks guilty, is not"), cleared_columns, json_object_get(report, "cleared"));
	html_section_end(out);
	html_section(out, "Not visible on this host");
	view_html_table(out, STR("Not visible"), blind_columns, json_object_get(report, "blind"));
	html_section_end(out);
}

int scan_show_form(const json_t *report, enum output output, int fd, struct err *err)
{
	static const struct view view = { "Outbound spam: what was found", "incidents", columns, .html = html_report };
	int rc = view_print(&view, report, output, false, fd, err);
	return rc < 0 ? rc : scan_code(report);
}
