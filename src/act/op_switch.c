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
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "act/program.h"
#include "act/text_file.h"
#include "base/own.h"
#include "base/sha256.h"
#include "base/walk.h"

enum { SETTLE_TRIES = 15 };

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

static int read_json(const struct deed *deed, str text, bool *out_on, struct err *err)
{
	json_t *top = json_loadb(text.at, text.len, 0, NULL);
	const json_t *value = json_at(top, facts_get(&deed->facts, "at"), deed->arena);
	/* A panel's list of objects that are on has no entry for one that is off. */
	bool absent_is_off = str_eq(facts_get(&deed->facts, "absent"), STR("off"));
	int rc = 0;
	if (!top)
		rc = err_set(err, ERR_SYSTEM, "the answer is not JSON");
	else if (!value && !absent_is_off)
		rc = err_set(err, ERR_SYSTEM, "the answer has no %.*s", STR_ARG(facts_get(&deed->facts, "at")));
	else
		*out_on = value && json_is(value, facts_get(&deed->facts, "on"));
	json_decref(top);
	return rc;
}

static int read_line(const struct act_world *world, struct deed *deed, bool first, bool *out_on, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	char hex[65] = "";
	int rc = text_file_read(world, deed, false, &file, err);
	if (rc)
		return rc;
	for (str rest = buf_str(&file.text); rest.len;) {
		str line = str_cut(&rest, '\n'), key = line;
		struct sha256 sha;
		if (!str_eq(str_cut(&key, ':'), facts_get(&deed->facts, "key")))
			continue;
		sha256_init(&sha);
		sha256_add(&sha, line);
		sha256_hex(&sha, 64, hex);
	}
	if (!hex[0])
		return err_set(err, ERR_GONE, "%.*s is not in %s", STR_ARG(facts_get(&deed->facts, "key")), file.name);
	if (first)
		facts_set(&deed->facts, deed->arena, "line_sha256", str_from(hex));
	*out_on = !str_eq(str_from(hex), facts_get(&deed->facts, "line_sha256"));
	return 0;
}

static int read_file(const struct act_world *world, const struct deed *deed, bool *out_on, struct err *err)
{
	__attribute__((cleanup(text_file_close))) struct text_file file;
	int rc = text_file_read(world, deed, false, &file, err);
	*out_on = !rc && program_says(buf_str(&file.text), facts_get(&deed->facts, "on"));
	return rc == ERR_GONE ? 0 : rc;
}

static int read_program(const struct deed *deed, str how, bool *out_on, struct err *err)
{
	struct run_result result;
	int rc = program_run(deed, facts_find(&deed->facts, "read"), STR(""), &result, err);
	if (rc)
		;
	else if (str_eq(how, STR("exit")) && result.exit_code <= 1)
		*out_on = result.exit_code == 0;
	else if (result.exit_code != 0)
		rc = err_set(err, ERR_SYSTEM, "reading the state ended with exit code %d", result.exit_code);
	else if (str_eq(how, STR("json")))
		rc = read_json(deed, buf_str(&result.out), out_on, err);
	else
		*out_on = program_says(buf_str(&result.out), facts_get(&deed->facts, "on"));
	run_result_done(&result);
	return rc;
}

static int read_state(const struct act_world *world, struct deed *deed, bool first, bool *out_on, struct err *err)
{
	str how = facts_get(&deed->facts, "how");
	if (str_eq(how, STR("line")))
		return read_line(world, deed, first, out_on, err);
	if (str_eq(how, STR("word")) && facts_find(&deed->facts, "file"))
		return read_file(world, deed, out_on, err);
	if (str_eq(how, STR("exit")) || str_eq(how, STR("json")) || str_eq(how, STR("word")))
		return read_program(deed, how, out_on, err);
	return err_set(err, ERR_INPUT, "a state cannot be read by %.*s", STR_ARG(how));
}

static int survey(const struct act_world *world, struct deed *deed, struct err *err)
{
	bool on = false;
	int rc = read_state(world, deed, true, &on, err);
	if (!rc)
		facts_set(&deed->facts, deed->arena, "before", on ? STR("on") : STR("off"));
	return rc;
}

static int look(const struct act_world *world, const struct deed *deed, enum state *out, struct err *err)
{
	struct deed which = *deed;
	bool on = false;
	int rc = read_state(world, &which, false, &on, err);
	str now = on ? STR("on") : STR("off");
	if (rc)
		return rc;
	if (str_eq(now, facts_get(&deed->facts, "goal")))
		*out = STATE_AFTER;
	else
		*out = str_eq(now, facts_get(&deed->facts, "before")) ? STATE_BEFORE : STATE_OTHER;
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

/* text with the first {password} replaced. */
static int fill_in(const struct act_world *world, struct deed *deed, str text, str *out, struct err *err)
{
	static const str mark = { "{password}", 10 };
	size_t at = str_search(text, mark);
	*out = text;
	if (at == STR_NONE)
		return 0;
	if (!world->password)
		return err_set(err, ERR_REFUSED, "no new password was given");
	*out = arena_printf(deed->arena, "%.*s%s%.*s", (int)at, text.at, world->password,
			    STR_ARG(str_from_at(text, at + mark.len)));
	return 0;
}

/* The value of a file argument: HestiaCP reads a password from the first line of a file below /tmp. */
static int password_file(const struct act_world *world, char path[32], struct err *err)
{
	snprintf(path, 32, "/tmp/quell.XXXXXX");
	OWN_FD int fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	int len = world->password ? dprintf(fd, "%s\n", world->password) : -1;
	return len > 0 ? 0 : err_set(err, ERR_REFUSED, "no new password was given");
}

static int with_passwords(const struct act_world *world, struct deed *deed, const struct fact *argv, struct fact *out,
			  char path[32], struct err *err)
{
	str *words = arena_alloc(deed->arena, (argv->count + 1) * sizeof(*words));
	int rc = 0;
	for (size_t i = 0; !rc && i < argv->count; i++) {
		words[i] = argv->values[i];
		if (str_eq(words[i], STR("{password_file}")) && !(rc = password_file(world, path, err)))
			words[i] = str_from(path);
		else if (!rc)
			rc = fill_in(world, deed, argv->values[i], &words[i], err);
	}
	*out = (struct fact){ argv->key, words, argv->count, true };
	return rc;
}

static int turn(const struct act_world *world, struct deed *deed, const char *verb, const char *input_key, enum state wanted,
		struct err *err)
{
	const struct fact *argv = facts_find(&deed->facts, verb);
	struct fact filled;
	struct run_result result = RUN_RESULT_INIT;
	char path[32] = "", said[256];
	str input;
	if (!argv)
		return err_set(err, ERR_REFUSED, "there is no way to take this back");
	int rc = fill_in(world, deed, facts_get(&deed->facts, input_key), &input, err);
	if (!rc)
		rc = with_passwords(world, deed, argv, &filled, path, err);
	if (!rc)
		rc = program_run(deed, &filled, input, &result, err);
	if (path[0])
		unlink(path);
	str words = str_trim(result.out.len ? buf_str(&result.out) : buf_str(&result.err));
	snprintf(said, sizeof(said), "%.*s", STR_ARG(str_head(words, sizeof(said) - 1)));
	run_result_done(&result);
	return rc ? rc : wait_for(world, deed, wanted, said, err);
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
	return turn(world, deed, "undo", "undo_input", STATE_BEFORE, err);
}

const struct op op_switch = {
	.name = "switch",
	.keys = "do how goal before",
	.live_only = true,
	.survey = survey,
	.look = look,
	.make = make,
	.undo = undo,
};
