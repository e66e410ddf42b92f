/* SPDX-License-Identifier: Apache-2.0
 *
 * filing: complaint, items, links, counters.
 */
#include "desk/case/filing.h"

#include "desk/case/attach.h"

/* The complaint with the same bytes, or with the same reference from the same reporter; 0 when there is none. */
static int find_earlier(const struct filing *filing, const struct filed_mail *mail, const struct complaint *complaint,
			int64_t *out, struct err *err)
{
	struct db_value params[] = { db_text(mail->sha256), db_text_or_null(complaint->external_id),
				     db_text(complaint->reporter_address) };
	return db_number(&filing->store->db,
			 "SELECT id FROM complaint WHERE raw_sha256 = $1 OR (external_id = $2 AND reporter = $3)",
			 params, 3, out, NULL, err);
}

static bool wants_items(const struct complaint *complaint)
{
	return complaint->class == CLASS_SPAM || complaint->class == CLASS_OTHER ||
	       complaint->class == CLASS_BLOCKLIST || complaint->class == CLASS_FEED;
}

bool filing_is_unread(const struct complaint *complaint)
{
	bool can_ask = complaint->class == CLASS_SPAM && complaint->reporter_address.len;
	for (size_t i = 0; i < complaint->items.count; i++)
		if (complaint->items.at[i].verdict != VERDICT_NO_IP || can_ask)
			return false;
	return wants_items(complaint);
}

/* rejected: read, and nothing of ours in it; noted: of a class that opens no case. */
static const char *state_of(const struct complaint *complaint)
{
	if (!wants_items(complaint))
		return "noted";
	if (filing_is_unread(complaint))
		return "unread";
	for (size_t i = 0; i < complaint->items.count; i++)
		if (complaint->items.at[i].verdict != VERDICT_NOT_OURS)
			return "filed";
	return "rejected";
}

static int count_reporter(const struct filing *filing, const struct complaint *complaint, struct err *err)
{
	return db_do(&filing->store->db, err,
		     "INSERT INTO reporter (address, complaints, unread, proven, refuted) VALUES ($1, 1, $2, 0, 0) "
		     "ON CONFLICT (address) DO UPDATE SET complaints = reporter.complaints + 1, unread = "
		     "reporter.unread + $2",
		     db_text(complaint->reporter_address), db_int(filing_is_unread(complaint)));
}

static int insert_complaint(const struct filing *filing, int64_t id, const struct filed_mail *mail,
			    const struct complaint *complaint, struct err *err)
{
	return db_do(&filing->store->db, err,
		     "INSERT INTO complaint (id, received, channel, raw_sha256, format, class, state, reporter, "
		     "reporter_kind, external_id, item_count, seen, why) "
		     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12)",
		     db_int(id), db_int(mail->received), db_text(mail->channel), db_text(mail->sha256),
		     db_text(complaint->format), db_text(str_from(complaint_class_name(complaint->class))),
		     db_text(str_from(state_of(complaint))), db_text(complaint->reporter_address),
		     db_text(str_from(reporter_kind_name(complaint->reporter_kind))),
		     db_text_or_null(complaint->external_id), db_int((int64_t)complaint->items.count),
		     db_text_or_null(complaint->items.count ? complaint->items.at[0].why : STR("")));
}

static void print_ids(struct buf *out, const struct words *ids)
{
	for (size_t i = 0; i < ids->list.count; i++) {
		buf_add(out, i ? STR(" ") : STR(""));
		buf_add(out, ids->list.at[i]);
	}
}

static struct db_value time_or_null(usec at)
{
	return at == USEC_NEVER ? DB_NONE : db_int(at);
}

static int insert_item(const struct filing *filing, int64_t id, int64_t complaint_id, size_t n, const struct item *item,
		       struct err *err)
{
	struct buf source = BUF_INIT, hop = BUF_INIT, ids = BUF_INIT;
	if (item->has_source)
		ip_print(&source, item->source);
	if (item->has_hop)
		ip_print(&hop, item->hop);
	print_ids(&ids, &item->mta_ids);
	int rc =
		db_do(&filing->store->db, err,
		      "INSERT INTO item (id, complaint_id, n, source_ip, hop_ip, hop_time, confidence, verdict, why, "
		      "sender, recipient, subject, message_id, mta_ids, weight, size) "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
		      db_int(id), db_int(complaint_id), db_int((int64_t)n), db_text_or_null(buf_str(&source)),
		      db_text_or_null(buf_str(&hop)), time_or_null(item->hop_time),
		      db_text(str_from(confidence_name(item->confidence))),
		      db_text(str_from(verdict_name(item->verdict))), db_text_or_null(item->why),
		      db_text_or_null(item->sender), db_text_or_null(item->recipient), db_text_or_null(item->subject),
		      db_text_or_null(item->message_id), db_text_or_null(buf_str(&ids)), db_int((int64_t)item->weight),
		      item->size ? db_int((int64_t)item->size) : DB_NONE);
	buf_done(&source);
	buf_done(&hop);
	buf_done(&ids);
	return rc;
}

static bool is_kept(int64_t complaints)
{
	return complaints <= RAW_KEPT_MAX || complaints % RAW_SAMPLE == 0;
}

/* What goes to no case is sampled by its reporter. */
static int sample_by_reporter(const struct filing *filing, str reporter, bool *out_keep, struct err *err)
{
	int64_t complaints = 0;
	struct db_value param = db_text(reporter);
	int rc = db_number(&filing->store->db, "SELECT complaints FROM reporter WHERE address = $1", &param, 1,
			   &complaints, NULL, err);
	*out_keep = is_kept(complaints);
	return rc;
}

/* What stands in the case of the unread for a complaint in which not even an item was found. */
static const struct item *item_at(const struct complaint *complaint, size_t index)
{
	static const struct item none = { .hop_time = USEC_NEVER,
					  .date = USEC_NEVER,
					  .arrival = USEC_NEVER,
					  .weight = 1 };
	return complaint->items.count ? &complaint->items.at[index] : &none;
}

/* Adds the items and attaches each to its case. *out_keep: a person or one of the cases still wants the raw bytes. */
static int add_items(const struct filing *filing, int64_t complaint_id, const struct complaint *complaint,
		     bool *out_keep, struct err *err)
{
	int64_t first = 0;
	bool unread = filing_is_unread(complaint), keep = unread;
	size_t items = complaint->items.count ? complaint->items.count : unread;
	struct attachment attachment = { .filing = filing, .complaint = complaint };
	int rc = items ? store_take(filing->store, "item", (int64_t)items, &first, err) : 0;
	for (size_t i = 0; i < items && !rc; i++) {
		int64_t count = 0;
		const struct item *item = item_at(complaint, i);
		rc = insert_item(filing, first + (int64_t)i, complaint_id, i + 1, item, err);
		if (!rc && wants_items(complaint))
			rc = attach_item(&attachment, item, first + (int64_t)i, &count, err);
		keep = keep || (count && is_kept(count));
	}
	*out_keep = keep;
	return rc || keep || attachment.last_case
		       ? rc
		       : sample_by_reporter(filing, complaint->reporter_address, out_keep, err);
}

static int keep_document(const struct filing *filing, int64_t id, const struct filed_mail *mail,
			 const struct complaint *complaint, struct err *err)
{
	struct buf document = BUF_INIT;
	complaint_print_json(&document, complaint, true);
	int rc = db_do(&filing->store->db, err, "UPDATE complaint SET raw_path = $2, document = $3 WHERE id = $1",
		       db_int(id), db_text(mail->raw_path), db_text(buf_str(&document)));
	buf_done(&document);
	return rc;
}

static int add_new(const struct filing *filing, const struct filed_mail *mail, const struct complaint *complaint,
		   bool *out_keep, struct err *err)
{
	int64_t id = 0;
	int rc = store_take(filing->store, "complaint", 1, &id, err);
	if (!rc)
		rc = insert_complaint(filing, id, mail, complaint, err);
	if (!rc)
		rc = count_reporter(filing, complaint, err);
	if (!rc)
		rc = add_items(filing, id, complaint, out_keep, err);
	if (!rc && *out_keep)
		rc = keep_document(filing, id, mail, complaint, err);
	return rc;
}

int filing_add(const struct filing *filing, const struct filed_mail *mail, const struct complaint *complaint,
	       struct filing_result *out, struct err *err)
{
	int64_t earlier = 0;
	struct filing_result result = { 0 };
	int rc = find_earlier(filing, mail, complaint, &earlier, err);
	result.seen_before = earlier > 0;
	if (!rc && earlier)
		rc = db_do(&filing->store->db, err, "UPDATE complaint SET seen = seen + 1 WHERE id = $1",
			   db_int(earlier));
	else if (!rc)
		rc = add_new(filing, mail, complaint, &result.keep_raw, err);
	if (!rc)
		*out = result;
	return rc;
}
