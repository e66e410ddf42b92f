/* SPDX-License-Identifier: Apache-2.0
 *
 * queue: the queue counted, listed, ranked, and single messages shown. Letters
 * as exiqgrep has them; text as exim -bp prints it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/queue_read.h"
#include "cmd/reader.h"
#include "show/queue_text.h"

static const struct opt options[] = {
	{ "sender", 'f', "SENDER", false, "only this envelope sender; <> for bounces" },
	{ "recipient", 'r', "RCPT", false, "only mail that waits for this recipient (with -a: also delivered ones)" },
	{ "login", 0, "LOGIN", false, "only mail of this SMTP login or submitting user" },
	{ "account", 0, "ACCOUNT", false, "only mail of this hosting account" },
	{ "pattern", 'E', NULL, false, "-f, -r and -s are patterns, as in exiqgrep (-f sees <SENDER>)" },
	{ "older", 'o', "AGE", false, "only mail older than this: 45m, 2h, 3d, or seconds" },
	{ "younger", 'y', "AGE", false, "only mail younger than this" },
	{ "size", 's', "SIZE", false, "only mail of at least this size, with a + or - in front at least or at most: 20K, -1.5M" },
	{ "frozen", 'z', NULL, false, "only frozen mail" },
	{ "not-frozen", 'x', NULL, false, "only mail that is not frozen" },
	{ "newest", 0, "N", false, "only the last N to arrive" },
	{ "by", 0, "KEY", false, "sender, login, account, script, domain, host, age or state: count and rank by it" },
	{ "count", 'c', NULL, false, "print how many match" },
	{ "ids", 'i', NULL, false, "print only ids" },
	{ "brief", 'b', NULL, false, "print a line for each message" },
	{ "long", 'l', NULL, false, "print as exim -bp; so it is without -i and -b" },
	{ "all", 'a', NULL, false, "with addresses that aliases led to, as exim -bpa; -b and -r with delivered ones" },
	{ "undelivered", 'u', NULL, false, "without delivered recipients, as exim -bpu" },
	{ "reverse", 'R', NULL, false, "the newest first" },
	OPT_END,
};

struct patterns {
	struct pattern sender, recipient, size;
};

static int choose_verb(const struct opts *opts, struct queue_query *query, struct err *err)
{
	static const char *const verbs[] = { "list", "count", "show" };
	const char *word = opts->operands.count ? opts->operands.at[0] : "list";
	int verb = -1;
	for (int i = 0; i < 3; i++)
		if (strcmp(verbs[i], word) == 0)
			verb = i;
	if (verb < 0)
		return err_set(err, ERR_USAGE, "queue: \"%s\" is none of list, count, show", word);
	size_t wanted = verb == QUEUE_SHOW ? 2 : opts->operands.count ? 1 : 0;
	if (opts->operands.count != wanted)
		return err_set(err, ERR_USAGE, "queue %s takes %s", word, verb == QUEUE_SHOW ? "one message id" : "no operand");
	query->verb = verb == QUEUE_LIST && opts_get(opts, "count") ? QUEUE_COUNT : (enum queue_verb)verb;
	query->id = verb == QUEUE_SHOW ? opts->operands.at[1] : NULL;
	return 0;
}

static int choose_key(const struct opts *opts, struct queue_query *query, struct err *err)
{
	static const char *const keys[] = { "sender", "login", "account", "script", "domain", "host", "age", "state" };
	const char *by = opts_get(opts, "by");
	for (size_t i = 0; by && i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(keys[i], by) == 0)
			query->by = (enum queue_key)(i + QUEUE_BY_SENDER);
	if (by && !query->by)
		return err_set(err, ERR_USAGE, "--by: \"%s\" is none of sender, login, account, script, domain, host, age, state",
			       by);
	return 0;
}

/* An exact value, or with -E a pattern. */
static int match_option(const struct opts *opts, const char *name, const char **exact, struct pattern *pattern,
			struct pattern **like, struct err *err)
{
	const char *value = opts_get(opts, name);
	if (!value || !opts_get(opts, "pattern")) {
		*exact = value;
		return 0;
	}
	if (pattern_open(pattern, str_from(value), err))
		return err_context(err, "--%s", name);
	*like = pattern;
	return 0;
}

static int age_option(const struct opts *opts, const char *name, usec *out, struct err *err)
{
	const char *value = opts_get(opts, name);
	*out = USEC_NEVER;
	if (value && !clock_parse_age(str_from(value), out))
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is no age", name, value);
	return 0;
}

static int size_option(const struct opts *opts, struct queue_query *query, struct patterns *patterns, struct err *err)
{
	uint64_t size;
	const char *value = NULL;
	int rc = match_option(opts, "size", &value, &patterns->size, &query->size_like, err);
	query->size_max = UINT64_MAX;
	if (rc || !value)
		return rc;
	str text = str_from(value);
	bool at_most = str_skip(&text, STR("-"));
	if (!at_most)
		str_skip(&text, STR("+"));
	if (!size_parse(text, &size))
		return err_set(err, ERR_USAGE, "--size: \"%s\" is no size", value);
	*(at_most ? &query->size_max : &query->size_min) = size;
	return 0;
}

static int number_option(const struct opts *opts, const char *name, uint64_t *out, struct err *err)
{
	const char *value = opts_get(opts, name);
	if (value && (!str_u64(str_from(value), UINT32_MAX, out) || !*out))
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is no number from 1", name, value);
	return 0;
}

static int read_options(const struct app *app, const struct opts *opts, struct queue_query *query, struct patterns *patterns,
			struct err *err)
{
	query->now = app->now;
	query->login = opts_get(opts, "login");
	query->account = opts_get(opts, "account");
	query->frozen_only = opts_get(opts, "frozen") != NULL;
	query->thawed_only = opts_get(opts, "not-frozen") != NULL;
	query->all_recipients = opts_get(opts, "all") != NULL;
	query->reverse = opts_get(opts, "reverse") != NULL;
	int rc = choose_verb(opts, query, err);
	if (!rc)
		rc = choose_key(opts, query, err);
	if (!rc)
		rc = match_option(opts, "sender", &query->sender, &patterns->sender, &query->sender_like, err);
	if (!rc)
		rc = match_option(opts, "recipient", &query->recipient, &patterns->recipient, &query->recipient_like, err);
	if (!rc)
		rc = size_option(opts, query, patterns, err);
	if (!rc)
		rc = age_option(opts, "older", &query->older, err);
	if (!rc)
		rc = age_option(opts, "younger", &query->younger, err);
	return rc ? rc : number_option(opts, "newest", &query->newest, err);
}

static struct queue_display display_of(const struct opts *opts)
{
	bool brief = opts_get(opts, "brief") != NULL, all = opts_get(opts, "all") != NULL;
	return (struct queue_display){
		.form = opts_get(opts, "ids") ? QUEUE_IDS : brief ? QUEUE_BRIEF : QUEUE_LONG,
		.undelivered = opts_get(opts, "undelivered") || (brief && !all),
		.generated = all,
	};
}

static int show(const struct app *app, const struct opts *opts, const struct queue_query *query, str report, struct err *err)
{
	struct queue_display display = display_of(opts);
	bool of_how_many = opts_get(opts, "count") != NULL;
	const struct view list = { "Mail in the queue", "messages", queue_columns, .text = queue_text_list, .context = &display };
	const struct view count = { "Mail in the queue", "messages", queue_columns, .text = queue_text_count,
				    .context = &of_how_many };
	const struct view message = { "A message in the queue", "messages", queue_columns, .text = queue_text_show };
	const struct view groups = { "The queue, ranked", "groups", queue_group_columns };
	const struct view *view = query->verb == QUEUE_SHOW ? &message : query->verb == QUEUE_COUNT ? &count :
				  query->by ? &groups : &list;
	return view_show(view, report, app->output, app->color, STDOUT_FILENO, err);
}

static int read_and_show(const struct app *app, const struct opts *opts, const struct queue_query *query, struct err *err)
{
	struct buf report = BUF_INIT;
	int rc = reader_of_inputs(app, opts, queue_read, query, &report, err);
	if (!rc && query->verb == QUEUE_SHOW && str_search(buf_str(&report), STR("\"messages\":[")) == STR_NONE)
		rc = err_set(err, ERR_GONE, "%s is not in the queue", query->id);
	if (!rc)
		rc = show(app, opts, query, buf_str(&report), err);
	buf_done(&report);
	return rc;
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	struct queue_query query = { 0 };
	struct patterns patterns = { 0 };
	int rc = read_options(app, opts, &query, &patterns, err);
	if (!rc)
		rc = read_and_show(app, opts, &query, err);
	pattern_close(&patterns.sender);
	pattern_close(&patterns.recipient);
	pattern_close(&patterns.size);
	return rc;
}

const struct cmd cmd_queue = {
	.name = "queue", .operands = "[list|count|show ID]", .summary = "count, list, rank and show queued mail",
	.options = options, .takes_inputs = true, .run = run,
};
