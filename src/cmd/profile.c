/* SPDX-License-Identifier: Apache-2.0
 *
 * profile: bars and domains.
 */
#include "cmd/profile.h"

#include <stdlib.h>

#include "model/address.h"

enum { BARS = 96, DOMAINS_SHOWN = 10 };
#define HOUR (3600 * USEC_PER_SEC)

struct profile {
	const struct world *world;
	usec from, bar;
	uint32_t spam[BARS], other[BARS];
};

static void add_message(const struct profile *profile, uint32_t *bars, uint32_t number)
{
	const struct message *message = &profile->world->messages.at[number];
	size_t bar = message->at > profile->from ? (size_t)((message->at - profile->from) / profile->bar) : 0;
	for (EACH_RECIPIENT(r, profile->world, message))
		bars[bar < BARS ? bar : BARS - 1] += !r->expanded;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void fill(struct profile *profile, const struct incident *incident)
{
	const struct world *world = profile->world;
	VEC(uint32_t) own = { 0 };
	profile->from = world->first / HOUR * HOUR;
	profile->bar = ((world->last - profile->from) / HOUR + BARS) / BARS * HOUR;
	for (size_t i = 0; i < incident->messages.count; i++) {
		*VEC_PUSH(&own) = incident->messages.at[i];
		add_message(profile, profile->spam, incident->messages.at[i]);
	}
	if (own.count)
		qsort(own.at, own.count, sizeof(*own.at), by_number);
	for (size_t i = 0; i < incident->lead->messages.count; i++)
		if (!own.count || !bsearch(&incident->lead->messages.at[i], own.at, own.count, sizeof(*own.at), by_number))
			add_message(profile, profile->other, incident->lead->messages.at[i]);
	free(own.at);
}

static void print_bars(struct jsonw *w, const char *key, const struct profile *profile, const uint32_t *bars)
{
	jsonw_key(w, key);
	jsonw_open(w, '[');
	for (size_t i = 0; i < BARS && profile->from + (usec)i * profile->bar <= profile->world->last; i++)
		jsonw_int(w, bars[i]);
	jsonw_close(w, ']');
}

static void print_timeline(struct jsonw *w, const struct world *world, const struct incident *incident)
{
	struct profile profile = { .world = world };
	fill(&profile, incident);
	jsonw_key(w, "timeline");
	jsonw_open(w, '{');
	jsonw_field_time(w, "from", profile.from);
	jsonw_field_int(w, "bar_hours", profile.bar / HOUR);
	print_bars(w, "spam", &profile, profile.spam);
	print_bars(w, "other", &profile, profile.other);
	jsonw_close(w, '}');
}

static int by_count(const void *a, const void *b)
{
	const struct counted_name *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static void print_domains(struct jsonw *w, const struct world *world, const struct incident *incident)
{
	struct names names;
	VEC(struct counted_name) list = { 0 };
	names_init(&names);
	for (size_t i = 0; i < incident->messages.count; i++)
		for (EACH_RECIPIENT(r, world, &world->messages.at[incident->messages.at[i]])) {
			uint32_t name = r->expanded ? 0 : names_add(&names, address_domain(world_str(world, r->address)));
			for (uint32_t next = (uint32_t)list.count; next < names.count; next++)
				*VEC_PUSH(&list) = (struct counted_name){ next, 0 };
			if (name)
				list.at[name].count++;
		}
	if (list.count)
		qsort(list.at, list.count, sizeof(*list.at), by_count);
	jsonw_key(w, "domains");
	jsonw_open(w, '[');
	for (size_t i = 0; i < list.count && i < DOMAINS_SHOWN && list.at[i].count; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, "domain", names_str(&names, list.at[i].name));
		jsonw_field_int(w, "count", list.at[i].count);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	free(list.at);
	names_done(&names);
}

void profile_print(struct jsonw *w, const struct world *world, const struct incident *incident)
{
	print_timeline(w, world, incident);
	print_domains(w, world, incident);
}
