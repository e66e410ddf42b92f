/* SPDX-License-Identifier: Apache-2.0
 *
 * conf: strict INI configuration, checked against a table.
 *
 *     # comment
 *     [section]            or [section NAME]
 *     key = value          up to the end of the line; blanks at both ends are dropped
 *
 * An unknown section or key, a value of the wrong form and a key given twice
 * (unless the row says many) are errors that name file and line and the
 * nearest known name. There is no quoting, no continuation, no include.
 */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/mem.h"

enum conf_type {
	CONF_TEXT,
	CONF_INT,   /* min..max of the row */
	CONF_RATIO, /* 0.00 .. 1.00, or "15%" */
	CONF_AGE,   /* 2h, 3d, P1D */
	CONF_BOOL,  /* yes|no */
	CONF_IP,    /* address or network in CIDR form */
	CONF_DATE,  /* ISO 8601 */
	CONF_CHOICE /* one of the words of the row's choices, separated by | */
};

struct conf_row {
	const char *section;
	bool named;  /* the section needs a NAME */
	const char *key;
	enum conf_type type;
	bool many;
	int64_t min, max;     /* CONF_INT */
	const char *choices;  /* CONF_CHOICE */
	const char *fallback; /* text form of the default; NULL = none */
	const char *help;     /* what it does, and the reason for its default */
};

struct conf_entry {
	const struct conf_row *row;
	str section_name; /* NAME of a named section, else empty */
	str value;
	const char *file;
	unsigned line;
};

struct conf {
	struct arena arena;
	const struct conf_row *rows; /* ended by a row without section */
	VEC(struct conf_entry) entries;
};

void conf_init(struct conf *conf, const struct conf_row *rows);
/* Adds the text of one file; later files add to and, for single keys, override earlier ones. ERR_USAGE with file:line. */
int conf_add(struct conf *conf, str text, const char *file, struct err *err);
/* Reads the file at path, and then each *.conf in the folder directory in byte order; what does not exist is skipped
 * unless must_exist. Either may be NULL. */
int conf_load(struct conf *conf, const char *path, const char *directory, bool must_exist, struct err *err);

/* The value of a single key (name is "" for unnamed sections), its default, or empty. The row must exist. */
str conf_get(const struct conf *conf, const char *section, str name, const char *key);
int64_t conf_int(const struct conf *conf, const char *section, const char *key);
double conf_ratio(const struct conf *conf, const char *section, const char *key);
usec conf_age(const struct conf *conf, const char *section, const char *key);
bool conf_bool(const struct conf *conf, const char *section, const char *key);
void conf_done(struct conf *conf);
