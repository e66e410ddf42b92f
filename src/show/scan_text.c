/* SPDX-License-Identifier: Apache-2.0
 *
 * scan_text: one screen that a tired person understands: each incident in a
 * sentence, then figures, then what to do; who was cleared; what was hidden.
 */
#include "show/scan_text.h"

#include <stdlib.h>

#include "base/print.h"

enum { CLEARED_SHOWN = 8, IPS_SHOWN = 3, MALWARE_SHOWN = 3 };

struct screen {
	struct buf out;
	bool color;
	bool with_reasons; /* a line for each reason of an incident */
};

static str text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? (str){ json_string_value(value), json_string_length(value) } : STR("");
}

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void paint(struct screen *screen, const char *code)
{
	if (screen->color)
		buf_printf(&screen->out, "\x1b[%sm", code);
}

static void say(struct screen *screen, str text)
{
	print_text(&screen->out, text);
}

/* --- one incident -------------------------------------------------------------- */

struct phrase {
	const char *vector, *says;
};

static const struct phrase phrases[] = {
	{ "script_http", "sends spam by a script called over the web" },
	{ "script_cron", "sends spam by a job of cron" },
	{ "shell", "sends spam by a program of its own" },
	{ "smtp_auth", "is used by others than its owner (SMTP login)" },
	{ "webmail", "is used by others than its owner (webmail)" },
	{ "form", "has a form that strangers use to send spam" },
	{ "newsletter", "mails a bad list by its newsletter script" },
	{ "mailing_list", "is a mailing list that spreads spam" },
	{ "local_smtp", "sends spam by a script that speaks SMTP to this host" },
	{ "forwarder", "forwards spam to another host" },
	{ "backscatter", "bounces spam to strangers" },
	{ "inbound", "receives a wave of spam" },
};

static const char *phrase_of(str vector)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (str_eq(str_from(phrases[i].vector), vector))
			return phrases[i].says;
	return "";
}

static void show_who(struct screen *screen, const json_t *incident)
{
	str mailbox = text_of(incident, "mailbox"), account = text_of(incident, "account");
	str target = text_of(incident, "target");
	str who = mailbox.len ? mailbox : account.len ? account : target.len ? target : STR("somebody on this host");
	say(screen, who);
	if (mailbox.len && account.len) {
		buf_add(&screen->out, STR(" (account "));
		say(screen, account);
		buf_add(&screen->out, STR(")"));
	}
}

static void show_ips(struct screen *screen, const json_t *incident)
{
	size_t count = 0, shown = 0, i;
	const json_t *row;
	str entry = STR("");
	json_array_foreach(json_object_get(incident, "ips"), i, row) {
		if (str_eq(text_of(row, "role"), STR("entry"))) {
			entry = text_of(row, "ip");
			continue;
		}
		count++;
		if (shown == IPS_SHOWN)
			continue;
		buf_add(&screen->out, shown ? STR(", ") : STR("   from "));
		say(screen, text_of(row, "ip"));
		shown++;
	}
	if (count > shown)
		buf_printf(&screen->out, " and %zu more", count - shown);
	if (count)
		buf_char(&screen->out, '\n');
	if (entry.len) {
		buf_add(&screen->out, STR("   the file came in through "));
		say(screen, text_of(incident, "entry_script"));
		buf_add(&screen->out, STR(" from "));
		say(screen, entry);
		buf_char(&screen->out, '\n');
	}
}

static void show_figures(struct screen *screen, const json_t *incident)
{
	const json_t *messages = json_object_get(incident, "messages");
	long long came_back = number_of(messages, "derived");
	buf_printf(&screen->out, "   %lld mails to %lld people, %lld still queued", number_of(messages, "count"),
		   number_of(messages, "recipients"), number_of(messages, "queued"));
	if (came_back)
		buf_printf(&screen->out, ", %lld bounces or notices came of them", came_back);
	buf_add(&screen->out, STR("\n   "));
	say(screen, text_of(incident, "first"));
	buf_add(&screen->out, STR(" to "));
	say(screen, text_of(incident, "last"));
	buf_printf(&screen->out, ", at most %lld an hour\n", number_of(incident, "peak_per_hour"));
}

/* A scan shows some, the proof all. */
static void show_malware(struct screen *screen, const json_t *list)
{
	size_t i;
	const json_t *one;
	json_array_foreach(list, i, one) {
		if (screen->with_reasons && i == MALWARE_SHOWN) {
			buf_printf(&screen->out, "   and %zu more: quell why\n", json_array_size(list) - i);
			return;
		}
		buf_add(&screen->out, STR("   malware: "));
		say(screen, text_of(one, "name"));
		buf_add(&screen->out, STR(" in "));
		say(screen, text_of(one, "path"));
		buf_add(&screen->out, STR(" by "));
		say(screen, text_of(one, "scanner"));
		buf_char(&screen->out, '\n');
	}
}

static void show_incident(struct screen *screen, const json_t *incident)
{
	size_t i;
	const json_t *reason;
	bool blame = json_is_true(json_object_get(incident, "blame"));
	bool ongoing = json_is_true(json_object_get(incident, "ongoing"));
	buf_printf(&screen->out, "%-3lld", number_of(incident, "n"));
	paint(screen, blame ? "1;31" : "1");
	show_who(screen, incident);
	buf_printf(&screen->out, " %s", phrase_of(text_of(incident, "vector")));
	paint(screen, "0");
	buf_add(&screen->out, ongoing ? STR("   going on\n") : STR("   over\n"));
	str script = text_of(incident, "script"), called = text_of(incident, "called_script");
	if (script.len) {
		buf_add(&screen->out, STR("   "));
		say(screen, script);
		if (called.len) {
			buf_add(&screen->out, STR(", included by "));
			say(screen, called);
		}
		buf_char(&screen->out, '\n');
	}
	show_figures(screen, incident);
	show_ips(screen, incident);
	show_malware(screen, json_object_get(incident, "malware"));
	json_array_foreach(json_object_get(incident, "reasons"), i, reason) {
		if (!screen->with_reasons)
			break;
		buf_add(&screen->out, STR("   - "));
		say(screen, text_of(reason, "says"));
		buf_char(&screen->out, '\n');
	}
	buf_printf(&screen->out, "   sure %.2f, grade ", json_real_value(json_object_get(incident, "confidence")));
	say(screen, text_of(incident, "grade"));
	if (screen->with_reasons)
		buf_printf(&screen->out, "   proof: quell why %lld%s", number_of(incident, "n"), blame ? "   stop it: quell stop " : "");
	if (screen->with_reasons && blame)
		buf_printf(&screen->out, "%lld", number_of(incident, "n"));
	buf_char(&screen->out, '\n');
}

/* --- the rest --------------------------------------------------------------------- */

static void show_head(struct screen *screen, const json_t *report)
{
	const json_t *host = json_object_get(report, "host"), *window = json_object_get(report, "window");
	const json_t *totals = json_object_get(report, "totals");
	str name = text_of(host, "name");
	say(screen, name.len ? name : STR("this host"));
	buf_add(&screen->out, STR(" - "));
	say(screen, text_of(host, "panel"));
	buf_add(&screen->out, STR(", "));
	say(screen, text_of(host, "mta"));
	if (text_of(window, "from").len) {
		buf_add(&screen->out, STR(" - "));
		say(screen, text_of(window, "from"));
		buf_add(&screen->out, STR(" to "));
		say(screen, text_of(window, "to"));
	}
	buf_printf(&screen->out, " - %lld messages, %lld queued\n\n", number_of(totals, "messages"),
		   number_of(totals, "queued"));
}

static void show_cleared(struct screen *screen, const json_t *list)
{
	size_t i;
	const json_t *row;
	if (json_array_size(list))
		buf_add(&screen->out, STR("\nLooks guilty, is not:\n"));
	json_array_foreach(list, i, row) {
		if (i == CLEARED_SHOWN) {
			buf_printf(&screen->out, "  and %zu more (quell -o json)\n", json_array_size(list) - i);
			break;
		}
		str mailbox = text_of(row, "mailbox"), script = text_of(row, "script"), account = text_of(row, "account");
		buf_add(&screen->out, STR("  "));
		say(screen, mailbox.len ? mailbox : script.len ? script : account);
		buf_add(&screen->out, STR(" - "));
		say(screen, text_of(row, "looked_like"));
		buf_add(&screen->out, STR("; but "));
		say(screen, text_of(row, "why_not"));
		buf_char(&screen->out, '\n');
	}
}

void scan_print_incident(struct buf *out, const json_t *incident, bool color)
{
	struct screen screen = { *out, color, false };
	show_incident(&screen, incident);
	*out = screen.out;
}

void scan_print_cleared(struct buf *out, const json_t *list)
{
	struct screen screen = { *out, false, false };
	show_cleared(&screen, list);
	*out = screen.out;
}

static void show_blind(struct screen *screen, const json_t *list)
{
	size_t i;
	const json_t *row;
	if (!json_array_size(list)) {
		buf_add(&screen->out, STR("\nNot visible on this host: nothing that matters\n"));
		return;
	}
	buf_add(&screen->out, STR("\nNot visible on this host:\n"));
	json_array_foreach(list, i, row) {
		buf_add(&screen->out, STR("  "));
		say(screen, text_of(row, "missing"));
		buf_add(&screen->out, STR(" - hides "));
		say(screen, text_of(row, "hides"));
		buf_add(&screen->out, STR(" ("));
		say(screen, text_of(row, "fix"));
		buf_add(&screen->out, STR(")\n"));
	}
}

static void show_forgers(struct screen *screen, const json_t *list)
{
	size_t i;
	const json_t *row;
	json_array_foreach(list, i, row) {
		str account = text_of(row, "account");
		buf_add(&screen->out, STR("\nForged log lines: "));
		say(screen, account.len ? account : STR("somebody"));
		buf_printf(&screen->out, " called sendmail %lld times from a directory whose name writes lines into Exim's log (",
			   number_of(row, "lines"));
		say(screen, text_of(row, "path"));
		buf_printf(&screen->out, ":%lld)\n", number_of(row, "line"));
	}
}

int scan_code(const json_t *report)
{
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(report, "incidents"), i, row)
		if (json_is_true(json_object_get(row, "blame")) || str_eq(text_of(row, "direction"), STR("inbound")))
			return 1;
	json_array_foreach(json_object_get(report, "blind"), i, row)
		if (json_is_true(json_object_get(row, "blocking")))
			return 3;
	return 0;
}

static void show_text(struct screen *screen, const json_t *report)
{
	size_t i;
	const json_t *incident, *incidents = json_object_get(report, "incidents");
	show_head(screen, report);
	json_array_foreach(incidents, i, incident)
		show_incident(screen, incident);
	if (!json_array_size(incidents))
		buf_add(&screen->out, scan_code(report) ? STR("Nothing found, but without what is missing below that means nothing.\n") :
							  STR("No spam found.\n"));
	show_cleared(screen, json_object_get(report, "cleared"));
	show_forgers(screen, json_object_get(report, "forgers"));
	show_blind(screen, json_object_get(report, "blind"));
}

json_t *scan_parse(str report, struct err *err)
{
	json_error_t error;
	json_t *root = json_loadb(report.at, report.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		err_set(err, ERR_SYSTEM, "the reader's report is no JSON: %s", error.text);
	return root;
}

int scan_print_json(const json_t *report, int fd, struct err *err)
{
	struct buf out = BUF_INIT;
	char *text = json_dumps(report, JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(4));
	buf_printf(&out, "%s\n", text ? text : "");
	free(text);
	int rc = buf_write(&out, fd, err);
	buf_done(&out);
	return rc;
}

int scan_show(const json_t *report, bool as_json, bool color, int fd, struct err *err)
{
	struct screen screen = { .color = color, .with_reasons = true };
	int rc;
	if (as_json) {
		rc = scan_print_json(report, fd, err);
	} else {
		show_text(&screen, report);
		rc = buf_write(&screen.out, fd, err);
	}
	buf_done(&screen.out);
	return rc ? rc : scan_code(report);
}
