/* SPDX-License-Identifier: Apache-2.0
 *
 * state: what the state folder holds, and forgetting what the next scan makes
 * anew. Journal, undo and archive are never dropped here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "base/own.h"
#include "base/root.h"
#include "cmd/cmd.h"

struct entry {
	const char *name, *holds;
	bool droppable;
};

static const struct entry entries[] = {
	{ "last-scan.json", "the incidents that numbers refer to, and their first days", true },
	{ "checkpoint", "how far the logs were read", true },
	{ "history", "what accounts usually send", true },
	{ "journal.jsonl", "what was done, chained", false },
	{ "plans", "plans of the last days", false },
	{ "undo", "what is needed to take things back", false },
	{ "archive", "mail that was purged, sealed", false },
};

static uint64_t folder_bytes(int folder, uint64_t *out_files)
{
	uint64_t bytes = 0;
	struct dir_names names = { 0 };
	root_list(folder, ".", &names, NULL);
	for (size_t i = 0; i < names.list.count; i++) {
		struct stat st;
		if (fstatat(folder, names.list.at[i], &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		bytes += (uint64_t)st.st_size;
		++*out_files;
	}
	dir_names_done(&names);
	return bytes;
}

static void print_entry(struct jsonw *w, int state, const struct entry *entry)
{
	struct stat st;
	uint64_t files = 1;
	if (fstatat(state, entry->name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	uint64_t bytes = (uint64_t)st.st_size;
	if (S_ISDIR(st.st_mode)) {
		OWN_FD int folder = openat(state, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		files = 0;
		bytes = folder < 0 ? 0 : folder_bytes(folder, &files);
	}
	jsonw_open(w, '{');
	jsonw_field_str(w, "name", str_from(entry->name));
	jsonw_field_int(w, "files", (int64_t)files);
	jsonw_field_int(w, "bytes", (int64_t)bytes);
	jsonw_field_time(w, "changed", (usec)st.st_mtime * USEC_PER_SEC);
	jsonw_field_str(w, "holds", str_from(entry->holds));
	jsonw_field_bool(w, "droppable", entry->droppable);
	jsonw_close(w, '}');
}

static const struct column columns[] = {
	{ "name", "name", COLUMN_TEXT },
	{ "files", "files", COLUMN_NUMBER },
	{ "bytes", "size", COLUMN_SIZE },
	{ "changed", "changed", COLUMN_TIME },
	{ "droppable", "drop", COLUMN_YES },
	{ "holds", "what it holds", COLUMN_TEXT },
	{ 0 },
};

static int show(const struct app *app, int state, struct err *err)
{
	static const struct view view = { "State", "entries", columns };
	struct buf report = BUF_INIT;
	struct jsonw w;
	jsonw_init(&w, &report, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.state/1"));
	jsonw_field_str(&w, "folder", str_from(app->state));
	jsonw_key(&w, "entries");
	jsonw_open(&w, '[');
	for (size_t i = 0; state >= 0 && i < sizeof(entries) / sizeof(*entries); i++)
		print_entry(&w, state, &entries[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	int rc = view_show(&view, buf_str(&report), app->output, app->color, STDOUT_FILENO, err);
	buf_done(&report);
	return rc;
}

static int drop_folder(int state, const char *name, struct err *err)
{
	int rc = 0;
	struct dir_names names = { 0 };
	OWN_FD int folder = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return err_errno(err, "%s", name);
	root_list(folder, ".", &names, NULL);
	for (size_t i = 0; !rc && i < names.list.count; i++)
		if (unlinkat(folder, names.list.at[i], 0))
			rc = err_errno(err, "%s/%s", name, names.list.at[i]);
	dir_names_done(&names);
	if (!rc && unlinkat(state, name, AT_REMOVEDIR))
		rc = err_errno(err, "%s", name);
	return rc;
}

static int drop(int state, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; state >= 0 && !rc && i < sizeof(entries) / sizeof(*entries); i++) {
		if (!entries[i].droppable || unlinkat(state, entries[i].name, 0) == 0 || errno == ENOENT)
			continue;
		rc = errno == EISDIR ? drop_folder(state, entries[i].name, err) : err_errno(err, "%s", entries[i].name);
	}
	return rc;
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	const char *verb = opts->operands.count == 1 ? opts->operands.at[0] : "";
	bool drops = strcmp(verb, "drop") == 0;
	if (!drops && strcmp(verb, "show") != 0)
		return err_set(err, ERR_USAGE, "state: say show or drop");
	if (!app->state)
		return err_set(err, ERR_USAGE, "state: with --root there is none; name it with --state");
	OWN_FD int state = open(app->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state < 0 && errno != ENOENT)
		return err_errno(err, "%s", app->state);
	return drops ? drop(state, err) : show(app, state, err);
}

const struct cmd cmd_state = {
	.name = "state", .operands = "show|drop", .summary = "what is kept between runs; drop forgets what the next scan makes anew",
	.run = run,
};
