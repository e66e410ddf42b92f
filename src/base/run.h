/* SPDX-License-Identifier: Apache-2.0
 *
 * run: one program with an argument vector; never a shell.
 *
 * The child gets a fixed environment (PATH, LC_ALL=C, HOME=/), / as its
 * folder, its own process group, no descriptor but 0, 1 and 2, and what it
 * reads comes from memory, so that a secret is neither in its arguments nor on
 * disk. At the deadline, or when it prints more than allowed, the whole group
 * is killed.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { RUN_DEADLINE_MS = 30000, RUN_OUTPUT_MAX = 1 << 20 };

struct run {
	const char *const *argv; /* ended by NULL; argv[0] is an absolute path */
	str input;               /* its standard input */
	unsigned deadline_ms;    /* 0 = RUN_DEADLINE_MS */
	size_t output_max;       /* of stdout and of stderr, each; 0 = RUN_OUTPUT_MAX */
	void (*hear)(void *context, str chunk); /* takes stdout as it comes, which is then not kept; NULL = kept */
	void *context;
};

struct run_result {
	int exit_code; /* 128 + N when it died of signal N */
	struct buf out, err;
};
#define RUN_RESULT_INIT ((struct run_result){ .exit_code = -1 })

/* 0 when the program ran to an end of its own, whatever its exit code; else ERR_SYSTEM (could not be started, too slow, too
 * talkative). out_result is to be released with run_result_done() in either case. */
int run_program(const struct run *run, struct run_result *out_result, struct err *err);
void run_result_done(struct run_result *result);
