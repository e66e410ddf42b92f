/* SPDX-License-Identifier: Apache-2.0
 *
 * postgres: libpq with parameters in text form. synchronous_commit is set, so
 * that what was committed is on disk, whatever the server's default.
 * Statements with parameters are prepared once and kept, which spares the
 * server reading and planning them for every mail.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "desk/store/db.h"

/* Types of columns that are whole numbers: int8, int2, int4 (catalog/pg_type.dat). */
enum { OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23 };

struct statement {
	const char *sql; /* compared by address: statements are literals */
	char name[24];	 /* on the server */
};

struct postgres {
	PGconn *connection;
	VEC(struct statement) statements;
	unsigned made; /* statements so far: names are never used again */
};

static int failed(PGconn *connection, const char *what, struct err *err)
{
	str text = str_trim(str_from(PQerrorMessage(connection)));
	return err_set(err, ERR_SYSTEM, "postgresql: %s: %.*s", what, STR_ARG(str_head(text, 300)));
}

static void ignore_notice(void *context, const char *message)
{
	(void)context, (void)message;
}

static int run_postgres(void *handle, const char *sql, const struct db_value *params, size_t count, db_each *each,
			void *context, struct err *err);

static void close_postgres(void *handle)
{
	struct postgres *db = handle;
	PQfinish(db->connection);
	free(db->statements.at);
	free(db);
}

static int open_postgres(str location, void **out_handle, struct err *err)
{
	struct postgres *db = mem_alloc(sizeof(*db));
	struct arena arena = ARENA_INIT;
	*db = (struct postgres){ .connection = PQconnectdb(arena_cstring(&arena, location)) };
	arena_done(&arena);
	if (PQstatus(db->connection) != CONNECTION_OK) {
		int rc = failed(db->connection, "connect", err);
		close_postgres(db);
		return rc;
	}
	PQsetNoticeProcessor(db->connection, ignore_notice, NULL);
	PQsetClientEncoding(db->connection, "UTF8");
	*out_handle = db;
	return run_postgres(db, "SET synchronous_commit = on", NULL, 0, NULL, NULL, err);
}

/* The statement's name on the server, or NULL when that refuses it. */
static const char *prepare(struct postgres *db, const char *sql)
{
	for (size_t i = 0; i < db->statements.count; i++)
		if (db->statements.at[i].sql == sql)
			return db->statements.at[i].name;
	struct statement statement = { .sql = sql };
	snprintf(statement.name, sizeof(statement.name), "s%u", db->made++);
	PGresult *result = PQprepare(db->connection, statement.name, sql, 0, NULL);
	bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
	PQclear(result);
	if (!done)
		return NULL;
	struct statement *kept = VEC_PUSH(&db->statements);
	*kept = statement;
	return kept->name;
}

static void forget_postgres(void *handle, const char *sql)
{
	struct postgres *db = handle;
	size_t at = 0;
	while (at < db->statements.count && db->statements.at[at].sql != sql)
		at++;
	if (at == db->statements.count)
		return;
	char command[48];
	snprintf(command, sizeof(command), "DEALLOCATE %s", db->statements.at[at].name);
	PQclear(PQexec(db->connection, command));
	db->statements.at[at] = db->statements.at[--db->statements.count];
}

/* Text without NUL, which PostgreSQL cannot hold; everything that is stored went through the JSON printer before. */
static void bind(struct arena *arena, const struct db_value *params, size_t count, const char **out)
{
	for (size_t i = 0; i < count; i++) {
		out[i] = NULL;
		if (params[i].type == DB_INT)
			out[i] = arena_printf(arena, "%lld", (long long)params[i].number).at;
		else if (params[i].type == DB_TEXT)
			out[i] = arena_cstring(arena, params[i].text);
	}
}

static struct db_value value_of(const PGresult *result, int row, int column)
{
	if (PQgetisnull(result, row, column))
		return DB_NONE;
	Oid type = PQftype(result, column);
	if (type == OID_INT8 || type == OID_INT4 || type == OID_INT2)
		return db_int(strtoll(PQgetvalue(result, row, column), NULL, 10));
	return db_text((str){ PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column) });
}

static int each_row(const PGresult *result, db_each *each, void *context, struct err *err)
{
	struct db_value values[DB_COLUMNS_MAX];
	const char *names[DB_COLUMNS_MAX];
	struct db_row row = { values, names, 0 };
	int rc = 0;
	for (int i = 0; i < PQntuples(result) && each && !rc; i++) {
		for (row.count = 0; row.count < (size_t)PQnfields(result) && row.count < DB_COLUMNS_MAX; row.count++) {
			names[row.count] = PQfname(result, (int)row.count);
			values[row.count] = value_of(result, i, (int)row.count);
		}
		rc = each(context, &row, err);
	}
	return rc;
}

static int run_postgres(void *handle, const char *sql, const struct db_value *params, size_t count, db_each *each,
			void *context, struct err *err)
{
	struct postgres *db = handle;
	const char *values[DB_PARAMETERS_MAX] = { NULL }, *name = count ? prepare(db, sql) : NULL;
	if (count && !name)
		return failed(db->connection, sql, err);
	struct arena arena = ARENA_INIT;
	bind(&arena, params, count, values);
	PGresult *result = name ? PQexecPrepared(db->connection, name, (int)count, values, NULL, NULL, 0)
				: PQexecParams(db->connection, sql, 0, NULL, NULL, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	int rc = status == PGRES_TUPLES_OK    ? each_row(result, each, context, err)
		 : status == PGRES_COMMAND_OK ? 0
					      : failed(db->connection, sql, err);
	PQclear(result);
	arena_done(&arena);
	return rc;
}

/* The server checks its pages itself (data checksums); reading every row of the largest table is what a client can add.
 */
static int check_postgres(void *handle, struct err *err)
{
	return run_postgres(handle, "SELECT count(*) FROM item WHERE length(subject) < 0", NULL, 0, NULL, NULL, err);
}

const struct db_driver db_postgres = { "postgresql:",  "BEGIN",	      "BEGIN ISOLATION LEVEL REPEATABLE READ",
				       open_postgres,  run_postgres,  forget_postgres,
				       check_postgres, close_postgres };
