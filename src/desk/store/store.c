/* SPDX-License-Identifier: Apache-2.0
 *
 * store: versions, transactions, counters, the audit chain.
 */
#include "desk/store/store.h"

#include <assert.h>

#include "base/sha256.h"
#include "desk/store/schema.h"

static int latest_version(void)
{
	int version = 0;
	while (schema_versions[version])
		version++;
	return version;
}

/* 0 for a database without tables. */
static int find_version(struct store *store, int64_t *out, struct err *err)
{
	int rc = db_run(&store->db,
			"CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, at BIGINT NOT NULL)", NULL,
			0, NULL, NULL, err);
	return rc ? rc
		  : db_number(&store->db, "SELECT COALESCE(MAX(version), 0) FROM schema_version", NULL, 0, out, NULL,
			      err);
}

static int apply(struct store *store, int version, struct err *err)
{
	int rc = store_begin(store, err);
	for (const char *const *sql = schema_versions[version - 1]; !rc && *sql; sql++)
		rc = db_run_once(&store->db, *sql, NULL, 0, err);
	if (!rc)
		rc = db_do(&store->db, err, "INSERT INTO schema_version (version, at) VALUES ($1, 0)", db_int(version));
	if (!rc)
		return store_commit(store, err);
	store_rollback(store);
	return err_context(err, "migration %d", version);
}

static int open_at(struct store *store, str location, int64_t *out_version, struct err *err)
{
	int rc = db_open(&store->db, location, err);
	return rc ? rc : find_version(store, out_version, err);
}

int store_migrate(struct store *store, str location, int *out_from, int *out_to, struct err *err)
{
	int64_t version = 0;
	int rc = open_at(store, location, &version, err);
	*out_from = *out_to = (int)version;
	while (!rc && *out_to < latest_version())
		rc = apply(store, ++*out_to, err);
	if (!rc && version > latest_version())
		rc = err_set(err, ERR_USAGE, "the database is of version %lld, newer than this program (%d)",
			     (long long)version, latest_version());
	if (rc)
		store_close(store);
	return rc;
}

int store_open(struct store *store, str location, struct err *err)
{
	int64_t version = 0;
	int from, to, rc = open_at(store, location, &version, err);
	if (!rc && version == latest_version())
		return 0;
	store_close(store);
	if (!rc && version && version < latest_version())
		return err_set(err, ERR_USAGE, "the database is of version %lld: run quell-desk db migrate",
			       (long long)version);
	return rc ? rc : store_migrate(store, location, &from, &to, err);
}

void store_close(struct store *store)
{
	db_close(&store->db);
}

int store_begin(struct store *store, struct err *err)
{
	const struct db_driver *driver = store->db.driver;
	store->counter_count = 0;
	int rc = db_run(&store->db, driver->begin_write, NULL, 0, NULL, NULL, err);
	return rc || !driver->one_writer ? rc : db_run(&store->db, driver->one_writer, NULL, 0, NULL, NULL, err);
}

int store_commit(struct store *store, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; i < store->counter_count && !rc; i++)
		rc = db_do(&store->db, err, "UPDATE counter SET value = $2 WHERE name = $1",
			   db_text(str_from(store->counters[i].name)), db_int(store->counters[i].value));
	store->counter_count = 0;
	return rc ? rc : db_run(&store->db, "COMMIT", NULL, 0, NULL, NULL, err);
}

void store_rollback(struct store *store)
{
	store->counter_count = 0;
	db_run(&store->db, "ROLLBACK", NULL, 0, NULL, NULL, NULL);
}

/* The counter as this transaction has it, which is the only one that writes. */
static int find_counter(struct store *store, const char *name, struct counter **out, struct err *err)
{
	for (size_t i = 0; i < store->counter_count; i++)
		if (strcmp(store->counters[i].name, name) == 0)
			return *out = &store->counters[i], 0;
	assert(store->counter_count < sizeof(store->counters) / sizeof(*store->counters));
	struct counter counter = { .name = name };
	struct db_value param = db_text(str_from(name));
	int rc = db_number(&store->db,
			   "INSERT INTO counter (name, value) VALUES ($1, 0) ON CONFLICT (name) DO UPDATE SET value = "
			   "counter.value RETURNING value",
			   &param, 1, &counter.value, NULL, err);
	if (rc)
		return rc;
	*out = &store->counters[store->counter_count++];
	**out = counter;
	return 0;
}

int store_take(struct store *store, const char *name, int64_t count, int64_t *out_first, struct err *err)
{
	struct counter *counter = NULL;
	int rc = find_counter(store, name, &counter, err);
	if (rc)
		return rc;
	*out_first = counter->value + 1;
	counter->value += count;
	return 0;
}

/* --- audit --------------------------------------------------------------- */

enum { HASH_DIGITS = 64 };

struct audit_record {
	int64_t id, at;
	str who, what, subject, detail;
};

/* Lengths stand before the texts, so that moving a byte from one to the next changes the hash. */
static void hash_record(str previous, const struct audit_record *record, char out[HASH_DIGITS + 1])
{
	struct buf text = BUF_INIT;
	struct sha256 sha;
	buf_add(&text, previous);
	buf_printf(&text, " %lld %lld", (long long)record->id, (long long)record->at);
	const str parts[] = { record->who, record->what, record->subject, record->detail };
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		buf_printf(&text, " %zu:", parts[i].len);
		buf_add(&text, parts[i]);
	}
	sha256_init(&sha);
	sha256_add(&sha, buf_str(&text));
	sha256_hex(&sha, HASH_DIGITS, out);
	buf_done(&text);
}

static int take_hash(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	str hash = str_head(row->at[0].text, HASH_DIGITS);
	memcpy(context, hash.at, hash.len);
	return 0;
}

int store_audit(struct store *store, usec at, str who, str what, str subject, str detail, struct err *err)
{
	char previous[HASH_DIGITS + 1] = "", hash[HASH_DIGITS + 1];
	struct audit_record record = { 0, at, who, what, subject, detail };
	int rc = store_take(store, "audit", 1, &record.id, err);
	struct db_value before = db_int(record.id - 1);
	if (!rc)
		rc = db_run(&store->db, "SELECT hash FROM audit WHERE id = $1", &before, 1, take_hash, previous, err);
	if (rc)
		return rc;
	hash_record(str_from(previous), &record, hash);
	return db_do(&store->db, err,
		     "INSERT INTO audit (id, at, who, what, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		     db_int(record.id), db_int(at), db_text(who), db_text(what), db_text(subject), db_text(detail),
		     db_text(str_from(hash)));
}

struct audit_walk {
	char previous[HASH_DIGITS + 1];
	int64_t records;
};

static int check_record(void *context, const struct db_row *row, struct err *err)
{
	struct audit_walk *walk = context;
	char hash[HASH_DIGITS + 1];
	struct audit_record record = { row->at[0].number, row->at[1].number, row->at[2].text,
				       row->at[3].text,	  row->at[4].text,   row->at[5].text };
	hash_record(str_from(walk->previous), &record, hash);
	if (record.id != walk->records + 1 || !str_eq(str_from(hash), row->at[6].text))
		return err_set(err, ERR_INPUT, "audit: record %lld does not fit the chain", (long long)record.id);
	memcpy(walk->previous, hash, sizeof(hash));
	walk->records++;
	return 0;
}

int store_check_audit(struct store *store, int64_t *out_records, struct err *err)
{
	struct audit_walk walk = { 0 };
	int rc = db_run(&store->db, "SELECT id, at, who, what, subject, detail, hash FROM audit ORDER BY id", NULL, 0,
			check_record, &walk, err);
	int64_t last = 0;
	if (!rc)
		rc = db_number(&store->db, "SELECT value FROM counter WHERE name = 'audit'", NULL, 0, &last, NULL, err);
	if (!rc && last != walk.records)
		rc = err_set(err, ERR_INPUT, "audit: %lld records were written, %lld are there", (long long)last,
			     (long long)walk.records);
	*out_records = walk.records;
	return rc;
}
