/* SPDX-License-Identifier: Apache-2.0
 *
 * cases: reading and changing.
 */
#include "desk/case/cases.h"

#include <stdlib.h>

#include "desk/case/timer.h"

/* --- reading ------------------------------------------------------------- */

#define CASE_COLUMNS                                                                                                   \
	"c.id, c.name, c.key, c.class, c.state, c.severity, c.host, c.ip, c.account, c.owner, c.opened, "              \
	"c.first_event, "                                                                                              \
	"c.last_event, c.fixed, c.closed, c.complaints, c.weight, c.reporters, c.late, c.reopened, p.name, m.name"
#define CASE_FROM " FROM cases c LEFT JOIN cases p ON p.id = c.predecessor LEFT JOIN cases m ON m.id = c.merged_into "

static str text_at(const struct actor_at *at, const struct db_row *row, size_t column)
{
	return row->at[column].type == DB_TEXT ? arena_copy(at->arena, row->at[column].text) : STR("");
}

static usec time_at(const struct db_row *row, size_t column)
{
	return row->at[column].type == DB_INT ? row->at[column].number : USEC_NEVER;
}

static void read_case(const struct actor_at *at, const struct db_row *row, struct abuse_case *out)
{
	size_t column = 0;
	*out = (struct abuse_case){ .id = row->at[column++].number };
	str *const texts[] = { &out->name, &out->key, &out->class,   &out->state, &out->severity,
			       &out->host, &out->ip,  &out->account, &out->owner };
	usec *const times[] = { &out->opened, &out->first_event, &out->last_event, &out->fixed, &out->closed };
	int64_t *const numbers[] = { &out->complaints, &out->weight, &out->reporters, &out->late, &out->reopened };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		*texts[i] = text_at(at, row, column++);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		*times[i] = time_at(row, column++);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		*numbers[i] = row->at[column++].number;
	out->predecessor = text_at(at, row, column++);
	out->merged_into = text_at(at, row, column);
}

struct listing {
	const struct actor_at *at;
	case_each *each;
	void *context;
};

static int list_row(void *context, const struct db_row *row, struct err *err)
{
	struct listing *listing = context;
	struct abuse_case abuse_case;
	read_case(listing->at, row, &abuse_case);
	return listing->each(listing->context, &abuse_case, err);
}

static struct db_value optional(const char *text)
{
	return text ? db_text(str_from(text)) : DB_NONE;
}

/* A LIKE pattern around text, its own wildcards escaped. */
static str like_pattern(struct arena *arena, str text)
{
	char *at = arena_alloc(arena, text.len * 2 + 3);
	size_t len = 0;
	at[len++] = '%';
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '%' || text.at[i] == '_' || text.at[i] == '!')
			at[len++] = '!';
		at[len++] = text.at[i];
	}
	at[len++] = '%';
	return (str){ at, len };
}

int cases_list(const struct actor_at *at, const struct case_filter *filter, case_each *each, void *context,
	       struct err *err)
{
	struct listing listing = { at, each, context };
	bool all = filter->state && strcmp(filter->state, "all") == 0;
	struct db_value params[] = {
		all ? DB_NONE : optional(filter->state),
		optional(filter->class),
		optional(filter->owner),
		filter->text ? db_text(like_pattern(at->arena, str_from(filter->text))) : DB_NONE,
		db_int(filter->limit),
		db_int(all || filter->state),
	};
	return db_run(
		&at->store->db,
		"SELECT " CASE_COLUMNS CASE_FROM
		"WHERE ($6 = 1 OR c.state NOT IN ('rejected', 'resolved', 'closed', 'merged')) "
		"AND (CAST($1 AS TEXT) IS NULL OR c.state = $1) AND (CAST($2 AS TEXT) IS NULL OR c.class = $2) "
		"AND (CAST($3 AS TEXT) IS NULL OR c.owner = $3) "
		"AND (CAST($4 AS TEXT) IS NULL OR c.name LIKE $4 ESCAPE '!' OR c.key LIKE $4 ESCAPE '!' "
		"OR c.host LIKE $4 ESCAPE '!' OR c.account LIKE $4 ESCAPE '!' OR EXISTS (SELECT 1 FROM link l JOIN "
		"item i "
		"ON i.id = l.item_id WHERE l.case_id = c.id AND l.ended IS NULL AND (i.sender LIKE $4 ESCAPE '!' OR "
		"i.subject LIKE $4 ESCAPE '!' OR i.recipient LIKE $4 ESCAPE '!'))) "
		"ORDER BY CASE c.severity WHEN 'high' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END, c.last_event DESC, c.id "
		"LIMIT $5",
		params, 6, list_row, &listing, err);
}

struct filling {
	const struct actor_at *at;
	struct abuse_case *out;
	bool found;
};

static int take_case(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct filling *filling = context;
	read_case(filling->at, row, filling->out);
	filling->found = true;
	return 0;
}

static int take_item(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct filling *filling = context;
	*VEC_PUSH(&filling->out->items) = (struct case_item){
		.id = row->at[0].number,
		.source_ip = text_at(filling->at, row, 1),
		.hop_time = time_at(row, 2),
		.verdict = text_at(filling->at, row, 3),
		.confidence = text_at(filling->at, row, 4),
		.sender = text_at(filling->at, row, 5),
		.subject = text_at(filling->at, row, 6),
		.rule = text_at(filling->at, row, 7),
		.why = text_at(filling->at, row, 8),
	};
	return 0;
}

static int take_reporter(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct filling *filling = context;
	*VEC_PUSH(&filling->out->by) = (struct case_reporter){ text_at(filling->at, row, 0), row->at[1].number,
							       row->at[2].number, row->at[3].number };
	return 0;
}

static int take_note(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct filling *filling = context;
	*VEC_PUSH(&filling->out->notes) =
		(struct case_note){ time_at(row, 0), text_at(filling->at, row, 1), text_at(filling->at, row, 2) };
	return 0;
}

static int take_timer(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct filling *filling = context;
	*VEC_PUSH(&filling->out->timers) =
		(struct case_timer){ text_at(filling->at, row, 0), time_at(row, 1), time_at(row, 2) };
	return 0;
}

static int take_evidence(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct filling *filling = context;
	*VEC_PUSH(&filling->out->evidence) = (struct case_evidence){
		.at = time_at(row, 0),
		.who = text_at(filling->at, row, 1),
		.kind = text_at(filling->at, row, 2),
		.host = text_at(filling->at, row, 3),
		.sha256 = text_at(filling->at, row, 4),
		.text = text_at(filling->at, row, 5),
	};
	return 0;
}

static int take_same_key(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct filling *filling = context;
	*VEC_PUSH(&filling->out->same_key) = text_at(filling->at, row, 0);
	return 0;
}

/* What hangs on a case: one query each, with the case's number as its parameter. */
static const struct detail {
	const char *sql;
	db_each *take;
} details[] = {
	{ "SELECT i.id, i.source_ip, i.hop_time, i.verdict, i.confidence, i.sender, i.subject, l.rule, i.why FROM link l JOIN "
	  "item i "
	  "ON i.id = l.item_id WHERE l.case_id = $1 AND l.ended IS NULL ORDER BY i.id DESC LIMIT 50",
	  take_item },
	{ "SELECT c.reporter, c.complaints, r.proven, r.refuted FROM case_reporter c JOIN reporter r ON r.address = "
	  "c.reporter WHERE c.case_id = $1 ORDER BY c.complaints DESC, c.reporter LIMIT 20",
	  take_reporter },
	{ "SELECT at, who, text FROM note WHERE case_id = $1 ORDER BY id", take_note },
	{ "SELECT kind, due, fired FROM timer WHERE case_id = $1 ORDER BY due, kind", take_timer },
	{ "SELECT at, who, kind, host, sha256, text FROM evidence WHERE case_id = $1 ORDER BY id", take_evidence },
	{ "SELECT o.name FROM cases c JOIN cases o ON o.id <> c.id AND (o.key = c.key OR (o.host = c.host AND "
	  "o.account = "
	  "c.account)) WHERE c.id = $1 AND c.state NOT IN ('rejected', 'resolved', 'closed', 'merged') AND o.state NOT "
	  "IN "
	  "('rejected', 'resolved', 'closed', 'merged') ORDER BY o.id",
	  take_same_key },
};
_Static_assert(CASE_ITEMS_SHOWN == 50 && CASE_REPORTERS_SHOWN == 20, "the queries say so too");

static int find_case(const struct actor_at *at, str name, struct abuse_case *out, struct err *err)
{
	struct filling filling = { at, out, false };
	struct db_value param = db_text(name);
	int rc = db_run(&at->store->db, "SELECT " CASE_COLUMNS CASE_FROM "WHERE c.name = $1", &param, 1, take_case,
			&filling, err);
	if (rc || filling.found)
		return rc;
	return err_set(err, ERR_USAGE, "there is no case %.*s", STR_ARG(str_head(name, 40)));
}

int cases_get(const struct actor_at *at, str name, struct abuse_case *out, struct err *err)
{
	struct filling filling = { at, out, false };
	int rc = find_case(at, name, out, err);
	struct db_value param = db_int(rc ? 0 : out->id);
	for (size_t i = 0; i < sizeof(details) / sizeof(*details) && !rc; i++)
		rc = db_run(&at->store->db, details[i].sql, &param, 1, details[i].take, &filling, err);
	return rc;
}

/* --- changing ------------------------------------------------------------ */

/* Counts and weighs anew from the links, by the rules of attach.c and evidence.c: for changes made by people, which are
 * rare. A case that was merged away keeps its severity. */
static int recount(const struct actor_at *at, int64_t id, struct err *err)
{
	static const char *const statements[] = {
		"DELETE FROM case_reporter WHERE case_id = $1",
		"INSERT INTO case_reporter (case_id, reporter, complaints) SELECT CAST($1 AS BIGINT), p.reporter, "
		"count(DISTINCT p.id) "
		"FROM link l JOIN item i ON i.id = l.item_id JOIN complaint p ON p.id = i.complaint_id "
		"WHERE l.case_id = $1 AND l.ended IS NULL GROUP BY p.reporter",
		"UPDATE cases SET complaints = (SELECT CAST(COALESCE(SUM(r.complaints), 0) AS BIGINT) FROM "
		"case_reporter r WHERE "
		"r.case_id = $1), reporters = (SELECT count(*) FROM case_reporter r WHERE r.case_id = $1), weight = "
		"(SELECT "
		"CAST(COALESCE(SUM(i.weight), 0) AS BIGINT) FROM link l JOIN item i ON i.id = l.item_id WHERE "
		"l.case_id = $1 AND "
		"l.ended IS NULL) WHERE id = $1",
		"UPDATE cases SET severity = CASE WHEN (weight >= 100 AND reporters >= 5) OR EXISTS (SELECT 1 FROM "
		"link l JOIN item i ON i.id = l.item_id JOIN complaint p ON p.id = i.complaint_id WHERE l.case_id = $1 "
		"AND l.ended IS NULL AND p.class = 'blocklist') THEN 'high' WHEN weight >= 25 OR EXISTS (SELECT 1 FROM "
		"link l JOIN item i ON i.id = l.item_id WHERE l.case_id = $1 AND l.ended IS NULL AND i.confidence = "
		"'proven') THEN 'normal' ELSE 'low' END WHERE id = $1 AND complaints > 0",
	};
	int rc = 0;
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements) && !rc; i++)
		rc = db_do(&at->store->db, err, statements[i], db_int(id));
	return rc;
}

static int audit(const struct actor_at *at, const char *what, str subject, str detail, struct err *err)
{
	return store_audit(at->store, at->now, at->who, str_from(what), subject, detail, err);
}

/* A change in a transaction of its own. */
struct change {
	const struct actor_at *at;
	str name, text;
	struct abuse_case *abuse_case; /* the case of that name */
	const int64_t *items;
	size_t item_count;
	enum case_state state;
	str *out_name;
};

static int change_case(struct change *change, int (*make)(struct change *, struct err *), struct err *err)
{
	struct abuse_case abuse_case = { 0 };
	int rc = store_begin(change->at->store, err);
	if (rc)
		return rc;
	rc = find_case(change->at, change->name, &abuse_case, err);
	change->abuse_case = &abuse_case;
	if (!rc)
		rc = make(change, err);
	if (!rc)
		return store_commit(change->at->store, err);
	store_rollback(change->at->store);
	return rc;
}

static int make_note(struct change *change, struct err *err)
{
	const struct actor_at *at = change->at;
	int64_t id = 0;
	int rc = store_take(at->store, "note", 1, &id, err);
	if (!rc)
		rc = db_do(&at->store->db, err,
			   "INSERT INTO note (id, case_id, at, who, text) VALUES ($1, $2, $3, $4, $5)", db_int(id),
			   db_int(change->abuse_case->id), db_int(at->now), db_text(at->who), db_text(change->text));
	return rc ? rc : audit(at, "note", change->name, change->text, err);
}

int cases_note(const struct actor_at *at, str name, str text, struct err *err)
{
	struct change change = { .at = at, .name = name, .text = text };
	return change_case(&change, make_note, err);
}

static int make_assign(struct change *change, struct err *err)
{
	int rc = db_do(&change->at->store->db, err, "UPDATE cases SET owner = $2 WHERE id = $1",
		       db_int(change->abuse_case->id), db_text_or_null(change->text));
	return rc ? rc : audit(change->at, "assign", change->name, change->text, err);
}

int cases_assign(const struct actor_at *at, str name, str owner, struct err *err)
{
	struct change change = { .at = at, .name = name, .text = owner };
	return change_case(&change, make_assign, err);
}

static int set_state(const struct actor_at *at, int64_t id, enum case_state state, struct err *err)
{
	bool fixes = state == STATE_RESOLVED || state == STATE_CLOSED || state == STATE_CONTAINED;
	bool reopens = state == STATE_OPEN;
	int rc = db_do(
		&at->store->db, err,
		"UPDATE cases SET state_before = state, state = $2, fixed = CASE WHEN $3 = 1 THEN COALESCE(fixed, $6) "
		"WHEN $4 = 1 THEN NULL ELSE fixed END, closed = CASE WHEN $5 = 1 THEN CAST($6 AS BIGINT) ELSE NULL "
		"END, "
		"reopened = reopened + $4 WHERE id = $1",
		db_int(id), db_text(str_from(case_state_name(state))), db_int(fixes), db_int(reopens),
		db_int(state == STATE_CLOSED), db_int(at->now));
	return rc ? rc : timer_enter(at->store, id, state, false, at->now, err);
}

/* A rejected case speaks against those who complained, until it is opened again; not so what nobody could read. */
static int weigh_reporters(const struct actor_at *at, const struct abuse_case *abuse_case, int64_t sign, struct err *err)
{
	return str_eq(abuse_case->key, STR("unread"))
		       ? 0
		       : db_do(&at->store->db, err,
			       "UPDATE reporter SET refuted = refuted + $2 * (SELECT c.complaints FROM case_reporter c "
			       "WHERE c.case_id = $1 AND c.reporter = reporter.address) WHERE address IN (SELECT "
			       "c.reporter FROM case_reporter c WHERE c.case_id = $1)",
			       db_int(abuse_case->id), db_int(sign));
}

static int make_state(struct change *change, struct err *err)
{
	enum case_state from;
	bool known = case_state_parse(change->abuse_case->state, &from);
	if (known && from == STATE_NEW && change->state == STATE_CLOSED)
		change->state = STATE_REJECTED; /* nobody took it up */
	if (known && from == change->state)
		return err_set(err, ERR_REFUSED, "%.*s is %s already", STR_ARG(change->name), case_state_name(from));
	if (!known || !case_state_allows(from, change->state))
		return err_set(err, ERR_REFUSED, "%.*s is %.*s and cannot become %s", STR_ARG(change->name),
			       STR_ARG(change->abuse_case->state), case_state_name(change->state));
	int rc = set_state(change->at, change->abuse_case->id, change->state, err);
	if (!rc && (change->state == STATE_REJECTED || from == STATE_REJECTED))
		rc = weigh_reporters(change->at, change->abuse_case, change->state == STATE_REJECTED ? 1 : -1, err);
	return rc ? rc : audit(change->at, "state", change->name, str_from(case_state_name(change->state)), err);
}

int cases_set_state(const struct actor_at *at, str name, enum case_state into, struct err *err)
{
	struct change change = { .at = at, .name = name, .state = into };
	return change_case(&change, make_state, err);
}

/* --- merge and split ----------------------------------------------------- */

struct numbers {
	VEC(int64_t) list;
};

static int take_number(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct numbers *numbers = context;
	*VEC_PUSH(&numbers->list) = row->at[0].number;
	return 0;
}

/* Ends the link of each item to one case and links it to another. */
static int relink(const struct actor_at *at, const int64_t *items, size_t count, int64_t from, int64_t to, str rule,
		  struct err *err)
{
	int64_t first = 0;
	int rc = count ? store_take(at->store, "link", (int64_t)count, &first, err) : 0;
	for (size_t i = 0; i < count && !rc; i++) {
		rc = db_do(&at->store->db, err,
			   "UPDATE link SET ended = $3 WHERE item_id = $1 AND case_id = $2 AND ended IS NULL",
			   db_int(items[i]), db_int(from), db_int(at->now));
		if (!rc)
			rc = db_do(&at->store->db, err,
				   "INSERT INTO link (id, item_id, case_id, rule, who, at) VALUES ($1, $2, $3, $4, $5, "
				   "$6)",
				   db_int(first + (int64_t)i), db_int(items[i]), db_int(to), db_text(rule),
				   db_text(at->who), db_int(at->now));
	}
	if (!rc)
		rc = recount(at, from, err);
	return rc ? rc : recount(at, to, err);
}

static int make_merge(struct change *change, struct err *err)
{
	const struct actor_at *at = change->at;
	struct abuse_case into;
	struct numbers items = { 0 };
	enum case_state state;
	int rc = find_case(at, change->text, &into, err);
	if (!rc && into.id == change->abuse_case->id)
		rc = err_set(err, ERR_USAGE, "a case cannot be merged into itself");
	if (!rc && (into.merged_into.len || !case_state_parse(change->abuse_case->state, &state) ||
		    !case_state_allows(state, STATE_MERGED)))
		rc = err_set(err, ERR_REFUSED, "only open cases can be merged, and into one that is not merged itself");
	struct db_value param = db_int(rc ? 0 : change->abuse_case->id);
	if (!rc)
		rc = db_run(&at->store->db,
			    "SELECT item_id FROM link WHERE case_id = $1 AND ended IS NULL ORDER BY item_id", &param, 1,
			    take_number, &items, err);
	str rule = arena_printf(at->arena, "merged %.*s", STR_ARG(change->name));
	if (!rc)
		rc = relink(at, items.list.at, items.list.count, change->abuse_case->id, into.id, rule, err);
	if (!rc)
		rc = set_state(at, change->abuse_case->id, STATE_MERGED, err);
	if (!rc)
		rc = db_do(&at->store->db, err, "UPDATE cases SET merged_into = $2 WHERE id = $1",
			   db_int(change->abuse_case->id), db_int(into.id));
	free(items.list.at);
	return rc ? rc : audit(at, "merge", change->name, change->text, err);
}

int cases_merge(const struct actor_at *at, str from, str into, struct err *err)
{
	struct change change = { .at = at, .name = from, .text = into };
	return change_case(&change, make_merge, err);
}

/* Gives back what the merge took: the items that still count for the other case by that rule. */
static int make_unmerge(struct change *change, struct err *err)
{
	const struct actor_at *at = change->at;
	struct abuse_case into;
	struct numbers items = { 0 };
	if (!change->abuse_case->merged_into.len)
		return err_set(err, ERR_REFUSED, "%.*s is not merged: name the items to split off",
			       STR_ARG(change->name));
	str rule = arena_printf(at->arena, "merged %.*s", STR_ARG(change->name));
	int rc = find_case(at, change->abuse_case->merged_into, &into, err);
	struct db_value params[] = { db_int(rc ? 0 : into.id), db_text(rule) };
	if (!rc)
		rc = db_run(
			&at->store->db,
			"SELECT item_id FROM link WHERE case_id = $1 AND rule = $2 AND ended IS NULL ORDER BY item_id",
			params, 2, take_number, &items, err);
	if (!rc)
		rc = relink(at, items.list.at, items.list.count, into.id, change->abuse_case->id, STR("unmerged"), err);
	if (!rc)
		rc = db_do(&at->store->db, err,
			   "UPDATE cases SET state = state_before, merged_into = NULL WHERE id = $1",
			   db_int(change->abuse_case->id));
	free(items.list.at);
	return rc ? rc : audit(at, "unmerge", change->name, into.name, err);
}

int cases_unmerge(const struct actor_at *at, str name, struct err *err)
{
	struct change change = { .at = at, .name = name };
	return change_case(&change, make_unmerge, err);
}

static int check_items(const struct change *change, struct err *err)
{
	for (size_t i = 0; i < change->item_count; i++) {
		int64_t links = 0;
		struct db_value params[] = { db_int(change->items[i]), db_int(change->abuse_case->id) };
		int rc = db_number(&change->at->store->db,
				   "SELECT count(*) FROM link WHERE item_id = $1 AND case_id = $2 AND ended IS NULL",
				   params, 2, &links, NULL, err);
		if (rc)
			return rc;
		if (!links)
			return err_set(err, ERR_USAGE, "item %lld is not of case %.*s", (long long)change->items[i],
				       STR_ARG(change->name));
	}
	return 0;
}

static int make_split(struct change *change, struct err *err)
{
	const struct actor_at *at = change->at;
	int64_t id = 0;
	int rc = check_items(change, err);
	if (!rc)
		rc = store_take(at->store, "case", 1, &id, err);
	str name = arena_printf(at->arena, "C-%04d-%05lld", clock_to_civil(at->now).year, (long long)id);
	if (!rc)
		rc = db_do(&at->store->db, err,
			   "INSERT INTO cases (id, name, key, class, state, severity, host, ip, opened, first_event, "
			   "last_event, "
			   "complaints, weight, reporters, late, reopened, predecessor) SELECT CAST($1 AS BIGINT), "
			   "CAST($2 AS TEXT), key, class, "
			   "'open', severity, "
			   "host, ip, CAST($3 AS BIGINT), first_event, last_event, 0, 0, 0, 0, 0, id FROM cases WHERE "
			   "id = $4",
			   db_int(id), db_text(name), db_int(at->now), db_int(change->abuse_case->id));
	if (!rc)
		rc = relink(at, change->items, change->item_count, change->abuse_case->id, id,
			    arena_printf(at->arena, "split from %.*s", STR_ARG(change->name)), err);
	if (!rc)
		rc = timer_enter(at->store, id, STATE_OPEN, false, at->now, err);
	*change->out_name = name;
	return rc ? rc : audit(at, "split", change->name, name, err);
}

int cases_split(const struct actor_at *at, str name, const int64_t *items, size_t count, str *out_name, struct err *err)
{
	struct change change = { .at = at, .name = name, .items = items, .item_count = count, .out_name = out_name };
	return change_case(&change, make_split, err);
}

static int say_different(void *context, const struct db_row *row, struct err *err)
{
	(void)context;
	return err_set(err, ERR_INPUT, "the counters of case %.*s do not fit its items", STR_ARG(row->at[0].text));
}

int cases_check_counters(struct store *store, struct err *err)
{
	return db_run(
		&store->db,
		"SELECT c.name FROM cases c LEFT JOIN (SELECT l.case_id, count(DISTINCT i.complaint_id) complaints, "
		"SUM(i.weight) weight, count(DISTINCT p.reporter) reporters FROM link l JOIN item i ON i.id = "
		"l.item_id JOIN "
		"complaint p ON p.id = i.complaint_id WHERE l.ended IS NULL GROUP BY l.case_id) t ON t.case_id = c.id "
		"WHERE "
		"c.complaints <> COALESCE(t.complaints, 0) OR c.weight <> COALESCE(t.weight, 0) OR c.reporters <> "
		"COALESCE(t.reporters, 0) LIMIT 1",
		NULL, 0, say_different, NULL, err);
}
