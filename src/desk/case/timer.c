/* SPDX-License-Identifier: Apache-2.0
 *
 * timer: one table of delays.
 */
#include "desk/case/timer.h"

#define MINUTES(n) ((usec)(n)*60 * USEC_PER_SEC)
#define HOURS(n) MINUTES((n)*60)
#define DAYS(n) HOURS((n)*24)
#define TRIAGE_URGENT MINUTES(30)

static const struct timer_row {
	enum case_state state;
	const char *kind;
	usec delay, urgent; /* urgent: blocklists and floods */
} rows[] = {
	{ STATE_NEW, "triage", HOURS(4), TRIAGE_URGENT },
	{ STATE_OPEN, "triage", HOURS(4), TRIAGE_URGENT },
	{ STATE_OPEN, "acknowledge", HOURS(24), HOURS(24) },
	{ STATE_INVESTIGATING, "contain", HOURS(1), MINUTES(30) },
	{ STATE_NEEDS_INFO, "close", DAYS(7), DAYS(7) },
	{ STATE_CONTAINED, "notify", HOURS(4), HOURS(1) },
	{ STATE_WAITING_CUSTOMER, "follow", DAYS(1), DAYS(1) },
	{ STATE_WAITING_CUSTOMER, "escalate", HOURS(48), HOURS(48) },
	{ STATE_MONITORING, "quiet", HOURS(72), HOURS(72) },
	{ STATE_MONITORING, "resolve", DAYS(14), DAYS(14) },
	{ STATE_ESCALATED, "offer-undo", DAYS(7), DAYS(7) },
	{ STATE_RESOLVED, "close", DAYS(30), DAYS(30) },
};

int timer_enter(struct store *store, int64_t case_id, enum case_state state, bool urgent, usec now, struct err *err)
{
	int rc = db_do(&store->db, err, "DELETE FROM timer WHERE case_id = $1 AND fired IS NULL", db_int(case_id));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && !rc; i++)
		if (rows[i].state == state)
			rc = db_do(&store->db, err,
				   "INSERT INTO timer (case_id, kind, due) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
				   db_int(case_id), db_text(str_from(rows[i].kind)),
				   db_int(now + (urgent ? rows[i].urgent : rows[i].delay)));
	return rc;
}

int timer_hurry(struct store *store, int64_t case_id, usec now, struct err *err)
{
	return db_do(&store->db, err,
		     "UPDATE timer SET due = $2 WHERE case_id = $1 AND kind = 'triage' AND fired IS NULL AND due > $2 "
		     "AND EXISTS (SELECT 1 FROM cases WHERE id = $1 AND severity = 'high')",
		     db_int(case_id), db_int(now + TRIAGE_URGENT));
}

struct due_walk {
	due_each *each;
	void *context;
};

static int take_due(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	const struct due_walk *walk = context;
	walk->each(walk->context, &(struct due_timer){ row->at[0].text, row->at[1].text, row->at[2].number });
	return 0;
}

int timer_each_due(struct store *store, usec now, due_each *each, void *context, struct err *err)
{
	struct due_walk walk = { each, context };
	struct db_value params[] = { db_int(now), db_int(TIMERS_SHOWN) };
	return db_run(&store->db,
		      "SELECT c.name, t.kind, t.due FROM timer t JOIN cases c ON c.id = t.case_id WHERE t.fired IS NULL "
		      "AND t.due <= $1 ORDER BY t.due, c.id, t.kind LIMIT $2",
		      params, 2, take_due, &walk, err);
}

int timer_count_due(struct store *store, usec now, int64_t *out, struct err *err)
{
	struct db_value param = db_int(now);
	return db_number(&store->db, "SELECT count(*) FROM timer WHERE fired IS NULL AND due <= $1", &param, 1, out,
			 NULL, err);
}
