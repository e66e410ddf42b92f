/* SPDX-License-Identifier: Apache-2.0
 *
 * scanners: programs that look for malware in files, as argument vectors.
 *
 * They only report: no option that moves or removes is ever passed. ClamAV
 * answers with a line "PATH: NAME FOUND" or "PATH: OK" for each file and exits
 * 0 when clean, 1 when found, 2 on an error (a missing path, no database, no
 * daemon). maldet takes one path, says nothing by its exit code, and leaves
 * "NAME : PATH" lines in a file named by the scan's id, which it prints.
 */
#pragma once
#include "base/str.h"

struct scanner {
	const char *name;
	const char *const *probe; /* exits 0 when it can be used; ended by NULL */
	const char *const *scan;  /* the paths follow */
	const char *hits;         /* file of the findings, but for the scan's id; NULL = its answer has them */
	int exit_max;             /* above it is an error */
};

/* In the order of choice; ended by a row without name. */
extern const struct scanner scanners[];
/* Cuts an answer from its end, since the path may hold anything; out_name is empty for a clean file. False for other lines. */
bool scanner_finding(str line, str *out_path, str *out_name);
/* A line of maldet's file. */
bool scanner_hit(str line, str *out_path, str *out_name);
/* The scan's id (maldet: 101124-2229.4711) in what the scanner printed; empty when there is none. */
str scanner_id(str text);
