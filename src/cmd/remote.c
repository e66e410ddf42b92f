/* SPDX-License-Identifier: Apache-2.0
 *
 * remote: the forced command for SSH. One line of typed verbs, a grammar of
 * its own: words part at single blanks, there are no quotes, no options but
 * those of the table, and every value has a type; whatever else stands there
 * is refused before any other code sees it. Answers are JSON, capped in size
 * and time.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/own.h"
#include "base/print.h"
#include "cmd/cmd.h"

enum { LINE_BYTES_MAX = 2048, WORDS_MAX = 24, ANSWER_MAX = 64 << 20, SECONDS_MAX = 300 };

enum type { TYPE_FLAG, TYPE_NUMBER, TYPE_TIME, TYPE_WORD, TYPE_ID, TYPE_TEXT };

struct argument {
	const char *option; /* NULL: an operand */
	enum type type;
};

struct verb {
	const char *name;
	bool acts;
	struct argument arguments[14]; /* operands in their order; a TYPE_TEXT operand takes the rest of the line */
	unsigned operands_min;
};

#define WINDOW_ARGUMENTS { "--since", TYPE_TIME }, { "--until", TYPE_TIME }

static const struct verb verbs[] = {
	{ "scan", false, { WINDOW_ARGUMENTS, { "--all-ids", TYPE_FLAG } }, 0 },
	{ "why", false, { { NULL, TYPE_TEXT } }, 1 },
	{ "top", false, { { "--by", TYPE_WORD }, { "-n", TYPE_NUMBER }, WINDOW_ARGUMENTS }, 0 },
	{ "trace", false, { WINDOW_ARGUMENTS, { NULL, TYPE_TEXT } }, 1 },
	{ "queue", false, { { NULL, TYPE_WORD }, { NULL, TYPE_ID }, { "--newest", TYPE_NUMBER }, { "--by", TYPE_WORD },
			    { "-f", TYPE_TEXT }, { "-r", TYPE_TEXT }, { "-o", TYPE_TIME }, { "-y", TYPE_TIME },
			    { "--login", TYPE_TEXT }, { "--account", TYPE_TEXT }, { "-z", TYPE_FLAG }, { "-x", TYPE_FLAG },
			    { "-c", TYPE_FLAG } }, 0 },
	{ "doctor", false, { { 0 } }, 0 },
	{ "journal", false, { { NULL, TYPE_ID } }, 0 },
	{ "verify", false, { { NULL, TYPE_ID } }, 0 },
	{ "stop", true, { { NULL, TYPE_ID } }, 1 },
	{ "apply", true, { { NULL, TYPE_ID } }, 1 },
	{ "undo", true, { { NULL, TYPE_ID } }, 1 },
};

static const struct opt options[] = {
	{ "allow-act", 0, NULL, false, "also take stop, apply and undo; for the forced command of a key that may act" },
	OPT_END,
};

/* --- grammar ---------------------------------------------------------------------- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool char_fits(enum type type, char c)
{
	switch (type) {
	case TYPE_NUMBER: return is_digit(c);
	case TYPE_TIME: return is_digit(c) || is_letter(c) || strchr("@:+-.", c);
	case TYPE_WORD: return c >= 'a' && c <= 'z';
	case TYPE_ID: return is_digit(c) || is_letter(c) || c == '-';
	default: return true;
	}
}

/* Text is valid UTF-8 that print_text would show as it is, backslashes apart. */
static bool is_plain_text(str value)
{
	struct buf shown = BUF_INIT;
	print_text(&shown, value);
	size_t slashes = 0;
	for (size_t i = 0; i < value.len; i++)
		slashes += value.at[i] == '\\';
	bool plain = shown.len == value.len + slashes;
	buf_done(&shown);
	return plain;
}

static bool value_fits(enum type type, str value)
{
	if (!value.len || value.at[0] == '-' || value.len > LINE_BYTES_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (!value.at[i] || !char_fits(type, value.at[i]))
			return false;
	return type != TYPE_TEXT || is_plain_text(value);
}

struct request {
	struct arena arena;
	char *argv[WORDS_MAX + 1];
	int argc;
};

static int add_word(struct request *request, str word, struct err *err)
{
	if (request->argc == WORDS_MAX)
		return err_set(err, ERR_USAGE, "remote: more than %d words", WORDS_MAX);
	request->argv[request->argc++] = arena_cstring(&request->arena, word);
	return 0;
}

static const struct argument *find_option(const struct verb *verb, str word)
{
	for (const struct argument *a = verb->arguments; a->option || a->type; a++)
		if (a->option && str_eq(str_from(a->option), word))
			return a;
	return NULL;
}

static const struct argument *find_operand(const struct verb *verb, unsigned number)
{
	for (const struct argument *a = verb->arguments; a->option || a->type; a++)
		if (!a->option && !number--)
			return a;
	return NULL;
}

static int read_option(struct request *request, const struct argument *argument, str *rest, struct err *err)
{
	int rc = add_word(request, str_from(argument->option), err);
	if (rc || argument->type == TYPE_FLAG)
		return rc;
	str value = str_cut(rest, ' ');
	if (!value_fits(argument->type, value))
		return err_set(err, ERR_USAGE, "remote: %s has no proper value", argument->option);
	return add_word(request, value, err);
}

static int read_operand(struct request *request, const struct argument *argument, str word, str *rest, struct err *err)
{
	if (argument && argument->type == TYPE_TEXT && rest->len) {
		word = (str){ word.at, (size_t)(rest->at + rest->len - word.at) };
		*rest = STR("");
	}
	if (!argument || !value_fits(argument->type, word))
		return err_set(err, ERR_USAGE, "remote: \"%.*s\" is not understood here", STR_ARG(str_head(word, 80)));
	return add_word(request, word, err);
}

static const struct verb *find_verb(str word, bool allow_act)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (str_eq(str_from(verbs[i].name), word) && (allow_act || !verbs[i].acts))
			return &verbs[i];
	return NULL;
}

static int read_request(struct request *request, str line, bool allow_act, struct err *err)
{
	str rest = line;
	str name = str_cut(&rest, ' ');
	const struct verb *verb = find_verb(name, allow_act);
	unsigned operands = 0;
	if (!verb)
		return err_set(err, ERR_USAGE, "remote: \"%.*s\" is no verb here", STR_ARG(str_head(name, 80)));
	int rc = add_word(request, name, err);
	while (!rc && rest.len) {
		str word = str_cut(&rest, ' ');
		const struct argument *option = find_option(verb, word);
		rc = option ? read_option(request, option, &rest, err) :
			      read_operand(request, find_operand(verb, operands++), word, &rest, err);
	}
	if (!rc && operands < verb->operands_min)
		rc = err_set(err, ERR_USAGE, "remote: %s needs an operand", verb->name);
	if (!rc && verb->acts)
		rc = add_word(request, STR("--yes"), err);
	if (!rc && verb->acts && strcmp(verb->name, "stop") == 0)
		rc = add_word(request, STR("--apply"), err);
	return rc;
}

/* The line that the SSH client asked for, or the first line of stdin when it asked for none. */
static int read_line(struct buf *line, struct err *err)
{
	const char *asked = getenv("SSH_ORIGINAL_COMMAND");
	char c;
	if (asked) {
		buf_add(line, str_head(str_from(asked), LINE_BYTES_MAX + 1));
	} else {
		while (line->len <= LINE_BYTES_MAX && read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
			buf_char(line, c);
	}
	if (line->len > LINE_BYTES_MAX)
		return err_set(err, ERR_USAGE, "remote: the line has more than %d bytes", LINE_BYTES_MAX);
	return 0;
}

/* --- caps ------------------------------------------------------------------------------ */

/* What the command prints until its end; ERR_REFUSED when it is too much or takes too long. */
static int collect(int from, struct buf *answer, struct err *err)
{
	char block[64 * 1024];
	usec deadline = clock_monotonic() + SECONDS_MAX * USEC_PER_SEC;
	for (;;) {
		struct pollfd wait = { from, POLLIN, 0 };
		usec left = deadline - clock_monotonic();
		if (left <= 0 || poll(&wait, 1, (int)(left / 1000) + 1) == 0)
			return err_set(err, ERR_REFUSED, "remote: not done after %d seconds", SECONDS_MAX);
		ssize_t len = read(from, block, sizeof(block));
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len ? err_errno(err, "remote: read") : 0;
		if (answer->len + (size_t)len > ANSWER_MAX)
			return err_set(err, ERR_REFUSED, "remote: the answer has more than %d MB: ask for less", ANSWER_MAX >> 20);
		buf_add(answer, (str){ block, (size_t)len });
	}
}

static int run_child(const struct app *app, struct request *request, int to)
{
	struct err err = { 0 };
	struct app own = *app;
	own.output = OUTPUT_JSON;
	own.color = false;
	if (setpgid(0, 0) || dup2(to, STDOUT_FILENO) < 0)
		return EXIT_REFUSED;
	int rc = cmd_dispatch(&own, request->argc, request->argv, &err);
	fflush(stdout);
	if (rc < 0)
		log_error("%s", err.text);
	return rc >= 0 ? rc : rc == ERR_USAGE ? EXIT_USAGE : EXIT_REFUSED;
}

static int run_capped(const struct app *app, struct request *request, struct buf *answer, struct err *err)
{
	int ends[2], status;
	if (pipe2(ends, O_CLOEXEC))
		return err_errno(err, "pipe");
	OWN_FD int from = ends[0];
	OWN_FD int to = ends[1];
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0)
		_exit(run_child(app, request, to));
	setpgid(pid, pid); /* whoever of the two comes first */
	close(own_take_fd(&to));
	int rc = collect(from, answer, err);
	if (rc)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc)
		return rc;
	return WIFEXITED(status) ? WEXITSTATUS(status) : err_set(err, ERR_SYSTEM, "remote: the command was ended by a signal");
}

/* Without an answer of the command's own, the reason as JSON. */
static void print_failure(struct buf *answer, const char *text)
{
	struct jsonw w;
	answer->len = 0;
	jsonw_init(&w, answer, true);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.error/1"));
	jsonw_field_str(&w, "error", str_from(text));
	jsonw_close(&w, '}');
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	struct request request = { 0 };
	struct buf line = BUF_INIT, answer = BUF_INIT;
	int rc = read_line(&line, err);
	if (!rc)
		rc = read_request(&request, buf_str(&line), opts_get(opts, "allow-act") != NULL, err);
	if (!rc)
		rc = run_capped(app, &request, &answer, err);
	if (rc < 0)
		print_failure(&answer, err->text);
	else if (!answer.len)
		print_failure(&answer, "the command failed; its reason is on standard error");
	struct err write_err;
	if (buf_write(&answer, STDOUT_FILENO, &write_err) && rc >= 0)
		rc = (*err = write_err, ERR_SYSTEM);
	buf_done(&line);
	buf_done(&answer);
	arena_done(&request.arena);
	return rc;
}

const struct cmd cmd_remote = {
	.name = "remote", .operands = "", .summary = "the forced command for SSH: one line of typed verbs, JSON back",
	.options = options, .run = run,
};
