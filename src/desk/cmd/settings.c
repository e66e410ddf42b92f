/* SPDX-License-Identifier: Apache-2.0
 *
 * settings: the configuration table of quell-desk.
 */
#include "desk/cmd/app.h"

const struct conf_row desk_conf_rows[] = {
	{ "desk", false, "border", CONF_TEXT,
	  .help = "the name under which our own inbound MX stamps Received; what it wrote is trusted" },
	{ "desk", false, "address", CONF_TEXT, .many = true,
	  .help = "a mail address of the desk: mail from it is our own notice, mail to it is a report" },
	{ "desk", false, "log_retention", CONF_AGE, .fallback = "90d",
	  .help = "how long hosts keep their logs: older mail cannot be proven and is stale" },
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
