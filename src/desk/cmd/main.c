/* SPDX-License-Identifier: Apache-2.0
 *
 * main: options, configuration, and the command by its name.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/own.h"
#include "desk/cmd/app.h"

enum { EXIT_USAGE = 2, EXIT_FAILED = 4 };

static const struct cmd *const commands[] = { &cmd_read, &cmd_intake, &cmd_case, &cmd_net,
					      &cmd_host, &cmd_db,     &cmd_check };
enum { COMMAND_COUNT = sizeof(commands) / sizeof(*commands) };

static const char default_config[] = "/etc/quell/desk.conf";

static const struct opt global_options[] = {
	{ "config", 0, "FILE", false, "configuration instead of /etc/quell/desk.conf" },
	{ "output", 'o', "text|json", false, "form of the output (default text)" },
	{ "now", 0, "TIME", false, "take this as the present time" },
	{ "help", 'h', NULL, false, "this text, or that of a command" },
	OPT_END,
};

static const struct cmd *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static const char *next_command_name(void *context)
{
	size_t *at = context;
	return *at < COMMAND_COUNT ? commands[(*at)++]->name : NULL;
}

static void print_options(const struct opt *options)
{
	for (; options && (options->name || options->letter); options++)
		printf("  --%s%s%s  %s\n", options->name, options->value ? " " : "",
		       options->value ? options->value : "", options->help);
}

static void print_help(const struct cmd *cmd)
{
	if (cmd)
		printf("quell-desk %s %s\n  %s\n", cmd->name, cmd->operands, cmd->summary);
	else
		puts("quell-desk [OPTIONS] COMMAND ...");
	for (size_t i = 0; !cmd && i < COMMAND_COUNT; i++)
		printf("  %-8s %-40s %s\n", commands[i]->name, commands[i]->operands, commands[i]->summary);
	puts("options:");
	if (cmd)
		print_options(cmd->options);
	print_options(global_options);
}

static int load_configuration(struct app *app, struct err *err)
{
	const char *path = opts_get(&app->opts, "config");
	conf_init(&app->conf, desk_conf_rows);
	int rc = path ? conf_load(&app->conf, path, NULL, true, err)
		      : conf_load(&app->conf, default_config, "/etc/quell/desk.conf.d", false, err);
	if (rc)
		return rc;
	networks_load(&app->networks, &app->conf);
	for (size_t i = 0; i < app->conf.entries.count; i++)
		if (strcmp(app->conf.entries.at[i].row->key, "address") == 0)
			*VEC_PUSH(&app->own) = app->conf.entries.at[i].value;
	return 0;
}

static int take_globals(struct app *app, struct err *err)
{
	const char *output = opts_get(&app->opts, "output"), *now = opts_get(&app->opts, "now");
	struct timespec clock;
	clock_gettime(CLOCK_REALTIME, &clock);
	app->now = (usec)clock.tv_sec * USEC_PER_SEC;
	app->json = output && strcmp(output, "json") == 0;
	if (output && !app->json && strcmp(output, "text"))
		return err_set(err, ERR_USAGE, "-o: text or json, not \"%s\"", output);
	if (now && !clock_parse(str_from(now), app->now, &app->now))
		return err_set(err, ERR_USAGE, "--now: \"%s\" is no time", now);
	return load_configuration(app, err);
}

static int unknown_command(const char *name, struct err *err)
{
	size_t at = 0;
	const char *near = opt_nearest(str_from(name), next_command_name, &at);
	return err_set(err, ERR_USAGE, "unknown command \"%s\"%s%s%s", name, near ? " (did you mean \"" : "",
		       near ? near : "", near ? "\"?)" : "");
}

/* The first word that is no option is the command; its options may stand anywhere. */
static int dispatch(struct app *app, int argc, char **argv, struct err *err)
{
	const struct opt *tables[] = { global_options, NULL };
	struct opts first = { 0 };
	int used = 0;
	int rc = opts_parse(&first, argc, argv, tables, 1, true, &used, err);
	bool help = opts_get(&first, "help") != NULL;
	opts_done(&first);
	if (rc)
		return rc;
	if (help || used >= argc)
		return print_help(NULL), help ? 0 : ERR_USAGE;
	const struct cmd *cmd = find_command(argv[used]);
	if (!cmd)
		return unknown_command(argv[used], err);
	tables[1] = cmd->options;
	for (int i = used; i + 1 < argc; i++) /* take the command's word out */
		argv[i] = argv[i + 1];
	rc = opts_parse(&app->opts, argc - 1, argv, tables, 2, false, NULL, err);
	if (!rc && opts_get(&app->opts, "help"))
		return print_help(cmd), 0;
	if (!rc)
		rc = take_globals(app, err);
	return rc ? rc : cmd->run(app, err);
}

int app_print(const struct buf *out, struct err *err)
{
	return buf_write(out, STDOUT_FILENO, err);
}

const char *app_operand(const struct app *app, size_t index)
{
	return index < app->opts.operands.count ? app->opts.operands.at[index] : NULL;
}

static void app_done(struct app *app)
{
	networks_done(&app->networks);
	free(app->own.at);
	conf_done(&app->conf);
	opts_done(&app->opts);
}

int main(int argc, char **argv)
{
	struct app app = { 0 };
	struct err err = { 0 };
	signal(SIGPIPE, SIG_IGN);
	int rc = dispatch(&app, argc - 1, argv + 1, &err);
	if (err.code)
		log_error("%s", err.text);
	int code = app.exit_code ? app.exit_code : rc == ERR_USAGE ? EXIT_USAGE : rc ? EXIT_FAILED : 0;
	app_done(&app);
	return code;
}
