/* SPDX-License-Identifier: Apache-2.0
 *
 * journal: one record of what was done to a host (quell.journal/1), as text
 * both ways. The file itself, its chain and its safety are act's.
 */
#pragma once
#include "model/facts.h"

enum record_kind {
	RECORD_INTENT,   /* about to act; facts hold all that undo needs */
	RECORD_PROGRESS, /* the point in a step where what was done so far is settled */
	RECORD_OUTCOME,  /* the step has ended with this result */
	RECORD_UNDO,     /* about to undo */
	RECORD_UNDONE,   /* the undo has ended with this result */
	RECORD_SEGMENT,  /* first of a continued file */
	RECORD_CUT,      /* a torn tail was cut off before this */
	RECORD_KINDS
};

enum result {
	RESULT_NONE,
	RESULT_CHANGED, /* in force, and made so by us */
	RESULT_ALREADY, /* was so before: not ours to undo */
	RESULT_REFUSED, /* a safety rule or the tool said no; nothing changed */
	RESULT_FAILED,  /* tried; the state is as it was before */
	RESULT_UNKNOWN, /* the state could not be read: never success */
	RESULTS
};

struct record {
	uint64_t n;
	usec at;
	enum record_kind kind;
	str plan;        /* id */
	unsigned step;   /* 0 = none */
	str op, target, account;
	enum result result;
	str text;        /* for people: the reason, what was left over */
	struct facts facts;
};

const char *record_kind_name(enum record_kind kind);
const char *result_name(enum result result);

/* As an object inside other JSON. */
void record_write(struct jsonw *w, const struct record *record);
/* One line of compact JSON with its newline. */
void record_print(struct buf *buf, const struct record *record);
/* Strings are copied to the arena. */
int record_parse(struct record *out, struct arena *arena, const json_t *object, struct err *err);
