/* SPDX-License-Identifier: Apache-2.0
 *
 * config: is the configuration right (reading it has told, before this runs),
 * and what holds, with every default and its reason.
 */
#include <unistd.h>

#include "base/print.h"
#include "cmd/cmd.h"

static void print_reason(struct buf *out, const struct conf_row *row)
{
	buf_add(out, STR("# "));
	print_text(out, str_from(row->help));
	buf_char(out, '\n');
}

/* "key = value", as a comment when it is only the default. */
static void print_single(struct buf *out, const struct conf *conf, const struct conf_row *row)
{
	bool set = false;
	for (size_t i = 0; i < conf->entries.count; i++) {
		const struct conf_entry *entry = &conf->entries.at[i];
		if (entry->row != row)
			continue;
		set = true;
		buf_printf(out, "%s = ", row->key);
		print_text(out, entry->value);
		buf_printf(out, "    # %s:%u\n", entry->file, entry->line);
	}
	if (!set)
		buf_printf(out, "# %s = %s\n", row->key, row->fallback ? row->fallback : "");
}

/* Named sections come as they are in the files. */
static void print_named(struct buf *out, const struct conf *conf)
{
	str section = STR(""), name = STR("");
	for (size_t i = 0; i < conf->entries.count; i++) {
		const struct conf_entry *entry = &conf->entries.at[i];
		if (!entry->row->named)
			continue;
		if (!str_eq(section, str_from(entry->row->section)) || !str_eq(name, entry->section_name)) {
			section = str_from(entry->row->section);
			name = entry->section_name;
			buf_printf(out, "\n[%s ", entry->row->section);
			print_text(out, name);
			buf_add(out, STR("]\n"));
		}
		buf_printf(out, "%s = ", entry->row->key);
		print_text(out, entry->value);
		buf_printf(out, "    # %s:%u\n", entry->file, entry->line);
	}
}

static void dump(struct buf *out, const struct conf *conf)
{
	const char *section = "";
	for (const struct conf_row *row = conf->rows; row->section; row++) {
		if (strcmp(section, row->section) != 0)
			buf_printf(out, row->named ? "\n# [%s NAME]\n" : "\n[%s]\n", row->section);
		section = row->section;
		print_reason(out, row);
		if (row->named)
			buf_printf(out, "# %s =\n", row->key);
		else
			print_single(out, conf, row);
	}
	print_named(out, conf);
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	const char *verb = opts->operands.count == 1 ? opts->operands.at[0] : "";
	struct buf out = BUF_INIT;
	if (strcmp(verb, "check") == 0)
		buf_printf(&out, "%zu settings in force besides defaults: no error\n", app->conf.entries.count);
	else if (strcmp(verb, "dump") == 0)
		dump(&out, &app->conf);
	else
		return err_set(err, ERR_USAGE, "config: say check or dump");
	int rc = buf_write(&out, STDOUT_FILENO, err);
	buf_done(&out);
	return rc;
}

const struct cmd cmd_config = {
	.name = "config", .operands = "check|dump", .summary = "check the configuration, or print all settings with their reasons",
	.run = run,
};
