/* SPDX-License-Identifier: Apache-2.0
 *
 * view: one description of a list's columns, printed in every form: aligned
 * text, TSV, JSON lines and HTML. What a reader reports is JSON text, as
 * untrusted as the reader; it is parsed here and every cell is escaped here.
 */
#pragma once
#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

enum output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_JSONL, OUTPUT_TSV, OUTPUT_HTML };

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_SHARE, /* 0..1; text shows a percentage */
	COLUMN_TIME,  /* ISO 8601 */
	COLUMN_AGE,   /* seconds; text shows it as exim -bp */
	COLUMN_SIZE,  /* bytes; text shows them as exim -bp */
	COLUMN_YES,   /* boolean */
	COLUMN_LIST,  /* strings, or objects whose member "address" is shown */
	COLUMN_HOURS, /* numbers, shown as a line of bars */
};

struct column {
	const char *key;   /* member of a row, and the head of its TSV column */
	const char *title; /* head for people; NULL: for programs only */
	enum column_kind kind;
};

struct view {
	const char *title;            /* of the HTML page */
	const char *rows;             /* member of the report that holds the rows */
	const struct column *columns; /* ended by a column without key; stable: only ever extended at the end */
	/* Text of its own, which also tells what was not visible; HTML of its own behind the heading. NULL: the table alone. */
	void (*text)(struct buf *out, const json_t *report, const void *context, bool color);
	void (*html)(struct buf *out, const json_t *report);
	const void *context; /* for text */
};

/* Prints the report to fd in that form, text for a terminal through a pager. Returns the exit code of the contract (0, or 3
 * when something that was needed could not be read), or an error. */
int view_show(const struct view *view, str report, enum output output, bool color, int fd, struct err *err);
/* The same of a report that was parsed and checked already. */
int view_print(const struct view *view, const json_t *report, enum output output, bool color, int fd, struct err *err);

/* For printers of reports: members, empty or 0 when absent or of another type. */
str view_str(const json_t *object, const char *key);
long long view_int(const json_t *object, const char *key);
bool view_true(const json_t *object, const char *key);

void view_table(struct buf *out, const struct column *columns, const json_t *rows);
/* label: outside text, different for every table of a page. */
void view_html_table(struct buf *out, str label, const struct column *columns, const json_t *rows);
/* The lines about what was not visible; nothing when blind[] is empty. */
void view_blind(struct buf *out, const json_t *report);
