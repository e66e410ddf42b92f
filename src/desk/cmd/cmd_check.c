/* SPDX-License-Identifier: Apache-2.0
 *
 * check: is somebody reading the complaints? For a monitoring system: exit 1
 * when the oldest unread complaint is older than backlog_max, 2 for a wrong
 * configuration, 3 when the store cannot be read. Below the first line stand
 * the unread complaints, which closing their case settles, and the timers that
 * are due.
 */
#include "desk/cmd/app.h"

#include "base/jsonw.h"
#include "base/own.h"
#include "base/print.h"
#include "desk/case/timer.h"
#include "desk/intake/spool.h"

enum { EXIT_BACKLOG = 1, EXIT_STORE = 3 };

struct report {
	bool json;
	int64_t spooled, unread, overdue;
	usec oldest;
	struct buf lines;
};

static void take_older(usec *oldest, usec at)
{
	if (at != USEC_NEVER && (*oldest == USEC_NEVER || at < *oldest))
		*oldest = at;
}

static void print_unread_json(const struct db_row *row, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_int(&w, "complaint", row->at[0].number);
	jsonw_field_time(&w, "received", row->at[1].number);
	jsonw_field_str(&w, "reporter", row->at[2].text);
	jsonw_field_str(&w, "format", row->at[3].text);
	jsonw_field_str(&w, "raw", row->at[4].text);
	jsonw_field_int(&w, "unread_of_reporter", row->at[5].number);
	jsonw_field_str(&w, "case", row->at[6].text);
	jsonw_close(&w, '}');
}

static void print_unread_line(const struct db_row *row, struct buf *out)
{
	buf_add(out, STR("unread since "));
	clock_print(out, row->at[1].number);
	buf_add(out, STR(" from "));
	print_text(out, row->at[2].text);
	buf_printf(out, " (%lld so far): %.*s in %.*s\n", (long long)row->at[5].number, STR_ARG(row->at[4].text),
		   STR_ARG(row->at[6].text));
}

static int take_unread(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct report *report = context;
	report->unread++;
	take_older(&report->oldest, row->at[1].number);
	(report->json ? print_unread_json : print_unread_line)(row, &report->lines);
	return 0;
}

static void take_due(void *context, const struct due_timer *timer)
{
	struct report *report = context;
	struct jsonw w;
	if (!report->json) {
		buf_printf(&report->lines, "%.*s: %.*s was due ", STR_ARG(timer->case_name), STR_ARG(timer->kind));
		clock_print(&report->lines, timer->due);
		buf_char(&report->lines, '\n');
		return;
	}
	jsonw_init(&w, &report->lines, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "case", timer->case_name);
	jsonw_field_str(&w, "timer", timer->kind);
	jsonw_field_time(&w, "due", timer->due);
	jsonw_close(&w, '}');
}

/* Unread is what no case that somebody has closed holds. */
static int collect(const struct app *app, struct report *report, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	struct store store;
	int rc = spool_backlog(app_state_path(app, &arena, "spool"), &report->spooled, &report->oldest, err);
	if (!rc)
		rc = app_open_store(app, &store, err);
	if (rc)
		return rc;
	rc = db_run(&store.db,
		    "SELECT p.id, p.received, p.reporter, p.format, p.raw_path, r.unread, MIN(c.name) FROM complaint p "
		    "JOIN reporter r ON r.address = p.reporter JOIN item i ON i.complaint_id = p.id JOIN link l ON "
		    "l.item_id = i.id AND l.ended IS NULL JOIN cases c ON c.id = l.case_id WHERE p.state = 'unread' AND "
		    "c.state NOT IN ('rejected', 'resolved', 'closed') GROUP BY p.id, p.received, p.reporter, p.format, "
		    "p.raw_path, r.unread ORDER BY p.received, p.id LIMIT 1000",
		    NULL, 0, take_unread, report, err);
	if (!rc)
		rc = timer_count_due(&store, app->now, &report->overdue, err);
	if (!rc)
		rc = timer_each_due(&store, app->now, take_due, report, err);
	store_close(&store);
	return rc;
}

static void print_text_report(const struct report *report, bool late, struct buf *out)
{
	buf_printf(out, "%lld in the spool, %lld unread, %lld timers due", (long long)report->spooled,
		   (long long)report->unread, (long long)report->overdue);
	if (report->oldest != USEC_NEVER) {
		buf_add(out, STR(", oldest unread since "));
		clock_print(out, report->oldest);
	}
	buf_add(out, late ? STR(": too old\n") : STR("\n"));
}

static void print_json_report(const struct report *report, bool late, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_int(&w, "spooled", report->spooled);
	jsonw_field_int(&w, "unread", report->unread);
	jsonw_field_int(&w, "timers_due", report->overdue);
	jsonw_field_time(&w, "oldest_unread", report->oldest);
	jsonw_field_bool(&w, "late", late);
	jsonw_close(&w, '}');
}

static int run(struct app *app, struct err *err)
{
	OWN(buf_done) struct buf out = BUF_INIT;
	struct report report = { .json = app->json, .oldest = USEC_NEVER };
	int rc = collect(app, &report, err);
	if (rc) {
		app->exit_code = rc == ERR_USAGE ? 0 : EXIT_STORE;
		buf_done(&report.lines);
		return rc;
	}
	bool late =
		report.oldest != USEC_NEVER && app->now - report.oldest > conf_age(&app->conf, "desk", "backlog_max");
	(app->json ? print_json_report : print_text_report)(&report, late, &out);
	buf_add(&out, buf_str(&report.lines));
	buf_done(&report.lines);
	app->exit_code = late ? EXIT_BACKLOG : 0;
	return app_print(&out, err);
}

const struct cmd cmd_check = { "check", "", "backlog and its age, as exit code too", NULL, run };
