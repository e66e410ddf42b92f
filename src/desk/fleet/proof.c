/* SPDX-License-Identifier: Apache-2.0
 *
 * proof: questions in order of their strength, and the reading of the answers.
 */
#include "desk/fleet/proof.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/own.h"
#include "model/exim_id.h"

#define MINUTES(n) ((usec)(n)*60 * USEC_PER_SEC)

enum { ANSWER_MESSAGES_MAX = 10000, REPAIRS_MAX = 8, AMBIGUOUS_MAX = 10, EVIDENCE_BYTES_MAX = 64 * 1024,
       HEADERS_ADDED_MAX = 32 * 1024 };

/* --- ids copied by hand --------------------------------------------------- */

static const char *const lookalikes[] = { "1lI", "0O" };

static const char *lookalike_of(char c)
{
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(*lookalikes); i++)
		if (strchr(lookalikes[i], c))
			return lookalikes[i];
	return NULL;
}

static bool is_near(str id, usec at)
{
	static const usec near = MINUTES(24 * 60);
	usec made = exim_id_time(id);
	return at == USEC_NEVER || (made <= at + MINUTES(15) && made >= at - near);
}

struct repair {
	struct arena *arena;
	str id;
	usec at;
	size_t places[AMBIGUOUS_MAX], place_count;
	str *out;
	size_t count, max;
};

static void try_reading(struct repair *repair, str reading)
{
	if (repair->count < repair->max && exim_id_shape(reading) && is_near(reading, repair->at))
		repair->out[repair->count++] = arena_copy(repair->arena, reading);
}

/* All readings with exactly `left` changes at places from `from` on; depth is bounded by AMBIGUOUS_MAX. */
static void vary(struct repair *repair, char *text, size_t from, size_t left)
{
	if (!left) {
		try_reading(repair, (str){ text, repair->id.len });
		return;
	}
	for (size_t i = from; i < repair->place_count && repair->count < repair->max; i++) {
		char *at = &text[repair->places[i]], original = *at;
		for (const char *other = lookalike_of(original); *other; other++) {
			if (*other == original)
				continue;
			*at = *other;
			vary(repair, text, i + 1, left - 1);
		}
		*at = original;
	}
}

size_t proof_repair_id(struct arena *arena, str id, usec at, str *out, size_t max)
{
	struct repair repair = { .arena = arena, .id = id, .at = at, .out = out, .max = max };
	char text[EXIM_ID_LONG + 1];
	if (id.len > EXIM_ID_LONG || !exim_id_shape(id))
		return 0;
	memcpy(text, id.at, id.len);
	for (size_t i = 0; i < id.len && repair.place_count < AMBIGUOUS_MAX; i++)
		if (lookalike_of(id.at[i]))
			repair.places[repair.place_count++] = i;
	for (size_t changes = 0; changes <= repair.place_count && repair.count < max; changes++)
		vary(&repair, text, 0, changes);
	return repair.count;
}

/* --- the answer ----------------------------------------------------------- */

static str text_of(struct arena *arena, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? arena_copy(arena, (str){ json_string_value(value), json_string_length(value) })
				     : STR("");
}

static usec time_of(const json_t *message)
{
	usec at = USEC_NEVER;
	clock_parse(str_from(json_string_value(json_object_get(message, "at"))), USEC_NEVER, &at);
	return at;
}

static bool has_recipient(const json_t *message, str recipient)
{
	size_t index;
	json_t *value;
	json_array_foreach(json_object_get(message, "recipients"), index, value)
	{
		if (str_eq_nocase(str_from(json_string_value(json_object_get(value, "address"))), recipient))
			return true;
	}
	return false;
}

static bool is_wanted_id(const struct wanted *wanted, str id)
{
	for (size_t i = 0; i < wanted->id_count; i++)
		if (str_eq(wanted->ids[i], id))
			return true;
	return false;
}

/* How the reported size fits what the host saw arrive: the servers on the way add header fields, reporters cut bodies and
 * write line ends in one byte. */
enum fit { FIT_UNKNOWN, FIT_YES, FIT_NO };

static enum fit size_fit(const json_t *message, const struct wanted *wanted)
{
	json_int_t size = json_integer_value(json_object_get(message, "size"));
	if (size <= 0 || !wanted->size)
		return FIT_UNKNOWN;
	uint64_t sent = (uint64_t)size, shortest = sent - sent / 20;
	return wanted->size > sent + HEADERS_ADDED_MAX ? FIT_NO : wanted->size < shortest ? FIT_UNKNOWN : FIT_YES;
}

/* How the message fits: the strongest reason, or NULL. A recipient counts within a quarter of an hour of the hop only; a
 * Message-ID, which anybody may copy, with the size or within that time, and against neither; lines that the host itself
 * takes for forged never do. text: what the host was asked for. */
static const char *reason(struct arena *arena, const json_t *message, str text, const struct wanted *wanted)
{
	usec at = time_of(message);
	bool has_times = at != USEC_NEVER && wanted->at != USEC_NEVER;
	bool in_time = has_times && llabs(at - wanted->at) <= MINUTES(15);
	if (json_is_true(json_object_get(message, "forged")))
		return NULL;
	if (is_wanted_id(wanted, text_of(arena, message, "id")))
		return "id";
	if (in_time && wanted->recipient.len && has_recipient(message, wanted->recipient))
		return "recipient and minute";
	enum fit fit = size_fit(message, wanted);
	if (!wanted->message_id.len || !str_eq(text, wanted->message_id) || fit == FIT_NO || (has_times && !in_time))
		return NULL;
	return fit == FIT_YES ? "message-id and size" : in_time ? "message-id and minute" : NULL;
}

static void take(struct arena *arena, const json_t *message, const char *by, struct proof *out)
{
	char *text = json_dumps(message, JSON_COMPACT);
	*out = (struct proof){
		.found = true,
		.by = by,
		.id = text_of(arena, message, "id"),
		.account = text_of(arena, message, "account"),
		.login = text_of(arena, message, "login"),
		.at = time_of(message),
		.text = arena_copy(arena, str_head(str_from(text), EVIDENCE_BYTES_MAX)),
	};
	free(text);
}

/* The first message with the strongest reason. */
int proof_read_trace(struct arena *arena, str json, const struct wanted *wanted, struct proof *out, struct err *err)
{
	json_t *answer = json_loadb(json.at, json.len, JSON_REJECT_DUPLICATES, NULL);
	const char *schema = json_string_value(json_object_get(answer, "schema"));
	const json_t *messages = json_object_get(answer, "messages");
	*out = (struct proof){ .at = USEC_NEVER };
	if (!schema || strcmp(schema, "quell.trace/1") || json_array_size(messages) > ANSWER_MESSAGES_MAX) {
		json_decref(answer);
		return err_set(err, ERR_INPUT, "the host's answer is no quell.trace/1");
	}
	str text = text_of(arena, answer, "text");
	size_t index;
	json_t *message;
	json_array_foreach(messages, index, message)
	{
		const char *by = reason(arena, message, text, wanted);
		if (by && (!out->found || (strcmp(by, "id") == 0 && strcmp(out->by, "id"))))
			take(arena, message, by, out);
	}
	json_decref(answer);
	return 0;
}

static int ask(struct arena *arena, const struct remote *remote, str text, const struct wanted *wanted,
	       struct proof *out, struct err *err)
{
	OWN(buf_done) struct buf answer = BUF_INIT;
	int rc = remote_ask(remote, "trace", text, &answer, err);
	if (!rc && proof_read_trace(arena, buf_str(&answer), wanted, out, err))
		rc = err_context(err, "%s", remote->name);
	return rc;
}

int proof_look_up(struct arena *arena, const struct remote *remote, const struct wanted *wanted, struct proof *out,
		  struct err *err)
{
	str repaired[REPAIRS_MAX];
	size_t count = 0;
	int rc = 0;
	for (size_t i = 0; i < wanted->id_count && count < REPAIRS_MAX; i++)
		count += proof_repair_id(arena, wanted->ids[i], wanted->at, repaired + count, REPAIRS_MAX - count);
	struct wanted repaired_wanted = *wanted;
	repaired_wanted.ids = repaired;
	repaired_wanted.id_count = count;
	*out = (struct proof){ .at = USEC_NEVER };
	for (size_t i = 0; i < count && !rc && !out->found; i++)
		rc = ask(arena, remote, repaired[i], &repaired_wanted, out, err);
	const str others[] = { wanted->recipient, wanted->message_id };
	for (size_t i = 0; i < sizeof(others) / sizeof(*others) && !rc && !out->found; i++)
		if (others[i].len)
			rc = ask(arena, remote, others[i], &repaired_wanted, out, err);
	return rc;
}
