/* SPDX-License-Identifier: Apache-2.0
 *
 * zip: the members of a ZIP file that lies in memory (APPNOTE.TXT 6.3, the
 * classic form: no ZIP64, no encryption, stored or deflated).
 *
 * Hostile input: at most ZIP_MEMBERS_MAX members are looked at, each unpacked
 * to at most the bytes that the caller allows, whatever its header promises.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum { ZIP_MEMBERS_MAX = 100 };

struct zip {
	str bytes;     /* borrowed */
	str directory; /* what is left of the central directory */
	unsigned left; /* members that may still be looked at */
};

struct zip_member {
	str name;
	str packed;
	unsigned method;
};

/* False when the bytes are no ZIP file. */
bool zip_open(struct zip *zip, str bytes);
/* The next member that can be unpacked; false at the end. */
bool zip_next(struct zip *zip, struct zip_member *out);
/* Unpacks into the arena at most max bytes; *out_whole tells whether that was all and undamaged. */
str zip_unpack(struct arena *arena, const struct zip_member *member, size_t max, bool *out_whole);
