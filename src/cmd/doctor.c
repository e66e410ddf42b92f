/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor: what this host's logging hides from any investigation, told from
 * what the logs hold and not only from what a configuration promises; what
 * each gap costs, and the lines that close it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/root.h"
#include "cmd/blind.h"
#include "cmd/doctor_fix.h"
#include "cmd/hold_acl.h"
#include "cmd/reader.h"
#include "cmd/window.h"
#include "show/doctor_text.h"

#define DAY (86400 * USEC_PER_SEC)
/* Complaints name mail that is days old. */
#define REACH_WANTED (7 * DAY)
#define CLOCK_SLACK (3600 * USEC_PER_SEC)
enum { DISK_FULL_PERCENT = 95, PHP_FILES_MAX = 64 };

/* Asked before the jail closes. */
struct outside {
	bool clock_known, clock_synchronised;
	unsigned fullest_percent; /* of the file systems that hold logs and queue; live hosts only */
	str fullest;
	unsigned php_files, php_without_header, php_with_log;
	str php_example;          /* a php.ini without the header */
	enum hold_means hold;
};

enum state { GOOD, NOTE, GAP };

struct finding {
	const char *check;
	enum state state;
	str says;
	const char *hides;
	enum doctor_topic fix;
	bool blocking; /* an investigation fails for want of it */
};

struct examination {
	const struct host *host;
	struct outside outside;
	struct read_limits limits;
	struct world world;
	struct read_state state;
	struct arena arena;
	uint64_t deliveries, confirmed, with_pid, entries;
	VEC(struct finding) findings;
};

/* --- before the jail ------------------------------------------------------------------ */

static bool is_on(str value)
{
	return str_eq_nocase(value, STR("on")) || str_eq(value, STR("1")) || str_eq_nocase(value, STR("yes"));
}

/* The last "name = value" of an ini file; "" when absent or commented out. */
static str ini_value(str text, str name)
{
	str found = STR("");
	while (text.len) {
		str value = str_cut(&text, '\n');
		str key = str_trim(str_cut(&value, '='));
		if (str_eq_nocase(key, name))
			found = str_trim(value);
	}
	return found;
}

static void look_at_php(struct host *host, const char *path, struct outside *out)
{
	str text;
	if (out->php_files >= PHP_FILES_MAX || !host_read_file(host, path, &text))
		return;
	out->php_files++;
	out->php_with_log += ini_value(text, STR("mail.log")).len > 0;
	if (is_on(ini_value(text, STR("mail.add_x_header"))))
		return;
	out->php_without_header++;
	if (!out->php_example.len)
		out->php_example = arena_copy(&host->arena, str_from(path));
}

static void find_php(struct host *host, struct outside *out)
{
	static const struct {
		const char *folder;
		const char *files[4];
	} places[] = {
		{ "/etc/php", { "fpm/php.ini", "apache2/php.ini", "cgi/php.ini", "cli/php.ini" } },
		{ "/opt/cpanel", { "root/etc/php.ini" } },
		{ "/usr/local", { "lib/php.ini" } },
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct dir_names names = { 0 };
		root_list(host->root_fd, places[i].folder, &names, NULL);
		for (size_t n = 0; n < names.list.count; n++)
			for (size_t f = 0; f < 4 && places[i].files[f]; f++)
				look_at_php(host, arena_printf(&host->arena, "%s/%s/%s", places[i].folder, names.list.at[n],
							       places[i].files[f]).at, out);
		dir_names_done(&names);
	}
	look_at_php(host, "/etc/php.ini", out);
}

static void find_fullest(const struct host *host, struct outside *out)
{
	for (size_t i = 0; host->live && i < host->inputs.count; i++) {
		const struct input *input = &host->inputs.at[i];
		struct statvfs disk;
		if (input->fd < 0 || fstatvfs(input->fd, &disk) || !disk.f_blocks)
			continue;
		unsigned percent = (unsigned)(100 - disk.f_bavail * 100 / disk.f_blocks);
		if (percent > out->fullest_percent) {
			out->fullest_percent = percent;
			out->fullest = input->path;
		}
	}
}

static void ask_clock(const struct host *host, struct outside *out)
{
	struct timex clock = { 0 };
	int rc = host->live ? adjtimex(&clock) : -1;
	out->clock_known = rc >= 0;
	out->clock_synchronised = rc >= 0 && !(clock.status & STA_UNSYNC);
}

/* --- in the jail ------------------------------------------------------------------------ */

static void take_entry(void *context, const struct event *event)
{
	struct examination *exam = context;
	exam->entries++;
	exam->with_pid += event->pid != 0;
	if (event->kind != EVENT_DELIVERY || event->delivery.result != DELIVERY_DONE || !event->delivery.has_ip)
		return;
	exam->deliveries++;
	exam->confirmed += event->delivery.text.len > 0;
}

static struct finding *add(struct examination *exam, const char *check, enum state state, str says)
{
	*VEC_PUSH(&exam->findings) = (struct finding){ check, state, says, "", FIX_NONE, false };
	return &exam->findings.at[exam->findings.count - 1];
}

/* One check that is good when fine holds, else a gap that costs what hides says. */
static void check(struct examination *exam, const char *name, bool fine, const char *good, const char *bad, const char *hides,
		  enum doctor_topic fix, bool blocking)
{
	struct finding *finding = add(exam, name, fine ? GOOD : blocking ? GAP : NOTE, str_from(fine ? good : bad));
	if (fine)
		return;
	finding->hides = hides;
	finding->fix = fix;
	finding->blocking = blocking;
}

static void check_exim(struct examination *exam)
{
	const struct world_counts *counts = &exam->world.counts;
	bool seen = exam->state.mainlog_seen;
	check(exam, "Exim's main log", seen, "found and understood", "none was found that could be read",
	      "everything: who sends, from where, and what became of it", FIX_FILE_LOG, true);
	if (!seen)
		return;
	check(exam, "way of the log", !exam->state.by_syslog, "a file of its own", "through syslog, which may drop, cut and reorder lines",
	      "lines that syslog dropped; anything learnt from it is weaker proof, so nothing acts on it alone", FIX_FILE_LOG, false);
	check(exam, "directories of calls", counts->call_lines > 0, "cwd= lines are written (+arguments)", "no cwd= line at all",
	      "the directory in which a program called sendmail: with a queue that is empty again, the script stays unknown unless "
	      "web logs give it away", FIX_SELECTOR, true);
	check(exam, "subjects", counts->with_subject > 0, "are logged (+subject)", "no arrival line has one",
	      "what the mail was about: a run of one subject under many senders looks like many letters", FIX_SELECTOR, true);
	check(exam, "recipients", counts->with_recipients > 0, "are logged at arrival (+received_recipients)",
	      "arrival lines name none", "how many people a message was meant for while nothing was tried yet, and addresses of "
	      "messages removed from the queue", FIX_SELECTOR, true);
	check(exam, "remote answers", !exam->deliveries || exam->confirmed > 0, "are logged (+smtp_confirmation)",
	      "deliveries carry no C=", "under which id a remote host took the mail: its postmaster cannot find it", FIX_SELECTOR, false);
	check(exam, "process ids", exam->with_pid > 0, "are logged (+pid)", "are not logged",
	      "which call belongs to which message when many arrive in one second", FIX_SELECTOR, false);
}

static void check_queue(struct examination *exam)
{
	check(exam, "queue", exam->state.spool_seen && exam->state.spool_complete, "every folder could be read",
	      exam->state.spool_seen ? "a part of it could not be read" : "no spool was found",
	      "what is waiting now, and the only record of a message's origin that nobody outside Exim writes", FIX_NONE, true);
	if (exam->state.damaged_messages)
		add(exam, "damaged queue files", NOTE, arena_printf(&exam->arena, "%llu; quell queue lists them",
								   (unsigned long long)exam->state.damaged_messages));
}

static bool reads_logins(const struct world *world)
{
	for (size_t i = 0; i < world->logins.count; i++)
		if (!world->logins.at[i].smtp && !world->logins.at[i].failed)
			return true;
	return false;
}

static bool has_input(const struct host *host, enum input_kind kind, const char *path)
{
	for (size_t i = 0; i < host->inputs.count; i++)
		if (host->inputs.at[i].kind == kind && (!path || str_starts(host->inputs.at[i].path, str_from(path))))
			return true;
	return false;
}

/* Sites without a log of their own, when no common log has them all. */
static unsigned unlogged_sites(const struct host *host, str *out_example)
{
	unsigned count = 0;
	if (has_input(host, INPUT_ACCESS, "/var/log/apache2/other_vhosts"))
		return 0;
	for (size_t d = 0; d < host->domains.count; d++) {
		const struct domain *domain = &host->domains.at[d];
		bool logged = !domain->docroot.len || domain->account == NO_ACCOUNT;
		for (size_t i = 0; !logged && i < host->inputs.count; i++)
			logged = host->inputs.at[i].kind == INPUT_ACCESS && str_eq(host->inputs.at[i].domain, domain->name);
		if (!logged && !count++)
			*out_example = domain->name;
	}
	return count;
}

static void check_others(struct examination *exam)
{
	str example = STR("");
	const struct host *host = exam->host;
	unsigned unlogged = unlogged_sites(host, &example);
	check(exam, "Dovecot's logins", reads_logins(&exam->world), "are logged", "no login line was found",
	      "from where a mailbox is read: an owner who travels looks like a thief, and a thief in webmail like the host itself",
	      FIX_DOVECOT, true);
	check(exam, "web access logs", has_input(host, INPUT_ACCESS, NULL), "found", "none was found",
	      "which script sent, who called it, and how it came in", FIX_WEB, true);
	if (unlogged) {
		struct finding *finding = add(exam, "sites without a log", NOTE,
					      arena_printf(&exam->arena, "%u, such as %.*s", unlogged, STR_ARG(example)));
		finding->hides = "visits to these sites; domains that only receive mail need none";
		finding->fix = FIX_WEB;
	}
	check(exam, "cron's log", exam->world.counts.cron_lines > 0, "found", "no job was logged", "whether a job sent it or a person",
	      FIX_CRON, false);
}

static void check_php(struct examination *exam)
{
	const struct outside *outside = &exam->outside;
	if (!outside->php_files) {
		add(exam, "PHP's settings", NOTE, STR("no php.ini was found: not known"));
		return;
	}
	check(exam, "PHP names the script", !outside->php_without_header, "mail.add_x_header is on everywhere",
	      arena_printf(&exam->arena, "mail.add_x_header is off in %u of %u files, such as %.*s", outside->php_without_header,
			   outside->php_files, STR_ARG(outside->php_example)).at,
	      "the name of the file that called mail(), in the queue and in complaints", FIX_PHP, false);
}

static bool is_open_to_others(const struct input *input)
{
	struct stat st;
	return input->fd >= 0 && fstat(input->fd, &st) == 0 && (st.st_mode & S_IWOTH) && !S_ISSOCK(st.st_mode);
}

/* Logs in an account's home are the account's own and count as its word only. */
static void check_permissions(struct examination *exam)
{
	str writable = STR("");
	for (size_t i = 0; i < exam->host->inputs.count; i++)
		if (exam->host->inputs.at[i].kind != INPUT_PHP_MAIL && is_open_to_others(&exam->host->inputs.at[i]))
			writable = exam->host->inputs.at[i].path;
	check(exam, "permissions", !writable.len, "no log can be written by everybody",
	      arena_printf(&exam->arena, "everybody may write %.*s", STR_ARG(writable)).at,
	      "nothing, but whoever has an account can write evidence there", FIX_NONE, true);
}

static void check_time(struct examination *exam)
{
	const struct world *world = &exam->world;
	usec now = exam->limits.now == USEC_NEVER ? exam->state.latest : exam->limits.now;
	usec reach = world->first == USEC_NEVER ? 0 : world->last - world->first;
	struct buf text = BUF_INIT;
	clock_print_age(&text, reach);
	const char *far = arena_printf(&exam->arena, "logs reach back %.*s", STR_ARG(buf_str(&text))).at;
	buf_done(&text);
	check(exam, "log rotation", reach >= REACH_WANTED, far, far, "older mail: complaints arrive days after it", FIX_ROTATION, false);
	check(exam, "time zone", !exam->host->timezone_note.len, "known", exam->host->timezone_note.at,
	      "the hour, if the host is elsewhere", FIX_NONE, false);
	if (exam->outside.clock_known)
		check(exam, "clock", exam->outside.clock_synchronised, "synchronised", "not synchronised",
		      "which visit belongs to which mail, and times in complaints", FIX_NONE, false);
	if (world->last != USEC_NEVER && now != USEC_NEVER)
		check(exam, "newest entry", world->last <= now + CLOCK_SLACK, "is not from the future", "lies in the future",
		      "what is going on now", FIX_NONE, false);
	if (exam->outside.fullest_percent)
		check(exam, "disk", exam->outside.fullest_percent < DISK_FULL_PERCENT, "has room",
		      arena_printf(&exam->arena, "%u %% full where %.*s lies", exam->outside.fullest_percent,
				   STR_ARG(exam->outside.fullest)).at,
		      "whatever Exim cannot write any more", FIX_NONE, false);
}

static void check_hold(struct examination *exam)
{
	enum hold_means means = exam->outside.hold;
	check(exam, "hold of new mail", means != HOLD_MISSING, means == HOLD_BY_PANEL ? "by the panel's own means" : "ready",
	      "Exim does not look at quell's lists", "nothing, but quell hold cannot make a login's or account's new mail wait", FIX_HOLD, false);
}

/* --- report -------------------------------------------------------------------------------- */

static void print_fix(struct jsonw *w, const struct doctor_fix *fix)
{
	jsonw_field_str(w, "file", str_from(fix->file));
	jsonw_key(w, "lines");
	jsonw_open(w, '[');
	for (str rest = str_from(fix->lines); rest.len;)
		jsonw_str(w, str_cut(&rest, '\n'));
	jsonw_close(w, ']');
	jsonw_field_str(w, "then", str_from(fix->then));
}

static void print_finding(struct jsonw *w, const struct examination *exam, const struct finding *finding)
{
	static const char *const states[] = { "good", "note", "gap" };
	struct doctor_fix fix = doctor_fix_get(finding->fix, exam->host->panel);
	jsonw_open(w, '{');
	jsonw_field_str(w, "check", str_from(finding->check));
	jsonw_field_str(w, "state", str_from(states[finding->state]));
	jsonw_field_str(w, "says", finding->says);
	jsonw_field_str(w, "hides", str_from(finding->hides));
	print_fix(w, &fix);
	jsonw_close(w, '}');
}

static void print_blind(struct jsonw *w, const struct examination *exam)
{
	VEC(struct blind_row) rows = { 0 };
	for (size_t i = 0; i < exam->findings.count; i++)
		if (exam->findings.at[i].blocking)
			*VEC_PUSH(&rows) = (struct blind_row){ exam->findings.at[i].check, exam->findings.at[i].hides,
							       "see checks", true };
	*VEC_PUSH(&rows) = (struct blind_row){ 0 };
	blind_print(w, &exam->state, rows.at);
	free(rows.at);
}

static void print_report(const struct examination *exam, struct buf *out)
{
	struct jsonw w;
	jsonw_init(&w, out, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.doctor/1"));
	jsonw_key(&w, "host");
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "name", exam->host->name);
	jsonw_field_str(&w, "panel", str_from(panel_title(exam->host->panel)));
	jsonw_close(&w, '}');
	jsonw_key(&w, "checks");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < exam->findings.count; i++)
		print_finding(&w, exam, &exam->findings.at[i]);
	jsonw_close(&w, ']');
	print_blind(&w, exam);
	jsonw_close(&w, '}');
}

static void examine(struct host *host, const void *context, struct buf *out)
{
	const struct examination *asked = context;
	struct examination exam = { .host = host, .outside = asked->outside, .limits = asked->limits };
	struct join_host join_host = read_join_host(host);
	exam.limits.tap = take_entry;
	exam.limits.tap_context = &exam;
	world_init(&exam.world);
	read_inputs(host, &exam.world, &join_host, &exam.limits, &exam.state);
	check_exim(&exam);
	check_queue(&exam);
	check_others(&exam);
	check_php(&exam);
	check_permissions(&exam);
	check_time(&exam);
	check_hold(&exam);
	print_report(&exam, out);
	free(exam.findings.at);
	arena_done(&exam.arena);
	world_done(&exam.world);
	read_state_done(&exam.state);
}

/* --- command ---------------------------------------------------------------------------------- */

static int read_and_show(const struct app *app, struct host *host, struct examination *exam, struct err *err)
{
	static const struct view view = { "What this host's logs hide", "checks", doctor_columns, .text = doctor_text };
	struct buf report = BUF_INIT;
	find_php(host, &exam->outside);
	find_fullest(host, &exam->outside);
	ask_clock(host, &exam->outside);
	exam->outside.hold = hold_acl_means(host);
	int rc = reader_run(host, examine, exam, &report, err);
	if (!rc)
		rc = view_show(&view, buf_str(&report), app->output, app->color, STDOUT_FILENO, err);
	buf_done(&report);
	return rc;
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	struct examination exam = { 0 };
	struct named_inputs named;
	struct host host;
	if (opts_get(opts, "install-hold"))
		return hold_acl_install(app, opts, err);
	if (opts_get(opts, "remove-hold"))
		return hold_acl_remove(app, opts, err);
	int rc = window_from_opts(&exam.limits, app, opts, err);
	if (rc)
		return rc;
	bool any = inputs_from_opts(&named, app, opts);
	rc = host_open(&host, app->root, app->live, any ? &named.inputs : NULL, err);
	if (!rc) {
		rc = read_and_show(app, &host, &exam, err);
		host_close(&host);
	}
	inputs_done(&named);
	return rc;
}

const struct cmd cmd_doctor = {
	.name = "doctor", .operands = "", .summary = "what this host's logging hides, and the lines that would show it",
	.options = hold_acl_options, .takes_inputs = true, .run = run,
};
