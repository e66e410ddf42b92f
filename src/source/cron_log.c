/* SPDX-License-Identifier: Apache-2.0
 *
 * cron_log: "(user) CMD (command)".
 */
#include "source/cron_log.h"

static bool is_cron(str tag)
{
	static const str tags[] = { STR("CRON"), STR("CROND"), STR("crond"), STR("cron"), STR("/USR/SBIN/CRON") };
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (str_eq(tag, tags[i]))
			return true;
	return false;
}

/* Cuts "(user) CMD (" off. */
static bool cut_command_start(str *message, str *user)
{
	str rest = *message;
	if (!str_skip(&rest, STR("(")))
		return false;
	*user = str_cut(&rest, ')');
	if (!user->len || !str_skip(&rest, STR(" CMD (")))
		return false;
	*message = rest;
	return true;
}

enum read_result cron_log_parse(const struct syslog_line *line, struct event *out)
{
	struct event event = { .kind = EVENT_NONE, .at = line->at, .pid = line->pid };
	str message = line->message, user;
	if (!is_cron(line->tag))
		return READ_UNPARSED;
	if (cut_command_start(&message, &user)) {
		if (!str_ends(message, STR(")")))
			return READ_UNPARSED;
		event.kind = EVENT_JOB;
		event.job = (struct job){ user, str_head(message, message.len - 1) };
	}
	*out = event;
	return READ_EVENT;
}
