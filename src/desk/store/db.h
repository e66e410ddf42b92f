/* SPDX-License-Identifier: Apache-2.0
 *
 * db: one SQL database, SQLite or PostgreSQL, behind five calls.
 *
 * Statements are written once in what both understand: parameters $1..$9,
 * RETURNING, ON CONFLICT, BIGINT and TEXT only, ids from the table counter.
 * Values are always bound, never written into a statement.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum db_type { DB_NULL, DB_INT, DB_TEXT };

struct db_value {
	enum db_type type;
	int64_t number;
	str text; /* borrowed; in rows valid until the callback returns */
};

#define DB_NONE ((struct db_value){ .type = DB_NULL })
static inline struct db_value db_int(int64_t number)
{
	return (struct db_value){ .type = DB_INT, .number = number };
}
/* The empty string is stored as it is; see db_text_or_null(). */
static inline struct db_value db_text(str text)
{
	return (struct db_value){ .type = DB_TEXT, .text = text };
}
static inline struct db_value db_text_or_null(str text)
{
	return text.len ? db_text(text) : DB_NONE;
}

struct db_row {
	const struct db_value *at;
	const char *const *names;
	size_t count;
};

/* Called for each row; a negative code ends the query and is returned. */
typedef int db_each(void *context, const struct db_row *row, struct err *err);

enum { DB_COLUMNS_MAX = 40, DB_PARAMETERS_MAX = 30 };

struct db_driver;
struct db {
	const struct db_driver *driver;
	void *handle;
};

struct db_driver {
	const char *prefix;	    /* of the locations it serves; the last driver has none */
	const char *begin_write;    /* starts a transaction that will write */
	const char *one_writer;	    /* behind it: waits until no other writes; NULL when begin_write does so itself */
	const char *begin_snapshot; /* starts one that reads a single state of all tables */
	int (*open)(str location, void **out_handle, struct err *err);
	/* once: the statement was made at run time, so nothing of it is kept */
	int (*run)(void *handle, const char *sql, const struct db_value *params, size_t count, bool once, db_each *each,
		   void *context, struct err *err);
	int (*check)(void *handle, struct err *err); /* what the engine itself can say about damage */
	void (*close)(void *handle);
};
extern const struct db_driver db_sqlite, db_postgres;

/* location: "postgresql:..." (libpq's connection string behind the colon), else the path of a SQLite file. */
int db_open(struct db *db, str location, struct err *err);
/* Within a transaction the failure of a statement without each may be told by a later one, at the latest by COMMIT. */
int db_run(struct db *db, const char *sql, const struct db_value *params, size_t count, db_each *each, void *context,
	   struct err *err);
/* As db_run for a statement made at run time: it is not kept. */
int db_run_once(struct db *db, const char *sql, const struct db_value *params, size_t count, struct err *err);
/* The first column of the first row as a number; *out_found (may be NULL) tells whether there was one that is not NULL.
 */
int db_number(struct db *db, const char *sql, const struct db_value *params, size_t count, int64_t *out,
	      bool *out_found, struct err *err);
int db_check(struct db *db, struct err *err);
void db_close(struct db *db);

/* db_do(db, err, "sql", values...): a statement whose rows do not matter. */
#define db_do(db, err, sql, ...)                                                                                       \
	db_run(db, sql, (const struct db_value[]){ __VA_ARGS__ },                                                      \
	       sizeof((const struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value), NULL, NULL, err)
