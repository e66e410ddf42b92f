/* SPDX-License-Identifier: Apache-2.0
 *
 * cron: crontab lines that start a script, for stop.
 */
#include "cmd/who.h"

/* Debian; RHEL and the panels on it. cron sees a change by the folder's time, which a rename sets. */
static const char *const crontabs[] = { "/var/spool/cron/crontabs", "/var/spool/cron" };

static int add_line(struct acting *acting, str account, str file, str line, struct err *err)
{
	struct arena *arena = &acting->plan.arena;
	struct step *step = plan_add(&acting->plan, "edit_line", arena_printf(arena, "a line of %.*s", STR_ARG(file)), account);
	step->shell = arena_printf(arena, "crontab -e -u %.*s", STR_ARG(account));
	step->undo = step->shell;
	step->reversible = true;
	facts_set(&step->facts, arena, "file", file);
	facts_set(&step->facts, arena, "change", STR("comment"));
	facts_set(&step->facts, arena, "line", line);
	return acting_survey(acting, step, "cron_off", account, err);
}

int cron_add(struct acting *acting, str account, str script, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < sizeof(crontabs) / sizeof(crontabs[0]); i++) {
		str file = arena_printf(&acting->plan.arena, "%s/%.*s", crontabs[i], STR_ARG(account)), text;
		if (!host_read_file(&acting->host, file.at, &text))
			continue;
		while (!rc && text.len) {
			str line = str_cut(&text, '\n');
			if (!str_starts(str_trim(line), STR("#")) && str_search(line, script) != STR_NONE)
				rc = add_line(acting, account, file, line, err);
		}
	}
	return rc;
}
