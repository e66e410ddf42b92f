/* SPDX-License-Identifier: Apache-2.0
 *
 * clear: who looks guilty and is not, and the figures that say so.
 */
#include <stdarg.h>
#include <stdio.h>

#include "judge/judging.h"

str judging_sentence(const struct judging *j, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return arena_copy(&j->out->arena, str_from(text));
}

static unsigned percent(uint32_t part, uint32_t whole)
{
	return whole ? (unsigned)((double)part / whole * 100 + 0.5) : 0;
}

static str why_not(const struct judging *j)
{
	const struct figures *f = &j->lead->figures;
	uint32_t readers = 0, senders = 0, shared = 0;
	for (size_t i = 0; i < j->lead->clients.count; i++) {
		readers += j->lead->clients.at[i].reads > 0;
		senders += j->lead->clients.at[i].outside > 0;
		shared += j->lead->clients.at[i].outside > 0 && j->lead->clients.at[i].shared;
	}
	if (f->replies * 2 > f->messages)
		return judging_sentence(j, "%u of its %u messages answer somebody who had just written", f->replies, f->messages);
	if (j->lead->kind == LEAD_MAILBOX)
		return judging_sentence(j, "%u network%s, %u read%s the mailbox; %u %% of the addresses are dead, %u called it spam",
				senders, senders == 1 ? " sends" : "s send", readers, readers == 1 ? "s" : "", percent(f->list_failures, f->outside), f->verdicts);
	if (j->lead->kind == LEAD_PROGRAM && shared)
		return judging_sentence(j, "its callers are proxies or offices that many visitors share; %u %% of the addresses are"
					" dead, %u called it spam", percent(f->list_failures, f->outside), f->verdicts);
	if (j->lead->kind == LEAD_PROGRAM && senders)
		return judging_sentence(j, "%.1f recipients per caller; %u %% of the addresses are dead, %u called it spam",
				(double)f->outside / senders, percent(f->list_failures, f->outside), f->verdicts);
	return judging_sentence(j, "%u %% of the addresses are dead, %u of %u called it spam", percent(f->list_failures, f->outside),
			f->verdicts, f->outside);
}

void judging_add_cleared(const struct judging *j, str known)
{
	const struct figures *f = &j->lead->figures;
	str looked = j->reasons.count ? j->reasons.list[0].says :
					judging_sentence(j, "%u messages to %u people outside", f->messages, f->distinct);
	str reason = known.len ? judging_sentence(j, "known by configuration (%.*s)", STR_ARG(known)) : why_not(j);
	*VEC_PUSH(&j->out->cleared) = (struct cleared){ j->lead, looked, reason };
}
