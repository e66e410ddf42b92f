/* SPDX-License-Identifier: Apache-2.0
 *
 * desk_store: counters, rollback and the audit chain, on a database in memory.
 * What both databases must do is tested by tests/desk_store.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk/store/store.h"

static void open_store(struct store *store)
{
	struct err err = { 0 };
	if (store_open(store, STR(":memory:"), &err))
		fail_msg("%s", err.text);
}

static int64_t take(struct store *store, int64_t count)
{
	int64_t first;
	assert_int_equal(store_take(store, "x", count, &first, NULL), 0);
	return first;
}

static void counters(void **state)
{
	(void)state;
	struct store store;
	open_store(&store);
	assert_int_equal(store_begin(&store, NULL), 0);
	assert_int_equal(take(&store, 3), 1);
	assert_int_equal(take(&store, 1), 4);
	assert_int_equal(store_commit(&store, NULL), 0);
	assert_int_equal(store_begin(&store, NULL), 0);
	assert_int_equal(take(&store, 1), 5);
	store_rollback(&store);
	assert_int_equal(store_begin(&store, NULL), 0);
	assert_int_equal(take(&store, 1), 5);
	store_rollback(&store);
	store_close(&store);
}

static int record(struct store *store, const char *subject)
{
	int rc = store_begin(store, NULL);
	if (!rc)
		rc = store_audit(store, 1, STR("ann"), STR("note"), str_from(subject), STR("d"), NULL);
	return rc ? rc : store_commit(store, NULL);
}

/* Each change must be seen: a text, bytes moved between texts, a record dropped in the middle or at the end. */
static void audit_chain(void **state)
{
	(void)state;
	static const char *const changes[] = {
		"UPDATE audit SET detail = 'e' WHERE id = 2",
		"UPDATE audit SET what = 'not', subject = 'eb' WHERE id = 2",
		"DELETE FROM audit WHERE id = 2",
		"DELETE FROM audit WHERE id = 3",
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct store store;
		int64_t records;
		open_store(&store);
		assert_int_equal(record(&store, "a") | record(&store, "b") | record(&store, "c"), 0);
		assert_int_equal(store_check_audit(&store, &records, NULL), 0);
		assert_int_equal(records, 3);
		assert_int_equal(db_run(&store.db, changes[i], NULL, 0, NULL, NULL, NULL), 0);
		assert_int_equal(store_check_audit(&store, &records, NULL), ERR_INPUT);
		store_close(&store);
	}
}

static void values_are_bound(void **state)
{
	(void)state;
	struct store store;
	int64_t count;
	open_store(&store);
	assert_int_equal(record(&store, "'; DROP TABLE audit; --"), 0);
	assert_int_equal(db_number(&store.db, "SELECT count(*) FROM audit WHERE subject LIKE '%DROP%'", NULL, 0, &count,
				   NULL, NULL),
			 0);
	assert_int_equal(count, 1);
	assert_int_equal(db_run(&store.db, "SELECT nonsense", NULL, 0, NULL, NULL, NULL), ERR_SYSTEM);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counters), cmocka_unit_test(audit_chain),
					    cmocka_unit_test(values_are_bound) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
