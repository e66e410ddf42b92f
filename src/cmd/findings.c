/* SPDX-License-Identifier: Apache-2.0
 *
 * findings: malware.json.
 */
#include "cmd/findings.h"

#include <string.h>

#include "base/str.h"
#include "cmd/state_file.h"

enum { KEPT_MAX = 10000 };

#define NAME "malware.json"

static str text_of(const json_t *object, const char *key)
{
	return str_from(json_string_value(json_object_get(object, key)));
}

static bool is_below(const json_t *targets, str path)
{
	size_t i;
	const json_t *target;
	json_array_foreach(targets, i, target) {
		str folder = str_from(json_string_value(target));
		if (str_starts(path, folder) && (path.len == folder.len || path.at[folder.len] == '/'))
			return true;
	}
	return false;
}

int findings_save(const char *state, const json_t *report, struct err *err)
{
	json_t *kept = json_array(), *old = state_file_load(state, NAME);
	const json_t *targets = json_object_get(report, "targets");
	size_t i;
	json_t *one;
	json_array_extend(kept, json_object_get(report, "findings"));
	json_array_foreach(json_object_get(old, "findings"), i, one)
		if (!is_below(targets, text_of(one, "path")) && json_array_size(kept) < KEPT_MAX)
			json_array_append(kept, one);
	json_t *whole = json_pack("{s:s, s:o}", "schema", "quell.malware/1", "findings", kept);
	int rc = state_file_save(state, NAME, whole, err);
	json_decref(whole);
	json_decref(old);
	return rc;
}

void findings_attach(const char *state, json_t *report)
{
	json_t *all = state ? state_file_load(state, NAME) : NULL;
	size_t i, j;
	json_t *incident, *one;
	json_array_foreach(json_object_get(report, "incidents"), i, incident) {
		json_t *own = json_array();
		str account = text_of(incident, "account");
		json_array_foreach(json_object_get(all, "findings"), j, one)
			if (account.len && str_eq(text_of(one, "account"), account))
				json_array_append(own, one);
		json_object_del(incident, "malware");
		if (json_array_size(own))
			json_object_set(incident, "malware", own);
		json_decref(own);
	}
	json_decref(all);
}
