/* SPDX-License-Identifier: Apache-2.0
 *
 * html: the text that a reader of an HTML mail sees.
 *
 * Not a browser: tags are dropped, block elements break lines, entities are
 * decoded, and what is hidden (script, style, head, comments, display:none,
 * hidden, zero font size) is left out, since hidden text is how a complaint
 * can be made to name an address that nobody reading it would see.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

str html_text(struct arena *arena, str html);
