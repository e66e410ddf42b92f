/* SPDX-License-Identifier: Apache-2.0
 *
 * feed: automatic senders whose reports are not about spam mail: lists in CSV
 * (Shadowserver, AbuseHub, PROKI) and prose about other abuse. They are filed
 * with the addresses they name, one item per address, and never lost.
 */
#include "desk/intake/formats.h"

#include "desk/intake/addresses.h"
#include "desk/intake/date.h"
#include "desk/intake/text.h"
#include "desk/intake/zip.h"

static const char *const other_abuse_senders[] = {
	"netcraft.com",
	"webiron.com",
	"mynetwatchman.com",
	"cyscon.net",
	"cyscon.de",
	"cyscon.com",
	"clean-mx.de",
	"clean-mx.com",
	"clean-mx.pl",
	"bitninja.io",
	"bitninja.com",
	"leakix.net",
	"ip-echelon.com",
	"google.com",
	"opsec.com",
	"copyright-compliance.com",
	NULL,
};

/* One CSV row: cells are cut at separators outside quotes. */
static str cut_cell(str *row, char separator)
{
	if (!str_skip(row, STR("\"")))
		return str_trim(str_cut(row, separator));
	str cell = str_cut(row, '"');
	str_cut(row, separator);
	return str_trim(cell);
}

enum { COLUMNS_MAX = 100, ROWS_MAX = 20000 };

struct columns {
	size_t ip, time; /* STR_NONE when absent */
	char separator;
};

static bool is_one_of(str word, const char *const *names)
{
	for (; *names; names++)
		if (str_eq_nocase(word, str_from(*names)))
			return true;
	return false;
}

static char separator_of(str header)
{
	static const char separators[] = ",;\t|";
	const char *at = separators;
	while (at[1] && str_find(header, *at) == STR_NONE)
		at++;
	return str_find(header, *at) == STR_NONE ? ',' : *at;
}

static bool find_columns(str header, struct columns *out)
{
	static const char *const ip_names[] = { "src_ip",     "ip",	   "source_ip", "sourceip",
						"ip_address", "source.ip", "host",	NULL };
	static const char *const time_names[] = { "timestamp", "time", "source_time", "time.source", "date", NULL };
	*out = (struct columns){ STR_NONE, STR_NONE, separator_of(header) };
	for (size_t i = 0; header.len && i < COLUMNS_MAX; i++) {
		str name = cut_cell(&header, out->separator);
		if (out->ip == STR_NONE && is_one_of(name, ip_names))
			out->ip = i;
		if (out->time == STR_NONE && is_one_of(name, time_names))
			out->time = i;
	}
	return out->ip != STR_NONE;
}

static void read_row(struct reading *reading, str row, const struct columns *columns)
{
	struct ip ip;
	bool has_ip = false;
	usec at = USEC_NEVER;
	for (size_t i = 0; row.len && i < COLUMNS_MAX; i++) {
		str cell = cut_cell(&row, columns->separator);
		if (i == columns->ip)
			has_ip = ip_parse(cell, &ip);
		else if (i == columns->time)
			date_parse(cell, &at, NULL);
	}
	if (!has_ip)
		return;
	struct item *item = addresses_add(reading, ip, FROM_FIELD);
	if (item && item->arrival == USEC_NEVER)
		item->arrival = at;
}

static bool read_csv(struct reading *reading, str text)
{
	struct columns columns;
	str header = header_line(&text);
	while (text.len && (!str_trim(header).len || header.at[0] == '#'))
		header = header_line(&text);
	if (!find_columns(header, &columns))
		return false;
	for (size_t rows = 0; text.len; rows++) {
		str row = header_line(&text);
		if (rows == ROWS_MAX) {
			words_add(&reading->out->limits, STR("rows"));
			break;
		}
		read_row(reading, row, &columns);
	}
	return true;
}

static bool read_zip(struct reading *reading, str bytes)
{
	struct zip zip;
	struct zip_member member;
	bool found = false, whole, is_zip = zip_open(&zip, bytes);
	while (is_zip && zip_next(&zip, &member)) {
		if (!str_ends(member.name, STR(".csv")) || reading->arena->total > ARENA_BYTES_MAX)
			continue;
		found |= read_csv(reading, zip_unpack(reading->arena, &member, DECODED_BYTES_MAX, &whole));
		if (!whole)
			words_add(&reading->out->limits, STR("decoded"));
	}
	return found;
}

static const char *read_parts(struct reading *reading)
{
	const struct mime *mime = reading->mime;
	const char *found = NULL;
	for (size_t i = 0; i < mime->count; i++) {
		const struct part *part = &mime->parts[i];
		if (part_is_zip(part) && read_zip(reading, part_bytes(mime, part, DECODED_BYTES_MAX)))
			found = "feed-zip";
		else if ((str_eq(part->type, STR("text/csv")) || part_is_named(part, ".csv")) &&
			 read_csv(reading, part_bytes(mime, part, DECODED_BYTES_MAX)))
			found = str_eq(mime->type, STR("multipart/signed")) ? "feed-csv-signed" : "feed-csv";
	}
	return found;
}

static bool read_feed(struct reading *reading)
{
	const char *format = read_parts(reading);
	if (!format)
		return false;
	reading_set(reading, format, CLASS_FEED, REPORTER_BLOCKLIST);
	if (!reading->out->items.count)
		addresses_add_named(reading);
	return true;
}

/* A packed file in which nobody found rows or mails is kept and listed: aggregate reports, other feeds' files. */
static bool read_packed(struct reading *reading)
{
	const struct mime *mime = reading->mime;
	const char *format = NULL;
	for (size_t i = 0; i < mime->count; i++) {
		const struct part *part = &mime->parts[i];
		if (part_is_zip(part))
			format = "feed-zip";
		else if (part_is_named(part, ".gz") || str_ends(part->type, STR("gzip")))
			format = "feed-gzip";
	}
	if (!format)
		return false;
	reading_set(reading, format, CLASS_FEED, REPORTER_BLOCKLIST);
	words_add(&reading->out->degraded, STR("packed-unread"));
	addresses_add_named(reading);
	return true;
}

static bool read_other_abuse(struct reading *reading)
{
	if (!reading_is_from(reading, other_abuse_senders))
		return false;
	reading_set(reading, "other-abuse", CLASS_OTHER, REPORTER_BLOCKLIST);
	addresses_add_named(reading);
	return true;
}

const struct intake intake_feed = { "feed", "list of incidents (CSV, zip)", read_feed, ENCLOSED_REPORT };
const struct intake intake_packed = { "packed", "packed file of a feed, kept", read_packed, ENCLOSED_NEVER };
const struct intake intake_other_abuse = { "other-abuse", "automatic report about other abuse than mail",
					   read_other_abuse };
