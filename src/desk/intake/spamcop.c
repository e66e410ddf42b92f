/* SPDX-License-Identifier: Apache-2.0
 *
 * spamcop: reports of SpamCop, versions 1 to 5.
 *
 * A single report names address and time in one line and carries the mail
 * under a marker; both may stand in a ticket wrapper, below a gateway's
 * banner, or quoted. A summary or trap alert has one line per address with
 * counters and days without a year.
 */
#include "desk/intake/formats.h"

#include "desk/intake/blocks.h"
#include "desk/intake/date.h"
#include "desk/intake/text.h"
#include "model/address.h"

static bool is_spamcop(const struct reading *reading)
{
	static const char *const domains[] = { "spamcop.net", NULL };
	return reading_is_from(reading, domains) || text_contains(reading->text, "[ SpamCop V") ||
	       text_contains(reading->text, "- SpamCop V") || text_contains(reading->subject, "[SpamCop") ||
	       text_contains(headers_get(&reading->mime->headers, "Message-ID"), "spamcop.net");
}

/* "Email from 192.0.2.1 / Thu, 19 Jun 2003 17:34:13 -0400", also "Email from 192.0.2.1 / 19 Jun 03 ..." */
static bool find_email_from(str text, struct claim *claim, usec *arrival)
{
	str value;
	if (!text_labelled(text, "Email from", &value))
		return false;
	str when = value;
	*claim = reading_field_claim(str_cut(&when, '/'));
	if (claim->has)
		date_parse(str_trim(when), arrival, NULL);
	return claim->has;
}

/* "http://shop.example/ is 192.0.2.1; Sun, 25 Oct 2026 10:05:00 GMT": the address that an advertised site has */
static bool find_site(str text, struct claim *claim, usec *arrival)
{
	str value, before;
	if (!text_labelled(text, "Spamvertised", &value))
		return false;
	for (str rest = str_from_at(text, (size_t)(value.at - text.at)); rest.len;) {
		str line = header_line(&rest);
		size_t at = str_search(line, STR(" is "));
		str when = str_from_at(line, at == STR_NONE ? line.len : at);
		claim->has = text_next_ip(&when, &claim->ip, &before);
		claim->from = FROM_FIELD;
		if (!claim->has)
			continue;
		str_cut(&when, ';');
		date_parse(str_trim(when), arrival, NULL);
		return true;
	}
	return false;
}

/* What follows the marker line is the mail. */
static str behind_marker(str text)
{
	static const char *const markers[] = { "[ Offending message ]", "Offending message:", "[Offending message]",
					       "-----BEGIN FORWARDED MESSAGE", "BEGIN FORWARDED MESSAGE" };
	for (str rest = text; rest.len;) {
		str line = str_trim(header_line(&rest));
		for (size_t i = 0; i < sizeof(markers) / sizeof(*markers); i++)
			if (str_starts_nocase(line, str_from(markers[i])))
				return rest;
	}
	return STR("");
}

/* The number in "id:NNN" of the subject or "rid_NNN@" of the Message-ID. */
static str report_id(const struct reading *reading)
{
	str rest = reading->subject, message_id = headers_get(&reading->mime->headers, "Message-ID");
	size_t at = str_search(rest, STR("id:"));
	uint64_t number;
	if (at == STR_NONE) {
		at = str_search(message_id, STR("rid_"));
		rest = message_id;
	}
	if (at == STR_NONE)
		return STR("");
	rest = str_from_at(rest, at + (rest.at == message_id.at ? 4 : 3));
	str digits = rest;
	return str_cut_u64(&rest, INT64_MAX, &number) ? str_head(digits, digits.len - rest.len) : STR("");
}

static bool read_report(struct reading *reading)
{
	struct claim claim = CLAIM_NONE;
	usec arrival = USEC_NEVER;
	if (!is_spamcop(reading))
		return false;
	str text = text_unquote(reading->arena, reading->text);
	bool site = !find_email_from(text, &claim, &arrival) && find_site(text, &claim, &arrival);
	if (!claim.has && !(claim = reading->fallback).has)
		return false;
	reading_set(reading, "spamcop", site ? CLASS_OTHER : CLASS_SPAM, REPORTER_BLOCKLIST);
	reading->out->external_id = report_id(reading);
	str mail = behind_marker(text);
	size_t before = reading->out->items.count;
	if (site) /* the mail came from elsewhere: its chain says nothing about the site */
		reading_add_text(reading, STR(""), &claim);
	else if (mail.len || !reading_add_enclosed(reading, &claim))
		reading_add_text(reading, mail, &claim);
	for (size_t i = before; i < reading->out->items.count; i++)
		reading->out->items.at[i].arrival = arrival;
	return true;
}

/* "trap:3 user:1 mole:0 simp:2", or the table's four bare numbers behind "day hour/length". */
static uint64_t summary_weight(str line)
{
	static const char *const counters[] = { "trap", "user", "mole", "simp" };
	uint64_t weight = 0, number;
	str value;
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		if (text_labelled(line, counters[i], &value) && str_cut_u64(&value, 10000000, &number))
			weight += number;
	if (weight || str_find(line, '/') == STR_NONE)
		return weight;
	str_cut(&line, '/');
	str_word(&line);
	for (int i = 0; i < 4 && str_u64(str_word(&line), 10000000, &number); i++)
		weight += number;
	return weight;
}

/* "192.0.2.1   Mar 4 10h/0 ...", or the counters in a line below the address. *last: the item that they belong to. */
static void read_summary_line(struct reading *reading, str line, struct item **last)
{
	str rest = line, before;
	struct ip ip;
	bool named = text_next_ip(&rest, &ip, &before) && !str_trim(before).len;
	if (named)
		*last = reading_add_address(reading, ip, FROM_FIELD);
	uint64_t weight = *last ? summary_weight(named ? rest : line) : 0;
	if (!weight)
		return;
	(*last)->weight = weight;
	*last = NULL;
}

static bool read_summary(struct reading *reading)
{
	if (!is_spamcop(reading))
		return false;
	size_t before = reading->out->items.count;
	struct item *last = NULL;
	for (str rest = reading->text; rest.len;)
		read_summary_line(reading, header_line(&rest), &last);
	if (reading->out->items.count == before)
		return false;
	reading_set(reading, "spamcop-summary", CLASS_SPAM, REPORTER_BLOCKLIST);
	reading->out->external_id = report_id(reading);
	return true;
}

const struct intake intake_spamcop = { "spamcop", "SpamCop report", read_report, ENCLOSED_ALWAYS };
const struct intake intake_spamcop_summary = { "spamcop-summary", "SpamCop summary or trap alert", read_summary,
					       ENCLOSED_REPORT };
