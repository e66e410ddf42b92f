/* SPDX-License-Identifier: Apache-2.0
 *
 * reading: one complaint being read, and what all format readers share.
 *
 * A format is one file with one struct intake. Readers are asked in the order
 * of the table in reader.c; the first whose read() says true has read it.
 */
#pragma once
#include "desk/intake/chain.h"
#include "desk/intake/mime.h"

struct reading {
	struct arena *arena;
	const struct view *view;
	struct complaint *out;
	const struct mime *mime; /* the mail that reached us */
	str text;		 /* what its reader sees, ticket wrapper included */
	str subject;		 /* decoded */
	bool unwraps;		 /* enclosed reports are read as complaints of their own */
	struct claim fallback;	 /* the address in the subject: taken where neither report nor chain has one */
};

struct intake {
	const char *name;		/* of the file */
	const char *title;		/* for people */
	bool (*read)(struct reading *); /* false: not this format, nothing was changed */
	enum {
		ENCLOSED_NEVER,	 /* read only in the mail that reached us */
		ENCLOSED_REPORT, /* also in a mail that is itself a report, passed on as an enclosure */
		ENCLOSED_ALWAYS, /* in any enclosed mail: its form leaves no doubt */
	} enclosed;
};

/* One reported mail by its headers (which may be empty) and what the reporter names. The item's fields are filled from
 * the headers, its verdict from the chain. NULL when the complaint is full. */
struct item *reading_add(struct reading *reading, const struct headers *reported, const struct claim *claim);
/* Reads text as the headers of the reported mail. */
struct item *reading_add_text(struct reading *reading, str text, const struct claim *claim);
/* One item for an address that is named without a mail. */
struct item *reading_add_address(struct reading *reading, struct ip ip, enum source_from from);

/* All reported mails enclosed in the complaint (message/rfc822, text/rfc822-headers, .eml files), going down through
 * forwards; an enclosed complaint is read as one. claim goes to each mail. Returns how many items were added. */
size_t reading_add_enclosed(struct reading *reading, const struct claim *claim);

/* The header blocks in the text that readers see, else in the first text file beside it that has any, one item each.
 * Returns how many items were added. */
size_t reading_add_written(struct reading *reading, const struct claim *claim);

/* A Message-ID without its angles. */
str reading_strip_id(str value);
/* A claim from the text of a field; none when it is no address. */
struct claim reading_field_claim(str value);

/* Class, format and who reports, in one line. */
void reading_set(struct reading *reading, const char *format, enum complaint_class class, enum reporter_kind kind);
/* Is the domain of the reporter one of these (or below one)? ended by NULL */
bool reading_is_from(const struct reading *reading, const char *const *domains);
