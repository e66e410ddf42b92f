/* SPDX-License-Identifier: Apache-2.0
 *
 * zip: from the end of the file to its directory, from there to each member.
 */
#include "desk/intake/zip.h"

#include <zlib.h>

/* Sizes of the fixed parts, and the offsets of the fields used (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
enum { END_SIZE = 22, ENTRY_SIZE = 46, LOCAL_SIZE = 30, COMMENT_MAX = 65535 };
enum { END_DIRECTORY_SIZE = 12, END_DIRECTORY_OFFSET = 16 };
enum {
	ENTRY_FLAGS = 8,
	ENTRY_METHOD = 10,
	ENTRY_PACKED_SIZE = 20,
	ENTRY_NAME = 28,
	ENTRY_EXTRA = 30,
	ENTRY_COMMENT = 32,
	ENTRY_OFFSET = 42
};
enum { LOCAL_NAME = 26, LOCAL_EXTRA = 28 };
enum { METHOD_STORED = 0, METHOD_DEFLATED = 8, FLAG_ENCRYPTED = 1 };

static size_t number(str bytes, size_t at, size_t width)
{
	size_t value = 0;
	for (size_t i = width; i > 0; i--)
		value = value << 8 | (unsigned char)bytes.at[at + i - 1];
	return value;
}

/* The part from offset on with that length; empty when it does not lie within. */
static str slice(str bytes, size_t offset, size_t length)
{
	bool within = offset <= bytes.len && length <= bytes.len - offset;
	return within ? (str){ bytes.at + offset, length } : STR("");
}

bool zip_open(struct zip *zip, str bytes)
{
	size_t lowest = bytes.len > END_SIZE + COMMENT_MAX ? bytes.len - END_SIZE - COMMENT_MAX : 0;
	*zip = (struct zip){ .bytes = bytes, .left = ZIP_MEMBERS_MAX };
	for (size_t at = bytes.len < END_SIZE ? 0 : bytes.len - END_SIZE + 1; at > lowest; at--) {
		str end = str_from_at(bytes, at - 1);
		if (!str_starts(end, STR("PK\5\6")))
			continue;
		zip->directory = slice(bytes, number(end, END_DIRECTORY_OFFSET, 4), number(end, END_DIRECTORY_SIZE, 4));
		return true;
	}
	return false;
}

/* Where the member's data begin stands in its local header, whose extra field may differ from the directory's. */
static str packed_bytes(const struct zip *zip, size_t offset, size_t size)
{
	str local = slice(zip->bytes, offset, LOCAL_SIZE);
	if (!str_starts(local, STR("PK\3\4")))
		return STR("");
	return slice(zip->bytes, offset + LOCAL_SIZE + number(local, LOCAL_NAME, 2) + number(local, LOCAL_EXTRA, 2),
		     size);
}

bool zip_next(struct zip *zip, struct zip_member *out)
{
	while (zip->left && zip->directory.len >= ENTRY_SIZE && str_starts(zip->directory, STR("PK\1\2"))) {
		str entry = zip->directory;
		size_t name = number(entry, ENTRY_NAME, 2), method = number(entry, ENTRY_METHOD, 2);
		bool known = method == METHOD_STORED || method == METHOD_DEFLATED;
		zip->left--;
		zip->directory = str_from_at(entry, ENTRY_SIZE + name + number(entry, ENTRY_EXTRA, 2) +
							    number(entry, ENTRY_COMMENT, 2));
		*out = (struct zip_member){
			.name = slice(entry, ENTRY_SIZE, name),
			.packed =
				packed_bytes(zip, number(entry, ENTRY_OFFSET, 4), number(entry, ENTRY_PACKED_SIZE, 4)),
			.method = (unsigned)method,
		};
		if (known && out->packed.len && !(number(entry, ENTRY_FLAGS, 2) & FLAG_ENCRYPTED))
			return true;
	}
	return false;
}

str zip_unpack(struct arena *arena, const struct zip_member *member, size_t max, bool *out_whole)
{
	z_stream stream = { .next_in = (Bytef *)member->packed.at, .avail_in = (uInt)member->packed.len };
	*out_whole = member->packed.len <= max;
	if (member->method == METHOD_STORED)
		return str_head(member->packed, max);
	/* deflate makes at most 1032 bytes of one (zlib's own documentation) */
	size_t room = member->packed.len < max / 1032 ? member->packed.len * 1032 : max;
	char *at = arena_alloc(arena, room + 1);
	stream.next_out = (Bytef *)at;
	stream.avail_out = (uInt)room;
	*out_whole = false;
	if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
		return STR("");
	*out_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
	inflateEnd(&stream);
	return (str){ at, room - stream.avail_out };
}
