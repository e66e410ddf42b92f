/* SPDX-License-Identifier: Apache-2.0
 *
 * blind: printing of blind[].
 */
#include "cmd/blind.h"

static void print_row(struct jsonw *w, const struct blind_row *row)
{
	jsonw_open(w, '{');
	jsonw_field_str(w, "missing", str_from(row->missing));
	jsonw_field_str(w, "hides", str_from(row->hides));
	jsonw_field_str(w, "fix", str_from(row->fix));
	jsonw_field_bool(w, "blocking", row->blocking);
	jsonw_close(w, '}');
}

void blind_print(struct jsonw *w, const struct read_state *state, const struct blind_row *rows)
{
	jsonw_key(w, "blind");
	jsonw_open(w, '[');
	for (size_t i = 0; i < state->problems.list.count; i++)
		print_row(w, &(struct blind_row){ state->problems.list.at[i], "what stands there", "quell doctor", true });
	for (; rows && rows->missing; rows++)
		print_row(w, rows);
	jsonw_close(w, ']');
}
