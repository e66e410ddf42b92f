/* SPDX-License-Identifier: Apache-2.0
 *
 * err: what went wrong, for the caller to print or to pass on.
 *
 * A function that can fail returns 0 or a negative code and fills the
 * caller's struct err. Library code never prints and never exits. Context is
 * put in front on the way up: "reading spool: input/1abc..: header count".
 */
#pragma once

enum err_code {
	ERR_NONE = 0,
	ERR_INPUT = -1,   /* what was read is wrong: count it and go on */
	ERR_SYSTEM = -2,  /* the system refused: file, process, memory ceiling */
	ERR_USAGE = -3,   /* the command line or configuration is wrong */
	ERR_REFUSED = -4, /* a safety rule says no */
	ERR_GONE = -5,    /* the object vanished: normal on a live host */
};

struct err {
	int code;
	int sys_errno; /* errno of ERR_SYSTEM, else 0 */
	char text[512];
};

/* Records code and text and returns code, so that one line does both. err may be NULL. */
int err_set(struct err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As err_set with ERR_SYSTEM (ERR_GONE for ENOENT), ": " and the name of errno appended. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Puts "context: " before the text and returns the recorded code. */
int err_context(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
