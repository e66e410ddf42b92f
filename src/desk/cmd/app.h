/* SPDX-License-Identifier: Apache-2.0
 *
 * app: what every command of quell-desk is given, and the table of commands.
 */
#pragma once
#include "base/conf.h"
#include "base/opt.h"
#include "desk/intake/reader.h"
#include "model/network.h"

struct app {
	struct opts opts; /* all options of the command line, and the command's operands */
	struct conf conf;
	struct networks networks;
	VEC(str) own; /* [desk] address */
	bool json;
	usec now;
	int exit_code; /* set by a command that has something to say with it */
};

struct cmd {
	const char *name, *operands, *summary;
	const struct opt *options; /* ended by OPT_END; NULL = none */
	int (*run)(struct app *app, struct err *err);
};

extern const struct cmd cmd_read;

extern const struct conf_row desk_conf_rows[];

/* The view of the desk for readers of complaints; borrowed from app. */
struct view app_view(const struct app *app);
/* One line to stdout at the end of a command's work. */
int app_print(const struct buf *out, struct err *err);
/* Operand number index, or NULL. */
const char *app_operand(const struct app *app, size_t index);
