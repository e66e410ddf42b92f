/* SPDX-License-Identifier: Apache-2.0
 *
 * journal: JSON of one record.
 */
#include "model/journal.h"

static const char *const kind_names[RECORD_KINDS] = { "intent", "progress", "outcome", "undo",
						      "undone", "segment",  "cut" };
static const char *const result_names[RESULTS] = { "", "changed", "already", "refused", "failed", "unknown" };

const char *record_kind_name(enum record_kind kind)
{
	return kind_names[kind];
}

const char *result_name(enum result result)
{
	return result_names[result];
}

void record_write(struct jsonw *w, const struct record *record)
{
	jsonw_open(w, '{');
	jsonw_field_int(w, "n", (int64_t)record->n);
	jsonw_field_time(w, "at", record->at);
	jsonw_field_str(w, "kind", str_from(kind_names[record->kind]));
	jsonw_field_str(w, "plan", record->plan);
	jsonw_field_int(w, "step", record->step);
	jsonw_field_str(w, "op", record->op);
	jsonw_field_str(w, "target", record->target);
	jsonw_field_str(w, "account", record->account);
	jsonw_field_str(w, "result", str_from(result_names[record->result]));
	jsonw_field_str(w, "text", record->text);
	jsonw_key(w, "facts");
	facts_print(w, &record->facts);
	jsonw_close(w, '}');
}

void record_print(struct buf *buf, const struct record *record)
{
	struct jsonw w;
	jsonw_init(&w, buf, true);
	record_write(&w, record);
}

static int find_name(const char *const *names, int count, str name)
{
	for (int i = 0; i < count; i++)
		if (str_eq(name, str_from(names[i])))
			return i;
	return -1;
}

static int parse_strings(struct record *out, struct arena *arena, const json_t *object, struct err *err)
{
	str kind, result;
	const struct member members[] = { { "kind", &kind },	      { "plan", &out->plan },	  { "op", &out->op },
					  { "target", &out->target }, { "account", &out->account }, { "result", &result },
					  { "text", &out->text },     { NULL } };
	int rc = facts_members(members, arena, object, err);
	if (rc)
		return rc;
	int kind_number = find_name(kind_names, RECORD_KINDS, kind);
	int result_number = find_name(result_names, RESULTS, result);
	if (kind_number < 0 || result_number < 0)
		return err_set(err, ERR_INPUT, "unknown kind or result");
	out->kind = (enum record_kind)kind_number;
	out->result = (enum result)result_number;
	return 0;
}

int record_parse(struct record *out, struct arena *arena, const json_t *object, struct err *err)
{
	*out = (struct record){ 0 };
	json_int_t n = json_integer_value(json_object_get(object, "n"));
	json_int_t step = json_integer_value(json_object_get(object, "step"));
	if (n < 1 || step < 0 || step > UINT32_MAX)
		return err_set(err, ERR_INPUT, "record without a number");
	out->n = (uint64_t)n;
	out->step = (unsigned)step;
	int rc = parse_strings(out, arena, object, err);
	if (!rc)
		rc = facts_member_time(&out->at, object, "at", err);
	return rc ? rc : facts_parse(&out->facts, arena, json_object_get(object, "facts"), err);
}
