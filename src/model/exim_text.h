/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_text: text as Exim writes it into its logs.
 */
#pragma once
#include "base/buf.h"

/* Undoes string_printing() and the quoting of T="...": \ooo (octal), \n \r \t \b \v \f, \" and \\. Anything else behind a
 * backslash stays as it is. The bytes that come out are the sender's own. */
void exim_unescape(struct buf *out, str text);
