/* SPDX-License-Identifier: Apache-2.0
 *
 * program: the programs of panels, firewalls and mail servers that ops run:
 * only those of a list, by absolute path, when root alone can change them.
 */
#pragma once
#include "act/ops.h"
#include "base/run.h"

/* Runs argv (a list fact; NULL is an error). As run_program(): 0 whatever the exit code; release result in any case. */
int program_run(const struct deed *deed, const struct fact *argv, str input, struct run_result *result, struct err *err);
/* The commands of the fact "then" (parted by the word ;), which tell programs of a change; each has to end with 0. */
int program_then(const struct deed *deed, struct err *err);
/* The word of the fact "on" has to stand in what the command "read" prints. Nothing to read is well. */
int program_confirm(const struct deed *deed, struct err *err);
/* Does wanted stand in text as a word? Words end at blanks and at what tables, JSON and Python lists put between. */
bool program_says(str text, str wanted);
