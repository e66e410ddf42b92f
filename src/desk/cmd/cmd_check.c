/* SPDX-License-Identifier: Apache-2.0
 *
 * check: is somebody reading the complaints? For a monitoring system: exit 1
 * when the oldest unread complaint is older than backlog_max, 2 for a wrong
 * configuration, 3 when the store cannot be read.
 */
#include "desk/cmd/app.h"

#include "base/jsonw.h"
#include "base/own.h"
#include "desk/case/timer.h"
#include "desk/intake/spool.h"

enum { EXIT_BACKLOG = 1, EXIT_STORE = 3 };

struct report {
	int64_t spooled, unread, overdue;
	usec oldest;
	struct jsonw w;
	struct buf lines;
};

static void take_older(usec *oldest, usec at)
{
	if (at != USEC_NEVER && (*oldest == USEC_NEVER || at < *oldest))
		*oldest = at;
}

static int take_unread(void *context, const struct db_row *row, struct err *err)
{
	(void)err;
	struct report *report = context;
	report->unread++;
	take_older(&report->oldest, row->at[1].number);
	jsonw_open(&report->w, '{');
	jsonw_field_int(&report->w, "complaint", row->at[0].number);
	jsonw_field_time(&report->w, "received", row->at[1].number);
	jsonw_field_str(&report->w, "reporter", row->at[2].text);
	jsonw_field_str(&report->w, "format", row->at[3].text);
	jsonw_field_str(&report->w, "raw", row->at[4].text);
	jsonw_field_int(&report->w, "unread_of_reporter", row->at[5].number);
	jsonw_close(&report->w, '}');
	return 0;
}

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
		    "SELECT p.id, p.received, p.reporter, p.format, p.raw_path, r.unread FROM complaint p JOIN "
		    "reporter r ON "
		    "r.address = p.reporter WHERE p.state = 'unread' ORDER BY p.received, p.id LIMIT 1000",
		    NULL, 0, take_unread, report, err);
	if (!rc)
		rc = timer_count_due(&store, app->now, &report->overdue, err);
	store_close(&store);
	return rc;
}

static void print_text(const struct report *report, bool late, struct buf *out)
{
	buf_printf(out, "%lld in the spool, %lld unread, %lld timers due", (long long)report->spooled,
		   (long long)report->unread, (long long)report->overdue);
	if (report->oldest != USEC_NEVER) {
		buf_add(out, STR(", oldest unread since "));
		clock_print(out, report->oldest);
	}
	buf_add(out, late ? STR(": too old\n") : STR("\n"));
}

static void print_json(const struct report *report, bool late, struct buf *out)
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
	buf_add(out, buf_str(&report->lines));
}

static int run(struct app *app, struct err *err)
{
	OWN(buf_done) struct buf out = BUF_INIT;
	struct report report = { .oldest = USEC_NEVER };
	jsonw_init(&report.w, &report.lines, true);
	int rc = collect(app, &report, err);
	if (rc) {
		app->exit_code = rc == ERR_USAGE ? 0 : EXIT_STORE;
		buf_done(&report.lines);
		return rc;
	}
	bool late =
		report.oldest != USEC_NEVER && app->now - report.oldest > conf_age(&app->conf, "desk", "backlog_max");
	if (app->json)
		print_json(&report, late, &out);
	else
		print_text(&report, late, &out);
	buf_done(&report.lines);
	app->exit_code = late ? EXIT_BACKLOG : 0;
	return app_print(&out, err);
}

const struct cmd cmd_check = { "check", "", "backlog and its age, as exit code too", NULL, run };
