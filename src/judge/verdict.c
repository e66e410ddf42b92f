/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict: for each lead the suspected messages, then the rules over them,
 * then blame, or the sentence that clears.
 */
#include "judge/verdict.h"

#include <stdlib.h>

#include "judge/judging.h"

enum { CLEARED_FLOOR = 20 };

/* Blame needs this much beside two kinds of signs. */
static const double confidence_min = 0.6;

/* What the floor is held against. A forwarder writes to one address all the time. */
static uint32_t amount_of(const struct judging *j)
{
	switch (j->lead->kind) {
	case LEAD_BOUNCES: return (uint32_t)j->lead->derived.count;
	case LEAD_ALIAS: return j->figures.outside;
	default: return j->figures.distinct;
	}
}

static void judge_sender(struct judging *j)
{
	const struct thresholds *t = j->in->thresholds;
	struct rule_input rules = { j->in->world, j->lead, &j->figures, j->chosen, t, j->in->dovecot_seen,
				    judging_is_form(j), false, j->entry_request, &j->out->arena };
	str known = judging_drop_known(j);
	lead_figures(&j->figures, j->in->world, j->in->lead_host, j->lead, j->chosen);
	rules.errands = judging_runs_errands(j);
	j->entry_request = rules.entry_request = judging_find_entry(j);
	rules_apply(&j->reasons, &rules);
	uint32_t amount = amount_of(j);
	bool enough = amount >= t->floor;
	bool guilty = enough && reasons_kinds(&j->reasons) >= 2 && reasons_confidence(&j->reasons) >= confidence_min;
	if (j->lead->kind == LEAD_ALIAS)
		guilty = enough && j->reasons.count && str_eq(str_from(j->reasons.list[0].rule), STR("called-spam"));
	if (guilty)
		judging_add_incident(j, judging_vector(j), true);
	else if (known.len || j->lead->figures.distinct >= CLEARED_FLOOR || (enough && j->reasons.count))
		judging_add_cleared(j, known);
}

static int by_weight(const void *a, const void *b)
{
	const struct incident *x = a, *y = b;
	if (x->blame != y->blame)
		return x->blame ? -1 : 1;
	if (x->figures.outside != y->figures.outside)
		return x->figures.outside > y->figures.outside ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Messages of a blamed failing domain are no wave of their own. */
static bool is_explained(const struct verdict *verdict, const struct lead *lead)
{
	for (size_t i = 0; i < verdict->incidents.count; i++) {
		const struct incident *incident = &verdict->incidents.at[i];
		if (incident->vector == VECTOR_BACKSCATTER || incident->vector == VECTOR_FORWARDER)
			if (incident->lead->account == lead->account)
				return true;
	}
	return false;
}

static void judge_lead(struct judging *j, bool waves)
{
	if ((j->lead->kind == LEAD_INBOUND) != waves || (waves && is_explained(j->out, j->lead)))
		return;
	j->chosen = mem_alloc(j->lead->messages.count + 1);
	j->entry_request = NONE;
	if (waves) {
		judging_wave(j);
	} else {
		judging_choose(j);
		judge_sender(j);
	}
	free(j->chosen);
}

void verdict_make(struct verdict *out, const struct judge_input *input)
{
	*out = (struct verdict){ 0 };
	struct sources sources = { 0 };
	struct shared shared = { 0 };
	shared_learn(&shared, input->world);
	struct calls calls = { 0 };
	struct orders orders = { 0 };
	orders_learn(&orders, input->world);
	sources_learn(&sources, input);
	calls_learn(&calls, input->world);
	for (int waves = 0; waves < 2; waves++)
		for (size_t i = 0; i < input->leads->list.count; i++)
			judge_lead(&(struct judging){ .out = out, .in = input, .lead = &input->leads->list.at[i],
						      .sources = &sources, .calls = &calls, .orders = &orders,
						      .shared = &shared }, waves);
	if (out->incidents.count)
		qsort(out->incidents.at, out->incidents.count, sizeof(*out->incidents.at), by_weight);
	sources_done(&sources);
	calls_done(&calls);
	orders_done(&orders);
	shared_done(&shared);
}

void verdict_done(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->incidents.count; i++) {
		struct incident *incident = &verdict->incidents.at[i];
		free(incident->ips.at);
		free(incident->messages.at);
		free(incident->derived.at);
		free(incident->subjects.at);
		free(incident->senders.at);
	}
	free(verdict->incidents.at);
	free(verdict->cleared.at);
	arena_done(&verdict->arena);
	*verdict = (struct verdict){ 0 };
}
