/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_text: unescaping.
 */
#include "model/exim_text.h"

static bool read_octal(str s, unsigned *out)
{
	unsigned value = 0;
	if (s.len < 3)
		return false;
	for (int i = 0; i < 3; i++) {
		if (s.at[i] < '0' || s.at[i] > '7')
			return false;
		value = value * 8 + (unsigned)(s.at[i] - '0');
	}
	return *out = value, value <= 255;
}

void exim_unescape(struct buf *out, str text)
{
	static const char from[] = "nrtbvf\"\\", to[] = "\n\r\t\b\v\f\"\\";
	for (size_t i = 0; i < text.len; i++) {
		unsigned octal;
		const char *hit = NULL;
		if (text.at[i] == '\\' && i + 1 < text.len && text.at[i + 1])
			hit = strchr(from, text.at[i + 1]);
		if (hit) {
			buf_char(out, to[hit - from]);
			i++;
		} else if (text.at[i] == '\\' && read_octal(str_from_at(text, i + 1), &octal)) {
			buf_char(out, (char)octal);
			i += 3;
		} else {
			buf_char(out, text.at[i]);
		}
	}
}
