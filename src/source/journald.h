/* SPDX-License-Identifier: Apache-2.0
 *
 * journald: the records of `journalctl -o export` as syslog lines.
 *
 *     MESSAGE=text                       a field without newline and control bytes
 *     MESSAGE\n<8 bytes LE><bytes>\n     any other, its length first
 *     (blank line)                       the record is complete
 *
 * The reader takes bytes as they come, not lines: only the length tells where
 * a binary value ends, so bytes of a message can never pass for a field or for
 * another record, however long it is. Fields that start with _ are the
 * journal's own word. Source of the form: systemd,
 * docs/JOURNAL_EXPORT_FORMATS.md.
 */
#pragma once
#include "base/buf.h"
#include "source/syslog.h"

enum {
	JOURNALD_VALUE_MAX = 64 * 1024, /* bytes kept of one field; the rest is dropped */
	JOURNALD_NAME_MAX = 32,		/* longer names are of no interest */
	JOURNALD_FIELDS = 8,		/* fields of interest */
};

enum journald_state {
	JOURNALD_NAME,
	JOURNALD_TEXT,
	JOURNALD_LENGTH,
	JOURNALD_BINARY,
	JOURNALD_BINARY_END,
};

struct journald {
	enum journald_state state;
	char name[JOURNALD_NAME_MAX]; /* of the field, as far as it was read */
	size_t name_len;
	int field;			    /* that is being read; JOURNALD_FIELDS = one without interest */
	unsigned length_read;		    /* bytes of a binary value's length */
	uint64_t left;			    /* bytes of the value still to come */
	struct buf values[JOURNALD_FIELDS]; /* of the record; owned */
	bool present[JOURNALD_FIELDS];
	bool spoilt;				 /* the record's frame is lost */
	bool complete;				 /* the record was given out: the next byte starts another */
	uint64_t offset, newlines;		 /* before the next byte */
	uint64_t record_offset, record_newlines; /* before the record */
	uint64_t damaged;			 /* records out of frame or without a time */
};

#define JOURNALD_INIT ((struct journald){ 0 })

/* True when a file that starts with this line is such an export. */
bool journald_probe(str line);
/* Takes bytes off *chunk up to the end of the next record that has a message: true, and *out is valid until the next
 * call. False when *chunk is used up. */
bool journald_next(struct journald *journald, str *chunk, struct syslog_line *out);
void journald_done(struct journald *journald);
