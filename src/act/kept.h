/* SPDX-License-Identifier: Apache-2.0
 *
 * kept: files of a panel that its program may leave half written, sealed
 * before and put back as they were.
 *
 * The fact keep is a list of pairs: an absolute path, and the words with which
 * the lines that are to change begin. Put back is the whole file, and only when
 * nothing but such lines is different, except right after the program failed,
 * when what it wrote may be anything.
 */
#pragma once
#include "act/ops.h"

/* Without the fact: nothing to do. */
int kept_seal(const struct act_world *world, const struct deed *deed, struct err *err);
/* ERR_REFUSED names the sealed copy when a file has changed otherwise; anything: that does not matter. */
int kept_put_back(const struct act_world *world, const struct deed *deed, bool anything, struct err *err);
