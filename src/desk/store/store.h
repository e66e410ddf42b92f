/* SPDX-License-Identifier: Apache-2.0
 *
 * store: the desk's database with its schema, ids, transactions and audit.
 */
#pragma once
#include "base/clock.h"
#include "desk/store/db.h"

struct counter {
	const char *name;
	int64_t value;
};

struct store {
	struct db db;
	struct counter counters[8]; /* those that this transaction has taken from */
	size_t counter_count;
};

/* Opens the database. An empty one gets the schema; an older or newer one is ERR_USAGE. */
int store_open(struct store *store, str location, struct err *err);
/* As store_open, but brings an older schema up to date; *out_from and *out_to are its versions before and after. */
int store_migrate(struct store *store, str location, int *out_from, int *out_to, struct err *err);
void store_close(struct store *store);

/* Starts a transaction that writes; there is one at a time. */
int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
/* Undoes the transaction; keeps what err already says. */
void store_rollback(struct store *store);

/* Takes count numbers from a counter, whose name is a literal; *out_first is the first. Only within a transaction, which
 * writes the counter back when it commits. */
int store_take(struct store *store, const char *name, int64_t count, int64_t *out_first, struct err *err);

/* Appends to the audit log: who did what to which subject. Each record's hash covers the one before. */
int store_audit(struct store *store, usec at, str who, str what, str subject, str detail, struct err *err);
/* Walks the chain; ERR_INPUT names the first record that does not fit. */
int store_check_audit(struct store *store, int64_t *out_records, struct err *err);

/* The whole database as JSON lines (schema quell.desk-backup/1), and back into an empty one of either kind. */
int store_dump(struct store *store, struct buf *out, int fd, struct err *err);
int store_load(struct store *store, int fd, struct err *err);
