/* SPDX-License-Identifier: Apache-2.0
 *
 * evidence: append, and mark what it proves.
 */
#include "desk/case/evidence.h"

#include "base/sha256.h"

struct walk {
	unproven_each *each;
	void *context;
};

static str text_at(const struct db_row *row, size_t column)
{
	return row->at[column].type == DB_TEXT ? row->at[column].text : STR("");
}

static int take_item(void *context, const struct db_row *row, struct err *err)
{
	struct walk *walk = context;
	struct unproven item = {
		.id = row->at[0].number,
		.mta_ids = text_at(row, 1),
		.recipient = text_at(row, 2),
		.message_id = text_at(row, 3),
		.hop_time = row->at[4].type == DB_INT ? row->at[4].number : USEC_NEVER,
		.size = (uint64_t)row->at[5].number,
	};
	return walk->each(walk->context, &item, err);
}

int evidence_each_unproven(const struct actor_at *at, int64_t case_id, int64_t limit, unproven_each *each,
			   void *context, struct err *err)
{
	struct walk walk = { each, context };
	struct db_value params[] = { db_int(case_id), db_int(limit) };
	return db_run(&at->store->db,
		      "SELECT i.id, i.mta_ids, i.recipient, i.message_id, i.hop_time, i.size FROM link l JOIN item i ON i.id = "
		      "l.item_id "
		      "WHERE l.case_id = $1 AND l.ended IS NULL AND i.confidence <> 'proven' AND i.verdict NOT IN "
		      "('not-ours', "
		      "'no-ip', 'client-only') ORDER BY i.id DESC LIMIT $2",
		      params, 2, take_item, &walk, err);
}

static int insert(const struct actor_at *at, const struct abuse_case *abuse_case, const struct finding *finding,
		  const char *hash, struct err *err)
{
	int64_t id = 0;
	int rc = store_take(at->store, "evidence", 1, &id, err);
	return rc ? rc
		  : db_do(&at->store->db, err,
			  "INSERT INTO evidence (id, case_id, at, who, kind, host, sha256, text) VALUES ($1, $2, $3, "
			  "$4, $5, $6, "
			  "$7, $8)",
			  db_int(id), db_int(abuse_case->id), db_int(at->now), db_text(at->who), db_text(finding->kind),
			  db_text_or_null(finding->host), db_text(str_from(hash)), db_text(finding->text));
}

static int mark_proven(const struct actor_at *at, int64_t item, struct err *err)
{
	int rc = db_do(&at->store->db, err,
		       "UPDATE reporter SET proven = proven + 1 WHERE address = (SELECT p.reporter FROM item i JOIN "
		       "complaint p ON "
		       "p.id = i.complaint_id WHERE i.id = $1)",
		       db_int(item));
	return rc ? rc
		  : db_do(&at->store->db, err, "UPDATE item SET confidence = 'proven', verdict = 'ours' WHERE id = $1",
			  db_int(item));
}

/* The first account that is proven names the case; a second one is left for a person to split. */
static int name_account(const struct actor_at *at, const struct abuse_case *abuse_case, const struct finding *finding,
			struct err *err)
{
	return db_do(&at->store->db, err,
		     "UPDATE cases SET account = COALESCE(account, $2), host = COALESCE(host, $3), severity = CASE "
		     "WHEN severity "
		     "= 'low' THEN 'normal' ELSE severity END WHERE id = $1",
		     db_int(abuse_case->id), db_text_or_null(finding->account), db_text_or_null(finding->host));
}

static int add(const struct actor_at *at, const struct abuse_case *abuse_case, const struct finding *finding,
	       struct err *err)
{
	char hash[65];
	struct sha256 sha;
	sha256_init(&sha);
	sha256_add(&sha, finding->text);
	sha256_hex(&sha, 64, hash);
	int rc = insert(at, abuse_case, finding, hash, err);
	if (!rc && finding->item)
		rc = mark_proven(at, finding->item, err);
	if (!rc && finding->item)
		rc = name_account(at, abuse_case, finding, err);
	return rc ? rc
		  : store_audit(at->store, at->now, at->who, STR("evidence"), abuse_case->name, str_from(hash), err);
}

static int end(const struct actor_at *at, int rc, struct err *err)
{
	if (!rc)
		return store_commit(at->store, err);
	store_rollback(at->store);
	return rc;
}

int evidence_add(const struct actor_at *at, const struct abuse_case *abuse_case, const struct finding *finding,
		 struct err *err)
{
	int rc = store_begin(at->store, err);
	return rc ? rc : end(at, add(at, abuse_case, finding, err), err);
}

int evidence_not_found(const struct actor_at *at, const struct abuse_case *abuse_case, int64_t item, str host,
		       struct err *err)
{
	str why = arena_printf(at->arena, "the log of %.*s does not know it", STR_ARG(host));
	int rc = store_begin(at->store, err);
	if (rc)
		return rc;
	rc = db_do(&at->store->db, err, "UPDATE item SET why = $2 WHERE id = $1", db_int(item), db_text(why));
	if (!rc)
		rc = store_audit(at->store, at->now, at->who, STR("not-found"), abuse_case->name, why, err);
	return end(at, rc, err);
}
