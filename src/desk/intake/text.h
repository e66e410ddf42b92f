/* SPDX-License-Identifier: Apache-2.0
 *
 * text: things recognised in running text: mail addresses, IP addresses,
 * the organisation behind a host name.
 */
#pragma once
#include "base/arena.h"
#include "base/ip.h"
#include "base/str.h"

/* The mail address in a field value such as `"A. B." <a@b.example>`, `a@b.example (A)`, `[a@b.example]`; empty when
 * there is none with something on both sides of the @. */
str text_address(str value);
/* As text_address for each member of a list, each once, joined with commas (at most 10). */
str text_addresses(struct arena *arena, str value);
/* The registrable domain of a host name: its last two labels, three below country-code registries ("x.co.uk"). Without
 * the public suffix list this is a guess by the usual second-level names; empty for literals and single labels. */
str text_organisation(str host);
bool text_same_organisation(str host_a, str host_b);
/* The next IP address of *rest that stands by itself: not part of a longer number, name, path, URL host or network of
 * more than one address. *out_before is what stands before it. False at the end. */
bool text_next_ip(str *rest, struct ip *out, str *out_before);
/* The value behind "label" and an optional blank, colon, equals sign or bracket, up to the end of the line; letter case
 * does not matter. False when no line has it. */
bool text_labelled(str text, const char *label, str *out);
bool text_contains(str text, const char *needle); /* letter case does not matter (ASCII) */
/* The text with plainer signs for what means the same: other blanks become the ASCII one, marks without width go, and
 * "192[.]0[.]2[.]1" loses its brackets. */
str text_plain(struct arena *arena, str text);
/* Does the subject begin with what mail programs put before that of a forward? */
bool text_is_forward_subject(str subject);
/* Trimmed, and without the quote marks around it. */
str text_unquoted(str s);
/* Runs of blanks and line ends become one blank. */
str text_squeeze(struct arena *arena, str s);
