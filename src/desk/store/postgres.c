/* SPDX-License-Identifier: Apache-2.0
 *
 * postgres: libpq with parameters in text form. synchronous_commit is set, so
 * that what was committed is on disk, whatever the server's default.
 * Statements are prepared once and kept, which spares the server reading and
 * planning them for every mail. The connection is in pipeline mode: within a
 * transaction a statement whose rows nobody wants is sent without waiting, and
 * what became of it is read with the next answer, at the latest that of COMMIT.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "desk/store/db.h"

/* Types of columns that are whole numbers: int8, int2, int4 (catalog/pg_type.dat). */
enum { OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23 };

enum { UNANSWERED_MAX = 500 };

struct statement {
	const char *sql; /* compared by address: statements are literals */
	char name[24];	 /* on the server */
};

struct postgres {
	PGconn *connection;
	VEC(struct statement) statements;
	unsigned made; /* statements so far: names are never used again */
	unsigned unanswered; /* requests sent whose outcome is not read yet */
};

static int failed(const char *message, const char *what, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "postgresql: %s: %.*s", what,
		       STR_ARG(str_head(str_trim(str_from(message)), 300)));
}

static void ignore_notice(void *context, const char *message)
{
	(void)context, (void)message;
}

static int run_postgres(void *handle, const char *sql, const struct db_value *params, size_t count, bool once,
			db_each *each, void *context, struct err *err);

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
		int rc = failed(PQerrorMessage(db->connection), "connect", err);
		close_postgres(db);
		return rc;
	}
	PQsetNoticeProcessor(db->connection, ignore_notice, NULL);
	PQsetClientEncoding(db->connection, "UTF8");
	PQenterPipelineMode(db->connection);
	*out_handle = db;
	return run_postgres(db, "SET synchronous_commit = on", NULL, 0, true, NULL, NULL, err);
}

/* The statement's name on the server, which is asked to prepare it when it is new. */
static const char *prepare(struct postgres *db, const char *sql)
{
	for (size_t i = 0; i < db->statements.count; i++)
		if (db->statements.at[i].sql == sql)
			return db->statements.at[i].name;
	struct statement *statement = VEC_PUSH(&db->statements);
	*statement = (struct statement){ .sql = sql };
	snprintf(statement->name, sizeof(statement->name), "s%u", db->made++);
	db->unanswered += PQsendPrepare(db->connection, statement->name, sql, 0, NULL);
	return statement->name;
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

/* The answer to one request. */
static int read_answer(struct postgres *db, const char *sql, db_each *each, void *context, struct err *err)
{
	PGresult *result = PQgetResult(db->connection);
	ExecStatusType status = PQresultStatus(result);
	int rc = status == PGRES_TUPLES_OK    ? each_row(result, each, context, err)
		 : status == PGRES_COMMAND_OK ? 0
		 : !result		      ? failed(PQerrorMessage(db->connection), sql, err)
					      : failed(PQresultErrorMessage(result), sql, err);
	while (result) {
		PQclear(result);
		result = PQgetResult(db->connection);
	}
	return rc;
}

/* Waits for all answers; each sees the rows of the last. The first failure is the one that is told: the server passes
 * over what was sent behind it. What it had to prepare is then asked for again. */
static int settle(struct postgres *db, const char *sql, db_each *each, void *context, struct err *err)
{
	int rc = PQpipelineSync(db->connection) ? 0 : failed(PQerrorMessage(db->connection), sql, err);
	for (; db->unanswered && (!rc || PQstatus(db->connection) == CONNECTION_OK); db->unanswered--) {
		bool last = db->unanswered == 1;
		int answer = read_answer(db, sql, last ? each : NULL, context, rc ? NULL : err);
		rc = rc ? rc : answer;
	}
	PQclear(PQgetResult(db->connection)); /* that of the synchronisation */
	if (rc)
		db->statements.count = 0;
	return rc;
}

static int run_postgres(void *handle, const char *sql, const struct db_value *params, size_t count, bool once,
			db_each *each, void *context, struct err *err)
{
	struct postgres *db = handle;
	const char *values[DB_PARAMETERS_MAX] = { NULL };
	bool in_transaction = PQtransactionStatus(db->connection) != PQTRANS_IDLE;
	struct arena arena = ARENA_INIT;
	bind(&arena, params, count, values);
	int sent = once || !count ? PQsendQueryParams(db->connection, sql, (int)count, NULL, values, NULL, NULL, 0)
				  : PQsendQueryPrepared(db->connection, prepare(db, sql), (int)count, values, NULL,
							NULL, 0);
	arena_done(&arena);
	if (!sent)
		return failed(PQerrorMessage(db->connection), sql, err);
	db->unanswered++;
	if (in_transaction && count && !each && db->unanswered < UNANSWERED_MAX)
		return 0;
	return settle(db, sql, each, context, err);
}

/* The server checks its pages itself (data checksums); reading every row of the largest table is what a client can add.
 */
static int check_postgres(void *handle, struct err *err)
{
	return run_postgres(handle, "SELECT count(*) FROM item WHERE length(subject) < 0", NULL, 0, true, NULL,
			    NULL, err);
}

/* The lock's number is our own choice; it ends with the transaction. */
const struct db_driver db_postgres = {
	.prefix = "postgresql:",
	.begin_write = "BEGIN",
	.one_writer = "SELECT pg_advisory_xact_lock(7305437)",
	.begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ",
	.open = open_postgres,
	.run = run_postgres,
	.check = check_postgres,
	.close = close_postgres,
};
