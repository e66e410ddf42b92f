/* SPDX-License-Identifier: Apache-2.0
 *
 * journald: the records of `journalctl -o export` as syslog lines.
 *
 *     MESSAGE=text                 a field without newline and control bytes
 *     MESSAGE\n<8 bytes LE><bytes>\n   any other, its length first
 *     (blank line)                 the record is complete
 *
 * The reader is fed line by line and puts binary fields together again, so
 * bytes of a message can never pass for a field or for another record. Fields
 * that start with _ are the journal's own word. Source of the form: systemd,
 * docs/JOURNAL_EXPORT_FORMATS.md.
 */
#pragma once
#include "base/buf.h"
#include "source/syslog.h"

enum {
	JOURNALD_VALUE_MAX = 64 * 1024, /* bytes kept of one field; the rest is dropped */
	JOURNALD_FIELDS = 8,		/* fields of interest */
};

struct journald {
	struct buf values[JOURNALD_FIELDS]; /* of the record so far; owned */
	bool present[JOURNALD_FIELDS];
	bool started;  /* a line of the record was seen */
	bool complete; /* it was the record's last: the next line starts another */
	bool spoilt;   /* its frame is lost: nothing more is taken from it */
	int field;     /* that is being read; JOURNALD_FIELDS = one without interest */
	bool in_binary;
	unsigned head_len; /* bytes of the length that were read */
	uint64_t left;	   /* bytes of the value still to come */
	uint64_t damaged;  /* records out of frame or without a time */
};

#define JOURNALD_INIT ((struct journald){ 0 })

/* One line without its newline, every other byte kept. True when it completes a record that has a message and a time:
 * *out is then valid until the next call. */
bool journald_add(struct journald *journal, str line, struct syslog_line *out);
void journald_done(struct journald *journal);
