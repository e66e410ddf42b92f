/* SPDX-License-Identifier: Apache-2.0
 *
 * state_file: JSON kept in the state folder (made 0700 when missing); a file
 * is 0600 and written in one step.
 */
#pragma once
#include <jansson.h>

#include "base/err.h"

/* NULL when there is none or it cannot be read. The caller's reference. */
json_t *state_file_load(const char *state, const char *name);
int state_file_save(const char *state, const char *name, const json_t *value, struct err *err);
