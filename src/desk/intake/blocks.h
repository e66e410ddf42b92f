/* SPDX-License-Identifier: Apache-2.0
 *
 * blocks: header blocks that people paste into text, and the quoting around them.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* The text without quote marks ("> ", ">>") and without an indentation that all lines of a block share. */
str text_unquote(struct arena *arena, str text);
/* The next header block of *rest that holds a Received field: from its first field to the blank line behind it. Blank
 * lines between trace fields (double-spaced pastes) do not end it. False when there is none left. */
bool text_next_block(str *rest, str *out);
