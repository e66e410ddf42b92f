/* SPDX-License-Identifier: Apache-2.0
 *
 * policy: grades and the list of the configuration.
 */
#include "plan/policy.h"

static const char *const person_needed[] = { "rootpw", "suspend" };

bool policy_permits(char grade, bool confirmed, const char *verb, bool reversible)
{
	for (size_t i = 0; i < sizeof(person_needed) / sizeof(person_needed[0]); i++)
		if (strcmp(verb, person_needed[i]) == 0)
			return false;
	return reversible && (grade == 'A' || (grade == 'B' && confirmed));
}

bool policy_allows(const struct conf *conf, const char *verb)
{
	for (size_t i = 0; i < conf->entries.count; i++) {
		const struct conf_entry *entry = &conf->entries.at[i];
		if (strcmp(entry->row->section, "policy") == 0 && strcmp(entry->row->key, "allow") == 0 &&
		    str_eq(entry->value, str_from(verb)))
			return true;
	}
	return false;
}
