/* SPDX-License-Identifier: Apache-2.0
 *
 * hold, release, suspend, unsuspend, passwd, rootpw: what is done to a login
 * or an account, by the panel's own way where there is one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/who.h"
#include "platform/alias.h"
#include "platform/mailbox.h"
#include "platform/panels.h"

static const struct opt options[] = {
	{ "show-password", 0, NULL, false, "print the new password once, on the terminal" },
	{ "password-fd", 0, "N", false, "write the new password and a newline to this open descriptor, for a caller" },
	{ "note", 0, "TEXT", false, "reason that the panel keeps" },
	ACTING_OPTIONS,
	OPT_END,
};

static const struct recipe *panel_table(const struct host *host)
{
	switch (host->panel) {
	case PANEL_CPANEL: return panel_cpanel;
	case PANEL_HESTIA: return panel_hestia;
	case PANEL_DIRECTADMIN: return panel_directadmin;
	case PANEL_PLAIN: break;
	}
	return panel_plain;
}

/* What a verb for mailboxes is called where the mailbox is a Unix account. */
static const char *verb_of_shadow(const struct mailbox *mailbox, const char *verb)
{
	if (!mailbox->is_shadow)
		return verb;
	return strcmp(verb, "password") == 0 ? "account_password" : strcmp(verb, "lock") == 0 ? "lock_account" : verb;
}

/* The panel's own row, else that of the programs below it. */
static const struct recipe *find_recipe(const struct host *host, const struct mailbox *mailbox, const char *of_mailbox)
{
	const char *verb = verb_of_shadow(mailbox, of_mailbox);
	const struct recipe *const tables[] = { panel_table(host), verb != of_mailbox ? panel_plain : NULL, dovecot_control,
						exim_control };
	const struct recipe *found = NULL;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && !found; i++)
		found = tables[i] ? recipe_find(tables[i], verb) : NULL;
	return found;
}

static void fill_values(struct acting *acting, const struct mailbox *mailbox, struct recipe_value values[WHO_VALUES])
{
	const char *note = opts_get(acting->opts, "note");
	str seconds = arena_printf(&acting->plan.arena, "%lld", (long long)(acting->plan.made / USEC_PER_SEC));
	const struct recipe_value all[WHO_VALUES] = {
		{ "user", mailbox->account }, { "login", mailbox->login },   { "mailbox", mailbox->login },
		{ "local", mailbox->local },  { "domain", mailbox->domain }, { "file", mailbox->file },
		{ "key", mailbox->key },      { "seconds", seconds },	     { "note", note ? str_from(note) : STR("quell") },
		{ "hostname", acting->host.name },
		{ NULL },
	};
	memcpy(values, all, sizeof(all));
}

/* The host's configuration may not look at what a recipe would write. */
static int check_needs(struct host *host, const struct recipe *recipe, struct err *err)
{
	str text;
	if (!recipe || !recipe->needs)
		return 0;
	for (const char *const *file = recipe->needs_in; *file; file++)
		if (host_read_file(host, *file, &text) && str_search(text, str_from(recipe->needs)) != STR_NONE)
			return 0;
	return err_set(err, ERR_REFUSED, "Exim's configuration does not mention %s, so it would do nothing", recipe->needs);
}

int who_add(struct acting *acting, str who, const char *verb, struct err *err)
{
	struct mailbox mailbox = { 0 };
	struct recipe_value values[WHO_VALUES];
	struct alias alias;
	str file, text;
	int rc = mailbox_find(&acting->host, who, &mailbox, err);
	if (rc && strcmp(verb, "hold") == 0 &&
	    (!alias_find(&acting->host, who, &alias, NULL) || alias_forward(&acting->host, who, &file, &text)))
		return alias_add(acting, who, err);
	if (rc && !(mailbox.account.len && !mailbox.domain.len)) {
		acting_refuse(acting, who, err);
		return 0;
	}
	bool is_account = !mailbox.domain.len && mailbox.account.len;
	if (strcmp(verb, "hold") == 0 && !is_account)
		verb = "hold_mailbox";
	fill_values(acting, &mailbox, values);
	const struct recipe *recipe = find_recipe(&acting->host, &mailbox, verb);
	if (check_needs(&acting->host, recipe, err)) {
		acting_refuse(acting, who, err);
		return 0;
	}
	return acting_recipe(acting, recipe, values, mailbox.account, who, err);
}

/* Verbs of the command line, and what they add in order: a held sender first stops, then his password changes. */
static const struct {
	const char *name, *steps[3];
} verbs[] = {
	{ "hold", { "hold" } },
	{ "suspend", { "suspend" } },
	{ "passwd", { "password", "sessions" } },
};

/* cPanel bounces what a suspended account has queued, spam and all: it is frozen first. */
static int freeze_first(struct acting *acting, str account, struct err *err)
{
	struct selection selection = { .account = account };
	return acting->host.panel == PANEL_CPANEL ? queue_add(acting, "freeze", &selection, account, err) : 0;
}

/* A secret goes to a person's terminal or to a descriptor, never into output that others keep. */
static int check_password_options(const struct app *app, const struct opts *opts, struct err *err)
{
	const char *fd = opts_get(opts, "password-fd");
	bool shows = opts_get(opts, "show-password") != NULL;
	uint64_t number;
	if ((fd || shows) && app->output != OUTPUT_TEXT)
		return err_set(err, ERR_USAGE, "a password goes into no other output than text");
	if (shows && !isatty(STDERR_FILENO))
		return err_set(err, ERR_USAGE, "--show-password needs a terminal; --password-fd hands it to a program");
	if (!fd)
		return 0;
	bool is_open = str_u64(str_from(fd), 1023, &number) && number > STDERR_FILENO && fcntl((int)number, F_GETFL) >= 0;
	return is_open && (fcntl((int)number, F_GETFL) & O_ACCMODE) != O_RDONLY ?
		       0 : err_set(err, ERR_USAGE, "--password-fd: %s is no descriptor that is open for writing", fd);
}

static int run_verb(size_t row, struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting;
	if (!opts->operands.count)
		return err_set(err, ERR_USAGE, "%s needs to be told who", verbs[row].name);
	int rc = check_password_options(app, opts, err);
	if (rc)
		return rc;
	rc = acting_open(&acting, app, opts, verbs[row].name, STR(""), err);
	for (size_t i = 0; !rc && i < opts->operands.count; i++) {
		if (strcmp(verbs[row].name, "suspend") == 0)
			rc = freeze_first(&acting, str_from(opts->operands.at[i]), err);
		for (size_t j = 0; !rc && j < 3 && verbs[row].steps[j]; j++)
			rc = who_add(&acting, str_from(opts->operands.at[i]), verbs[row].steps[j], err);
	}
	if (!rc)
		rc = acting_finish(&acting, err);
	acting_close(&acting);
	return rc;
}

static int run_hold(struct app *app, const struct opts *opts, struct err *err)
{
	return run_verb(0, app, opts, err);
}

static int run_suspend(struct app *app, const struct opts *opts, struct err *err)
{
	return run_verb(1, app, opts, err);
}

static int run_passwd(struct app *app, const struct opts *opts, struct err *err)
{
	return run_verb(2, app, opts, err);
}

static int run_release(struct app *app, const struct opts *opts, struct err *err)
{
	if (opts->operands.count != 1)
		return err_set(err, ERR_USAGE, "release needs one login or account");
	str who = str_from(opts->operands.at[0]);
	return acting_take_back(app, opts, str_find(who, '@') == STR_NONE ? "hold" : "hold_mailbox", who, err);
}

static int run_unsuspend(struct app *app, const struct opts *opts, struct err *err)
{
	if (opts->operands.count != 1)
		return err_set(err, ERR_USAGE, "unsuspend needs one account");
	return acting_take_back(app, opts, "suspend", str_from(opts->operands.at[0]), err);
}

/* The last resort of an incident: asks twice, never unattended, and says so in the plan. */
static int run_rootpw(struct app *app, const struct opts *opts, struct err *err)
{
	const struct recipe_value values[] = { { "user", STR("root") }, { NULL } };
	const struct recipe *recipe = recipe_find(panel_plain, "account_password");
	struct acting acting;
	struct step *step;
	int rc = check_password_options(app, opts, err);
	if (rc)
		return rc;
	rc = acting_open(&acting, app, opts, "rootpw", STR(""), err);
	if (!rc && (!acting_ask(&acting, "Change the password of root on this host?", err) ||
		    !acting_ask(&acting, "Are you sure that you can log in as root by key?", err)))
		rc = ERR_REFUSED;
	if (!rc)
		rc = recipe_add(&acting.plan, recipe, values, STR("root"), &step, err);
	if (!rc) {
		facts_set(&step->facts, &acting.plan.arena, "asked_twice", STR("yes"));
		rc = acting_survey(&acting, step, "rootpw", STR("root"), err);
	}
	if (!rc)
		rc = acting_finish(&acting, err);
	acting_close(&acting);
	return rc;
}

const struct cmd cmd_hold = {
	.name = "hold", .operands = "WHO...", .summary = "new mail of a login or account waits instead of leaving",
	.options = options, .takes_inputs = true, .run = run_hold,
};
const struct cmd cmd_release = {
	.name = "release", .operands = "WHO", .summary = "take back a hold", .run = run_release,
};
const struct cmd cmd_suspend = {
	.name = "suspend", .operands = "ACCOUNT...", .summary = "shut an account",
	.options = options, .takes_inputs = true, .run = run_suspend,
};
const struct cmd cmd_unsuspend = {
	.name = "unsuspend", .operands = "ACCOUNT", .summary = "take back a suspension", .run = run_unsuspend,
};
const struct cmd cmd_passwd = {
	.name = "passwd", .operands = "MAILBOX...", .summary = "set a new random password and end open sessions",
	.options = options, .takes_inputs = true, .run = run_passwd,
};
const struct cmd cmd_rootpw = {
	.name = "rootpw", .operands = "", .summary = "change root's password; asks twice",
	.options = options, .takes_inputs = true, .run = run_rootpw,
};
