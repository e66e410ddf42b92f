/* SPDX-License-Identifier: Apache-2.0
 *
 * deed: what apply, undo and recover share in carrying out one step.
 */
#pragma once
#include "act/act.h"

/* Intent records carry deed's facts, the others what was done. */
int deed_journal(struct act *act, const struct deed *deed, enum record_kind kind, enum result result, str text,
		 struct err *err);
/* Acts, and reads the state again: 0 only when it is as it should be. */
int deed_make(struct act *act, const struct op *op, struct deed *deed, struct err *err);
int deed_undo(struct act *act, const struct op *op, struct deed *deed, struct err *err);
/* How many objects an op on many has done. */
size_t deed_count(const struct deed *deed);
/* Records the end of a deed with its result; rc and *err are those of the deed and are returned. What is unknown is left open
 * in the journal, so that recover looks at it again; so it is when the record cannot be written. */
int deed_close(struct act *act, const struct deed *deed, enum record_kind kind, enum result *result, int rc, struct err *err);
/* The result that an error code stands for. */
enum result deed_result(int rc);
/* For people: the error, or what was left over. */
str deed_text(const struct deed *deed, int rc, const struct err *err);
