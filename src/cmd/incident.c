/* SPDX-License-Identifier: Apache-2.0
 *
 * incident: read back from last-scan.json.
 */
#include "cmd/incident.h"

#include "cmd/last_scan.h"

int incident_find(struct acting *acting, const char *which, json_t **out_scan, const json_t **out, struct err *err)
{
	uint64_t number = 0;
	*out_scan = last_scan_load(acting->app->state);
	if (!*out_scan)
		return err_set(err, ERR_USAGE, "there is no last scan; run quell scan first");
	const json_t *all = json_object_get(*out_scan, "incidents");
	str_u64(str_from(which), 100000, &number);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *one = json_array_get(all, i);
		const char *id = json_string_value(json_object_get(one, "id"));
		json_int_t n = json_integer_value(json_object_get(one, "n"));
		if ((number && n == (json_int_t)number) || (id && strcmp(id, which) == 0)) {
			*out = one;
			return 0;
		}
	}
	json_decref(*out_scan);
	return err_set(err, ERR_USAGE, "the last scan has no incident %s", which);
}

void incident_message_ids(struct acting *acting, const json_t *incident, const str **out, size_t *out_count)
{
	static const char *const lists[] = { "ids", "derived_ids" };
	const json_t *messages = json_object_get(incident, "messages");
	size_t count = 0, most = 0;
	for (size_t i = 0; i < 2; i++)
		most += json_array_size(json_object_get(messages, lists[i]));
	str *ids = arena_alloc(&acting->plan.arena, (most + 1) * sizeof(*ids));
	for (size_t i = 0; i < 2; i++) {
		const json_t *list = json_object_get(messages, lists[i]);
		for (size_t j = 0; j < json_array_size(list); j++)
			ids[count++] = arena_copy(&acting->plan.arena, str_from(json_string_value(json_array_get(list, j))));
	}
	*out = ids;
	*out_count = count;
}

int incident_ids(struct acting *acting, const char *which, const str **out, size_t *out_count, struct err *err)
{
	json_t *scan;
	const json_t *incident;
	int rc = incident_find(acting, which, &scan, &incident, err);
	if (rc)
		return rc;
	incident_message_ids(acting, incident, out, out_count);
	json_decref(scan);
	return 0;
}
