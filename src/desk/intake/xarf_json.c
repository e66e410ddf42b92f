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
	return str_ends(part->type, STR("/json")) || str_ends(part->type, STR("+json")) ||
	       (part->name.len > 5 && str_eq_nocase(str_from_at(part->name, part->name.len - 5), STR(".json")));
}

/* The JSON text of the report, or "". */
static str find_json(const struct reading *reading)
{
	const struct mime *mime = reading->mime;
	for (size_t i = 0; i < mime->count; i++)
		if (is_json_part(&mime->parts[i]))
			return part_bytes(mime, &mime->parts[i], DECODED_BYTES_MAX);
	str text = str_trim(mime->bytes);
	return str_starts(text, STR("{")) ? text : STR("");
}

/* Dotted paths, tried in order; "0" is the first element of an array. */
static const struct xarf_field {
	const char *path[PATHS_MAX];
} field_source = { { "source_identifier", "Report.SourceIp", "Report.Source.IP", "Report.Source.Ip", "SourceIp" } },
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
	if (text_contains(type, "spam") || str_eq(type, STR("bulk_messaging")))
		return CLASS_SPAM;
	return str_eq(type, STR("blocklist")) ? CLASS_BLOCKLIST : CLASS_OTHER;
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
		item->message_id = get(reading, object, &field_message_id);
	date_parse(get(reading, object, &field_date), &item->arrival, NULL);
}

static str version_of(const struct reading *reading, const json_t *object, bool *is_v4)
{
	static const struct xarf_field v4 = { { "xarf_version" } }, older = { { "Version" } };
	str version = get(reading, object, &v4);
	*is_v4 = version.len > 0;
	return *is_v4 ? version : get(reading, object, &older);
}

static void take_report(struct reading *reading, const json_t *object, str version, bool is_v4)
{
	bool in_mail = reading->mime->headers.count > 0;
	bool trap = text_contains(get(reading, object, &field_origin), "trap");
	reading_set(reading, "", class_of(reading, object), trap ? REPORTER_TRAP : REPORTER_FBL);
	reading->out->format =
		arena_printf(reading->arena, "xarf%.*s%s", STR_ARG(str_head(version, 1)), in_mail ? "-mail" : "");
	reading->out->external_id = get(reading, object, &field_id);
	prefer(&reading->out->reporter_address, text_address(get(reading, object, &field_reporter)));
	if (mime_find(reading->mime, "message/feedback-report"))
		reading->out->feedback_type = STR("xarf");
	str source = get(reading, object, &field_source);
	struct claim claim = reading_field_claim(source);
	struct item *item = reading_add_text(reading, find_mail(reading, object, is_v4), &claim);
	take_fields(reading, object, item);
	if (!claim.has && source.len)
		words_add(&item->leads, arena_printf(reading->arena, "source %.*s", STR_ARG(str_head(source, 200))));
}

static bool read(struct reading *reading)
{
	str text = find_json(reading);
	if (!text.len)
		return false;
	if (!is_small_enough(text)) {
		words_add(&reading->out->limits, STR("json"));
		text = STR("");
	}
	json_error_t error;
	json_t *object = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
	bool is_v4 = false;
	str version = object ? version_of(reading, object, &is_v4) : STR("");
	if (version.len) {
		take_report(reading, object, version, is_v4);
	} else if (!object) {
		reading_set(reading, "xarf", CLASS_OTHER, REPORTER_PERSON);
		words_add(&reading->out->degraded, STR("json-unreadable"));
	}
	json_decref(object);
	return version.len || !object;
}

const struct intake intake_xarf_json = { "xarf-json", "XARF 1 to 4 (JSON)", read };
