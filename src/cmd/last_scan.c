/* SPDX-License-Identifier: Apache-2.0
 *
 * last_scan: last-scan.json.
 */
#include "cmd/last_scan.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cmd/state_file.h"

#define RUN_SILENCE (72LL * 3600 * USEC_PER_SEC)
#define NAME "last-scan.json"

json_t *last_scan_load(const char *state)
{
	return state_file_load(state, NAME);
}

static usec time_of(const json_t *incident, const char *key)
{
	usec at = USEC_NEVER;
	clock_parse(str_from(json_string_value(json_object_get(incident, key))), USEC_NEVER, &at);
	return at;
}

static const json_t *same_cause(const json_t *list, const json_t *incident)
{
	const char *cause = json_string_value(json_object_get(incident, "cause_id"));
	size_t i;
	const json_t *row;
	json_array_foreach(list, i, row) {
		const char *other = json_string_value(json_object_get(row, "cause_id"));
		if (cause && other && strcmp(cause, other) == 0)
			return row;
	}
	return NULL;
}

void last_scan_carry(json_t *report, const json_t *last)
{
	size_t i;
	json_t *incident;
	json_array_foreach(json_object_get(report, "incidents"), i, incident) {
		const json_t *before = same_cause(json_object_get(last, "incidents"), incident);
		if (!before)
			continue;
		usec first = time_of(incident, "first"), old_first = time_of(before, "first");
		usec old_last = time_of(before, "last");
		if (old_first == USEC_NEVER || old_first >= first || first - old_last > RUN_SILENCE)
			continue;
		json_object_set(incident, "id", json_object_get(before, "id"));
		json_object_set(incident, "first", json_object_get(before, "first"));
	}
}

int last_scan_save(const char *state, const json_t *report, struct err *err)
{
	return state_file_save(state, NAME, report, err);
}
