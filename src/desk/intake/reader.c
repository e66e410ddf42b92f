/* SPDX-License-Identifier: Apache-2.0
 *
 * reader: the table of formats, asked in order.
 */
#include "desk/intake/reader.h"

#include "desk/intake/formats.h"
#include "desk/intake/received.h"
#include "desk/intake/text.h"

/* Answers to us first; then formats with fields, from the most to the least certain; then what people write. */
static const struct intake *const formats[] = {
	&intake_own_notice,	 &intake_xarf_json,   &intake_arf,	 &intake_jmrp,	 &intake_spamcop,
	&intake_spamcop_summary, &intake_other_abuse, &intake_xarf_mail, &intake_feed,	 &intake_bounce,
	&intake_attached,	 &intake_blocklist,   &intake_pasted,	 &intake_packed, &intake_auto_reply,
	&intake_newsletter,	 &intake_forwarded,   &intake_prose,
};

/* A ticket system writes in its own name and keeps the author's address beside it. */
static str reporter_of(const struct headers *headers)
{
	static const char *const fields[] = {
		"X-RT-Originator", "X-Zammad-Original-From", "X-OTRS-CustomerUser", "From", "Sender", "Return-Path"
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		str address = text_address(headers_get(headers, fields[i]));
		if (address.len)
			return address;
	}
	return STR("");
}

/* When our own border stamped the mail; the topmost such line. */
static usec receipt_of(const struct headers *headers, str border)
{
	for (size_t i = 0; border.len && i < headers->count; i++) {
		struct hop hop;
		if (!str_eq_nocase(headers->at[i].name, STR("Received")))
			continue;
		hop_parse(headers->at[i].value, &hop);
		if (str_eq_nocase(hop.by, border) && hop.time != USEC_NEVER)
			return hop.time;
	}
	return USEC_NEVER;
}

static struct claim subject_claim(str subject)
{
	struct claim claim = { .from = FROM_SUBJECT };
	str before;
	claim.has = text_next_ip(&subject, &claim.ip, &before);
	return claim;
}

static struct reading begin(struct arena *arena, const struct view *view, const struct mime *mime,
			    struct complaint *out)
{
	str subject = text_squeeze(arena, header_text(arena, headers_get(&mime->headers, "Subject")));
	return (struct reading){
		.arena = arena,
		.view = view,
		.out = out,
		.mime = mime,
		.text = mime_text(mime),
		.subject = subject,
		.fallback = subject_claim(subject),
	};
}

bool reader_read_enclosed(struct reading *reading, const struct mime *mail, bool is_report)
{
	struct complaint *out = reading->out;
	struct reading inner = begin(reading->arena, reading->view, mail, out);
	str outer_reporter = out->reporter_address;
	size_t before = out->items.count;
	out->reporter_address = reporter_of(&mail->headers);
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		bool may_stand = formats[i]->enclosed == ENCLOSED_ALWAYS ||
				 (is_report && formats[i]->enclosed == ENCLOSED_REPORT);
		if (may_stand && formats[i]->read(&inner))
			return out->items.count > before;
	}
	out->reporter_address = outer_reporter;
	return false;
}

void complaint_read(struct arena *arena, str bytes, const struct view *view, struct complaint *out)
{
	struct mime mime;
	*out = COMPLAINT_INIT;
	mime_parse(arena, bytes, 0, &out->limits, &mime);
	out->reporter_address = reporter_of(&mime.headers);
	out->received = receipt_of(&mime.headers, view->border);
	struct reading reading = begin(arena, view, &mime, out);
	size_t i = 0;
	while (!formats[i]->read(&reading))
		i++; /* the last one reads everything */
	if (out->limits.list.count)
		words_add(&out->degraded, STR("limits"));
}
