/* SPDX-License-Identifier: Apache-2.0
 *
 * mime: the parts of one mail (RFC 2045), decoded on demand.
 *
 * GMime finds the parts; it is told to take message/rfc822 as a leaf, so that
 * an enclosed mail stays the bytes it was and is read by another mime_parse(),
 * with our own header reader and depth limit. Everything found points into
 * the mail's bytes; nothing of GMime outlives the call.
 */
#pragma once
#include "desk/intake/header.h"
#include "model/complaint.h"

/* For one part as text, for one part as bytes, and for all that one mail makes us keep. */
enum { TEXT_BYTES_MAX = 1024 * 1024, DECODED_BYTES_MAX = 8 * 1024 * 1024, ARENA_BYTES_MAX = 24 * 1024 * 1024 };

struct part {
	str type;   /* "text/plain", lower case */
	str parent; /* type of the multipart it lies in, or "" */
	str name;   /* file name from Content-Disposition or Content-Type */
	str charset;
	str body;     /* as transferred */
	int encoding; /* GMimeContentEncoding */
	bool attachment;
	bool has_text;
	str text; /* what part_text() found, which several readers ask for */
};

struct mime {
	struct arena *arena;  /* borrowed */
	struct words *limits; /* borrowed; limits hit are added */
	unsigned depth;	      /* 0 = the mail that reached us */
	str bytes;
	struct headers headers;
	str type;	    /* of the whole */
	str report_type;    /* its report-type parameter, lower case */
	struct part *parts; /* leaves in order, in the arena; at least one */
	size_t count;
};

/* Once per process, before any jail: registers types and loads the character sets that mails use, since the jail has no
 * files. */
struct charsets {
	void *open[32]; /* iconv descriptors, kept so that their modules stay loaded */
	size_t count;
};
void mime_setup(struct charsets *charsets);
void mime_teardown(struct charsets *charsets);

void mime_parse(struct arena *arena, str bytes, unsigned depth, struct words *limits, struct mime *out);
/* The first part of that type, or NULL. */
const struct part *mime_find(const struct mime *mime, const char *type);
/* Does the file name end so? Letter case does not matter. */
bool part_is_named(const struct part *part, const char *end);
bool part_is_zip(const struct part *part);
/* Its content without transfer encoding and byte order mark. What was encoded is cut at max bytes (limit "decoded");
 * what was not costs no memory and is returned whole. */
str part_bytes(const struct mime *mime, const struct part *part, size_t max);
/* Encoded text decoded, within the same limits. */
str mime_base64(const struct mime *mime, str text);
str mime_quoted_printable(const struct mime *mime, str text);
/* As text: UTF-8, as far as the declared character set allows (other bytes stay as they are); HTML as its visible text.
 * At most TEXT_BYTES_MAX. */
str part_text(const struct mime *mime, struct part *part);
/* All that a reader of the mail sees: inline text parts in order, with one of each multipart/alternative. */
str mime_text(const struct mime *mime);
/* A field's value with RFC 2047 words decoded. */
str header_text(struct arena *arena, str value);
