/* SPDX-License-Identifier: Apache-2.0
 *
 * attach: key, choice of the case, counters.
 */
#include "desk/case/attach.h"

#include "desk/case/timer.h"
#include "model/case.h"

static const usec day = 24 * 3600 * USEC_PER_SEC;

/* The address that answers for the item: behind our relay the host, else what the border saw, else what is claimed. */
static bool responsible_ip(const struct item *item, struct ip *out)
{
	*out = item->has_inner ? item->inner : item->has_hop ? item->hop : item->source;
	return item->has_inner || item->has_hop || item->has_source;
}

static void print_key(struct buf *key, const struct complaint *complaint, const struct item *item)
{
	struct ip ip;
	if (filing_is_unread(complaint)) {
		buf_add(key, STR("unread"));
		return;
	}
	buf_printf(key, "%s/", complaint_class_name(complaint->class));
	if (responsible_ip(item, &ip))
		ip_print(key, ip);
	else
		buf_add(key, complaint->reporter_address);
}

/* --- which case ---------------------------------------------------------- */

struct candidates {
	usec now, hop_time;
	int64_t open, lately, newest; /* numbers of cases; 0 = none */
	int64_t complaints;	      /* of the one that takes the item */
	bool late;		      /* the mail is older than the fix of `lately` */
	bool merged;		      /* one of them stands for another now */
};

static int weigh(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct candidates *found = context;
	int64_t id = row->at[0].number, complaints = row->at[3].number;
	enum case_state state;
	if (!case_state_parse(row->at[1].text, &state))
		return 0;
	found->newest = id;
	found->merged = found->merged || state == STATE_MERGED;
	if (case_state_is_open(state) && !found->open) {
		found->open = id;
		found->complaints = complaints;
	}
	if (state == STATE_RESOLVED && row->at[2].type == DB_INT &&
	    found->now - row->at[2].number <= REOPEN_DAYS * day) {
		found->lately = id;
		found->complaints = found->open ? found->complaints : complaints;
		found->late = found->hop_time != USEC_NEVER && found->hop_time < row->at[2].number;
	}
	return 0;
}

/* The cases on the key; in place of a merged one the case that it was merged into. */
static int find_candidates(const struct filing *filing, str key, const struct item *item, struct candidates *out,
			   struct err *err)
{
	struct db *db = &filing->store->db;
	struct db_value param = db_text(key);
	const struct candidates none = { .now = filing->now, .hop_time = item->hop_time };
	*out = none;
	int rc = db_run(db, "SELECT id, state, fixed, complaints FROM cases WHERE key = $1 ORDER BY id", &param, 1,
			weigh, out, err);
	if (rc || !out->merged)
		return rc;
	*out = none;
	return db_run(db,
		      "WITH RECURSIVE on_key (id) AS (SELECT id FROM cases WHERE key = $1 UNION SELECT c.merged_into "
		      "FROM cases c JOIN on_key k ON k.id = c.id WHERE c.merged_into IS NOT NULL) SELECT c.id, c.state, "
		      "c.fixed, c.complaints FROM cases c JOIN on_key k ON k.id = c.id WHERE c.state <> 'merged' ORDER "
		      "BY c.id",
		      &param, 1, weigh, out, err);
}

/* --- a new case ---------------------------------------------------------- */

static enum case_state first_state(const struct complaint *complaint, const struct item *item)
{
	if (filing_is_unread(complaint))
		return STATE_NEW;
	switch (item->verdict) {
	case VERDICT_NO_IP: return STATE_NEEDS_INFO;
	case VERDICT_OURS: return STATE_OPEN;
	default: return STATE_NEW; /* a claim, a conflict: a person decides */
	}
}

static void print_name(struct buf *name, usec now, int64_t number)
{
	buf_printf(name, "C-%04d-%05lld", clock_to_civil(now).year, (long long)number);
}

static int open_case(const struct filing *filing, const struct complaint *complaint, const struct item *item, str key,
		     int64_t predecessor, int64_t *out_id, struct err *err)
{
	int64_t id = 0;
	struct ip ip;
	struct buf name = BUF_INIT, address = BUF_INIT;
	enum case_state state = first_state(complaint, item);
	bool high = complaint->class == CLASS_BLOCKLIST;
	int rc = store_take(filing->store, "case", 1, &id, err);
	print_name(&name, filing->now, id);
	if (responsible_ip(item, &ip))
		ip_print(&address, ip);
	if (!rc)
		rc = db_do(&filing->store->db, err,
			   "INSERT INTO cases (id, name, key, class, state, severity, host, ip, opened, first_event, "
			   "last_event, complaints, weight, reporters, late, reopened, predecessor) "
			   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, 0, 0, 0, 0, 0, $10)",
			   db_int(id), db_text(buf_str(&name)), db_text(key),
			   db_text(str_from(complaint_class_name(complaint->class))),
			   db_text(str_from(case_state_name(state))), db_text(high ? STR("high") : STR("low")),
			   db_text_or_null(item->network), db_text_or_null(buf_str(&address)), db_int(filing->now),
			   predecessor ? db_int(predecessor) : DB_NONE);
	if (!rc)
		rc = timer_enter(filing->store, id, state, high, filing->now, err);
	if (!rc)
		rc = store_audit(filing->store, filing->now, STR("intake"), STR("open"), buf_str(&name), key, err);
	buf_done(&name);
	buf_done(&address);
	*out_id = id;
	return rc;
}

/* --- attaching ----------------------------------------------------------- */

static int reopen(const struct filing *filing, int64_t id, struct err *err)
{
	int rc = db_do(&filing->store->db, err,
		       "UPDATE cases SET state = 'open', reopened = reopened + 1, fixed = NULL WHERE id = $1",
		       db_int(id));
	if (!rc)
		rc = timer_enter(filing->store, id, STATE_OPEN, false, filing->now, err);
	return rc;
}

static int choose(const struct filing *filing, const struct complaint *complaint, const struct item *item, str key,
		  const struct candidates *found, int64_t *out_id, bool *out_late, struct err *err)
{
	*out_late = false;
	if (found->open)
		return *out_id = found->open, 0;
	if (!found->lately)
		return open_case(filing, complaint, item, key, found->newest, out_id, err);
	*out_id = found->lately;
	*out_late = found->late;
	return found->late ? 0 : reopen(filing, found->lately, err);
}

static int add_link(const struct filing *filing, int64_t item_id, int64_t case_id, bool late, struct err *err)
{
	int64_t id = 0;
	int rc = store_take(filing->store, "link", 1, &id, err);
	return rc ? rc
		  : db_do(&filing->store->db, err,
			  "INSERT INTO link (id, item_id, case_id, rule, who, at) VALUES ($1, $2, $3, $4, 'intake', "
			  "$5)",
			  db_int(id), db_int(item_id), db_int(case_id),
			  db_text(late ? STR("late report") : STR("same key")), db_int(filing->now));
}

/* 1 when the reporter is on the case already. */
#define KNOWN "(SELECT count(*) FROM case_reporter WHERE case_id = $1 AND reporter = $6)"
/* Weight and distinct reporters at which noise becomes a matter (AbuseIO's thresholds 25 and 100 for its two levels).
 */
#define SEVERITY_RULE                                                                                                  \
	"severity = CASE WHEN severity = 'high' OR (weight + $2 >= 100 AND reporters + 1 - " KNOWN " >= 5) "           \
	"THEN 'high' WHEN weight + $2 >= 25 AND severity = 'low' THEN 'normal' ELSE severity END"

/* Several items of one complaint in one case count as one complaint. */
static int count(const struct attachment *attachment, const struct item *item, int64_t case_id, bool late,
		 struct err *err)
{
	const struct filing *filing = attachment->filing;
	struct db_value reporter = db_text(attachment->complaint->reporter_address);
	bool first = attachment->last_case != case_id;
	int rc = db_do(&filing->store->db, err,
		       "UPDATE cases SET " SEVERITY_RULE ", complaints = complaints + $3, weight = weight + $2, "
		       "reporters = reporters + 1 - " KNOWN ", late = late + $4, last_event = $5 WHERE id = $1",
		       db_int(case_id), db_int((int64_t)item->weight), db_int(first), db_int(late), db_int(filing->now),
		       reporter);
	return rc || !first ? rc
			    : db_do(&filing->store->db, err,
				    "INSERT INTO case_reporter (case_id, reporter, complaints) VALUES ($1, $2, 1) ON "
				    "CONFLICT (case_id, reporter) DO UPDATE SET complaints = "
				    "case_reporter.complaints + 1",
				    db_int(case_id), reporter);
}

int attach_item(struct attachment *attachment, const struct item *item, int64_t item_id, int64_t *out_count,
		struct err *err)
{
	const struct filing *filing = attachment->filing;
	struct candidates found;
	struct buf key = BUF_INIT;
	int64_t case_id = 0;
	bool late = false;
	if (item->verdict == VERDICT_NOT_OURS)
		return 0;
	print_key(&key, attachment->complaint, item);
	int rc = find_candidates(filing, buf_str(&key), item, &found, err);
	if (!rc)
		rc = choose(filing, attachment->complaint, item, buf_str(&key), &found, &case_id, &late, err);
	if (!rc)
		rc = add_link(filing, item_id, case_id, late, err);
	if (!rc)
		rc = count(attachment, item, case_id, late, err);
	if (!rc)
		rc = timer_hurry(filing->store, case_id, filing->now, err);
	*out_count = found.complaints + (attachment->last_case != case_id);
	attachment->last_case = case_id;
	buf_done(&key);
	return rc;
}
