/* SPDX-License-Identifier: Apache-2.0
 *
 * pasted: a person's complaint with the headers of the mail in its text, in
 * any transfer encoding or HTML, quoted, indented or double-spaced.
 */
#include "desk/intake/formats.h"

#include "desk/intake/blocks.h"

/* A block without blank lines, as the header reader wants it. */
static str close_gaps(struct arena *arena, str block)
{
	char *at = arena_alloc(arena, block.len + 1);
	size_t len = 0;
	for (str rest = block; rest.len;) {
		str line = header_line(&rest);
		if (!str_trim(line).len)
			continue;
		memcpy(at + len, line.at, line.len);
		len += line.len;
		at[len++] = '\n';
	}
	return (str){ at, len };
}

static bool read(struct reading *reading)
{
	str rest = text_unquote(reading->arena, reading->text), block;
	size_t found = 0;
	for (; text_next_block(&rest, &block); found++)
		reading_add_text(reading, close_gaps(reading->arena, block), &CLAIM_NONE);
	if (found)
		reading_set(reading, "pasted", CLASS_SPAM, REPORTER_PERSON);
	return found > 0;
}

const struct intake intake_pasted = { "pasted", "person, headers pasted", read };
