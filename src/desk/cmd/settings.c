/* SPDX-License-Identifier: Apache-2.0
 *
 * settings: the configuration table of quell-desk.
 */
#include "desk/cmd/app.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

const struct conf_row desk_conf_rows[] = {
	{ "desk", false, "border", CONF_TEXT,
	  .help = "the name under which our own inbound MX stamps Received; what it wrote is trusted" },
	{ "desk", false, "address", CONF_TEXT, .many = true,
	  .help = "a mail address of the desk: mail from it is our own notice, mail to it is a report" },
	{ "desk", false, "log_retention", CONF_AGE, .fallback = "90d",
	  .help = "how long hosts keep their logs: older mail cannot be proven and is stale" },
	{ "desk", false, "state", CONF_TEXT, .fallback = "/var/lib/quell-desk",
	  .help = "folder of the spool, of raw complaints and of the SQLite database" },
	{ "desk", false, "database", CONF_TEXT,
	  .help = "a SQLite file, or postgresql:CONNECTION-STRING; else desk.db in the state folder" },
	{ "desk", false, "backlog_max", CONF_AGE, .fallback = "1h",
	  .help = "the age of an unread complaint at which check complains" },
	{ "inventory", true, "file", CONF_TEXT,
	  .help = "a CSV file: ip, hostname, client_id, client_name, email, ...; sources are asked in this order" },
	{ "lookup", false, "resolver", CONF_TEXT, .help = "name server ADDRESS[:PORT] instead of the system's" },
	{ "lookup", false, "banner_port", CONF_INT, .min = 1, .max = 65535, .fallback = "25",
	  .help = "where a host's mail server greets" },
	{ "lookup", false, "host_timeout", CONF_AGE, .fallback = "1m",
	  .help = "how long a host may take for one answer" },
	{ "host", true, "local", CONF_TEXT, .help = "path of quell, for the machine that the desk itself runs on" },
	{ "host", true, "ssh", CONF_TEXT, .help = "USER@HOST whose key is bound to the forced command quell remote" },
	{ "host", true, "identity", CONF_TEXT, .help = "the SSH key for this host alone" },
	{ "host", true, "known_hosts", CONF_TEXT, .help = "file with the host's key" },
	{ "imap", true, "url", CONF_TEXT, .help = "imaps://HOST/FOLDER, polled by each intake without an operand" },
	{ "imap", true, "user", CONF_TEXT, .help = "login name" },
	{ "imap", true, "password_file", CONF_TEXT, .help = "file (0600) with the password in its first line" },
	NETWORK_CONF_ROWS,
	{ 0 },
};

struct view app_view(const struct app *app)
{
	return (struct view){
		.networks = &app->networks,
		.border = conf_get(&app->conf, "desk", STR(""), "border"),
		.own = app->own.at,
		.own_count = app->own.count,
		.log_retention = conf_age(&app->conf, "desk", "log_retention"),
		.now = app->now,
	};
}

const char *app_state_path(const struct app *app, struct arena *arena, const char *name)
{
	str folder = conf_get(&app->conf, "desk", STR(""), "state");
	return arena_printf(arena, "%.*s/%s", STR_ARG(folder), name).at;
}

str app_database(const struct app *app, struct arena *arena)
{
	str database = conf_get(&app->conf, "desk", STR(""), "database");
	return database.len ? database : str_from(app_state_path(app, arena, "desk.db"));
}

int app_prepare_state(const struct app *app, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	const char *folder = app_state_path(app, &arena, "");
	return mkdir(folder, 0700) < 0 && errno != EEXIST ? err_errno(err, "%s", folder) : 0;
}

int app_open_store(const struct app *app, struct store *store, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	int rc = app_prepare_state(app, err);
	return rc ? rc : store_open(store, app_database(app, &arena), err);
}

str app_who(const struct app *app, struct arena *arena)
{
	const char *as = opts_get(&app->opts, "as");
	const struct passwd *user = as ? NULL : getpwuid(getuid());
	return arena_copy(arena, str_from(as ? as : user ? user->pw_name : "unknown"));
}
