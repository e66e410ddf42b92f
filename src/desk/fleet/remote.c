/* SPDX-License-Identifier: Apache-2.0
 *
 * remote: two argument vectors and one rule for words.
 */
#include "desk/fleet/remote.h"

#include "base/arena.h"
#include "base/own.h"
#include "base/run.h"

enum { ANSWER_BYTES_MAX = 16 * 1024 * 1024, DEADLINE_MS = 60000, ARGUMENTS_MAX = 20, WORD_MAX = 320 };

/* SSH joins its words with blanks for the other side, so only what needs no quoting anywhere may pass. */
static bool is_plain_word(str word)
{
	static const char more[] = "@._+=/:-$~";
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];
		bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
		if (!alnum && (!c || !strchr(more, c)))
			return false;
	}
	return word.len && word.len <= WORD_MAX && word.at[0] != '-';
}

struct arguments {
	const char *at[ARGUMENTS_MAX];
	size_t count;
};

static void add(struct arguments *arguments, const char *word)
{
	arguments->at[arguments->count++] = word;
}

static void add_ssh(struct arguments *arguments, struct arena *arena, const struct remote *remote)
{
	static const char *const fixed[] = { "/usr/bin/ssh", "-T",
					     "-o",	     "BatchMode=yes",
					     "-o",	     "StrictHostKeyChecking=yes",
					     "-o",	     "IdentitiesOnly=yes",
					     "-o",	     "ConnectTimeout=10" };
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		add(arguments, fixed[i]);
	if (remote->identity) {
		add(arguments, "-i");
		add(arguments, remote->identity);
	}
	if (remote->known_hosts) {
		add(arguments, "-o");
		add(arguments, arena_printf(arena, "UserKnownHostsFile=%s", remote->known_hosts).at);
	}
	add(arguments, "--");
	add(arguments, remote->ssh);
}

static void add_local(struct arguments *arguments, const struct remote *remote)
{
	add(arguments, remote->local);
	add(arguments, "-o");
	add(arguments, "json");
}

int remote_ask(const struct remote *remote, const char *verb, str argument, struct buf *out, struct err *err)
{
	OWN(arena_done) struct arena arena = ARENA_INIT;
	struct arguments arguments = { 0 };
	if (argument.len && !is_plain_word(argument))
		return err_set(err, ERR_INPUT, "%s: what was looked for is no plain word", remote->name);
	if (remote->local)
		add_local(&arguments, remote);
	else
		add_ssh(&arguments, &arena, remote);
	add(&arguments, verb);
	if (argument.len)
		add(&arguments, arena_cstring(&arena, argument));
	struct run run = { .argv = arguments.at,
			   .deadline_ms = remote->deadline_ms ? remote->deadline_ms : DEADLINE_MS,
			   .output_max = ANSWER_BYTES_MAX };
	struct run_result result = RUN_RESULT_INIT;
	int rc = run_program(&run, &result, err);
	if (rc)
		err_context(err, "%s", remote->name);
	if (!rc && result.exit_code > 3) /* 0, 1 and 3 are answers; 2 is the same command line refused */
		rc = err_set(err, ERR_SYSTEM, "%s: quell %s ended with %d: %.*s", remote->name, verb, result.exit_code,
			     STR_ARG(str_head(str_trim(buf_str(&result.err)), 200)));
	if (!rc && result.exit_code == 2)
		rc = err_set(err, ERR_SYSTEM, "%s: quell refused the question: %.*s", remote->name,
			     STR_ARG(str_head(str_trim(buf_str(&result.err)), 200)));
	if (!rc)
		buf_add(out, buf_str(&result.out));
	run_result_done(&result);
	return rc;
}
