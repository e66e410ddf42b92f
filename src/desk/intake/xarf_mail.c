/* SPDX-License-Identifier: Apache-2.0
 *
 * xarf_mail: X-ARF 0.1 and 0.2 by mail: header X-XARF: PLAIN and a part
 * report.txt in a subset of YAML, which reads like header fields; or the same
 * fields inline in the text, or the part under another name.
 */
#include "desk/intake/formats.h"

#include "desk/intake/date.h"
#include "desk/intake/text.h"

static bool is_report(const struct headers *fields)
{
	return headers_has(fields, "Source") && headers_has(fields, "Report-Type");
}

static bool is_text(const struct part *part)
{
	static const char *const ends[] = { ".yaml", ".yml", ".txt" };
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (part_is_named(part, ends[i]))
			return true;
	return str_starts(part->type, STR("text/")) || str_ends(part->type, STR("yaml"));
}

static bool find_report(const struct reading *reading, struct headers *out)
{
	const struct mime *mime = reading->mime;
	for (size_t i = 0; i < mime->count; i++)
		if (is_text(&mime->parts[i]) &&
		    headers_find(reading->arena, part_text(mime, &mime->parts[i]), is_report, out))
			return true;
	return false;
}

/* A value, without the quote marks that YAML permits. */
static str value_of(const struct headers *report, const char *name)
{
	return text_unquoted(headers_get(report, name));
}

static bool is_about_spam(const struct headers *report)
{
	return text_contains(value_of(report, "Category"), "spam") ||
	       text_contains(value_of(report, "Report-Type"), "spam");
}

static bool read(struct reading *reading)
{
	struct headers report;
	if (!find_report(reading, &report))
		return false;
	str version = value_of(&report, "Version");
	bool spam = is_about_spam(&report);
	reading_set(reading, "xarf-mail-0.2", spam ? CLASS_SPAM : CLASS_OTHER, REPORTER_BLOCKLIST);
	if (version.len)
		reading->out->format = arena_printf(reading->arena, "xarf-mail-%.*s", STR_ARG(str_head(version, 8)));
	reading->out->external_id = value_of(&report, "Report-ID");
	struct claim claim = reading_field_claim(value_of(&report, "Source"));
	if (!claim.has)
		words_add(&reading->out->degraded, STR("source-unreadable"));
	if (!reading_add_enclosed(reading, &claim))
		reading_add_text(reading, STR(""), &claim);
	for (size_t i = 0; i < reading->out->items.count; i++)
		date_parse(value_of(&report, "Date"), &reading->out->items.at[i].arrival, NULL);
	return true;
}

const struct intake intake_xarf_mail = { "xarf-mail", "X-ARF 0.1, 0.2", read, ENCLOSED_ALWAYS };
