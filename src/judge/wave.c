/* SPDX-License-Identifier: Apache-2.0
 *
 * wave: spam that comes in: many sources that never wrote before, within an
 * hour, to one account. Nobody here is to blame.
 */
#include <stdlib.h>

#include "judge/judging.h"

/* Marks the lead's messages that come from sources which appear only inside one hour and only for this account. */
static uint32_t choose_wave(struct judging *j, const struct source *sources, const uint32_t *source_of)
{
	size_t best_from = 0, best_count = 0, from = 0, count = j->lead->messages.count;
	for (size_t i = 0; i < count; i++) {
		while (message_at(j, from)->at + HOUR < message_at(j, i)->at)
			from++;
		size_t fresh = 0;
		for (size_t k = from; k <= i; k++) {
			const struct source *s = &sources[source_of[k]];
			fresh += !s->elsewhere && s->last - s->first <= HOUR && s->first >= message_at(j, from)->at;
		}
		if (fresh > best_count) {
			best_count = fresh;
			best_from = from;
		}
	}
	usec start = count ? message_at(j, best_from)->at : 0;
	struct index seen = { 0 };
	bool is_new;
	for (size_t i = 0; i < count; i++) {
		const struct source *s = &sources[source_of[i]];
		j->chosen[i] = !s->elsewhere && s->last - s->first <= HOUR && s->first >= start &&
			       message_at(j, i)->at <= start + HOUR;
		if (j->chosen[i])
			index_add(&seen, source_of[i], &is_new);
	}
	uint32_t found = (uint32_t)seen.count;
	index_done(&seen);
	return found;
}

void judging_wave(struct judging *j)
{
	const struct thresholds *t = j->in->thresholds;
	uint32_t *source_of = mem_alloc((j->lead->messages.count + 1) * sizeof(*source_of));
	for (size_t i = 0; i < j->lead->messages.count; i++)
		source_of[i] = sources_number(j->sources, j->in->world, message_at(j, i));
	uint32_t found = choose_wave(j, j->sources->list.at, source_of);
	size_t chosen = 0;
	for (size_t i = 0; i < j->lead->messages.count; i++)
		chosen += j->chosen[i];
	free(source_of);
	if (found < t->wave_sources || chosen < t->wave_messages)
		return;
	lead_figures(&j->figures, j->in->world, j->in->lead_host, j->lead, j->chosen);
	j->reasons.count = 1;
	j->reasons.list[0] = (struct reason){
		.rule = "new-sources", .kind = SIGN_MAIL, .weight = 0.7, .grade = 'B',
		.says = judging_sentence(j, "%zu messages within an hour from %u sources that never wrote before or to anybody else",
				 chosen, found) };
	judging_add_incident(j, VECTOR_INBOUND, false);
}
