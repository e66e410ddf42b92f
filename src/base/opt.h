/* SPDX-License-Identifier: Apache-2.0
 *
 * opt: command line options from tables.
 *
 * A table row carries its own help text; usage, man page and completion are
 * made from the same rows. Options and operands may be mixed; "--" ends the
 * options. "-n5", "-n 5", "--name=5" and "--name 5" are alike.
 */
#pragma once
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct opt {
	const char *name;  /* long name without the hyphens; NULL when only the letter exists */
	char letter;       /* 0 when there is none */
	const char *value; /* name of its value in the help text; NULL for a switch */
	bool many;         /* may be given several times; else twice is an error */
	const char *help;  /* one line, no full stop */
};
#define OPT_END { 0 }

struct opt_hit {
	const struct opt *opt;
	const char *value; /* NULL for a switch */
};

struct opts {
	VEC(struct opt_hit) hits;
	VEC(const char *) operands; /* borrowed from argv */
};

/* Reads argv[0..argc) against the tables (each ended by OPT_END; NULL tables are skipped). With stop_at_operand the first
 * operand ends the reading and *out_used tells how many words were taken. ERR_USAGE names the word and the nearest option. */
int opts_parse(struct opts *opts, int argc, char *const *argv, const struct opt *const *tables, size_t table_count,
	       bool stop_at_operand, int *out_used, struct err *err);
/* Value of the last such option; "" for a given switch; NULL when absent. name is the long name, or the letter as a string. */
const char *opts_get(const struct opts *opts, const char *name);
void opts_done(struct opts *opts);

/* The candidate nearest to word by edit distance (at most 2 and less than half its length), or NULL.
 * next(context) yields candidates until NULL. */
const char *opt_nearest(str word, const char *(*next)(void *context), void *context);
