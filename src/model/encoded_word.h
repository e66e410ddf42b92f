/* SPDX-License-Identifier: Apache-2.0
 *
 * encoded_word: header text of RFC 2047, "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", as
 * UTF-8. For comparing and showing; nothing is decided by it.
 */
#pragma once
#include "base/buf.h"
#include "base/str.h"

/* Appends the text with its encoded words decoded (UTF-8, US-ASCII, ISO-8859-1 and -15, windows-1252); blanks between two of
 * them are dropped. Words of other charsets and broken ones stay as they are. */
void encoded_word_decode(struct buf *out, str text);
