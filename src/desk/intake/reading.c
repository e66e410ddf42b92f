/* SPDX-License-Identifier: Apache-2.0
 *
 * reading: items from headers, enclosed mails, claims.
 */
#include "desk/intake/reading.h"

#include "desk/intake/date.h"
#include "desk/intake/gate.h"
#include "desk/intake/received.h"
#include "desk/intake/text.h"
#include "model/address.h"

static str strip_id(str value)
{
	value = str_trim(value);
	if (str_skip(&value, STR("<"))) {
		size_t end = str_rfind(value, '>');
		value = str_head(value, end);
	}
	return value;
}

static str subject_of(struct reading *reading, const struct headers *headers)
{
	return text_squeeze(reading->arena, header_text(reading->arena, headers_get(headers, "Subject")));
}

/* Envelope sender as the last server noted it, else From. */
static str sender_of(const struct headers *headers)
{
	str envelope = text_address(headers_get(headers, "Return-Path"));
	return envelope.len ? envelope : text_address(headers_get(headers, "From"));
}

static str recipient_of(struct reading *reading, const struct headers *headers)
{
	str original = text_address(headers_get(headers, "X-HmXmrOriginalRecipient"));
	return original.len ? original : text_addresses(reading->arena, headers_get(headers, "To"));
}

struct item *reading_add(struct reading *reading, const struct headers *reported, const struct claim *claim)
{
	struct item *item = complaint_add(reading->out);
	if (!item)
		return NULL;
	item->sender = sender_of(reported);
	item->recipient = recipient_of(reading, reported);
	item->subject = subject_of(reading, reported);
	item->message_id = strip_id(headers_get(reported, "Message-ID"));
	date_parse(headers_get(reported, "Date"), &item->date, NULL);
	if (reported->cut)
		words_add(&reading->out->limits, STR("headers"));
	chain_judge(reading->arena, reported, claim, reading->view, reading->out->reporter_address,
		    reading->out->received, item);
	return item;
}

struct item *reading_add_text(struct reading *reading, str text, const struct claim *claim)
{
	struct headers headers;
	headers_parse(reading->arena, text, &headers);
	return reading_add(reading, &headers, claim);
}

struct item *reading_add_address(struct reading *reading, struct ip ip, enum source_from from)
{
	struct claim claim = { true, ip, from };
	return reading_add_text(reading, STR(""), &claim);
}

/* --- enclosed mails ------------------------------------------------------ */

/* What mail programs put before the subject of a forward, in the languages seen. */
static const char *const forward_prefixes[] = { "fwd:", "fw:",	       "wg:",  "tr:",	  "rv:",   "i:",
						"vs:",	"vb:",	       "enc:", "doorst:", "pd:",   "redir.:",
						"vl:",	"videresend:", "ilt:", "pt:",	  "trans:" };

static bool has_forward_prefix(str subject)
{
	for (size_t i = 0; i < sizeof(forward_prefixes) / sizeof(*forward_prefixes); i++)
		if (str_starts_nocase(subject, str_from(forward_prefixes[i])))
			return true;
	return false;
}

static bool is_desk_mailbox(const struct reading *reading, str address)
{
	str local = address_local_part(address);
	for (size_t i = 0; i < reading->view->own_count; i++)
		if (str_eq_nocase(address, reading->view->own[i]))
			return true;
	return str_eq_nocase(local, STR("abuse")) || str_eq_nocase(local, STR("postmaster"));
}

/* Did the mail pass our own inbox, or was it sent to a desk? Then it is a report about a mail, not that mail. */
static bool is_forward(const struct reading *reading, const struct mime *mail)
{
	if (has_forward_prefix(headers_get(&mail->headers, "Subject")) ||
	    is_desk_mailbox(reading, text_address(headers_get(&mail->headers, "To"))))
		return true;
	for (size_t i = 0; i < mail->headers.count; i++) {
		struct hop hop;
		if (!str_eq_nocase(mail->headers.at[i].name, STR("Received")))
			continue;
		hop_parse(mail->headers.at[i].value, &hop);
		if (reading->view->border.len && str_eq_nocase(hop.by, reading->view->border))
			return true;
	}
	return false;
}

static bool is_enclosed_mail(const struct part *part)
{
	static const char *const types[] = { "message/rfc822", "message/global", "text/rfc822-headers",
					     "text/rfc822-header", "message/rfc822-headers" };
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (str_eq(part->type, str_from(types[i])))
			return true;
	return part->name.len > 4 && str_eq_nocase(str_from_at(part->name, part->name.len - 4), STR(".eml"));
}

static size_t add_below(struct reading *reading, const struct mime *mail, const struct claim *claim);

static size_t add_part(struct reading *reading, const struct mime *mail, const struct part *part,
		       const struct claim *claim)
{
	struct mime enclosed;
	str bytes = part_bytes(mail, part, DECODED_BYTES_MAX);
	mime_parse(reading->arena, bytes, mail->depth + 1, mail->limits, &enclosed);
	if (bytes.len && !enclosed.bytes.len)
		return 0; /* the gate let nothing of it pass */
	size_t below = is_forward(reading, &enclosed) ? add_below(reading, &enclosed, claim) : 0;
	return below ? below : reading_add(reading, &enclosed.headers, claim) != NULL;
}

static size_t add_below(struct reading *reading, const struct mime *mail, const struct claim *claim)
{
	size_t added = 0;
	for (size_t i = 0; i < mail->count; i++)
		if (is_enclosed_mail(&mail->parts[i]))
			added += add_part(reading, mail, &mail->parts[i], claim);
	return added;
}

size_t reading_add_enclosed(struct reading *reading, const struct claim *claim)
{
	return add_below(reading, reading->mime, claim);
}

/* --- claims -------------------------------------------------------------- */

struct claim reading_subject_claim(const struct reading *reading)
{
	struct claim claim = { .from = FROM_SUBJECT };
	str rest = reading->subject, before;
	claim.has = text_next_ip(&rest, &claim.ip, &before);
	return claim;
}

struct claim reading_field_claim(str value)
{
	struct claim claim = { .from = FROM_FIELD };
	str address = str_trim(value);
	str first = str_word(&address); /* some add the host name in parentheses */
	claim.has = hop_parse_ip(first, &claim.ip);
	return claim;
}

void reading_set(struct reading *reading, const char *format, enum complaint_class class, enum reporter_kind kind)
{
	reading->out->format = str_from(format);
	reading->out->class = class;
	reading->out->reporter_kind = kind;
}

bool reading_is_from(const struct reading *reading, const char *const *domains)
{
	str domain = address_domain(reading->out->reporter_address);
	for (; *domains; domains++) {
		str wanted = str_from(*domains);
		size_t extra = domain.len - wanted.len;
		if (domain.len >= wanted.len && str_eq_nocase(str_from_at(domain, extra), wanted) &&
		    (!extra || domain.at[extra - 1] == '.'))
			return true;
	}
	return false;
}
