/* SPDX-License-Identifier: Apache-2.0
 *
 * db: the database itself: schema, backup, moving between SQLite and PostgreSQL.
 */
#include "desk/cmd/app.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/own.h"
#include "desk/case/cases.h"

static int init(struct app *app, struct err *err)
{
	struct store store;
	int rc = app_open_store(app, &store, err);
	if (!rc)
		store_close(&store);
	return rc;
}

static int migrate(struct app *app, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	OWN(buf_done) struct buf out = BUF_INIT;
	struct store store;
	int from, to;
	int rc = store_migrate(&store, app_database(app, &arena), &from, &to, err);
	if (rc)
		return rc;
	store_close(&store);
	buf_printf(&out, "schema %d -> %d\n", from, to);
	return app_print(&out, err);
}

/* Written beside its final name and renamed, so that a cut backup never carries the name. */
static int backup_to(struct store *store, const char *path, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	OWN(buf_done) struct buf out = BUF_INIT;
	str temporary = arena_printf(&arena, "%s.part", path);
	OWN_FD int fd = open(temporary.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s", temporary.at);
	int rc = store_dump(store, &out, fd, err);
	if (!rc && (fsync(fd) < 0 || rename(temporary.at, path) < 0))
		rc = err_errno(err, "%s", path);
	return rc;
}

static int backup(struct app *app, struct err *err)
{
	struct store store;
	int rc = app_open_store(app, &store, err);
	if (rc)
		return rc;
	rc = backup_to(&store, app_operand(app, 1), err);
	store_close(&store);
	return rc;
}

static int restore_into(str location, const char *path, struct err *err)
{
	struct store store;
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	int rc = store_open(&store, location, err);
	if (rc)
		return rc;
	rc = store_load(&store, own_take_fd(&fd), err);
	store_close(&store);
	return rc;
}

static int restore(struct app *app, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	int rc = app_prepare_state(app, err);
	return rc ? rc : restore_into(app_database(app, &arena), app_operand(app, 1), err);
}

/* Into another database by way of a backup file in the state folder; the present one is left as it is. */
static int move(struct app *app, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	struct store store;
	const char *path = app_state_path(app, &arena, "move.jsonl");
	int rc = app_open_store(app, &store, err);
	if (rc)
		return rc;
	rc = backup_to(&store, path, err);
	store_close(&store);
	if (!rc)
		rc = restore_into(str_from(app_operand(app, 1)), path, err);
	unlink(path);
	return rc;
}

static int check(struct app *app, struct err *err)
{
	OWN(buf_done) struct buf out = BUF_INIT;
	struct store store;
	int64_t records = 0;
	int rc = app_open_store(app, &store, err);
	if (rc)
		return rc;
	rc = db_check(&store.db, err);
	if (!rc)
		rc = store_check_audit(&store, &records, err);
	if (!rc)
		rc = cases_check_counters(&store, err);
	store_close(&store);
	if (rc)
		return rc;
	buf_printf(&out, "sound: %lld audit records, counters fit\n", (long long)records);
	return app_print(&out, err);
}

static const struct verb {
	const char *name;
	const char *operand; /* NULL = none */
	int (*run)(struct app *, struct err *);
} verbs[] = {
	{ "init", NULL, init },		{ "migrate", NULL, migrate }, { "backup", "FILE", backup },
	{ "restore", "FILE", restore }, { "move", "DATABASE", move }, { "check", NULL, check },
};

static int run(struct app *app, struct err *err)
{
	const char *name = app_operand(app, 0);
	for (size_t i = 0; name && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verbs[i].name, name))
			continue;
		if (app->opts.operands.count != (verbs[i].operand ? 2 : 1))
			return err_set(err, ERR_USAGE, "db %s %s", name, verbs[i].operand ? verbs[i].operand : "");
		return verbs[i].run(app, err);
	}
	return err_set(err, ERR_USAGE, "db: init, migrate, backup, restore, check or move");
}

const struct cmd cmd_db = { "db", "init|migrate|backup|restore|check|move ...", "the database", NULL, run };
