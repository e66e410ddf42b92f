/* SPDX-License-Identifier: Apache-2.0
 *
 * plan: JSON both ways, and the text form.
 */
#include "model/plan.h"

#include <stdlib.h>

#include "base/print.h"
#include "base/sha256.h"

void plan_init(struct plan *plan, str verb, str root, str incident, usec now)
{
	*plan = (struct plan){ .made = now - now % USEC_PER_SEC };
	plan->expires = plan->made + PLAN_LIFETIME;
	plan->verb = arena_copy(&plan->arena, verb);
	plan->root = arena_copy(&plan->arena, root);
	plan->incident = arena_copy(&plan->arena, incident);
}

struct step *plan_add(struct plan *plan, const char *op, str target, str account)
{
	struct step *step = VEC_PUSH(&plan->steps);
	*step = (struct step){ .n = (unsigned)plan->steps.count };
	step->op = arena_copy(&plan->arena, str_from(op));
	step->target = arena_copy(&plan->arena, target);
	step->account = arena_copy(&plan->arena, account);
	return step;
}

void plan_done(struct plan *plan)
{
	arena_done(&plan->arena);
	free(plan->steps.at);
	*plan = (struct plan){ 0 };
}

static void print_step(struct jsonw *w, const struct step *step)
{
	jsonw_open(w, '{');
	jsonw_field_int(w, "n", step->n);
	jsonw_field_str(w, "op", step->op);
	jsonw_field_str(w, "target", step->target);
	jsonw_field_str(w, "account", step->account);
	jsonw_field_str(w, "why", step->why);
	jsonw_key(w, "facts");
	facts_print(w, &step->facts);
	jsonw_field_str(w, "shell", step->shell);
	jsonw_field_str(w, "undo", step->undo);
	jsonw_field_bool(w, "reversible", step->reversible);
	jsonw_field_bool(w, "unattended", step->unattended);
	jsonw_field_bool(w, "allowed", step->allowed);
	jsonw_close(w, '}');
}

static void print_with_id(struct buf *buf, const struct plan *plan, str id)
{
	struct jsonw w;
	jsonw_init(&w, buf, false);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.plan/1"));
	jsonw_field_str(&w, "id", id);
	jsonw_field_str(&w, "incident", plan->incident);
	jsonw_field_str(&w, "verb", plan->verb);
	jsonw_field_str(&w, "root", plan->root);
	jsonw_field_time(&w, "made", plan->made);
	jsonw_field_time(&w, "expires", plan->expires);
	jsonw_key(&w, "steps");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < plan->steps.count; i++)
		print_step(&w, &plan->steps.at[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

void plan_print(struct buf *buf, const struct plan *plan)
{
	print_with_id(buf, plan, plan->id);
}

void plan_seal(struct plan *plan)
{
	struct buf text = BUF_INIT;
	struct sha256 sha;
	char id[PLAN_ID_LEN + 1];
	print_with_id(&text, plan, STR(""));
	sha256_init(&sha);
	sha256_add(&sha, buf_str(&text));
	sha256_hex(&sha, PLAN_ID_LEN, id);
	plan->id = arena_copy(&plan->arena, str_from(id));
	buf_done(&text);
}

static int parse_step(struct plan *plan, const json_t *object, struct err *err)
{
	struct step *step = plan_add(plan, "", STR(""), STR(""));
	const struct member members[] = {
		{ "op", &step->op },	   { "target", &step->target }, { "account", &step->account }, { "why", &step->why },
		{ "shell", &step->shell }, { "undo", &step->undo },	{ NULL },
	};
	int rc = facts_members(members, &plan->arena, object, err);
	if (rc)
		return rc;
	step->reversible = json_is_true(json_object_get(object, "reversible"));
	step->unattended = json_is_true(json_object_get(object, "unattended"));
	step->allowed = json_is_true(json_object_get(object, "allowed"));
	return facts_parse(&step->facts, &plan->arena, json_object_get(object, "facts"), err);
}

static int parse_head(struct plan *out, const json_t *top, struct err *err)
{
	const struct member members[] = { { "id", &out->id }, { "incident", &out->incident }, { "verb", &out->verb },
					  { "root", &out->root }, { NULL } };
	const char *schema = json_string_value(json_object_get(top, "schema"));
	if (!schema || strcmp(schema, "quell.plan/1") != 0)
		return err_set(err, ERR_INPUT, "not quell.plan/1");
	int rc = facts_members(members, &out->arena, top, err);
	if (!rc)
		rc = facts_member_time(&out->made, top, "made", err);
	return rc ? rc : facts_member_time(&out->expires, top, "expires", err);
}

static int parse_plan(struct plan *out, const json_t *top, struct err *err)
{
	const json_t *steps = json_object_get(top, "steps");
	int rc = parse_head(out, top, err);
	for (size_t i = 0; !rc && i < json_array_size(steps); i++)
		if ((rc = parse_step(out, json_array_get(steps, i), err)))
			err_context(err, "step %zu", i + 1);
	if (rc)
		return rc;
	str id = out->id;
	plan_seal(out);
	if (!str_eq(id, out->id))
		return err_set(err, ERR_INPUT, "the content is not that of plan %.*s: it was changed", STR_ARG(id));
	return 0;
}

int plan_parse(struct plan *out, str text, struct err *err)
{
	json_error_t problem;
	*out = (struct plan){ 0 };
	json_t *top = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &problem);
	int rc = top ? parse_plan(out, top, err) :
		       err_set(err, ERR_INPUT, "line %d: %s", problem.line, problem.text);
	json_decref(top);
	if (rc)
		plan_done(out);
	return rc ? err_context(err, "plan") : 0;
}

static void print_line(struct buf *buf, const char *label, str text)
{
	if (!text.len)
		return;
	buf_printf(buf, "   %-9s ", label);
	print_text(buf, text);
	buf_char(buf, '\n');
}

void plan_print_text(struct buf *buf, const struct plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++) {
		const struct step *step = &plan->steps.at[i];
		buf_printf(buf, "%2u  %.*s ", step->n, STR_ARG(step->op));
		print_text(buf, step->target);
		buf_char(buf, '\n');
		print_line(buf, "because", step->why);
		print_line(buf, "by hand", step->shell);
		print_line(buf, "undo", step->reversible ? step->undo : STR("cannot be undone"));
	}
	buf_printf(buf, "\nplan %.*s, ", STR_ARG(plan->id));
	buf_add(buf, STR("good until "));
	clock_print(buf, plan->expires);
	buf_printf(buf, "; nothing was changed yet: quell apply %.*s\n", STR_ARG(plan->id));
}

str plan_shell(struct arena *arena, const str *argv, size_t count)
{
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(&text, ' ');
		print_shell(&text, argv[i]);
	}
	str shell = arena_copy(arena, buf_str(&text));
	buf_done(&text);
	return shell;
}
