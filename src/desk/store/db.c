/* SPDX-License-Identifier: Apache-2.0
 *
 * db: choice of the driver, and small helpers on top of run().
 */
#include "desk/store/db.h"

static const struct db_driver *const drivers[] = { &db_postgres, &db_sqlite };

int db_open(struct db *db, str location, struct err *err)
{
	size_t i = 0;
	while (!str_skip(&location, str_from(drivers[i]->prefix)))
		i++;
	*db = (struct db){ .driver = drivers[i] };
	return db->driver->open(location, &db->handle, err);
}

int db_run(struct db *db, const char *sql, const struct db_value *params, size_t count, db_each *each, void *context,
	   struct err *err)
{
	return db->driver->run(db->handle, sql, params, count, false, each, context, err);
}

int db_run_once(struct db *db, const char *sql, const struct db_value *params, size_t count, struct err *err)
{
	return db->driver->run(db->handle, sql, params, count, true, NULL, NULL, err);
}

struct number {
	int64_t value;
	bool found;
};

static int take_number(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct number *number = context;
	if (!number->found && row->count && row->at[0].type == DB_INT)
		*number = (struct number){ row->at[0].number, true };
	return 0;
}

int db_number(struct db *db, const char *sql, const struct db_value *params, size_t count, int64_t *out,
	      bool *out_found, struct err *err)
{
	struct number number = { 0 };
	int rc = db_run(db, sql, params, count, take_number, &number, err);
	if (rc)
		return rc;
	*out = number.value;
	if (out_found)
		*out_found = number.found;
	return 0;
}

int db_check(struct db *db, struct err *err)
{
	return db->driver->check(db->handle, err);
}

void db_close(struct db *db)
{
	if (db->handle)
		db->driver->close(db->handle);
	*db = (struct db){ 0 };
}
