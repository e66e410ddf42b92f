/* SPDX-License-Identifier: Apache-2.0
 *
 * arf: feedback reports, RFC 5965 with RFC 6591, 6430, 6692 and what senders
 * make of them: outer type multipart/mixed, the report part in base64 or
 * indented, fields twice, host names behind the address, report-type absent.
 */
#include "desk/intake/formats.h"

#include <stdlib.h>

#include "desk/intake/blocks.h"
#include "desk/intake/date.h"
#include "desk/intake/text.h"
#include "model/address.h"
#include "model/exim_id.h"

/* Feedback types that are not complaints about spam (RFC 5965, 6430, 6591 and the registry). */
static const struct feedback {
	const char *type, *format;
	enum complaint_class class;
} feedbacks[] = {
	{ "abuse", NULL, CLASS_SPAM },
	{ "fraud", NULL, CLASS_SPAM },
	{ "virus", NULL, CLASS_SPAM },
	{ "complaint", NULL, CLASS_SPAM },
	{ "not-spam", NULL, CLASS_NOT_SPAM },
	{ "opt-out", NULL, CLASS_OPT_OUT },
	{ "opt-out-list", NULL, CLASS_OPT_OUT },
	{ "list-unsubscribe", NULL, CLASS_OPT_OUT },
	{ "unsubscribe", NULL, CLASS_OPT_OUT },
	{ "auth-failure", "arf-auth-failure", CLASS_AUTH_FAILURE },
	{ "dmarc", "arf-auth-failure", CLASS_AUTH_FAILURE },
	{ "dkim", "arf-auth-failure", CLASS_AUTH_FAILURE },
	{ "miscategorized", NULL, CLASS_OTHER },
	{ "other", NULL, CLASS_OTHER },
	{ "xarf", NULL, CLASS_SPAM },
};

/* A type that nobody registered is taken by its word. */
static const struct feedback *feedback_of(str type)
{
	static const struct feedback unknown = { NULL, NULL, CLASS_OTHER };
	static const char *const words[] = { "spam", "abus", "junk", "phish", "complain" };
	for (size_t i = 0; i < sizeof(feedbacks) / sizeof(*feedbacks); i++)
		if (str_eq_nocase(type, str_from(feedbacks[i].type)))
			return &feedbacks[i];
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (text_contains(type, words[i]))
			return &feedbacks[0];
	return &unknown;
}

static bool is_report(const struct headers *fields)
{
	return headers_has(fields, "Feedback-Type") &&
	       (headers_has(fields, "Version") || headers_has(fields, "User-Agent") ||
		headers_has(fields, "Source-IP"));
}

/* In the part made for it; else in a text beside or before the mail. */
static bool find_report(struct reading *reading, struct headers *out)
{
	const struct mime *mime = reading->mime;
	const struct part *part = mime_find(mime, "message/feedback-report");
	if (part) {
		headers_parse(reading->arena, part_bytes(mime, part, TEXT_BYTES_MAX), out);
		return out->count > 0;
	}
	for (size_t i = 0; i < mime->count; i++)
		if (str_starts(mime->parts[i].type, STR("text/")) &&
		    headers_find(reading->arena, text_unquote(reading->arena, part_text(mime, &mime->parts[i])),
				 is_report, out))
			return true;
	return false;
}

/* Two different Source-IPs: the first is taken, and the report is marked. */
static struct claim source_claim(struct reading *reading, const struct headers *report)
{
	struct claim first = CLAIM_NONE;
	for (size_t i = 0; i < report->count; i++) {
		if (!str_eq_nocase(report->at[i].name, STR("Source-IP")))
			continue;
		struct claim claim = reading_field_claim(report->at[i].value);
		if (first.has && claim.has && !ip_eq(first.ip, claim.ip))
			words_add(&reading->out->degraded, STR("two-source-ips"));
		else if (claim.has && !first.has)
			first = claim;
		else if (!claim.has)
			words_add(&reading->out->degraded, STR("source-ip-unreadable"));
	}
	return first;
}

static str all_recipients(struct reading *reading, const struct headers *report)
{
	struct words list = { 0 };
	str joined = STR("");
	for (size_t i = 0; i < report->count; i++)
		if (str_eq_nocase(report->at[i].name, STR("Original-Rcpt-To")))
			words_add(&list, text_address(report->at[i].value));
	for (size_t i = 0; i < list.list.count; i++)
		joined = arena_printf(reading->arena, "%.*s%s%.*s", STR_ARG(joined), i ? "," : "",
				      STR_ARG(list.list.at[i]));
	free(list.list.at);
	return joined;
}

static void prefer(str *field, str value)
{
	if (value.len)
		*field = value;
}

/* What the report says about the mail stands above what the mail says about itself. */
static void take_report_fields(struct reading *reading, const struct headers *report, struct item *item)
{
	uint64_t incidents;
	prefer(&item->sender, text_address(headers_get(report, "Original-Mail-From")));
	prefer(&item->recipient, all_recipients(reading, report));
	str arrival = headers_get(report, "Arrival-Date");
	if (!date_parse(arrival.len ? arrival : headers_get(report, "Received-Date"), &item->arrival, NULL))
		item->arrival = USEC_NEVER;
	if (str_u64(headers_get(report, "Incidents"), 1000000, &incidents) && incidents)
		item->weight = incidents;
	str envelope_id = headers_get(report, "Original-Envelope-Id");
	if (exim_id_shape(envelope_id))
		words_add(&item->mta_ids, envelope_id);
}

/* Fields that RFC 5965 section 3.1 wants exactly once. */
static void check_form(struct reading *reading, const struct headers *report)
{
	static const char *const required[] = { "Feedback-Type", "User-Agent", "Version" };
	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++) {
		size_t count = 0;
		for (size_t j = 0; j < report->count; j++)
			count += str_eq_nocase(report->at[j].name, str_from(required[i]));
		if (count != 1)
			words_add(&reading->out->degraded, STR("arf-fields"));
	}
}

static bool is_trap(const struct reading *reading, const struct headers *report)
{
	return text_contains(reading->subject, "trap") || text_contains(headers_get(report, "User-Agent"), "abusix") ||
	       text_contains(headers_get(report, "User-Agent"), "trap");
}

/* Reports of type xarf are read here only when their JSON was not. */
static bool read(struct reading *reading)
{
	struct headers report;
	if (!find_report(reading, &report))
		return false;
	str type = headers_get(&report, "Feedback-Type");
	const struct feedback *feedback = feedback_of(type);
	bool standard = str_eq(reading->mime->type, STR("multipart/report"));
	reading_set(reading,
		    feedback->format ? feedback->format
		    : standard	     ? "arf"
				     : "arf-mixed",
		    feedback->class, is_trap(reading, &report) ? REPORTER_TRAP : REPORTER_FBL);
	reading->out->feedback_type = type;
	check_form(reading, &report);
	struct claim claim = source_claim(reading, &report);
	size_t before = reading->out->items.count;
	if (!reading_add_enclosed(reading, &claim) && !reading_add_written(reading, &claim))
		reading_add_text(reading, STR(""), &claim);
	for (size_t i = before; i < reading->out->items.count; i++)
		take_report_fields(reading, &report, &reading->out->items.at[i]);
	return true;
}

const struct intake intake_arf = { "arf", "feedback report (ARF)", read, ENCLOSED_ALWAYS };
