/* SPDX-License-Identifier: Apache-2.0
 *
 * backup: the database as JSON lines, the same from SQLite and PostgreSQL, so
 * that one form serves backup, restore and moving between the two. The first
 * line names schema and version, the last one counts the rows: a cut file is
 * refused.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "base/own.h"
#include "desk/store/store.h"

enum { BLOCK_BYTES = 1 << 20 };

/* In an order in which references are met. */
#define TABLE(name)                                                                                                    \
	{                                                                                                              \
#name, "SELECT * FROM " #name " ORDER BY 1"                                                            \
	}
static const struct table {
	const char *name, *select;
} tables[] = {
	TABLE(counter),	 TABLE(complaint), TABLE(cases),    TABLE(item),  TABLE(link),	  TABLE(case_reporter),
	TABLE(reporter), TABLE(note),	   TABLE(evidence), TABLE(timer), TABLE(arrival), TABLE(audit),
};
enum { TABLE_COUNT = sizeof(tables) / sizeof(*tables) };

struct dump {
	struct buf *out;
	int fd;
	const char *table;
	int64_t rows;
};

static int flush(struct dump *dump, size_t above, struct err *err)
{
	if (dump->out->len <= above)
		return 0;
	int rc = buf_write(dump->out, dump->fd, err);
	dump->out->len = 0;
	return rc;
}

static int dump_row(void *context, const struct db_row *row, struct err *err)
{
	struct dump *dump = context;
	struct jsonw w;
	jsonw_init(&w, dump->out, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "table", str_from(dump->table));
	for (size_t i = 0; i < row->count; i++) {
		jsonw_key(&w, row->names[i]);
		switch (row->at[i].type) {
		case DB_NULL: jsonw_null(&w); break;
		case DB_INT: jsonw_int(&w, row->at[i].number); break;
		case DB_TEXT: jsonw_str(&w, row->at[i].text); break;
		}
	}
	jsonw_close(&w, '}');
	dump->rows++;
	return flush(dump, BLOCK_BYTES, err);
}

int store_dump(struct store *store, struct buf *out, int fd, struct err *err)
{
	struct dump dump = { .out = out, .fd = fd };
	int rc = db_run(&store->db, store->db.driver->begin_snapshot, NULL, 0, NULL, NULL, err);
	buf_add(out, STR("{\"schema\":\"quell.desk-backup/1\",\"version\":1}\n"));
	for (int i = 0; i < TABLE_COUNT && !rc; i++) {
		dump.table = tables[i].name;
		rc = db_run(&store->db, tables[i].select, NULL, 0, dump_row, &dump, err);
	}
	buf_printf(out, "{\"rows\":%lld}\n", (long long)dump.rows);
	if (!rc)
		rc = flush(&dump, 0, err);
	store_rollback(store);
	return rc;
}

/* Names come from the file, so each is checked against what a column may be called before it stands in a statement. */
static bool is_plain_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");
	return len > 0 && len < 40 && !name[len];
}

static const char *find_table(const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "table"));
	for (int i = 0; i < TABLE_COUNT; i++)
		if (name && strcmp(name, tables[i].name) == 0)
			return tables[i].name;
	return NULL;
}

static struct db_value value_of(const json_t *value)
{
	if (json_is_integer(value))
		return db_int(json_integer_value(value));
	if (json_is_string(value))
		return db_text((str){ json_string_value(value), json_string_length(value) });
	return DB_NONE;
}

static int insert_row(struct store *store, json_t *row, struct err *err)
{
	struct db_value params[DB_PARAMETERS_MAX];
	struct buf names = BUF_INIT, marks = BUF_INIT, sql = BUF_INIT;
	size_t count = 0;
	const char *key, *table = find_table(row);
	json_t *value;
	int rc = table ? 0 : err_set(err, ERR_INPUT, "backup: a row of no known table");
	json_object_foreach(row, key, value)
	{
		if (strcmp(key, "table") == 0)
			continue;
		if (!is_plain_name(key) || count == DB_PARAMETERS_MAX)
			rc = err_set(err, ERR_INPUT, "backup: \"%.40s\" is no column", key);
		if (rc)
			break;
		buf_printf(&names, "%s%s", count ? ", " : "", key);
		buf_printf(&marks, "%s$%zu", count ? ", " : "", count + 1);
		params[count++] = value_of(value);
	}
	if (!rc) {
		buf_printf(&sql, "INSERT INTO %s (%.*s) VALUES (%.*s)", table, STR_ARG(buf_str(&names)),
			   STR_ARG(buf_str(&marks)));
		buf_char(&sql, 0);
		rc = db_run_once(&store->db, sql.at, params, count, err);
	}
	buf_done(&names);
	buf_done(&marks);
	buf_done(&sql);
	return rc;
}

static int check_head(const json_t *line, struct err *err)
{
	const char *schema = json_string_value(json_object_get(line, "schema"));
	return schema && strcmp(schema, "quell.desk-backup/1") == 0
		       ? 0
		       : err_set(err, ERR_INPUT, "this is no backup of quell-desk");
}

static int check_tail(const json_t *line, int64_t rows, struct err *err)
{
	return json_integer_value(json_object_get(line, "rows")) == rows
		       ? 0
		       : err_set(err, ERR_INPUT, "the backup is cut: %lld rows read", (long long)rows);
}

static int load_lines(struct store *store, FILE *file, struct err *err)
{
	OWN_MEM char *text = NULL;
	size_t size = 0;
	int64_t number = 0;
	for (ssize_t len; (len = getline(&text, &size, file)) > 0; number++) {
		json_t *line = json_loadb(text, (size_t)len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		bool last = line && json_object_get(line, "rows");
		int rc = !line	       ? err_set(err, ERR_INPUT, "backup: line %lld is no JSON", (long long)number + 1)
			 : number == 0 ? check_head(line, err)
			 : last	       ? check_tail(line, number - 1, err)
				       : insert_row(store, line, err);
		json_decref(line);
		if (rc || last)
			return rc;
	}
	return err_set(err, ERR_INPUT, "the backup is cut: it has no last line");
}

static int check_empty(struct store *store, struct err *err)
{
	int64_t complaints;
	int rc = db_number(&store->db, "SELECT count(*) FROM complaint", NULL, 0, &complaints, NULL, err);
	return rc		? rc
	       : complaints > 0 ? err_set(err, ERR_REFUSED, "the database to load into holds complaints already")
				: 0;
}

int store_load(struct store *store, int fd, struct err *err)
{
	OWN_FILE FILE *file = fdopen(fd, "r");
	if (!file)
		return err_errno(err, "backup");
	int rc = check_empty(store, err);
	if (!rc)
		rc = store_begin(store, err);
	if (!rc)
		rc = load_lines(store, file, err);
	if (!rc)
		return store_commit(store, err);
	store_rollback(store);
	return rc;
}
