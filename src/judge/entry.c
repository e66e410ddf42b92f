/* SPDX-License-Identifier: Apache-2.0
 *
 * entry: how a script came onto the site, where the web logs show it.
 */
#include <stdlib.h>

#include "judge/judging.h"

#define ENTRY_REACH (7 * DAY)

enum { ENTRY_CALLS_MAX = 3 };

/* What lies below a folder of uploads has been uploaded and takes nothing. */
static bool is_upload_target(const struct world *world, const struct program *program)
{
	static const char *const words[] = { "upload", "filemanager", "file-manager", "elfinder", "connector", "plugin-install",
					     "theme-editor", "plugin-editor", "import", "fileman" };
	str url = world_str(world, program->url);
	size_t folder = str_search(url, STR("/uploads/"));
	if (folder != STR_NONE)
		url = str_from_at(url, folder + strlen("/uploads/"));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_search(url, str_from(words[i])) != STR_NONE)
			return true;
	return false;
}

void calls_learn(struct calls *calls, const struct world *world)
{
	for (uint32_t i = 0; i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		if (request->program == NONE)
			continue;
		const struct program *program = &world->programs.at[request->program];
		bool is_new;
		uint32_t *first = index_add(&calls->first_of_path, program->path, &is_new);
		if (is_new || request->at < world->requests.at[*first].at)
			*first = i;
		if (request->post && is_upload_target(world, program))
			*VEC_PUSH(&calls->uploads) = i;
	}
}

void calls_done(struct calls *calls)
{
	free(calls->uploads.at);
	index_done(&calls->first_of_path);
}

/* The last upload by an outsider who did nothing else, before the script was first called. */
uint32_t judging_find_entry(const struct judging *j)
{
	const struct world *world = j->in->world;
	if (j->lead->kind != LEAD_PROGRAM || !j->lead->script || program_of(j)->kind != PROGRAM_SCRIPT || program_of(j)->front)
		return NONE;
	const uint32_t *first = index_get(&j->calls->first_of_path, j->lead->script);
	usec until = first ? world->requests.at[*first].at : INT64_MAX;
	uint32_t found = NONE;
	for (size_t i = 0; i < j->calls->uploads.count; i++) {
		uint32_t number = j->calls->uploads.at[i];
		const struct request_row *request = &world->requests.at[number];
		if (world_visitor_of(world, request)->account != j->lead->account || request->at > until || request->at + ENTRY_REACH < until)
			continue;
		const struct visitor *visitor = &world->visitors.at[request->visitor];
		bool passer_by = visitor->posts <= ENTRY_CALLS_MAX && !visitor->with_referer && !visitor->pages;
		if (!passer_by || world->programs.at[request->program].path == j->lead->script)
			continue;
		if (found == NONE || request->at >= world->requests.at[found].at)
			found = number;
	}
	return found;
}
