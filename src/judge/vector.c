/* SPDX-License-Identifier: Apache-2.0
 *
 * vector: the way in which a lead sends.
 */
#include "judge/judging.h"

enum { NEWSLETTER_MAILS = 10 };

const char *vector_name(enum vector vector)
{
	static const char *const names[] = { "script_http", "script_cron", "shell", "smtp_auth", "webmail", "form",
					     "newsletter", "mailing_list", "local_smtp", "forwarder", "backscatter",
					     "inbound" };
	return names[vector];
}

static enum vector program_vector(const struct judging *j)
{
	const struct program *program = program_of(j);
	if (program->kind == PROGRAM_JOB)
		return VECTOR_SCRIPT_CRON;
	if (j->lead->loopback)
		return VECTOR_LOCAL_SMTP;
	if (program->kind == PROGRAM_UNKNOWN)
		return j->lead->script_web ? VECTOR_SCRIPT_HTTP : VECTOR_SHELL;
	if (judging_is_form(j))
		return VECTOR_FORM;
	str path = world_str(j->in->world, j->lead->script);
	bool bulk = j->lead->figures.median_mails >= NEWSLETTER_MAILS && j->lead->clients.count + j->lead->idle_callers <= 3;
	return bulk && !rules_is_odd_place(path) ? VECTOR_NEWSLETTER : VECTOR_SCRIPT_HTTP;
}

static enum vector mailbox_vector(const struct judging *j)
{
	size_t webmail = 0, direct = 0;
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		webmail += j->chosen[i] && message_at(j, i)->loopback;
		direct += j->chosen[i] && !message_at(j, i)->loopback;
	}
	return webmail > direct ? VECTOR_WEBMAIL : VECTOR_SMTP_AUTH;
}

/* One copy per message: a forwarder. Several different targets: a list. */
static enum vector alias_vector(const struct judging *j)
{
	const struct figures *f = &j->figures;
	return f->messages && f->outside >= 3 * f->messages ? VECTOR_MAILING_LIST : VECTOR_FORWARDER;
}

enum vector judging_vector(const struct judging *j)
{
	switch (j->lead->kind) {
	case LEAD_PROGRAM: return program_vector(j);
	case LEAD_MAILBOX: return mailbox_vector(j);
	case LEAD_ALIAS: return alias_vector(j);
	case LEAD_BOUNCES: return VECTOR_BACKSCATTER;
	default: return VECTOR_INBOUND;
	}
}
