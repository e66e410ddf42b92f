/* SPDX-License-Identifier: Apache-2.0
 *
 * xarf_json: XARF 1 to 4 as JSON, as a file or in a mail.
 *
 * Version 3 is found in three shapes: SourceIp with Samples[].Payload,
 * SourceIp with one Sample object, Source.IP with Attachment[].Data; version 4
 * has source_identifier and evidence[]. One table names where each value
 * lies. DestinationIp and the like are the reporter's side and never read.
 * JSON with duplicate keys is refused: two readers would see two reports.
 */
#include "desk/intake/formats.h"

#include <jansson.h>
#include <stdio.h>

#include "desk/intake/date.h"
#include "desk/intake/text.h"

enum { JSON_VALUES_MAX = 50000, PATHS_MAX = 6 };

/* jansson needs some 40 bytes for a value that takes two in the text, so values are counted before. */
static bool is_small_enough(str text)
{
	size_t values = 0;
	bool quoted = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == '[' || c == '{'))
			values++;
	}
	return values <= JSON_VALUES_MAX;
}

static bool is_json_part(const struct part *part)
{
	return str_ends(part->type, STR("/json")) || str_ends(part->type, STR("+json")) || part_is_named(part, ".json");
}

/* Dotted paths, tried in order; "0" is the first element of an array. */
static const struct xarf_field {
	const char *path[PATHS_MAX];
} field_source = { { "source_identifier", "Report.SourceIp", "Report.SourceIP", "Report.Source.IP", "Report.Source.Ip",
		     "SourceIp" } },
  field_date = { { "timestamp", "Report.Date", "Date" } },
  field_id = { { "report_id", "Report.ReporterCaseID", "ReportID", "Report.ReportID" } },
  field_sender = { { "smtp_from", "Report.SmtpMailFromAddress", "Report.SmtpMailFrom",
		     "Report.AdditionalInfo.SMTPFrom" } },
  field_recipient = { { "smtp_to", "Report.SmtpRcptToAddress", "Report.SmtpRcptTo" } },
  field_subject = { { "subject", "Report.SmtpMessageSubject", "Report.SmtpSubject", "Report.AdditionalInfo.Subject" } },
  field_message_id = { { "message_id", "Report.SmtpMessageId" } },
  field_reporter = { { "reporter.contact", "ReporterInfo.ReporterOrgEmail", "ReporterInfo.ReporterContactEmail",
		       "Reporter.Email", "reporter.email" } },
  field_type = { { "type", "Report.ReportType", "ReportType", "Report.Type" } },
  field_origin = { { "evidence_source", "Report.ReportSubType", "Report.AdditionalInfo.DetectionMethod" } };

static const json_t *at_path(const json_t *object, const char *path)
{
	for (str rest = str_from(path); object && rest.len;) {
		char key[64];
		str step = str_cut(&rest, '.');
		snprintf(key, sizeof(key), "%.*s", STR_ARG(step));
		object = json_object_get(object, key);
	}
	return object;
}

static str get(const struct reading *reading, const json_t *object, const struct xarf_field *field)
{
	for (size_t i = 0; i < PATHS_MAX && field->path[i]; i++) {
		const json_t *value = at_path(object, field->path[i]);
		if (json_is_string(value))
			return arena_copy(reading->arena, (str){ json_string_value(value), json_string_length(value) });
		if (json_is_integer(value))
			return arena_printf(reading->arena, "%lld", (long long)json_integer_value(value));
	}
	return STR("");
}

/* Samples, Sample, Attachment and evidence differ in names only. */
static str payload_of(const struct reading *reading, const json_t *sample, bool always_base64)
{
	static const char *const names[] = { "Payload", "payload", "Data", "data" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const json_t *value = json_object_get(sample, names[i]);
		if (!json_is_string(value))
			continue;
		str text = arena_copy(reading->arena, (str){ json_string_value(value), json_string_length(value) });
		bool encoded = always_base64 || json_is_true(json_object_get(sample, "Base64Encoded"));
		return encoded ? mime_base64(reading->mime, text) : text;
	}
	return STR("");
}

/* The first sample that reads like a mail. */
static str find_mail(const struct reading *reading, const json_t *object, bool is_v4)
{
	static const char *const paths[] = { "evidence",	  "Report.Samples", "Report.Sample",
					     "Report.Attachment", "Attachment",	    "Samples" };
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const json_t *samples = at_path(object, paths[i]);
		size_t count = json_is_array(samples) ? json_array_size(samples) : json_is_object(samples);
		for (size_t j = 0; j < count; j++) {
			const json_t *sample = json_is_array(samples) ? json_array_get(samples, j) : samples;
			bool old_data = json_object_get(sample, "Data") != NULL;
			str mail = payload_of(reading, sample, is_v4 || old_data);
			struct headers headers;
			headers_parse(reading->arena, mail, &headers);
			if (headers_has(&headers, "Received") || headers_has(&headers, "From"))
				return mail;
		}
	}
	return STR("");
}

static enum complaint_class class_of(const struct reading *reading, const json_t *object)
{
	str type = get(reading, object, &field_type);
	if (text_contains(type, "spam") || text_contains(type, "bulk"))
		return CLASS_SPAM;
	return text_contains(type, "blocklist") ? CLASS_BLOCKLIST : CLASS_OTHER;
}

static void prefer(str *field, str value)
{
	if (value.len)
		*field = value;
}

static void take_fields(const struct reading *reading, const json_t *object, struct item *item)
{
	prefer(&item->sender, text_address(get(reading, object, &field_sender)));
	prefer(&item->recipient, text_address(get(reading, object, &field_recipient)));
	if (!item->subject.len)
		item->subject = get(reading, object, &field_subject);
	if (!item->message_id.len)
		item->message_id = reading_strip_id(get(reading, object, &field_message_id));
	date_parse(get(reading, object, &field_date), &item->arrival, NULL);
}

static str version_of(const struct reading *reading, const json_t *object, bool *is_v4)
{
	static const struct xarf_field v4 = { { "xarf_version" } }, older = { { "Version" } };
	str version = get(reading, object, &v4);
	*is_v4 = version.len > 0;
	return *is_v4 ? version : get(reading, object, &older);
}

/* The mail in the report's evidence; else what the mail around it encloses. */
static void add_mails(struct reading *reading, const json_t *object, bool is_v4, const struct claim *claim)
{
	str mail = find_mail(reading, object, is_v4);
	if (mail.len || !reading_add_enclosed(reading, claim))
		reading_add_text(reading, mail, claim);
}

static bool take_report(struct reading *reading, const json_t *object)
{
	bool in_mail = reading->mime->headers.count > 0, is_v4;
	str version = version_of(reading, object, &is_v4);
	if (!version.len)
		return false;
	bool trap = text_contains(get(reading, object, &field_origin), "trap");
	size_t before = reading->out->items.count;
	reading_set(reading, "", class_of(reading, object), trap ? REPORTER_TRAP : REPORTER_FBL);
	reading->out->format =
		arena_printf(reading->arena, "xarf%.*s%s", STR_ARG(str_head(version, 1)), in_mail ? "-mail" : "");
	reading->out->external_id = get(reading, object, &field_id);
	prefer(&reading->out->reporter_address, text_address(get(reading, object, &field_reporter)));
	if (mime_find(reading->mime, "message/feedback-report"))
		reading->out->feedback_type = STR("xarf");
	str source = get(reading, object, &field_source);
	struct claim claim = reading_field_claim(source);
	add_mails(reading, object, is_v4, &claim);
	for (size_t i = before; i < reading->out->items.count; i++) {
		struct item *item = &reading->out->items.at[i];
		take_fields(reading, object, item);
		if (!claim.has && source.len)
			words_add(&item->leads,
				  arena_printf(reading->arena, "source %.*s", STR_ARG(str_head(source, 200))));
	}
	return true;
}

/* One report, or a list of them. */
static bool take_reports(struct reading *reading, const json_t *json)
{
	bool found = take_report(reading, json);
	size_t index;
	json_t *report;
	json_array_foreach(json, index, report) found |= take_report(reading, report);
	return found;
}

/* A text that begins with JSON; what follows its end is passed over. */
static bool read_json(struct reading *reading, str text)
{
	json_error_t error;
	if (!is_small_enough(text)) {
		words_add(&reading->out->limits, STR("json"));
		return false;
	}
	json_t *json = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
	bool found = json && take_reports(reading, json);
	if (!json)
		words_add(&reading->out->degraded, STR("json-unreadable"));
	json_decref(json);
	return found;
}

/* JSON in running text begins with a brace at the start of a line, and names what marks a report. */
static str json_in_text(str text)
{
	bool marked = text_contains(text, "\"xarf_version\"") || text_contains(text, "\"ReporterInfo\"") ||
		      text_contains(text, "\"SourceIp\"");
	for (str rest = text, before = rest; marked && rest.len; before = rest) {
		str line = str_trim(header_line(&rest));
		if (line.len && (line.at[0] == '{' || line.at[0] == '['))
			return before;
	}
	return STR("");
}

static bool read(struct reading *reading)
{
	const struct mime *mime = reading->mime;
	bool found = false;
	for (size_t i = 0; i < mime->count && !found; i++)
		if (is_json_part(&mime->parts[i]))
			found = read_json(reading, part_bytes(mime, &mime->parts[i], DECODED_BYTES_MAX));
	for (size_t i = 0; i < mime->count && !found; i++) {
		bool is_text = str_starts(mime->parts[i].type, STR("text/"));
		str text = is_text ? json_in_text(part_text(mime, &mime->parts[i])) : STR("");
		found = text.len && read_json(reading, text);
	}
	if (found || mime->headers.count || !str_starts(str_trim(mime->bytes), STR("{")))
		return found;
	reading_set(reading, "xarf", CLASS_OTHER, REPORTER_PERSON); /* a file that holds nothing else */
	return true;
}

const struct intake intake_xarf_json = { "xarf-json", "XARF 1 to 4 (JSON)", read, ENCLOSED_ALWAYS };
