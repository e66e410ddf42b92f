/* SPDX-License-Identifier: Apache-2.0
 *
 * reading: items from headers, enclosed mails, claims.
 */
#include "desk/intake/reading.h"

#include <stdlib.h>

#include "desk/intake/blocks.h"
#include "desk/intake/date.h"
#include "desk/intake/formats.h"
#include "desk/intake/gate.h"
#include "desk/intake/received.h"
#include "desk/intake/text.h"
#include "desk/intake/zip.h"
#include "model/address.h"

str reading_strip_id(str value)
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

static void judge(const struct reading *reading, const struct headers *reported, const struct claim *claim,
		  struct item *item)
{
	chain_judge(reading->arena, reported, claim, reading->view, reading->out->reporter_address,
		    reading->out->received, item);
}

struct item *reading_add(struct reading *reading, const struct headers *reported, const struct claim *claim)
{
	struct item *item = complaint_add(reading->out);
	if (!item)
		return NULL;
	item->sender = sender_of(reported);
	item->recipient = recipient_of(reading, reported);
	item->subject = subject_of(reading, reported);
	item->message_id = reading_strip_id(headers_get(reported, "Message-ID"));
	date_parse(headers_get(reported, "Date"), &item->date, NULL);
	if (reported->cut)
		words_add(&reading->out->limits, STR("headers"));
	judge(reading, reported, claim, item);
	if (item->verdict == VERDICT_NO_IP && reading->fallback.has)
		judge(reading, reported, &reading->fallback, item);
	return item;
}

/* As reading_add, for a mail that may have a body, of len bytes altogether. */
static struct item *add_whole(struct reading *reading, const struct headers *reported, size_t len,
			      const struct claim *claim)
{
	struct item *item = reading_add(reading, reported, claim);
	if (item && reported->end < len)
		item->size = len;
	return item;
}

struct item *reading_add_text(struct reading *reading, str text, const struct claim *claim)
{
	struct headers headers;
	headers_parse(reading->arena, text, &headers);
	return add_whole(reading, &headers, text.len, claim);
}

struct item *reading_add_address(struct reading *reading, struct ip ip, enum source_from from)
{
	struct claim claim = { true, ip, from };
	return reading_add_text(reading, STR(""), &claim);
}

/* --- enclosed mails ------------------------------------------------------ */

static bool is_desk_mailbox(const struct reading *reading, str address)
{
	str local = address_local_part(address);
	for (size_t i = 0; i < reading->view->own_count; i++)
		if (str_eq_nocase(address, reading->view->own[i]))
			return true;
	return str_eq_nocase(local, STR("abuse")) || str_eq_nocase(local, STR("postmaster"));
}

/* Did the mail pass our own inbox, or was it sent to a desk? Then it is a report about a mail, not that mail. */
static bool is_forward(struct reading *reading, const struct mime *mail)
{
	if (text_is_forward_subject(subject_of(reading, &mail->headers)) ||
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

/* Mail that one of our hosts sent is what is complained about, whatever report it pretends to be. */
static bool is_sent_by_us(const struct reading *reading, const struct mime *mail)
{
	struct item item = ITEM_INIT;
	judge(reading, &mail->headers, &CLAIM_NONE, &item);
	const struct network *network =
		item.has_hop ? networks_find(reading->view->networks, item.hop, item.hop_time) : NULL;
	free(item.mta_ids.list.at);
	free(item.leads.list.at);
	return network && (network->role == ROLE_HOST || network->role == ROLE_RELAY);
}

static bool is_our_own(const struct reading *reading, const struct mime *mail)
{
	str author = text_address(headers_get(&mail->headers, "From"));
	for (size_t i = 0; i < reading->view->own_count; i++)
		if (str_eq_nocase(author, reading->view->own[i]))
			return true;
	return false;
}

static size_t add_below(struct reading *reading, const struct mime *mail, const struct claim *claim);

static size_t add_mail(struct reading *reading, const struct mime *around, str bytes, const struct claim *claim)
{
	size_t before = reading->out->items.count;
	struct mime mail;
	mime_parse(reading->arena, bytes, around->depth + 1, around->limits, &mail);
	if ((bytes.len && !mail.bytes.len) || is_our_own(reading, &mail))
		return 0; /* the gate let nothing of it pass, or it is a notice of ours */
	if (!is_sent_by_us(reading, &mail)) {
		bool forward = is_forward(reading, &mail);
		if ((reading->unwraps && reader_read_enclosed(reading, &mail, forward)) ||
		    (forward && add_below(reading, &mail, claim)))
			return reading->out->items.count - before;
	}
	return add_whole(reading, &mail.headers, bytes.len, claim) != NULL;
}

/* Mails that somebody packed before attaching them. */
static size_t add_packed(struct reading *reading, const struct mime *mail, const struct part *part,
			 const struct claim *claim)
{
	struct zip zip;
	struct zip_member member;
	size_t added = 0;
	bool whole, is_zip = zip_open(&zip, part_bytes(mail, part, DECODED_BYTES_MAX));
	while (is_zip && zip_next(&zip, &member))
		if (str_ends(member.name, STR(".eml")) && mail->arena->total <= ARENA_BYTES_MAX)
			added += add_mail(reading, mail, zip_unpack(mail->arena, &member, TEXT_BYTES_MAX, &whole),
					  claim);
	return added;
}

static size_t add_below(struct reading *reading, const struct mime *mail, const struct claim *claim)
{
	size_t added = 0;
	for (size_t i = 0; i < mail->count; i++) {
		const struct part *part = &mail->parts[i];
		if (is_enclosed_mail(part))
			added += add_mail(reading, mail, part_bytes(mail, part, DECODED_BYTES_MAX), claim);
		else if (part_is_zip(part))
			added += add_packed(reading, mail, part, claim);
	}
	return added;
}

size_t reading_add_enclosed(struct reading *reading, const struct claim *claim)
{
	return add_below(reading, reading->mime, claim);
}

/* --- pasted headers ------------------------------------------------------ */

/* A block without blank lines, as the header reader wants it. */
static str close_gaps(struct arena *arena, str block)
{
	char *at = arena_alloc(arena, block.len + 1);
	size_t len = 0;
	for (str rest = block; rest.len;) {
		str line = header_line(&rest);
		if (!str_trim(line).len)
			continue;
		memcpy(at + len, line.at, line.len);
		len += line.len;
		at[len++] = '\n';
	}
	return (str){ at, len };
}

/* Somebody pasted the source as it was transferred: lines are broken in the midst of words, equals signs are written
 * "=3D". */
static str undo_transfer(const struct reading *reading, str block)
{
	bool encoded = str_search(block, STR("=3D")) != STR_NONE && str_search(block, STR("=\n")) != STR_NONE;
	return encoded ? mime_quoted_printable(reading->mime, block) : block;
}

static size_t add_pasted(struct reading *reading, str text, const struct claim *claim)
{
	str rest = text_unquote(reading->arena, text), block;
	size_t before = reading->out->items.count;
	while (text_next_block(&rest, &block) &&
	       reading_add_text(reading, close_gaps(reading->arena, undo_transfer(reading, block)), claim))
		;
	return reading->out->items.count - before;
}

/* A part that may hold text, though readers of mail do not show it: attached files, the HTML twin of a plain text. */
static bool is_text_file(const struct part *part)
{
	static const char *const ends[] = { ".txt", ".text", ".hdr", ".log", ".eml", ".html", ".htm" };
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (part_is_named(part, ends[i]))
			return true;
	return str_starts(part->type, STR("text/"));
}

size_t reading_add_written(struct reading *reading, const struct claim *claim)
{
	const struct mime *mime = reading->mime;
	size_t found = add_pasted(reading, reading->text, claim);
	for (size_t i = 0; i < mime->count && !found; i++)
		if (is_text_file(&mime->parts[i]))
			found = add_pasted(reading, part_text(mime, &mime->parts[i]), claim);
	return found;
}

/* --- claims -------------------------------------------------------------- */

struct claim reading_field_claim(str value)
{
	struct claim claim = { .from = FROM_FIELD };
	struct ip_net net;
	str rest = text_unquoted(value);
	str first = text_unquoted(str_word(&rest)); /* some add the host name in parentheses */
	claim.has = hop_parse_ip(first, &claim.ip);
	if (!claim.has && ip_net_parse(first, &net) && net.bits == 128) { /* "192.0.2.1/32" */
		claim.has = true;
		claim.ip = net.base;
	}
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
