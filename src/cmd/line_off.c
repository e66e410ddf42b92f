/* SPDX-License-Identifier: Apache-2.0
 *
 * line_off: lines of text files that are taken out of force by a comment mark:
 * a crontab's that start a script, an alias file's or a .forward's that pass
 * mail on.
 */
#include "cmd/who.h"
#include "platform/alias.h"

/* Debian; RHEL and the panels on it. cron sees a change by the folder's time, which a rename sets. */
static const char *const crontabs[] = { "/var/spool/cron/crontabs", "/var/spool/cron" };

static int add_line(struct acting *acting, str account, str file, str line, str by_hand, const char *verb, str who, struct err *err)
{
	struct arena *arena = &acting->plan.arena;
	struct step *step = plan_add(&acting->plan, "edit_line", arena_printf(arena, "a line of %.*s", STR_ARG(file)), account);
	step->shell = by_hand;
	step->undo = by_hand;
	step->reversible = true;
	facts_set(&step->facts, arena, "file", file);
	facts_set(&step->facts, arena, "change", STR("comment"));
	facts_set(&step->facts, arena, "line", line);
	return acting_survey(acting, step, verb, who, err);
}

int cron_add(struct acting *acting, str account, str script, const char *verb, str who, struct err *err)
{
	struct arena *arena = &acting->plan.arena;
	str by_hand = arena_printf(arena, "crontab -e -u %.*s", STR_ARG(account));
	int rc = 0;
	for (size_t i = 0; !rc && i < sizeof(crontabs) / sizeof(crontabs[0]); i++) {
		str file = arena_printf(arena, "%s/%.*s", crontabs[i], STR_ARG(account)), text;
		if (!host_read_file(&acting->host, file.at, &text))
			continue;
		while (!rc && text.len) {
			str line = str_cut(&text, '\n');
			if (!str_starts(str_trim(line), STR("#")) && str_search(line, script) != STR_NONE)
				rc = add_line(acting, account, file, line, by_hand, verb, who, err);
		}
	}
	return rc;
}

/* Each line of a .forward that is in force; Exim then delivers to the mailbox. */
static int add_forward(struct acting *acting, str address, str file, str text, struct err *err)
{
	size_t before = acting->plan.steps.count, counted = acting->refused_count;
	str by_hand = arena_printf(&acting->plan.arena, "put # before (or take it from) the lines of %.*s", STR_ARG(file));
	int rc = 0;
	while (!rc && text.len) {
		str line = str_cut(&text, '\n');
		if (str_trim(line).len && !str_starts(str_trim(line), STR("#")))
			rc = add_line(acting, STR(""), file, line, by_hand, "hold_mailbox", address, err);
	}
	for (size_t i = before; i < acting->plan.steps.count; i++)
		acting->plan.steps.at[i].why = STR("what comes in for this address is kept instead of passed on");
	acting->already_count += acting->plan.steps.count == before && acting->refused_count == counted;
	return rc;
}

int alias_add(struct acting *acting, str address, struct err *err)
{
	struct arena *arena = &acting->plan.arena;
	struct alias alias;
	str file, text;
	if (alias_find(&acting->host, address, &alias, err)) {
		if (alias_forward(&acting->host, address, &file, &text))
			return add_forward(acting, address, file, text, err);
		acting_refuse(acting, address, err);
		return 0;
	}
	if (alias.is_off) {
		acting->already_count++;
		return 0;
	}
	size_t before = acting->plan.steps.count;
	str by_hand = arena_printf(arena, "put # before (or take it from) the line of %.*s in %.*s", STR_ARG(address),
				   STR_ARG(alias.file));
	int rc = add_line(acting, STR(""), alias.file, alias.line, by_hand, "hold_mailbox", address, err);
	if (!rc && acting->plan.steps.count > before)
		acting->plan.steps.at[before].why = STR("what comes in for this address is refused instead of passed on");
	return rc;
}
