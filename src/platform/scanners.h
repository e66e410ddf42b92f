/* SPDX-License-Identifier: Apache-2.0
 *
 * scanners: programs that look for malware in files, as argument vectors.
 *
 * They only report: no option that moves or removes is ever passed. An answer
 * is a line "PATH: NAME FOUND"; they exit 0 when clean, 1 when found, 2 on an
 * error (a missing path, no database, no daemon).
 */
#pragma once
#include "base/str.h"

struct scanner {
	const char *name;
	const char *const *probe; /* exits 0 when it can be used; ended by NULL */
	const char *const *scan;  /* the paths follow */
};

/* In the order of choice; ended by a row without name. */
extern const struct scanner scanners[];
/* Cuts an answer from its end, since the path may hold anything. False for other lines. */
bool scanner_finding(str line, str *out_path, str *out_name);
