/* SPDX-License-Identifier: Apache-2.0
 *
 * how: joining local mail to what ran at that moment.
 *
 * A run (a web request or a start of a job) may explain a mail that arrives
 * at most RUN_LEAD after its start, and goes on explaining mail while the
 * previous mail is at most CHAIN_GAP old, for CHAIN_MAX. Among several runs
 * the best score wins. Before that each program is asked how many of its
 * calls are followed by mail at all: robots that call a page every second
 * are near every mail and cause none. Two passes: the first learns each
 * program's usual number of mails per call and its envelope sender, the
 * second uses both, so that a form with one mail per call does not swallow
 * the fifty mails of a job that started two seconds later.
 */
#include "trace/how.h"

#include <stdlib.h>

#define WEB_LEAD (3 * USEC_PER_SEC)
#define JOB_LEAD (60 * USEC_PER_SEC)
#define CHAIN_GAP (15 * USEC_PER_SEC)
#define CHAIN_MAX (15 * 60 * USEC_PER_SEC)
#define PHP_MAIL_SLACK (2 * USEC_PER_SEC)

struct run {
	usec start, last_mail;
	uint32_t program, request; /* request: NONE for jobs */
	uint32_t mails;
	uint32_t sender;           /* of its first mail */
};

/* What is known of a program: before the first pass the calls that mail follows, then what that pass gave it. */
struct program_stats {
	uint32_t calls; /* requests or starts of jobs */
	uint32_t calls_with_mail, mails;
	uint32_t median_mails; /* per call with mail */
	uint32_t sender;       /* envelope sender of all its mail; 0 when several */
};

struct search {
	struct world *world;
	const struct join_host *host;
	VEC(struct run) runs;      /* of one account, by start */
	VEC(uint32_t) mails;       /* messages of one account, by arrival */
	struct program_stats *stats; /* by program that runs may have; owned */
};

/* --- programs of jobs --------------------------------------------------------- */

static bool is_script_word(str word)
{
	static const char *const endings[] = { ".php", ".pl", ".py", ".sh", ".rb", ".cgi", ".phtml" };
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (str_ends(word, str_from(endings[i])))
			return true;
	return false;
}

/* The script in a cron command, as a path: "~/" and relative names count from the home, where cron starts. */
static uint32_t script_of_command(struct world *world, str command, str home)
{
	str rest = command;
	for (str word; (word = str_word(&rest)).len;) {
		while (word.len && strchr("\"';&|", word.at[word.len - 1]))
			word.len--;
		while (word.len && strchr("\"'", word.at[0]))
			word = str_from_at(word, 1);
		if (!is_script_word(word) || str_find(word, ':') != STR_NONE)
			continue;
		if (word.at[0] == '/')
			return names_add(&world->names, word);
		str_skip(&word, STR("~/"));
		str_skip(&word, STR("$HOME/"));
		struct buf path = BUF_INIT;
		buf_printf(&path, "%.*s/%.*s", STR_ARG(home), STR_ARG(word));
		uint32_t name = names_add(&world->names, buf_str(&path));
		buf_done(&path);
		return name;
	}
	return 0;
}

static void name_jobs(struct world *world, const struct join_host *host)
{
	for (size_t i = 0; i < world->jobs.count; i++) {
		struct job_row *job = &world->jobs.at[i];
		str command = world_str(world, job->command);
		uint32_t path = script_of_command(world, command, host->home_of(host->context, job->account));
		job->program = world_program(world, &(struct program){ .kind = PROGRAM_JOB, .account = job->account,
								       .url = job->command, .path = path,
								       .hinted = job->hinted });
	}
}

/* --- claims of PHP's mail.log ---------------------------------------------------- */

static int by_php_time(const void *a, const void *b)
{
	const struct php_mail_row *x = a, *y = b;
	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* First row of that account at or after the time. */
static size_t find_php_mail(const struct world *world, uint32_t account, usec at)
{
	return VEC_FIRST(&world->php_mails, row, row->account < account || (row->account == account && row->at < at));
}

/* A mail.log line of the same moment that names one of the message's recipients. */
static void claim_from_php_log(struct world *world, uint32_t number)
{
	struct message *message = &world->messages.at[number];
	size_t i = find_php_mail(world, message->account, message->at - PHP_MAIL_SLACK);
	for (; i < world->php_mails.count; i++) {
		const struct php_mail_row *row = &world->php_mails.at[i];
		if (row->account != message->account || row->at > message->at + USEC_PER_SEC)
			return;
		if (world_has_recipient(world, number, row->to)) {
			message->script_claim = row->script;
			return;
		}
	}
}

/* --- scores ------------------------------------------------------------------------ */

static str directory_of(str path)
{
	size_t slash = str_rfind(path, '/');
	return slash == STR_NONE ? STR("") : str_head(path, slash ? slash : 1);
}

static str base_of(str path)
{
	size_t slash = str_rfind(path, '/');
	return slash == STR_NONE ? path : str_from_at(path, slash + 1);
}

static bool is_below(str path, str directory)
{
	return str_starts(path, directory) && (path.len == directory.len || path.at[directory.len] == '/');
}

/* claim: a full path of mail.log or a bare file name of the PHP header. */
static bool claim_fits(str claim, str path)
{
	return str_eq(claim, path) || (str_find(claim, '/') == STR_NONE && str_eq(claim, base_of(path)));
}

/* What PHP itself said about the message. */
static int claim_score(const struct world *world, const struct message *message, const struct program *program)
{
	if (!message->script_claim || !program->path)
		return 0;
	str claim = world_str(world, message->script_claim), path = world_str(world, program->path);
	if (claim_fits(claim, path))
		return 60;
	bool bare = str_find(claim, '/') == STR_NONE;
	return program->front && (bare || is_below(claim, directory_of(path))) ? 10 : -60;
}

/* Where sendmail was called: the script's directory speaks for it, one outside the document root against a web request. */
static int cwd_score(const struct world *world, const struct message *message, const struct program *program)
{
	if (message->call == NONE || !program->path)
		return 0;
	str cwd = world_str(world, world->calls.at[message->call].cwd);
	str directory = directory_of(world_str(world, program->path));
	if (program->kind == PROGRAM_JOB)
		return is_below(cwd, STR("/home")) && is_below(directory, cwd) ? 10 : 0;
	if (str_eq(cwd, directory))
		return 40;
	bool related = is_below(cwd, directory) || is_below(directory, cwd);
	return related ? -5 : program->front ? -10 : -40;
}

/* How often calls of this program send, how many, and as whom. */
static int habit_score(const struct search *search, const struct run *run, const struct message *message)
{
	const struct program_stats *stats = &search->stats[run->program];
	int score = stats->calls ? (int)(20 * stats->calls_with_mail / stats->calls) - 10 : 0;
	if (stats->sender)
		score += stats->sender == message->sender ? 8 : -8;
	if (stats->median_mails && run->mails >= 2 * stats->median_mails)
		score -= 30;
	else if (stats->median_mails && run->mails >= stats->median_mails)
		score -= 6;
	return score;
}

static int run_score(const struct search *search, const struct run *run, const struct message *message)
{
	const struct world *world = search->world;
	const struct program *program = &world->programs.at[run->program];
	int score = claim_score(world, message, program) + cwd_score(world, message, program) +
		    habit_score(search, run, message);
	if (run->mails == 0)
		score += 12 - (int)((message->at - run->start) / USEC_PER_SEC) * (program->kind == PROGRAM_JOB ? 0 : 2);
	else if (run->sender == message->sender)
		score += 4;
	if (program->kind == PROGRAM_SCRIPT)
		score += program->post ? 6 : 0;
	return score;
}

/* --- runs -------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct run *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->request < y->request ? -1 : x->request > y->request;
}

static bool can_explain(const struct search *search, const struct run *run, usec at)
{
	bool job = search->world->programs.at[run->program].kind == PROGRAM_JOB;
	if (run->mails)
		return at <= run->last_mail + CHAIN_GAP && at <= run->start + CHAIN_MAX;
	return at <= run->start + (job ? JOB_LEAD : WEB_LEAD);
}

/* Below this a run is no explanation: what PHP or the directory say rules it out. */
enum { SCORE_MIN = -30 };

/* The best run for a message among runs[from..), which start no later than it arrives. */
static struct run *best_run(struct search *search, size_t from, const struct message *message)
{
	struct run *best = NULL;
	int best_score = SCORE_MIN;
	for (size_t i = from; i < search->runs.count && search->runs.at[i].start <= message->at; i++) {
		struct run *run = &search->runs.at[i];
		if (!can_explain(search, run, message->at))
			continue;
		int score = run_score(search, run, message);
		if (score > best_score) {
			best = run;
			best_score = score;
		}
	}
	return best;
}

static uint32_t unknown_program(struct world *world, uint32_t account)
{
	return world_program(world, &(struct program){ .kind = PROGRAM_UNKNOWN, .account = account });
}

static void explain_mails(struct search *search)
{
	struct world *world = search->world;
	size_t from = 0;
	for (size_t i = 0; i < search->runs.count; i++)
		search->runs.at[i].mails = 0;
	for (size_t i = 0; i < search->mails.count; i++) {
		struct message *message = &world->messages.at[search->mails.at[i]];
		while (from < search->runs.count && search->runs.at[from].start + CHAIN_MAX < message->at)
			from++;
		struct run *run = best_run(search, from, message);
		message->request = run ? run->request : NONE;
		message->program = run ? run->program : unknown_program(world, message->account);
		if (!run)
			continue;
		if (!run->mails++)
			run->sender = message->sender;
		run->last_mail = message->at;
	}
}

/* --- statistics -------------------------------------------------------------------- */

struct call_mails {
	uint32_t program, mails, sender;
};

static int by_program_mails(const void *a, const void *b)
{
	const struct call_mails *x = a, *y = b;
	if (x->program != y->program)
		return x->program < y->program ? -1 : 1;
	return x->mails < y->mails ? -1 : x->mails > y->mails;
}

static void add_run_stats(const struct search *search)
{
	struct program_stats *stats = search->stats;
	VEC(struct call_mails) calls = { 0 };
	for (size_t i = 0; i < search->runs.count; i++) {
		const struct run *run = &search->runs.at[i];
		stats[run->program].calls++;
		if (run->mails)
			*VEC_PUSH(&calls) = (struct call_mails){ run->program, run->mails, run->sender };
	}
	if (calls.count)
		qsort(calls.at, calls.count, sizeof(*calls.at), by_program_mails);
	for (size_t i = 0; i < calls.count;) {
		struct program_stats *s = &stats[calls.at[i].program];
		size_t end = i;
		s->sender = calls.at[i].sender;
		for (; end < calls.count && calls.at[end].program == calls.at[i].program; end++) {
			s->mails += calls.at[end].mails;
			if (calls.at[end].sender != s->sender)
				s->sender = 0;
		}
		s->calls_with_mail += (uint32_t)(end - i);
		s->median_mails = calls.at[i + (end - i) / 2].mails;
		i = end;
	}
	free(calls.at);
}

/* --- local submissions, account by account ------------------------------------------- */

/* All runs, by account and start; runs whose vhost is in no map come last. */
struct run_row {
	uint32_t account;
	uint32_t number; /* of the request, or behind all requests of the job */
	usec start;
};
struct run_list {
	VEC(struct run_row) rows;
};

static int by_account_start(const void *a, const void *b)
{
	const struct run_row *x = a, *y = b;
	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static struct run run_of(const struct world *world, const struct run_row *row)
{
	bool is_job = row->number >= world->requests.count;
	uint32_t program = is_job ? world->jobs.at[row->number - world->requests.count].program :
				    world->requests.at[row->number].program;
	return (struct run){ .start = row->start, .program = program, .request = is_job ? NONE : row->number };
}

static void list_runs(const struct world *world, struct run_list *list)
{
	for (uint32_t i = 0; i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		if (request->program != NONE)
			*VEC_PUSH(&list->rows) =
				(struct run_row){ world_visitor_of(world, request)->account, i, request->at };
	}
	for (size_t i = 0; i < world->jobs.count; i++)
		*VEC_PUSH(&list->rows) = (struct run_row){ world->jobs.at[i].account,
							   (uint32_t)(world->requests.count + i), world->jobs.at[i].at };
	if (list->rows.count)
		qsort(list->rows.at, list->rows.count, sizeof(*list->rows.at), by_account_start);
}

static size_t first_run_of(const struct run_list *list, uint32_t account)
{
	return VEC_FIRST(&list->rows, row, row->account < account);
}

static void take_runs(struct search *search, const struct run_list *list, uint32_t account)
{
	for (size_t i = first_run_of(list, account); i < list->rows.count && list->rows.at[i].account == account; i++)
		*VEC_PUSH(&search->runs) = run_of(search->world, &list->rows.at[i]);
}

/* Where no site is in a map (logs named one by one), any log may be any account's. */
static void load_runs(struct search *search, const struct run_list *list, uint32_t account)
{
	search->runs.count = 0;
	take_runs(search, list, account);
	bool maps_known = list->rows.count && list->rows.at[0].account != NONE;
	if (maps_known || account == NONE)
		return;
	take_runs(search, list, NONE);
	if (search->runs.count)
		qsort(search->runs.at, search->runs.count, sizeof(*search->runs.at), by_start);
}

/* Counts of each program's calls, and of those that are followed by mail, whoever caused it. */
static void count_followed(const struct search *search)
{
	const struct world *world = search->world;
	size_t next = 0;
	for (size_t i = 0; i < search->runs.count; i++) {
		const struct run *run = &search->runs.at[i];
		while (next < search->mails.count && world->messages.at[search->mails.at[next]].at < run->start)
			next++;
		search->stats[run->program].calls++;
		search->stats[run->program].calls_with_mail +=
			next < search->mails.count && can_explain(search, run, world->messages.at[search->mails.at[next]].at);
	}
}

static void forget(const struct search *search)
{
	for (size_t i = 0; i < search->runs.count; i++)
		search->stats[search->runs.at[i].program] = (struct program_stats){ 0 };
}

static void trace_account(struct search *search)
{
	forget(search);
	count_followed(search);
	explain_mails(search);
	forget(search);
	add_run_stats(search);
	explain_mails(search);
}

struct mail_row {
	uint32_t account, message;
	usec at;
};

static int by_account_arrival(const void *a, const void *b)
{
	const struct mail_row *x = a, *y = b;
	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->message < y->message ? -1 : x->message > y->message;
}

static void trace_local(struct search *search, const struct run_list *list)
{
	struct world *world = search->world;
	VEC(struct mail_row) rows = { 0 };
	for (uint32_t i = 0; i < world->messages.count; i++) {
		const struct message *message = &world->messages.at[i];
		if (message->account != NONE && !message->forged) {
			if (!message->script_claim || !message->claim_attested)
				claim_from_php_log(world, i);
			*VEC_PUSH(&rows) = (struct mail_row){ message->account, i, message->at };
		}
	}
	if (rows.count)
		qsort(rows.at, rows.count, sizeof(*rows.at), by_account_arrival);
	/* programs made from here on are the unknown ones of accounts, which have no runs */
	search->stats = mem_alloc(world->programs.count * sizeof(*search->stats));
	for (size_t i = 0; i < rows.count;) {
		uint32_t account = rows.at[i].account;
		search->mails.count = 0;
		for (; i < rows.count && rows.at[i].account == account; i++)
			*VEC_PUSH(&search->mails) = rows.at[i].message;
		load_runs(search, list, account);
		trace_account(search);
	}
	free(search->stats);
	free(rows.at);
}

/* --- what nothing explains, in a directory where one known script sends ----------------- */

/* A script of its own: of a page that others include, what else runs beside it proves nothing. */
static bool stands_alone(str script)
{
	return !str_eq(base_of(script), STR("index.php"));
}

/* By account and directory: a message whose script PHP named there, or NONE when it named several. */
static void learn_places(struct world *world, struct index *places)
{
	for (uint32_t i = 0; i < world->messages.count; i++) {
		const struct message *message = &world->messages.at[i];
		str script = world_str(world, message->script_claim);
		bool is_new;
		if (message->account == NONE || message->forged || !str_starts(script, STR("/")))
			continue;
		uint32_t directory = names_add(&world->names, directory_of(script));
		uint32_t *slot = index_add(places, index_pair(message->account, directory), &is_new);
		if (is_new)
			*slot = stands_alone(script) ? i : NONE;
		else if (*slot != NONE && world->messages.at[*slot].script_claim != message->script_claim)
			*slot = NONE;
	}
}

static bool is_unexplained(const struct world *world, const struct message *message)
{
	return message->account != NONE && !message->forged && !message->script_claim && message->call != NONE &&
	       world->programs.at[message->program].kind == PROGRAM_UNKNOWN;
}

/* Mail that was sent from that directory, while no log shows what ran, is that script's as well. */
static void claim_from_places(struct world *world)
{
	struct index places = { 0 };
	learn_places(world, &places);
	for (size_t i = 0; i < world->messages.count && places.count; i++) {
		struct message *message = &world->messages.at[i];
		if (!is_unexplained(world, message))
			continue;
		uint32_t directory = world->calls.at[message->call].cwd;
		const uint32_t *known = index_get(&places, index_pair(message->account, directory));
		if (!known || *known == NONE)
			continue;
		message->script_claim = world->messages.at[*known].script_claim;
		message->claim_web = world->messages.at[*known].claim_web;
	}
	index_done(&places);
}

/* --- mail that names no account: SMTP from loopback without a login, the web server's user ------------------------------------------------ */

/* What one program would explain if it alone had sent the mails still open. */
struct cover {
	uint32_t program;
	uint32_t calls, calls_with_mail;
	uint32_t own;  /* mails in the name of the account's own domains */
	uint32_t mails;
};

static bool sender_is_of(const struct search *search, const struct message *message, uint32_t account)
{
	str sender = world_str(search->world, message->sender);
	size_t at = str_rfind(sender, '@');
	uint32_t owner = NONE;
	str docroot;
	return at != STR_NONE &&
	       search->host->site_of(search->host->context, str_from_at(sender, at + 1), &owner, &docroot) &&
	       owner == account;
}

/* Walks mails and runs of one program (both by time) side by side; with assign the mails are given to it. */
static struct cover cover_mails(struct search *search, const struct run *runs, size_t count, bool assign)
{
	struct world *world = search->world;
	uint32_t account = world->programs.at[runs->program].account;
	struct cover cover = { .program = runs->program, .calls = (uint32_t)count };
	struct run current = { .start = USEC_NEVER };
	size_t next = 0;
	for (size_t i = 0; i < search->mails.count; i++) {
		struct message *message = &world->messages.at[search->mails.at[i]];
		if (message->program != NONE)
			continue;
		while (next < count && runs[next].start <= message->at) {
			bool fits = message->at <= runs[next].start + WEB_LEAD;
			if (fits)
				current = runs[next];
			next++;
			if (fits)
				break;
		}
		if (current.start == USEC_NEVER || !can_explain(search, &current, message->at))
			continue;
		cover.calls_with_mail += current.mails == 0;
		cover.mails++;
		cover.own += sender_is_of(search, message, account);
		current.mails++;
		current.last_mail = message->at;
		if (assign) {
			message->program = current.program;
			message->request = current.request;
			message->account = account;
		}
	}
	return cover;
}

/* How well a program explains its mails: all its calls send, and in its own name. One lucky moment, of a job above all,
 * explains nothing. */
static double cover_worth(const struct world *world, const struct cover *cover)
{
	bool job = world->programs.at[cover->program].kind == PROGRAM_JOB;
	bool own = cover->own * 2 >= cover->mails;
	if (!cover->calls || (!own && cover->calls_with_mail < (job ? 3 : 2)))
		return 0;
	return (cover->mails + cover->own * 0.25) * cover->calls_with_mail / cover->calls;
}

static int by_program_start(const void *a, const void *b)
{
	const struct run *x = a, *y = b;
	if (x->program != y->program)
		return x->program < y->program ? -1 : 1;
	return by_start(a, b);
}

/* Takes the program that explains most with the fewest idle calls, gives it its mails, and starts again. */
static void cover_loopback(struct search *search)
{
	/* a third of the calls without mail is still a mailer; a page that happens to be read now and then is not */
	static const double worth_min = 0.34;
	for (;;) {
		size_t best = 0, best_count = 0;
		double best_worth = worth_min;
		for (size_t i = 0, end; i < search->runs.count; i = end) {
			for (end = i; end < search->runs.count && search->runs.at[end].program == search->runs.at[i].program;)
				end++;
			struct cover cover = cover_mails(search, &search->runs.at[i], end - i, false);
			if (cover_worth(search->world, &cover) > best_worth) {
				best_worth = cover_worth(search->world, &cover);
				best = i;
				best_count = end - i;
			}
		}
		if (!best_count)
			return;
		cover_mails(search, &search->runs.at[best], best_count, true);
	}
}

static bool is_open_loopback(const struct message *message)
{
	bool open = (message->loopback && !message->mailbox) || world_is_open_local(message);
	return open && !message->null_sender && !message->forged;
}

static void trace_loopback(struct search *search, const struct run_list *list)
{
	struct world *world = search->world;
	search->mails.count = search->runs.count = 0;
	for (uint32_t i = 0; i < world->messages.count; i++)
		if (is_open_loopback(&world->messages.at[i]))
			*VEC_PUSH(&search->mails) = i;
	if (!search->mails.count)
		return;
	world_sort_messages(world, search->mails.at, search->mails.count);
	for (size_t i = 0; i < list->rows.count; i++)
		*VEC_PUSH(&search->runs) = run_of(world, &list->rows.at[i]);
	if (search->runs.count)
		qsort(search->runs.at, search->runs.count, sizeof(*search->runs.at), by_program_start);
	cover_loopback(search);
}

/* --- all ------------------------------------------------------------------------------- */

void how_trace(struct world *world, const struct join_host *host)
{
	struct search search = { .world = world, .host = host };
	struct run_list list = { 0 };
	name_jobs(world, host);
	if (world->php_mails.count)
		qsort(world->php_mails.at, world->php_mails.count, sizeof(*world->php_mails.at), by_php_time);
	list_runs(world, &list);
	trace_local(&search, &list);
	claim_from_places(world);
	trace_loopback(&search, &list);
	free(list.rows.at);
	free(search.runs.at);
	free(search.mails.at);
}
