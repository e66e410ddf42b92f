/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_spool: the queue of Exim: -H and -J files, and the walk over input/.
 *
 * The -H grammar (Exim spool_out.c, 4.x up to the 4.100 development head):
 *
 *     ID-H
 *     LOGIN UID GID
 *     <SENDER>
 *     RECEIVED WARNINGS
 *     -NAME [VALUE]       any number; -- or --(quoter) before tainted values; -acl? NAME LEN is followed by LEN bytes
 *     XX                  or the tree of handled addresses in preorder, "YN ADDRESS": has a left, a right child
 *     COUNT
 *     RECIPIENT           COUNT lines, possibly with trailing data
 *     (blank line)
 *     LENGTH TYPE BLANK TEXT   headers; only the length tells where the text ends
 *
 * A file that breaks the grammar anywhere, or holds a NUL byte (a crash while
 * writing leaves such), is damaged as a whole: half a message is no evidence.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "model/spool.h"

enum {
	EXIM_SPOOL_FILE_MAX = 16 * 1024 * 1024,	  /* bytes of one -H or -J that are read */
	EXIM_SPOOL_ENTRIES_MAX = 4 * 1000 * 1000, /* -H and -J names in one walk */
};

/* The strings of *out are views into file; spool_message_done() frees its arrays. ERR_INPUT names the byte. */
int exim_spool_parse(str file, struct spool_message *out, struct err *err);
/* Marks the recipients that a -J file (one handled address per line) names as done. */
void exim_spool_journal(str file, struct spool_message *message);

struct exim_spool_counts {
	uint64_t messages;   /* given to the visitor */
	uint64_t damaged;    /* -H outside the grammar, too large, not a regular file, or under another id's name */
	uint64_t unreadable; /* refused by the system */
	uint64_t gone;	     /* vanished between listing and reading: normal on a live host */
	uint64_t duplicate;  /* the same id in a second folder */
	uint64_t unlisted;   /* entries beyond EXIM_SPOOL_ENTRIES_MAX, folders that could not be listed */
};

struct exim_spool_visitor {
	/* The message is valid during the call. */
	void (*message)(void *context, const struct spool_message *message);
	/* A -H that is counted as damaged or unreadable. */
	void (*failed)(void *context, str id, const struct err *why);
	void *context;
	/* May be NULL. Whether the -H with that id is to be opened; called in the order of arrival, once each. */
	bool (*wanted)(void *context, str id);
	/* May be NULL; called instead of failed when -H is damaged: its size, and what stands before the damage when that
	 * is the whole envelope (else NULL). */
	void (*damaged)(void *context, str id, uint64_t bytes, const struct spool_message *envelope, const struct err *why);
	bool sizes; /* look at -D too, for body_bytes */
};

/* Visits every message of one input folder, split or not or both, in the order of arrival (as exim -bp). Everything is opened
 * relative to input_fd, without following links and without blocking. Counts are added to *counts. Fails only when
 * input_fd itself cannot be listed. */
int exim_spool_each(int input_fd, const struct exim_spool_visitor *visitor, struct exim_spool_counts *counts,
		    struct err *err);

/* Appends ID-H, ID-D (kind 'H', 'D') or, in a msglog folder, ID (kind 0), of a folder split or not; at most max bytes,
 * more is ERR_INPUT and buf holds the beginning. ERR_GONE when it is not there. */
int exim_spool_read(int folder_fd, str id, char kind, size_t max, struct buf *out, struct err *err);
