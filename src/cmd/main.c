/* SPDX-License-Identifier: Apache-2.0
 *
 * main: global options, then one command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"

static const struct cmd *const commands[] = {
	&cmd_scan,   &cmd_why,	     &cmd_stop,	     &cmd_disable, &cmd_enable, &cmd_hold,   &cmd_release, &cmd_suspend, &cmd_unsuspend,
	&cmd_passwd, &cmd_rootpw,    &cmd_freeze,  &cmd_thaw,	&cmd_purge,  &cmd_restore, &cmd_archive, &cmd_block,
	&cmd_unblock, &cmd_apply,    &cmd_undo,	   &cmd_verify, &cmd_journal, &cmd_recover, &cmd_malware,
	&cmd_queue,  &cmd_top,       &cmd_trace,  &cmd_doctor, &cmd_remote, &cmd_config, &cmd_state,
	&cmd_help,   &cmd_version,
};

static const struct opt global_options[] = {
	{ "root", 0, "DIR", false, "look at the host image below DIR instead of this host" },
	{ "config", 0, "FILE", false, "read this configuration instead of /etc/quell/quell.conf" },
	{ "state", 0, "DIR", false, "keep state here instead of /var/lib/quell" },
	{ "now", 0, "T", false, "the time that counts as now" },
	{ "output", 'o', "FORM", false, "text, json, jsonl, tsv or html" },
	{ "color", 0, "WHEN", false, "auto, always or never" },
	{ "quiet", 'q', NULL, false, "say nothing but errors on stderr" },
	{ "verbose", 'v', NULL, true, "say more on stderr" },
	{ "help", 'h', NULL, false, "show this help" },
	OPT_END,
};

static void print_options(const struct opt *options)
{
	for (; options && (options->name || options->letter); options++) {
		char left[64];
		snprintf(left, sizeof(left), "%c%c %s%s %s", options->letter ? '-' : ' ',
			 options->letter ? options->letter : ' ', options->name ? "--" : "",
			 options->name ? options->name : "", options->value ? options->value : "");
		printf("  %-24s %s\n", left, options->help);
	}
}

static int print_help(void)
{
	printf("usage: quell [OPTIONS] [COMMAND ...]\n\n"
	       "Finds out who sends spam from this Exim host. Without a command: scan.\n\ncommands:\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		printf("  %-10s %-14s %s\n", commands[i]->name, commands[i]->operands, commands[i]->summary);
	printf("\noptions:\n");
	print_options(global_options);
	return EXIT_CLEAN;
}

static int print_command_help(const struct cmd *cmd)
{
	printf("usage: quell [OPTIONS] %s %s\n\n%s\n\noptions:\n", cmd->name, cmd->operands, cmd->summary);
	print_options(cmd->options);
	if (cmd->takes_inputs)
		print_options(input_options);
	return EXIT_CLEAN;
}

static const char *next_command(void *context)
{
	size_t *at = context;
	return *at < sizeof(commands) / sizeof(*commands) ? commands[(*at)++]->name : NULL;
}

static const struct cmd *get_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static const struct cmd *find_command(const char *name, struct err *err)
{
	const struct cmd *cmd = get_command(name);
	size_t at = 0;
	if (cmd)
		return cmd;
	const char *near = opt_nearest(str_from(name), next_command, &at);
	err_set(err, ERR_USAGE, "unknown command \"%s\"%s%s%s", name, near ? " (did you mean \"" : "", near ? near : "",
		near ? "\"?)" : "");
	return NULL;
}

static int choose(const char *value, const char *const *choices, const char *option, int *out, struct err *err)
{
	for (int i = 0; choices[i]; i++)
		if (strcmp(choices[i], value) == 0)
			return *out = i, 0;
	struct buf words = BUF_INIT;
	for (int i = 0; choices[i]; i++)
		buf_printf(&words, "%s%s", i ? ", " : "", choices[i]);
	err_set(err, ERR_USAGE, "--%s: \"%s\" is none of %.*s", option, value, STR_ARG(buf_str(&words)));
	buf_done(&words);
	return ERR_USAGE;
}

static int set_output(struct app *app, const struct opts *opts, struct err *err)
{
	static const char *const forms[] = { "text", "json", "jsonl", "tsv", "html", NULL };
	static const char *const whens[] = { "auto", "always", "never", NULL };
	const char *form = opts_get(opts, "output"), *when = opts_get(opts, "color");
	int output = OUTPUT_TEXT, color = 0;
	int rc = form ? choose(form, forms, "output", &output, err) : 0;
	if (!rc && when)
		rc = choose(when, whens, "color", &color, err);
	app->output = (enum output)output;
	const char *no_color = getenv("NO_COLOR");
	app->color = color == 1 || (color == 0 && isatty(STDOUT_FILENO) && !(no_color && *no_color));
	return rc;
}

static int set_time(struct app *app, const struct opts *opts, struct err *err)
{
	const char *value = opts_get(opts, "now");
	struct timespec clock;
	app->now = USEC_NEVER;
	if (value && !clock_parse(str_from(value), USEC_NEVER, &app->now))
		return err_set(err, ERR_USAGE, "--now: \"%s\" is not a time such as 2026-11-05T14:30:00Z", value);
	if (!value && app->live) {
		clock_gettime(CLOCK_REALTIME, &clock);
		app->now = (usec)clock.tv_sec * USEC_PER_SEC + clock.tv_nsec / 1000;
	}
	return 0;
}

static int set_app(struct app *app, const struct opts *opts, struct err *err)
{
	const char *root = opts_get(opts, "root");
	app->live = root == NULL;
	app->root = root ? root : "/";
	app->state = opts_get(opts, "state");
	if (!app->state && app->live)
		app->state = "/var/lib/quell";
	log_set_level(opts_get(opts, "quiet") ? LOG_ERROR : opts_get(opts, "verbose") ? LOG_DEBUG : LOG_WARN);
	conf_init(&app->conf, quell_conf_rows);
	int rc = set_output(app, opts, err);
	return rc ? rc : set_time(app, opts, err);
}

static int load_conf(struct app *app, const struct opts *opts, struct err *err)
{
	const char *config = opts_get(opts, "config");
	app->has_conf = true;
	return config ? conf_load(&app->conf, config, NULL, true, err) :
	       app->live ? conf_load(&app->conf, "/etc/quell/quell.conf", "/etc/quell/quell.conf.d", false, err) : 0;
}

static int run_help(struct app *app, const struct opts *opts, struct err *err)
{
	(void)app;
	if (!opts->operands.count)
		return print_help();
	const struct cmd *cmd = find_command(opts->operands.at[0], err);
	return cmd ? print_command_help(cmd) : ERR_USAGE;
}

const struct cmd cmd_help = {
	.name = "help", .operands = "[COMMAND]", .summary = "the options of a command", .without_conf = true,
	.run = run_help,
};

/* Global options are read in front of the command: there queue's -o is an age, here the form of the output. */
static const char *misplaced_option(int argc, char *const *argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		str word = str_from(argv[i]);
		if (!str_skip(&word, STR("--")))
			continue;
		word = str_cut(&word, '=');
		for (const struct opt *row = global_options; row->name; row++)
			if (row->letter != 'h' && str_eq(word, str_from(row->name)))
				return row->name;
	}
	return NULL;
}

static int parse_words(struct opts *opts, const struct cmd *cmd, int argc, char *const *argv, struct err *err)
{
	static const struct opt help_option[] = { { "help", 'h', NULL, false, "show this help" }, OPT_END };
	const struct opt *const tables[] = { cmd->options, cmd->takes_inputs ? input_options : NULL, help_option };
	const char *misplaced = misplaced_option(argc, argv);
	if (misplaced)
		return err_set(err, ERR_USAGE, "--%s stands in front of the command: quell --%s ... %s", misplaced, misplaced, cmd->name);
	int rc = argc ? opts_parse(opts, argc - 1, argv + 1, tables, 3, false, NULL, err) : 0;
	if (!rc && !cmd->operands[0] && opts->operands.count)
		return err_set(err, ERR_USAGE, "%s: \"%s\" is too much: it takes only options", cmd->name, opts->operands.at[0]);
	return rc;
}

int cmd_dispatch(struct app *app, int argc, char *const *argv, struct err *err)
{
	struct opts opts = { 0 };
	const struct cmd *cmd = find_command(argc ? argv[0] : "scan", err);
	if (!cmd)
		return ERR_USAGE;
	int rc = parse_words(&opts, cmd, argc, argv, err);
	bool help = opts_get(app->global, "help") || opts_get(&opts, "help");
	if (!rc && !help && !cmd->without_conf && !app->has_conf)
		rc = load_conf(app, app->global, err);
	if (!rc && help)
		rc = print_command_help(cmd);
	else if (!rc)
		rc = cmd->run(app, &opts, err);
	opts_done(&opts);
	return rc;
}

static int run_command(const struct opts *global, int argc, char *const *argv, struct err *err)
{
	struct app app = { .global = global };
	int rc = set_app(&app, global, err);
	if (!rc)
		rc = cmd_dispatch(&app, argc, argv, err);
	conf_done(&app.conf);
	return rc;
}

/* command: the word that should be one, or NULL. */
static int exit_code(int rc, const struct err *err, const char *command)
{
	if (rc >= 0)
		return rc;
	log_error("%s", err->text);
	if (rc == ERR_USAGE && command && get_command(command))
		log_error("see quell help %s", command);
	else if (rc == ERR_USAGE)
		log_error("see quell --help");
	return rc == ERR_USAGE ? EXIT_USAGE : EXIT_REFUSED;
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	struct opts global = { 0 };
	const struct opt *const tables[] = { global_options };
	int used = 0;
	int rc = opts_parse(&global, argc - 1, argv + 1, tables, 1, true, &used, &err);
	if (!rc && opts_get(&global, "help") && used == argc - 1)
		rc = print_help();
	else if (!rc)
		rc = run_command(&global, argc - 1 - used, argv + 1 + used, &err);
	int code = exit_code(rc, &err, used < argc - 1 ? argv[1 + used] : NULL);
	opts_done(&global);
	return code;
}
