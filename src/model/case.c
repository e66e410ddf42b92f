/* SPDX-License-Identifier: Apache-2.0
 *
 * case: states, JSON, text.
 */
#include "model/case.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "base/print.h"

#define TO(state) (1u << STATE_##state)

/* Where a case may go from each state; merging is possible from any that is open. */
static const struct state_row {
	const char *name;
	bool open;
	unsigned next;
} states[STATE_COUNT] = {
	[STATE_NEW] = { "new", true, TO(NEEDS_INFO) | TO(REJECTED) | TO(OPEN) },
	[STATE_NEEDS_INFO] = { "needs-info", true, TO(OPEN) | TO(REJECTED) | TO(CLOSED) },
	[STATE_REJECTED] = { "rejected", false, TO(OPEN) },
	[STATE_OPEN] = { "open", true, TO(INVESTIGATING) | TO(CONTAINED) | TO(REJECTED) | TO(RESOLVED) | TO(CLOSED) },
	[STATE_INVESTIGATING] = { "investigating", true, TO(CONTAINED) | TO(REJECTED) | TO(RESOLVED) | TO(CLOSED) },
	[STATE_CONTAINED] = { "contained", true, TO(WAITING_CUSTOMER) | TO(MONITORING) | TO(RESOLVED) | TO(CLOSED) },
	[STATE_WAITING_CUSTOMER] = { "waiting-customer", true,
				     TO(MONITORING) | TO(ESCALATED) | TO(RESOLVED) | TO(CLOSED) },
	[STATE_MONITORING] = { "monitoring", true, TO(CONTAINED) | TO(ESCALATED) | TO(RESOLVED) | TO(CLOSED) },
	[STATE_ESCALATED] = { "escalated", true, TO(MONITORING) | TO(ESCALATED_2) | TO(RESOLVED) | TO(CLOSED) },
	[STATE_ESCALATED_2] = { "escalated-2", true, TO(MONITORING) | TO(RESOLVED) | TO(CLOSED) },
	[STATE_RESOLVED] = { "resolved", false, TO(OPEN) | TO(CLOSED) },
	[STATE_CLOSED] = { "closed", false, TO(OPEN) },
	[STATE_MERGED] = { "merged", false, 0 },
};

const char *case_state_name(enum case_state state)
{
	return states[state].name;
}

bool case_state_parse(str name, enum case_state *out)
{
	for (int i = 0; i < STATE_COUNT; i++)
		if (str_eq(name, str_from(states[i].name)))
			return *out = (enum case_state)i, true;
	return false;
}

bool case_state_is_open(enum case_state state)
{
	return states[state].open;
}

bool case_state_allows(enum case_state from, enum case_state to)
{
	return (states[from].next >> to & 1) || (to == STATE_MERGED && states[from].open);
}

static void print_items(struct jsonw *w, const struct abuse_case *abuse_case)
{
	jsonw_key(w, "items");
	jsonw_open(w, '[');
	for (size_t i = 0; i < abuse_case->items.count; i++) {
		const struct case_item *item = &abuse_case->items.at[i];
		jsonw_open(w, '{');
		jsonw_field_int(w, "id", item->id);
		jsonw_field_str(w, "source_ip", item->source_ip);
		jsonw_field_time(w, "hop_time", item->hop_time);
		jsonw_field_str(w, "verdict", item->verdict);
		jsonw_field_str(w, "why", item->why);
		jsonw_field_str(w, "confidence", item->confidence);
		jsonw_field_str(w, "sender", item->sender);
		jsonw_field_str(w, "subject", item->subject);
		jsonw_field_str(w, "linked_by", item->rule);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_notes(struct jsonw *w, const struct abuse_case *abuse_case)
{
	jsonw_key(w, "notes");
	jsonw_open(w, '[');
	for (size_t i = 0; i < abuse_case->notes.count; i++) {
		jsonw_open(w, '{');
		jsonw_field_time(w, "at", abuse_case->notes.at[i].at);
		jsonw_field_str(w, "who", abuse_case->notes.at[i].who);
		jsonw_field_str(w, "text", abuse_case->notes.at[i].text);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_timers(struct jsonw *w, const struct abuse_case *abuse_case)
{
	jsonw_key(w, "timers");
	jsonw_open(w, '[');
	for (size_t i = 0; i < abuse_case->timers.count; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, "kind", abuse_case->timers.at[i].kind);
		jsonw_field_time(w, "due", abuse_case->timers.at[i].due);
		jsonw_field_time(w, "fired", abuse_case->timers.at[i].fired);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_reporters(struct jsonw *w, const struct abuse_case *abuse_case)
{
	jsonw_key(w, "by");
	jsonw_open(w, '[');
	for (size_t i = 0; i < abuse_case->by.count; i++) {
		const struct case_reporter *reporter = &abuse_case->by.at[i];
		jsonw_open(w, '{');
		jsonw_field_str(w, "reporter", reporter->address);
		jsonw_field_int(w, "complaints", reporter->complaints);
		jsonw_field_int(w, "proven", reporter->proven);
		jsonw_field_int(w, "refuted", reporter->refuted);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void print_evidence(struct jsonw *w, const struct abuse_case *abuse_case)
{
	jsonw_key(w, "evidence");
	jsonw_open(w, '[');
	for (size_t i = 0; i < abuse_case->evidence.count; i++) {
		const struct case_evidence *evidence = &abuse_case->evidence.at[i];
		jsonw_open(w, '{');
		jsonw_field_time(w, "at", evidence->at);
		jsonw_field_str(w, "who", evidence->who);
		jsonw_field_str(w, "kind", evidence->kind);
		jsonw_field_str(w, "host", evidence->host);
		jsonw_field_str(w, "sha256", evidence->sha256);
		jsonw_field_str(w, "text", evidence->text);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void case_print_json(struct buf *buf, const struct abuse_case *abuse_case, bool whole, bool compact)
{
	struct jsonw w;
	jsonw_init(&w, buf, compact);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.case/1"));
	jsonw_field_str(&w, "name", abuse_case->name);
	jsonw_field_str(&w, "class", abuse_case->class);
	jsonw_field_str(&w, "state", abuse_case->state);
	jsonw_field_str(&w, "severity", abuse_case->severity);
	jsonw_field_str(&w, "host", abuse_case->host);
	jsonw_field_str(&w, "ip", abuse_case->ip);
	jsonw_field_str(&w, "account", abuse_case->account);
	jsonw_field_str(&w, "owner", abuse_case->owner);
	jsonw_field_time(&w, "opened", abuse_case->opened);
	jsonw_field_time(&w, "first_event", abuse_case->first_event);
	jsonw_field_time(&w, "last_event", abuse_case->last_event);
	jsonw_field_time(&w, "fixed", abuse_case->fixed);
	jsonw_field_time(&w, "closed", abuse_case->closed);
	jsonw_field_int(&w, "complaints", abuse_case->complaints);
	jsonw_field_int(&w, "weight", abuse_case->weight);
	jsonw_field_int(&w, "reporters", abuse_case->reporters);
	jsonw_field_int(&w, "late", abuse_case->late);
	jsonw_field_int(&w, "reopened", abuse_case->reopened);
	jsonw_field_str(&w, "predecessor", abuse_case->predecessor);
	jsonw_field_str(&w, "merged_into", abuse_case->merged_into);
	if (whole) {
		print_items(&w, abuse_case);
		print_reporters(&w, abuse_case);
		print_notes(&w, abuse_case);
		print_timers(&w, abuse_case);
		print_evidence(&w, abuse_case);
		jsonw_key(&w, "same_key");
		jsonw_open(&w, '[');
		for (size_t i = 0; i < abuse_case->same_key.count; i++)
			jsonw_str(&w, abuse_case->same_key.at[i]);
		jsonw_close(&w, ']');
	}
	jsonw_close(&w, '}');
}

static str source_of(const struct abuse_case *abuse_case)
{
	return abuse_case->account.len ? abuse_case->account : abuse_case->ip.len ? abuse_case->ip : abuse_case->key;
}

void case_print_line(struct buf *buf, const struct abuse_case *abuse_case)
{
	buf_printf(buf, "%-13.*s %-16.*s %-9.*s %-10.*s ", STR_ARG(abuse_case->name), STR_ARG(abuse_case->state),
		   STR_ARG(abuse_case->severity), STR_ARG(abuse_case->class));
	print_text(buf, source_of(abuse_case));
	buf_printf(buf, "  merged %lld from %lld reporters, last ", (long long)abuse_case->complaints,
		   (long long)abuse_case->reporters);
	clock_print(buf, abuse_case->last_event);
	if (abuse_case->owner.len) {
		buf_add(buf, STR("  for "));
		print_text(buf, abuse_case->owner);
	}
	buf_char(buf, '\n');
}

static void text_line(struct buf *buf, const char *label, usec at, str who, str text)
{
	buf_printf(buf, "  %-9s ", label);
	if (at != USEC_NEVER)
		clock_print(buf, at);
	buf_char(buf, ' ');
	print_text(buf, who);
	buf_add(buf, STR(": "));
	print_text(buf, text);
	buf_char(buf, '\n');
}

void case_print_text(struct buf *buf, const struct abuse_case *abuse_case)
{
	case_print_line(buf, abuse_case);
	for (size_t i = 0; i < abuse_case->items.count; i++) {
		const struct case_item *item = &abuse_case->items.at[i];
		buf_printf(buf, "  item %-6lld ", (long long)item->id);
		if (item->hop_time != USEC_NEVER)
			clock_print(buf, item->hop_time);
		buf_printf(buf, " %.*s (%.*s) ", STR_ARG(item->verdict), STR_ARG(item->confidence));
		print_text(buf, item->source_ip);
		buf_char(buf, ' ');
		print_text_max(buf, item->subject, 60);
		buf_add(buf, item->why.len ? STR(": ") : STR(""));
		print_text(buf, item->why);
		buf_char(buf, '\n');
	}
	for (size_t i = 0; i < abuse_case->by.count; i++) {
		const struct case_reporter *reporter = &abuse_case->by.at[i];
		buf_printf(buf, "  by        %lld from ", (long long)reporter->complaints);
		print_text(buf, reporter->address);
		buf_printf(buf, "; of all theirs %lld proven, %lld refuted\n", (long long)reporter->proven,
			   (long long)reporter->refuted);
	}
	for (size_t i = 0; i < abuse_case->notes.count; i++)
		text_line(buf, "note", abuse_case->notes.at[i].at, abuse_case->notes.at[i].who,
			  abuse_case->notes.at[i].text);
	for (size_t i = 0; i < abuse_case->evidence.count; i++)
		text_line(buf, "evidence", abuse_case->evidence.at[i].at, abuse_case->evidence.at[i].kind,
			  abuse_case->evidence.at[i].text);
	for (size_t i = 0; i < abuse_case->timers.count; i++)
		text_line(buf, "due", abuse_case->timers.at[i].due, abuse_case->timers.at[i].kind,
			  abuse_case->timers.at[i].fired == USEC_NEVER ? STR("waiting") : STR("fired"));
	for (size_t i = 0; i < abuse_case->same_key.count; i++)
		text_line(buf, "merge?", USEC_NEVER, STR("open on the same key"), abuse_case->same_key.at[i]);
}

void case_done(struct abuse_case *abuse_case)
{
	free(abuse_case->items.at);
	free(abuse_case->by.at);
	free(abuse_case->notes.at);
	free(abuse_case->timers.at);
	free(abuse_case->evidence.at);
	free(abuse_case->same_key.at);
	*abuse_case = (struct abuse_case){ 0 };
}
