/* SPDX-License-Identifier: Apache-2.0
 *
 * addresses: from the best place that has any.
 */
#include "desk/intake/addresses.h"

#include <ctype.h>

#include "desk/intake/date.h"
#include "desk/intake/text.h"

/* How reports introduce the address that they are about, and those that they are not about. */
static const char *const source_labels[] = { "offending ip", "attacking ip",   "source ip",    "source-ip",
					     "src ip",	     "source address", "abusive ip",   "ip address",
					     "ip-address",   "ip adresy",      "ip adresa",    "ip-adresse",
					     "adresse ip",   "dirección ip",   "indirizzo ip", "the ip",
					     "host at ip",   "your ip",	       "ip/cidr",      "sender ip",
					     "src",	     "source",	       "ip",	       "spammer" };
static const char *const other_labels[] = { "victim",	  "target", "destination", "dst",  "reporter",
					    "our server", "our ip", "my server",   "my ip" };

static bool ends_with_label(str before, const char *const *labels, size_t count)
{
	size_t line = str_rfind(before, '\n');
	before = str_from_at(before, line == STR_NONE ? 0 : line + 1);
	while (before.len && strchr(" \t:=[(*#", before.at[before.len - 1]))
		before.len--;
	for (size_t i = 0; i < count; i++) {
		str label = str_from(labels[i]);
		size_t start = before.len - label.len;
		bool whole = before.len == label.len ||
			     (before.len > label.len && !isalnum((unsigned char)before.at[start - 1]));
		if (whole && str_eq_nocase(str_from_at(before, start), label))
			return true;
	}
	return false;
}

static bool is_source(str before)
{
	return ends_with_label(before, source_labels, sizeof(source_labels) / sizeof(*source_labels));
}

/* "Target IP: " as "Target: " */
static bool is_other(str before)
{
	static const char *const tails[] = { "address", "ip" };
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		if (ends_with_label(before, other_labels, sizeof(other_labels) / sizeof(*other_labels)))
			return true;
		while (before.len && strchr(" \t:=[(*#-", before.at[before.len - 1]))
			before.len--;
		if (ends_with_label(before, &tails[i], 1))
			before.len -= strlen(tails[i]);
	}
	return ends_with_label(before, other_labels, sizeof(other_labels) / sizeof(*other_labels));
}

/* "192.0.2.1, 192.0.2.2": a list goes on as long as only commas and blanks stand between. */
static bool is_list_member(str before, bool previous_counted)
{
	str gap = str_trim(before);
	return previous_counted && (str_eq(gap, STR(",")) || str_eq(gap, STR(";")) || str_eq_nocase(gap, STR("and")));
}

struct item *addresses_add(struct reading *reading, struct ip ip, enum source_from from)
{
	static const struct ip filler = { { [10] = 0xff, [11] = 0xff } };
	if (ip_eq(ip, filler))
		return NULL;
	for (size_t i = 0; i < reading->out->items.count; i++)
		if (reading->out->items.at[i].has_source && ip_eq(reading->out->items.at[i].source, ip))
			return &reading->out->items.at[i];
	return reading_add_address(reading, ip, from);
}

enum choice { LABELLED, OURS, ANY };

/* Adds the addresses of the text that fit the choice; returns whether there was one. */
static bool add_chosen(struct reading *reading, str text, enum choice choice, enum source_from from)
{
	bool found = false, counted = false;
	struct ip ip;
	str before;
	while (text_next_ip(&text, &ip, &before)) {
		switch (choice) {
		case LABELLED:
			counted = (is_source(before) && !is_other(before)) || is_list_member(before, counted);
			break;
		case OURS: counted = networks_find(reading->view->networks, ip, USEC_NEVER) && !is_other(before); break;
		case ANY: counted = !is_other(before); break;
		}
		if (counted && addresses_add(reading, ip, from))
			found = true;
	}
	return found;
}

/* "(event time 2015-03-02 01:45:59 +01:00)", "generated at Fri Sep 15 18:55:37 UTC 2023" */
static void take_event_time(struct reading *reading)
{
	static const struct {
		const char *label;
		bool utc; /* the label says so itself */
	} rows[] = {
		{ "event time", false }, { "generated at", false }, { "timestamp (utc)", true },
		{ "date (utc)", true },	 { "attack time", false },  { "last seen", false },
		{ "first seen", false }, { "discovered", false },
	};
	str value;
	usec at;
	bool has_zone;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!text_labelled(reading->text, rows[i].label, &value) || !date_parse(value, &at, &has_zone) ||
		    !(has_zone || rows[i].utc))
			continue;
		for (size_t j = 0; j < reading->out->items.count; j++)
			if (reading->out->items.at[j].arrival == USEC_NEVER)
				reading->out->items.at[j].arrival = at;
		return;
	}
}

void addresses_add_named(struct reading *reading)
{
	bool found = add_chosen(reading, reading->subject, ANY, FROM_SUBJECT) ||
		     add_chosen(reading, reading->text, LABELLED, FROM_PROSE) ||
		     add_chosen(reading, reading->text, OURS, FROM_PROSE) ||
		     add_chosen(reading, reading->text, ANY, FROM_PROSE);
	if (found)
		take_event_time(reading);
}

void addresses_add_all(struct reading *reading, str text)
{
	str value;
	struct ip_net net;
	if (text_labelled(text, "IP/cidr", &value) && ip_net_parse(str_word(&value), &net))
		addresses_add(reading, net.base, FROM_FIELD);
	add_chosen(reading, text, ANY, FROM_PROSE);
}
