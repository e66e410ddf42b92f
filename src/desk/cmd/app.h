/* SPDX-License-Identifier: Apache-2.0
 *
 * app: what every command of quell-desk is given, and the table of commands.
 */
#pragma once
#include "base/conf.h"
#include "base/opt.h"
#include "desk/intake/reader.h"
#include "desk/inventory/inventory.h"
#include "desk/store/store.h"
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

extern const struct cmd cmd_case, cmd_check, cmd_db, cmd_host, cmd_intake, cmd_net, cmd_read;

extern const struct conf_row desk_conf_rows[];

/* The view of the desk for readers of complaints; borrowed from app. */
struct view app_view(const struct app *app);
/* A path below the state folder, in the arena. */
const char *app_state_path(const struct app *app, struct arena *arena, const char *name);
/* Where the database is, in the arena. */
str app_database(const struct app *app, struct arena *arena);
/* Makes the state folder when it is missing. */
int app_prepare_state(const struct app *app, struct err *err);
/* Opens the store that the configuration names, in a prepared state folder. */
int app_open_store(const struct app *app, struct store *store, struct err *err);
/* All sources of the configuration. Release with inventory_done(). */
int app_load_inventory(const struct app *app, struct inventory *inventory, struct err *err);
/* The person at the keyboard: --as NAME, else the name of the user. */
str app_who(const struct app *app, struct arena *arena);
/* One line to stdout at the end of a command's work. */
int app_print(const struct buf *out, struct err *err);
/* Operand number index, or NULL. */
const char *app_operand(const struct app *app, size_t index);
