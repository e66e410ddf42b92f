/* SPDX-License-Identifier: Apache-2.0
 *
 * switch: something of a panel, firewall or mail server that is on or off and
 * that only its own program may turn: a suspension, a hold, a blocked address,
 * open sessions.
 *
 * The adapter's facts say how it is turned (do, undo: argument vectors) and
 * how it is read (how it stands). Exit codes are not believed, since several
 * of these tools exit 0 when they refuse and not 0 when they succeed: it is
 * read before, and success is what is read afterwards.
 *
 *     how    where it is read            on when
 *     exit   read (argv)                 it exits 0; off when it exits 1
 *     json   read (argv), at (a/b/0/c)   the value there is `on`
 *     word   read (argv) or file         `on` stands there as a word
 *     line   file, key                   the line of that key is another than before
 *
 * Whose answer has one of the words `never` (as the value at never_at, where it
 * is JSON) is not touched.
 *
 * A verb's standard input is the fact input (undo_input), where {password} and
 * {api} stand for what no plan, journal or argument may hold: the new password,
 * and the key that the program api prints (at api_at of its JSON); api_end
 * takes that key back. Files that a verb is known to leave half written are
 * named by the fact keep (act/kept.h).
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "act/kept.h"
#include "act/program.h"
#include "act/text_file.h"
#include "base/own.h"
#include "base/sha256.h"
#include "base/walk.h"

enum { SETTLE_TRIES = 15, PASSWORD_PATH_MAX = 64 };

/* How a thing stands; broken: a verb has left it neither as it was nor as it should be. */
enum reading { READ_OFF, READ_ON, READ_BROKEN };
static const char *const readings[] = { "off", "on", "broken" };

/* value at a/b/0/c; NULL when there is none. */
static const json_t *json_at(const json_t *top, str path, struct arena *arena)
{
	while (top && path.len) {
		str part = str_cut(&path, '/');
		uint64_t index;
		if (json_is_array(top))
			top = str_u64(part, SIZE_MAX, &index) ? json_array_get(top, index) : NULL;
		else
			top = json_object_get(top, arena_cstring(arena, part));
	}
	return top;
}

static bool json_is(const json_t *value, str wanted)
{
	char number[32];
	if (json_is_string(value))
		return str_eq((str){ json_string_value(value), json_string_length(value) }, wanted);
	if (json_is_boolean(value))
		return str_eq(wanted, json_is_true(value) ? STR("1") : STR("0"));
	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
	return json_is_integer(value) && str_eq(wanted, str_from(number));
}

static const char never_text[] = "it is an administrator or reseller of the panel";

static int check_never_json(const struct deed *deed, const json_t *top, struct err *err)
{
	const struct fact *never = facts_find(&deed->facts, "never");
	const json_t *value = never ? json_at(top, facts_get(&deed->facts, "never_at"), deed->arena) : NULL;
	for (size_t i = 0; value && i < never->count; i++)
		if (json_is(value, never->values[i]))
			return err_set(err, ERR_REFUSED, "%s", never_text);
	return 0;
}

static int check_never_word(const struct deed *deed, str text, struct err *err)
{
	const struct fact *never = facts_find(&deed->facts, "never");
	for (size_t i = 0; never && i < never->count; i++)
		if (program_says(text, never->values[i]))
			return err_set(err, ERR_REFUSED, "%s", never_text);
	return 0;
}

static int read_json(const struct deed *deed, str text, enum reading *out, struct err *err)
{
	json_t *top = json_loadb(text.at, text.len, 0, NULL);
	const json_t *value = json_at(top, facts_get(&deed->facts, "at"), deed->arena);
	/* A panel's list of objects that are on has no entry for one that is off. */
	bool absent_is_off = str_eq(facts_get(&deed->facts, "absent"), STR("off"));
	int rc = top ? check_never_json(deed, top, err) : err_set(err, ERR_SYSTEM, "the answer is not JSON");
	if (rc)
		;
	else if (!value && !absent_is_off)
		rc = err_set(err, ERR_SYSTEM, "the answer has no %.*s", STR_ARG(facts_get(&deed->facts, "at")));
	else
		*out = value && json_is(value, facts_get(&deed->facts, "on")) ? READ_ON : READ_OFF;
	json_decref(top);
	return rc;
}

/* A verb that failed half-way may have written anything but a hash of crypt(3) behind the key. */
static bool has_crypt(str line)
{
	str_cut(&line, ':');
	str field = str_cut(&line, ':');
	if (str_skip(&field, STR("{")))
		str_cut(&field, '}');
	for (size_t i = 0; i < field.len; i++)
		if (!strchr("./$=,+-", field.at[i]) && !isalnum((unsigned char)field.at[i]))
			return false;
	return str_starts(field, STR("$"));
}

static int read_line(const struct act_world *world, struct deed *deed, bool first, enum reading *out, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	char hex[65] = "";
	bool is_whole = false;
	int rc = text_file_read(world, deed, false, &file, err);
	if (rc)
		return rc;
	for (str rest = buf_str(&file.text); rest.len;) {
		str line = str_cut(&rest, '\n'), key = line;
		if (!str_eq(str_cut(&key, ':'), facts_get(&deed->facts, "key")))
			continue;
		is_whole = has_crypt(line);
		sha256_text(line, hex);
	}
	if (!hex[0] && (first || !facts_find(&deed->facts, "keep")))
		return err_set(err, ERR_GONE, "%.*s is not in %s", STR_ARG(facts_get(&deed->facts, "key")), file.name);
	if (first)
		facts_set(&deed->facts, deed->arena, "line_sha256", str_from(hex));
	bool is_same = str_eq(str_from(hex), facts_get(&deed->facts, "line_sha256"));
	*out = is_same ? READ_OFF : is_whole ? READ_ON : READ_BROKEN;
	return 0;
}

static int read_file(const struct act_world *world, const struct deed *deed, enum reading *out, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	int rc = text_file_read(world, deed, false, &file, err);
	*out = !rc && program_says(buf_str(&file.text), facts_get(&deed->facts, "on")) ? READ_ON : READ_OFF;
	return rc == ERR_GONE ? 0 : rc ? rc : check_never_word(deed, buf_str(&file.text), err);
}

static int read_program(const struct deed *deed, str how, enum reading *out, struct err *err)
{
	struct run_result result;
	int rc = program_run(deed, facts_find(&deed->facts, "read"), STR(""), &result, err);
	if (rc)
		;
	else if (str_eq(how, STR("exit")) && result.exit_code <= 1)
		*out = result.exit_code == 0 ? READ_ON : READ_OFF;
	else if (result.exit_code != 0)
		rc = err_set(err, ERR_SYSTEM, "reading the state ended with exit code %d", result.exit_code);
	else if (str_eq(how, STR("json")))
		rc = read_json(deed, buf_str(&result.out), out, err);
	else
		*out = program_says(buf_str(&result.out), facts_get(&deed->facts, "on")) ? READ_ON : READ_OFF;
	run_result_done(&result);
	return rc;
}

static int read_state(const struct act_world *world, struct deed *deed, bool first, enum reading *out, struct err *err)
{
	str how = facts_get(&deed->facts, "how");
	if (str_eq(how, STR("line")))
		return read_line(world, deed, first, out, err);
	if (str_eq(how, STR("word")) && facts_find(&deed->facts, "file"))
		return read_file(world, deed, out, err);
	if (str_eq(how, STR("exit")) || str_eq(how, STR("json")) || str_eq(how, STR("word")))
		return read_program(deed, how, out, err);
	return err_set(err, ERR_INPUT, "a state cannot be read by %.*s", STR_ARG(how));
}

static int survey(const struct act_world *world, struct deed *deed, struct err *err)
{
	enum reading now = READ_OFF;
	int rc = read_state(world, deed, true, &now, err);
	if (!rc)
		facts_set(&deed->facts, deed->arena, "before", str_from(readings[now]));
	return rc;
}

static int look(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	struct deed which = *deed;
	enum reading now = READ_OFF;
	int rc = read_state(world, &which, false, &now, err);
	str word = str_from(readings[now]);
	if (rc)
		return rc;
	if (str_eq(word, facts_get(&deed->facts, "goal")))
		*out = STATE_AFTER;
	else if (now == READ_BROKEN)
		*out = facts_find(&deed->facts, "keep") ? STATE_PARTIAL : STATE_OTHER;
	else
		*out = str_eq(word, facts_get(&deed->facts, "before")) ? STATE_BEFORE : STATE_OTHER;
	return 0;
}

/* Some of these tools are slower than their own answer. */
static int wait_for(const struct act_world *world, const struct deed *deed, enum state wanted, const char *said, struct err *err)
{
	const struct timespec nap = { .tv_nsec = 200000000 };
	enum state state = STATE_OTHER;
	for (int i = 0; i < SETTLE_TRIES; i++) {
		int rc = look(world, deed, &state, err);
		if (rc)
			return rc;
		if (state == wanted)
			return 0;
		nanosleep(&nap, NULL);
	}
	return err_set(err, ERR_REFUSED, "the state did not change; the program said: %.200s", said);
}

/* The way into a panel's HTTP interface that its own program makes for a moment: what it prints, or the value at api_at of
 * its JSON. It goes into a line of curl's configuration, so it may hold nothing that ends a word there. */
static int open_api(const struct deed *deed, str *out, struct err *err)
{
	struct run_result result = RUN_RESULT_INIT;
	const char *at = arena_cstring(deed->arena, facts_get(&deed->facts, "api_at"));
	int rc = program_run(deed, facts_find(&deed->facts, "api"), STR(""), &result, err);
	json_t *top = rc || !at[0] ? NULL : json_loadb(result.out.at, result.out.len, 0, NULL);
	const json_t *value = json_at(top, str_from(at), deed->arena);
	str text = at[0] ? str_from(json_string_value(value)) : str_trim(buf_str(&result.out));
	bool is_word = text.len > 0;
	while (str_ends(text, STR("/")))
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		is_word &= text.at[i] > ' ' && text.at[i] < 0x7f && text.at[i] != '"' && text.at[i] != '\\';
	if (!rc && (result.exit_code || !is_word))
		rc = err_set(err, ERR_SYSTEM, "the panel gave no key to its interface (exit code %d)", result.exit_code);
	*out = arena_copy(deed->arena, text);
	json_decref(top);
	run_result_done(&result);
	return rc;
}

static int close_api(const struct deed *deed, struct err *err)
{
	const struct fact *argv = facts_find(&deed->facts, "api_end");
	struct run_result result = RUN_RESULT_INIT;
	int rc = argv ? program_run(deed, argv, STR(""), &result, err) : 0;
	run_result_done(&result);
	return rc;
}

/* What no plan may hold, by the mark that stands for it there. */
struct secrets {
	str password, api;
};

static str fill_mark(const struct deed *deed, str text, const char *mark, str value)
{
	size_t at = str_search(text, str_from(mark));
	return at == STR_NONE ? text : arena_printf(deed->arena, "%.*s%.*s%.*s", (int)at, text.at, STR_ARG(value),
						    STR_ARG(str_from_at(text, at + strlen(mark))));
}

static int fill_in(const struct secrets *secrets, const struct deed *deed, str text, str *out, struct err *err)
{
	if (!secrets->password.len && str_search(text, STR("{password}")) != STR_NONE)
		return err_set(err, ERR_REFUSED, "no new password was given");
	*out = fill_mark(deed, fill_mark(deed, text, "{password}", secrets->password), "{api}", secrets->api);
	return 0;
}

/* HestiaCP reads a password from the first line of a file below /tmp. Its name is one that only the state folder tells, and
 * that recover can tell again. */
static void password_path(const struct deed *deed, char path[PASSWORD_PATH_MAX])
{
	snprintf(path, PASSWORD_PATH_MAX, "/tmp/quell.%.*s-%u", STR_ARG(deed->plan), deed->step);
}

static int password_file(const struct act_world *world, const struct deed *deed, char path[PASSWORD_PATH_MAX], struct err *err)
{
	password_path(deed, path);
	OWN_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_errno(err, "%s", path);
		path[0] = 0;
		return ERR_SYSTEM;
	}
	int len = world->password ? dprintf(fd, "%s\n", world->password) : -1;
	return len > 0 ? 0 : err_set(err, ERR_REFUSED, "no new password was given");
}

static int with_file(const struct act_world *world, const struct deed *deed, const struct fact *argv, struct fact *out,
		     char path[PASSWORD_PATH_MAX], struct err *err)
{
	str *words = arena_alloc(deed->arena, (argv->count + 1) * sizeof(*words));
	int rc = 0;
	for (size_t i = 0; !rc && i < argv->count; i++) {
		words[i] = argv->values[i];
		if (str_eq(words[i], STR("{password_file}")) && !(rc = password_file(world, deed, path, err)))
			words[i] = str_from(path);
	}
	*out = (struct fact){ argv->key, words, argv->count, true };
	return rc;
}

static int run_verb(const struct act_world *world, const struct deed *deed, const struct fact *argv, const char *input_key,
		    char said[256], struct err *err)
{
	struct secrets secrets = { .password = str_from(world->password) };
	struct run_result result = RUN_RESULT_INIT;
	struct fact filled;
	char path[PASSWORD_PATH_MAX] = "";
	str input;
	bool has_api = facts_find(&deed->facts, "api") != NULL;
	int rc = has_api ? open_api(deed, &secrets.api, err) : 0;
	if (!rc)
		rc = fill_in(&secrets, deed, facts_get(&deed->facts, input_key), &input, err);
	if (!rc)
		rc = with_file(world, deed, argv, &filled, path, err);
	if (!rc)
		rc = program_run(deed, &filled, input, &result, err);
	if (path[0])
		unlink(path);
	int closed = has_api ? close_api(deed, rc ? NULL : err) : 0;
	str text = str_trim(result.out.len ? buf_str(&result.out) : buf_str(&result.err));
	snprintf(said, 256, "%.*s", STR_ARG(str_head(text, 255)));
	if (!rc && result.exit_code && facts_find(&deed->facts, "keep"))
		rc = kept_put_back(world, deed, true, err) ? ERR_SYSTEM :
			     err_set(err, ERR_REFUSED, "it failed half-way, and its files were put back; the program said: %.200s", said);
	run_result_done(&result);
	return rc ? rc : closed;
}

static int turn(const struct act_world *world, const struct deed *deed, const char *verb, const char *input_key, enum state wanted,
		struct err *err)
{
	const struct fact *argv = facts_find(&deed->facts, verb);
	char said[256];
	if (!argv)
		return err_set(err, ERR_REFUSED, "there is no way to take this back");
	int rc = run_verb(world, deed, argv, input_key, said, err);
	rc = rc ? rc : wait_for(world, deed, wanted, said, err);
	/* Where a verb may be taken for a toggle, once more, but not twice. */
	if (rc == ERR_REFUSED && facts_find(&deed->facts, "again")) {
		rc = run_verb(world, deed, argv, input_key, said, err);
		rc = rc ? rc : wait_for(world, deed, wanted, said, err);
	}
	return rc;
}

static int seal(const struct act_world *world, struct deed *deed, struct err *err)
{
	return kept_seal(world, deed, err);
}

static int make(const struct act_world *world, struct deed *deed, struct err *err)
{
	enum state state;
	int rc = look(world, deed, &state, err);
	if (rc)
		return rc;
	if (state != STATE_BEFORE)
		return err_set(err, ERR_REFUSED, "it is not as it was when the plan was made");
	return turn(world, deed, "do", "input", STATE_AFTER, err);
}

static int undo(const struct act_world *world, struct deed *deed, struct err *err)
{
	enum state state;
	int rc = look(world, deed, &state, err);
	if (!rc && state == STATE_PARTIAL)
		return kept_put_back(world, deed, false, err);
	return rc ? rc : turn(world, deed, "undo", "undo_input", STATE_BEFORE, err);
}

static void tidy(const struct act_world *world, const struct deed *deed)
{
	struct err unused;
	char path[PASSWORD_PATH_MAX];
	(void)world;
	password_path(deed, path);
	unlink(path);
	close_api(deed, &unused);
}

const struct op op_switch = {
	.name = "switch",
	.keys = "do how goal before",
	.live_only = true,
	.survey = survey,
	.look = look,
	.seal = seal,
	.make = make,
	.undo = undo,
	.tidy = tidy,
};
