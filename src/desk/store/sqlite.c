/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite: write-ahead log and synchronous=FULL, so that what was committed
 * survives a power cut. Statements are prepared once and kept.
 */
#include <sqlite3.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "desk/store/db.h"

enum { BUSY_MS = 10000 };

struct statement {
	const char *sql; /* compared by address: statements are literals */
	sqlite3_stmt *prepared;
};

struct sqlite {
	sqlite3 *connection;
	VEC(struct statement) statements;
};

static int failed(struct sqlite *db, const char *what, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "sqlite: %s: %s", what, sqlite3_errmsg(db->connection));
}

static void close_sqlite(void *handle)
{
	struct sqlite *db = handle;
	for (size_t i = 0; i < db->statements.count; i++)
		sqlite3_finalize(db->statements.at[i].prepared);
	free(db->statements.at);
	sqlite3_close(db->connection);
	free(db);
}

static int open_sqlite(str location, void **out_handle, struct err *err)
{
	static const char *const settings = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;";
	struct sqlite *db = mem_alloc(sizeof(*db));
	struct arena arena = ARENA_INIT;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int rc = sqlite3_open_v2(arena_cstring(&arena, location), &db->connection, flags, NULL);
	arena_done(&arena);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(db->connection, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->connection, settings, NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		rc = failed(db, "open", err);
		close_sqlite(db);
		return rc;
	}
	*out_handle = db;
	return 0;
}

static int prepare(struct sqlite *db, const char *sql, bool once, sqlite3_stmt **out, struct err *err)
{
	for (size_t i = 0; i < db->statements.count && !once; i++)
		if (db->statements.at[i].sql == sql) {
			*out = db->statements.at[i].prepared;
			return 0;
		}
	if (sqlite3_prepare_v3(db->connection, sql, -1, once ? 0 : SQLITE_PREPARE_PERSISTENT, out, NULL) != SQLITE_OK)
		return failed(db, sql, err);
	if (!once)
		*VEC_PUSH(&db->statements) = (struct statement){ sql, *out };
	return 0;
}

static void bind(sqlite3_stmt *statement, const struct db_value *params, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[8];
		sqlite3_snprintf(sizeof(name), name, "$%d", (int)i + 1);
		int at = sqlite3_bind_parameter_index(statement, name);
		if (at && params[i].type == DB_INT)
			sqlite3_bind_int64(statement, at, params[i].number);
		else if (at && params[i].type == DB_TEXT)
			sqlite3_bind_text64(statement, at, params[i].text.at, params[i].text.len, SQLITE_STATIC,
					    SQLITE_UTF8);
	}
}

static int take_row(sqlite3_stmt *statement, db_each *each, void *context, struct err *err)
{
	struct db_value values[DB_COLUMNS_MAX];
	const char *names[DB_COLUMNS_MAX];
	struct db_row row = { values, names, 0 };
	for (; row.count < (size_t)sqlite3_column_count(statement) && row.count < DB_COLUMNS_MAX; row.count++) {
		int column = (int)row.count, type = sqlite3_column_type(statement, column);
		names[row.count] = sqlite3_column_name(statement, column);
		values[row.count] = DB_NONE;
		if (type == SQLITE_INTEGER)
			values[row.count] = db_int(sqlite3_column_int64(statement, column));
		else if (type != SQLITE_NULL)
			values[row.count] = db_text((str){ (const char *)sqlite3_column_text(statement, column),
							   (size_t)sqlite3_column_bytes(statement, column) });
	}
	return each ? each(context, &row, err) : 0;
}

static int run_sqlite(void *handle, const char *sql, const struct db_value *params, size_t count, bool once,
		      db_each *each, void *context, struct err *err)
{
	struct sqlite *db = handle;
	sqlite3_stmt *statement;
	int rc = prepare(db, sql, once, &statement, err), step;
	if (rc)
		return rc;
	bind(statement, params, count);
	while ((step = sqlite3_step(statement)) == SQLITE_ROW && !rc)
		rc = take_row(statement, each, context, err);
	if (!rc && step != SQLITE_DONE)
		rc = failed(db, sql, err);
	if (once) {
		sqlite3_finalize(statement);
		return rc;
	}
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return rc;
}

static int is_ok(void *context, const struct db_row *row, struct err *err)
{
	(void)context;
	return str_eq(row->at[0].text, STR("ok"))
		       ? 0
		       : err_set(err, ERR_INPUT, "sqlite: damaged: %.*s", STR_ARG(str_head(row->at[0].text, 200)));
}

static int check_sqlite(void *handle, struct err *err)
{
	return run_sqlite(handle, "PRAGMA integrity_check(1)", NULL, 0, true, is_ok, NULL, err);
}

/* A reader that becomes a writer later could be refused, hence IMMEDIATE. */
const struct db_driver db_sqlite = {
	.prefix = "",
	.begin_write = "BEGIN IMMEDIATE",
	.begin_snapshot = "BEGIN",
	.open = open_sqlite,
	.run = run_sqlite,
	.check = check_sqlite,
	.close = close_sqlite,
};
