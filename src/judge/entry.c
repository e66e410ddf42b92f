/* SPDX-License-Identifier: Apache-2.0
 *
 * entry: how a script came onto the site, where the web logs show it.
 */
#include "judge/judging.h"

#define ENTRY_REACH (7 * DAY)

enum { ENTRY_CALLS_MAX = 3 };

static bool is_upload_target(const struct world *world, const struct program *program)
{
	static const char *const words[] = { "upload", "filemanager", "file-manager", "elfinder", "connector", "plugin-install",
					     "theme-editor", "plugin-editor", "import", "fileman" };
	str url = world_str(world, program->url);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_search(url, str_from(words[i])) != STR_NONE)
			return true;
	return false;
}

static usec first_call(const struct judging *j)
{
	const struct world *world = j->in->world;
	usec first = INT64_MAX;
	for (size_t i = 0; i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		if (request->program != NONE && world->programs.at[request->program].path == j->lead->script &&
		    request->at < first)
			first = request->at;
	}
	return first;
}

/* The last upload by an outsider who did nothing else, before the script was first called. */
uint32_t judging_find_entry(const struct judging *j)
{
	const struct world *world = j->in->world;
	if (j->lead->kind != LEAD_PROGRAM || !j->lead->script || program_of(j)->kind != PROGRAM_SCRIPT || program_of(j)->front)
		return NONE;
	usec until = first_call(j);
	uint32_t found = NONE;
	for (uint32_t i = 0; i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		if (request->account != j->lead->account || !request->post || request->program == NONE ||
		    request->at > until || request->at + ENTRY_REACH < until)
			continue;
		const struct visitor *visitor = &world->visitors.at[request->visitor];
		bool passer_by = visitor->posts <= ENTRY_CALLS_MAX && !visitor->with_referer && !visitor->pages;
		const struct program *program = &world->programs.at[request->program];
		if (!passer_by || program->path == j->lead->script || !is_upload_target(world, program))
			continue;
		if (found == NONE || request->at >= world->requests.at[found].at)
			found = i;
	}
	return found;
}
