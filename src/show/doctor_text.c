/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor_text: checks by state, each fix told once.
 */
#include "show/doctor_text.h"

#include "base/print.h"

const struct column doctor_columns[] = {
	{ "state", "state", COLUMN_TEXT },
	{ "check", "check", COLUMN_TEXT },
	{ "says", "found", COLUMN_TEXT },
	{ "hides", "what that hides", COLUMN_TEXT },
	{ "file", "where", COLUMN_TEXT },
	{ "lines", "lines to add", COLUMN_LIST },
	{ "then", "then", COLUMN_TEXT },
	{ 0 },
};

static const struct {
	const char *state, *mark, *color;
} states[] = {
	{ "gap", "GAP  ", "1;31" },
	{ "note", "note ", "1;33" },
	{ "good", "good ", "32" },
};

static void one(struct buf *out, const char *before, str text)
{
	if (!text.len)
		return;
	buf_add(out, str_from(before));
	print_text(out, text);
	buf_char(out, '\n');
}

/* Whether an earlier check of the same state said the same fix. */
static bool is_told(const json_t *checks, size_t until, const json_t *check)
{
	for (size_t i = 0; i < until; i++) {
		const json_t *other = json_array_get(checks, i);
		if (!str_eq(view_str(other, "state"), STR("good")) && str_eq(view_str(other, "file"), view_str(check, "file")) &&
		    json_equal(json_object_get(other, "lines"), json_object_get(check, "lines")))
			return true;
	}
	return false;
}

static void fix(struct buf *out, const json_t *checks, size_t number, const json_t *check)
{
	size_t i;
	const json_t *line;
	if (!view_str(check, "file").len)
		return;
	if (is_told(checks, number, check)) {
		buf_add(out, STR("     the lines above do it\n"));
		return;
	}
	one(out, "     in ", view_str(check, "file"));
	json_array_foreach(json_object_get(check, "lines"), i, line)
		one(out, "         ", str_from(json_string_value(line)));
	one(out, "     then ", view_str(check, "then"));
}

void doctor_text(struct buf *out, const json_t *report, const void *context, bool color)
{
	(void)context;
	size_t i;
	const json_t *check, *checks = json_object_get(report, "checks");
	for (size_t s = 0; s < sizeof(states) / sizeof(*states); s++)
		json_array_foreach(checks, i, check) {
			if (!str_eq(view_str(check, "state"), str_from(states[s].state)))
				continue;
			if (color)
				buf_printf(out, "\x1b[%sm", states[s].color);
			buf_add(out, str_from(states[s].mark));
			buf_add(out, color ? STR("\x1b[0m") : STR(""));
			print_text(out, view_str(check, "check"));
			one(out, ": ", view_str(check, "says"));
			one(out, "     hides ", view_str(check, "hides"));
			fix(out, checks, i, check);
		}
}
