/* SPDX-License-Identifier: Apache-2.0
 *
 * xarf_mail: X-ARF 0.1 and 0.2 by mail: header X-XARF: PLAIN and a part
 * report.txt in a subset of YAML, which reads like header fields; or the same
 * fields inline in the text.
 */
#include "desk/intake/formats.h"

#include "desk/intake/date.h"
#include "desk/intake/text.h"

static bool is_report(const struct headers *fields)
{
	return headers_has(fields, "Source") && headers_has(fields, "Report-Type");
}

/* The inline form starts at its X-XARF line, wherever in the text that is. */
static str inline_report(str text)
{
	for (str rest = text, before = rest; rest.len; before = rest)
		if (str_starts_nocase(header_line(&rest), STR("X-XARF:")))
			return before;
	return STR("");
}

static bool find_report(const struct reading *reading, struct headers *out)
{
	const struct mime *mime = reading->mime;
	for (size_t i = 0; i < mime->count; i++) {
		if (!str_starts(mime->parts[i].type, STR("text/")))
			continue;
		headers_parse(reading->arena, part_text(mime, &mime->parts[i]), out);
		if (is_report(out))
			return true;
	}
	headers_parse(reading->arena, inline_report(reading->text), out);
	return is_report(out);
}

static bool is_about_spam(const struct headers *report)
{
	return text_contains(headers_get(report, "Category"), "spam") ||
	       text_contains(headers_get(report, "Report-Type"), "spam");
}

static bool read(struct reading *reading)
{
	struct headers report;
	if (!find_report(reading, &report))
		return false;
	str version = headers_get(&report, "Version");
	bool spam = is_about_spam(&report);
	reading_set(reading, "xarf-mail-0.2", spam ? CLASS_SPAM : CLASS_OTHER, REPORTER_BLOCKLIST);
	if (version.len)
		reading->out->format = arena_printf(reading->arena, "xarf-mail-%.*s", STR_ARG(str_head(version, 8)));
	reading->out->external_id = headers_get(&report, "Report-ID");
	struct claim claim = reading_field_claim(headers_get(&report, "Source"));
	if (!claim.has)
		words_add(&reading->out->degraded, STR("source-unreadable"));
	if (!reading_add_enclosed(reading, &claim))
		reading_add_text(reading, STR(""), &claim);
	for (size_t i = 0; i < reading->out->items.count; i++)
		date_parse(headers_get(&report, "Date"), &reading->out->items.at[i].arrival, NULL);
	return true;
}

const struct intake intake_xarf_mail = { "xarf-mail", "X-ARF 0.1, 0.2", read };
