/* SPDX-License-Identifier: Apache-2.0
 *
 * acting: from a command line to a plan, and from a plan to what was done.
 */
#include "cmd/acting.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/own.h"
#include "base/print.h"
#include "base/root.h"
#include "cmd/measure.h"

/* Letters that survive passwd files, key=value command lines and URL coding alike; no leading - or . */
static int make_password(char out[PASSWORD_LEN + 1], struct err *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_x";
	unsigned char bytes[PASSWORD_LEN];
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_errno(err, "getrandom");
	for (size_t i = 0; i < sizeof(bytes); i++)
		out[i] = letters[bytes[i] % 64];
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

static void take_word(void *context, unsigned n, str op, str target, enum result result, str text)
{
	struct acting *acting = context;
	struct arena *arena = &acting->act.arena;
	*VEC_PUSH(&acting->said) = (struct said){ n, arena_copy(arena, op), arena_copy(arena, target), arena_copy(arena, text),
						  result };
}

struct reporter acting_reporter(struct acting *acting)
{
	return (struct reporter){ take_word, acting };
}

static void say_recovered(struct acting *acting)
{
	for (size_t i = 0; i < acting->said.count; i++) {
		const struct said *said = &acting->said.at[i];
		log_warn("an interrupted run was settled: %.*s %.*s: %.*s", STR_ARG(said->op), STR_ARG(said->target),
			 STR_ARG(said->text));
	}
	acting->said.count = 0;
}

static void add_configured(struct gate *gate, const struct conf *conf)
{
	for (size_t i = 0; i < conf->entries.count; i++) {
		const struct conf_entry *entry = &conf->entries.at[i];
		bool never = strcmp(entry->row->section, "block") == 0 && strcmp(entry->row->key, "never") == 0;
		bool known = strcmp(entry->row->section, "known") == 0 && strcmp(entry->row->key, "ip") == 0;
		struct ip_net net;
		if ((never || known) && ip_net_parse(entry->value, &net))
			gate_add(gate, net, never ? "named by the configuration" : "an address of a known actor");
	}
}

int acting_open_state(struct acting *acting, struct app *app, const struct opts *opts, bool acts, struct err *err)
{
	acting->app = app;
	acting->opts = opts;
	if (!app->state)
		return err_set(err, ERR_USAGE, "with --root, actions need --state");
	if (!acting->has_host && (acting->root = root_open_root(app->root, err)) < 0)
		return acting->root;
	struct act_options options = { .root = acting->has_host ? acting->host.root_fd : acting->root,
				       .live = app->live,
				       .state = app->state,
				       .archive = opts_get(opts, "archive"),
				       .archive_max = (uint64_t)conf_int(&app->conf, "archive", "size_max") << 20,
				       .keep = conf_age(&app->conf, "archive", "keep"),
				       .caps = { (unsigned)conf_int(&app->conf, "block", "live_max"),
						 (unsigned)conf_int(&app->conf, "block", "per_hour") },
				       .now = app_now(app),
				       .acting = acts,
				       .password = acting->password,
				       .restore_password = opts_get(opts, "restore-old-password") != NULL };
	int rc = make_password(acting->password, err);
	if (!rc)
		rc = act_open(&acting->act, &options, err);
	if (!rc)
		add_configured(&acting->act.gate, &app->conf);
	if (rc || !acts)
		return rc;
	struct reporter reporter = acting_reporter(acting);
	rc = act_recover(&acting->act, &reporter, err);
	say_recovered(acting);
	return rc;
}

int acting_open(struct acting *acting, struct app *app, const struct opts *opts, const char *verb, str incident, struct err *err)
{
	struct named_inputs named;
	*acting = ACTING_CLOSED;
	bool any = inputs_from_opts(&named, app, opts);
	int rc = host_open(&acting->host, app->root, app->live, any ? &named.inputs : NULL, err);
	inputs_done(&named);
	if (rc)
		return rc;
	acting->has_host = true;
	plan_init(&acting->plan, str_from(verb), str_from(app->root), incident, app_now(app));
	return acting_open_state(acting, app, opts, true, err);
}

void acting_close(struct acting *acting)
{
	explicit_bzero(acting->password, sizeof(acting->password));
	act_close(&acting->act);
	plan_done(&acting->plan);
	buf_done(&acting->refused);
	free(acting->said.at);
	if (acting->has_host)
		host_close(&acting->host);
	own_close_fd(&acting->root);
}

void acting_refuse(struct acting *acting, str who, const struct err *why)
{
	buf_add(&acting->refused, STR("refused: "));
	print_text(&acting->refused, who);
	buf_add(&acting->refused, STR(": "));
	print_text(&acting->refused, str_from(why->text));
	buf_char(&acting->refused, '\n');
	acting->refused_count++;
}

int acting_survey(struct acting *acting, struct step *step, const char *verb, str who, struct err *err)
{
	bool is_done = false;
	facts_set(&step->facts, &acting->plan.arena, "verb", str_from(verb));
	facts_set(&step->facts, &acting->plan.arena, "who", who);
	int rc = act_survey(&acting->act, &acting->plan, step, &is_done, err);
	if (rc == ERR_REFUSED || rc == ERR_GONE || rc == ERR_INPUT || rc == ERR_SYSTEM)
		acting_refuse(acting, who, err);
	else if (!rc && !is_done)
		return 0;
	acting->already_count += !rc;
	acting->plan.steps.count--;
	return rc == ERR_USAGE ? rc : 0;
}

int acting_recipe(struct acting *acting, const struct recipe *recipe, const struct recipe_value *values, str account, str who,
		  struct err *err)
{
	struct step *step;
	if (!recipe) {
		err_set(err, ERR_REFUSED, "%s has no way to do that", panel_title(acting->host.panel));
		acting_refuse(acting, who, err);
		return 0;
	}
	int rc = recipe_add(&acting->plan, recipe, values, account, &step, err);
	if (rc == ERR_REFUSED) {
		acting_refuse(acting, who, err);
		return 0;
	}
	return rc ? rc : acting_survey(acting, step, recipe->verb, who, err);
}

bool acting_ask(struct acting *acting, const char *question, struct err *err)
{
	char answer[8] = "";
	if (opts_get(acting->opts, "yes"))
		return true;
	if (!isatty(STDIN_FILENO)) {
		err_set(err, ERR_REFUSED, "no terminal to ask on; --yes is a person's word for scripts");
		return false;
	}
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	err_set(err, ERR_REFUSED, "not done");
	return false;
}

static void print_said_text(struct buf *out, const struct said *said)
{
	buf_printf(out, "%2u  %-8s %.*s ", said->step, result_name(said->result), STR_ARG(said->op));
	print_text(out, said->target);
	if (said->text.len) {
		buf_add(out, STR(": "));
		print_text(out, said->text);
	}
	buf_char(out, '\n');
}

static void print_said_json(struct jsonw *w, const struct said *said)
{
	jsonw_open(w, '{');
	jsonw_field_int(w, "step", said->step);
	jsonw_field_str(w, "op", said->op);
	jsonw_field_str(w, "target", said->target);
	jsonw_field_str(w, "result", str_from(result_name(said->result)));
	jsonw_field_str(w, "text", said->text);
	jsonw_close(w, '}');
}

static void print_all(struct acting *acting, const char *verb, str plan, unsigned undone, const struct measures *measures)
{
	struct buf out = BUF_INIT;
	struct jsonw w;
	bool is_text = acting->app->output == OUTPUT_TEXT;
	if (!is_text) {
		jsonw_init(&w, &out, false);
		jsonw_open(&w, '{');
		jsonw_field_str(&w, "schema", STR("quell.verify/1"));
		jsonw_field_str(&w, "verb", str_from(verb));
		jsonw_field_str(&w, "plan", plan);
		jsonw_field_int(&w, "undone", undone);
		jsonw_key(&w, "actions");
		jsonw_open(&w, '[');
	}
	for (size_t i = 0; i < acting->said.count; i++)
		is_text ? print_said_text(&out, &acting->said.at[i]) : print_said_json(&w, &acting->said.at[i]);
	if (!is_text) {
		jsonw_close(&w, ']');
		if (measures) {
			jsonw_key(&w, "measured");
			measures_print_json(&w, measures);
		}
		jsonw_close(&w, '}');
	} else if (measures) {
		measures_print_text(&out, measures, acting->act.world.now);
	}
	buf_write(&out, STDOUT_FILENO, NULL);
	buf_done(&out);
}

unsigned acting_print(struct acting *acting, const char *verb, str plan, unsigned undone, const struct act_filter *measured)
{
	struct measures measures = { 0 };
	struct err err;
	if (measured && measure(acting, measured, &measures, &err))
		log_warn("whether it has stopped could not be measured: %s", err.text);
	print_all(acting, verb, plan, undone, measured ? &measures : NULL);
	unsigned ongoing = measures_ongoing(&measures);
	measures_done(&measures);
	return ongoing;
}

int acting_apply(struct acting *acting, const struct plan *plan, bool unattended, struct err *err)
{
	unsigned undone = 0;
	struct act_filter filter = { .plan = plan->id };
	struct reporter reporter = acting_reporter(acting);
	struct err unused;
	int rc = act_apply(&acting->act, plan, unattended, &reporter, err);
	if (!acting->said.count)
		return rc;
	size_t done = acting->said.count;
	int verified = act_verify(&acting->act, &filter, &reporter, &undone, &unused);
	acting->said.count = undone || verified ? acting->said.count : done;
	bool stops = str_eq(plan->verb, STR("stop"));
	unsigned ongoing = acting_print(acting, "apply", plan->id, undone, stops ? &filter : NULL);
	return rc ? EXIT_REFUSED : undone || ongoing ? EXIT_FOUND : 0;
}

static int print_plan(struct acting *acting, struct err *err)
{
	struct buf out = BUF_INIT;
	if (acting->app->output == OUTPUT_TEXT)
		plan_print_text(&out, &acting->plan);
	else
		plan_print(&out, &acting->plan);
	int rc = buf_write(&out, STDOUT_FILENO, err);
	buf_done(&out);
	return rc;
}

/* The same steps within the same second of an applied plan are another plan: its time moves on until the journal does not
 * know it. */
static void seal_anew(struct acting *acting)
{
	plan_seal(&acting->plan);
	while (act_was_applied(&acting->act, &acting->plan)) {
		acting->plan.made += USEC_PER_SEC;
		plan_seal(&acting->plan);
	}
}

/* Also when a later step failed: the old password is gone in any case. */
static bool password_was_set(const struct acting *acting)
{
	for (size_t i = 0; i < acting->said.count; i++) {
		const struct said *said = &acting->said.at[i];
		const struct step *step = said->step && said->step <= acting->plan.steps.count ?
						  &acting->plan.steps.at[said->step - 1] : NULL;
		str verb = step ? facts_get(&step->facts, "verb") : STR("");
		if (said->result == RESULT_CHANGED && (str_eq(verb, STR("password")) || str_eq(verb, STR("rootpw"))))
			return true;
	}
	return false;
}

static int hand_password(const struct acting *acting, struct err *err)
{
	const char *fd = opts_get(acting->opts, "password-fd");
	if (opts_get(acting->opts, "show-password"))
		fprintf(stderr, "new password: %s\n", acting->password);
	if (fd && dprintf(atoi(fd), "%s\n", acting->password) < 0)
		return err_errno(err, "--password-fd %s", fd);
	return 0;
}

int acting_finish(struct acting *acting, struct err *err)
{
	bool applies = opts_get(acting->opts, "apply") != NULL;
	buf_write(&acting->refused, STDERR_FILENO, NULL);
	if (!acting->plan.steps.count) {
		if (!acting->refused_count)
			fprintf(stderr, "quell: %s; nothing to do\n", acting->already_count ? "it is so already" : "nothing fits that");
		return acting->refused_count ? EXIT_REFUSED : 0;
	}
	seal_anew(acting);
	int rc = act_save_plan(&acting->act, &acting->plan, err);
	if (!rc && (!applies || acting->app->output == OUTPUT_TEXT))
		rc = print_plan(acting, err);
	if (rc)
		return rc;
	if (applies)
		rc = acting_ask(acting, "Do it?", err) ? acting_apply(acting, &acting->plan, false, err) : ERR_REFUSED;
	int handed = applies && password_was_set(acting) ? hand_password(acting, err) : 0;
	rc = rc ? rc : handed;
	return rc ? rc : acting->refused_count ? EXIT_REFUSED : 0;
}

int acting_take_back(struct app *app, const struct opts *opts, const char *verb, str who, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	struct act_filter filter = { .verb = str_from(verb), .who = who };
	int rc = acting_open_state(&acting, app, opts, true, err);
	struct reporter reporter = acting_reporter(&acting);
	if (!rc) {
		rc = act_undo(&acting.act, &filter, &reporter, err);
		acting_print(&acting, "undo", STR(""), 0, NULL);
	}
	acting_close(&acting);
	return rc;
}
