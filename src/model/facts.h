/* SPDX-License-Identifier: Apache-2.0
 *
 * facts: what a step of a plan rests on, and what the journal keeps of it:
 * named values, each one byte string or a list of them, in the order they
 * were set. Everything is copied to the arena given.
 *
 * In JSON a value is a string or an array of strings; bytes that are not
 * UTF-8 (paths may hold any) stand as {"hex":"..."} so that they come back
 * unchanged.
 */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"

enum { FACTS_MAX = 32 };

struct fact {
	str key;
	const str *values;
	size_t count;
	bool is_list;
};

struct facts {
	struct fact list[FACTS_MAX];
	size_t count;
};

/* Set adds or replaces. More than FACTS_MAX different keys cannot be. */
void facts_set(struct facts *facts, struct arena *arena, const char *key, str value);
void facts_set_number(struct facts *facts, struct arena *arena, const char *key, uint64_t value);
void facts_set_list(struct facts *facts, struct arena *arena, const char *key, const str *values, size_t count);
/* The single value; "" when absent or a list. */
str facts_get(const struct facts *facts, const char *key);
bool facts_number(const struct facts *facts, const char *key, uint64_t max, uint64_t *out);
/* NULL when absent. */
const struct fact *facts_find(const struct facts *facts, const char *key);
/* Same values in the same form; NULL is only the same as NULL. */
bool fact_same(const struct fact *a, const struct fact *b);
/* The key of the first value in wanted that is absent or different in got; "" when all are there. */
str facts_differ(const struct facts *wanted, const struct facts *got);
void facts_copy(struct facts *to, struct arena *arena, const struct facts *from);

void facts_print(struct jsonw *w, const struct facts *facts);
int facts_parse(struct facts *out, struct arena *arena, const json_t *object, struct err *err);

/* String members of a JSON object as the plan and the journal read them: "" for null or absent. */
struct member {
	const char *key; /* NULL ends a list */
	str *to;
};
int facts_members(const struct member *members, struct arena *arena, const json_t *object, struct err *err);
/* A time as jsonw_time() writes it; USEC_NEVER when absent. */
int facts_member_time(usec *out, const json_t *object, const char *key, struct err *err);
