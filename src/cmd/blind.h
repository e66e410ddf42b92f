/* SPDX-License-Identifier: Apache-2.0
 *
 * blind: the list of what could not be seen, in every report.
 */
#pragma once
#include "base/jsonw.h"
#include "cmd/read.h"

struct blind_row {
	const char *missing, *hides, *fix;
	bool blocking; /* without it the question cannot be answered: exit code 3 */
};

/* "blind": the problems met while reading (blocking), then rows up to one without missing (NULL = none). */
void blind_print(struct jsonw *w, const struct read_state *state, const struct blind_row *rows);
