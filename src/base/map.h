/* SPDX-License-Identifier: Apache-2.0
 *
 * names: interned byte strings. Each distinct string gets a small number, in
 * order of first appearance, so that iteration is the order of insertion and
 * the same input gives the same numbers. Number 0 is the empty string.
 *
 * Open addressing with linear probing; the strings are copied, each with its
 * length in front and a NUL behind, into large chunks and found by 32-bit
 * offsets. What was met last stands in a small table in front of the large
 * one: logs repeat names within seconds, and the large table of a big log is
 * far from the processor. A hostile key set can only lengthen probes: the
 * hash is salted anew when a probe passes a limit, and the table is rebuilt.
 */
#pragma once
#include "base/arena.h"

struct names_slot;
struct names {
	struct arena arena;
	char **chunks;  /* in the arena */
	size_t chunk_count, text_len; /* text_len: bytes of all chunks in use, the next string's offset */
	uint32_t *offsets;     /* by number */
	size_t count, offset_cap;
	struct names_slot *slots, *recent;
	size_t slot_count; /* power of two */
	uint64_t salt;
	uint64_t refused;  /* strings that found no room: more than NAMES_BYTES_MAX of them */
};

/* Offsets have 32 bits. */
#define NAMES_BYTES_MAX (UINT32_MAX - 8u * 1024 * 1024)
enum { NAMES_CHUNK_BITS = 20 };

void names_init(struct names *names);
/* The number of s, added when new; 0 when there is no room for it, which is counted. */
uint32_t names_add(struct names *names, str s);
/* Asks the processor to fetch what names_add(names, s) will read: first the slot, then, by the hash that the first call
 * returned, the text. For callers that know their names some steps ahead. */
uint32_t names_expect(const struct names *names, str s);
void names_expect_text(const struct names *names, uint32_t hash);
/* The number of s, or 0 when it was never added (0 as well for the empty string). */
uint32_t names_get(const struct names *names, str s);
/* Lives as long as names, whatever is added. */
str names_str(const struct names *names, uint32_t number);
/* Frees what only adding and finding need; names_str() stays. */
void names_seal(struct names *names);
void names_done(struct names *names);

/* index: u64 key -> u32 value, for pairs of interned numbers. */
struct index_slot {
	uint64_t key;
	uint32_t value;
	bool used;
};
struct index {
	struct index_slot *slots;
	size_t count, slot_count;
};

/* The place of key's value; *is_new tells whether it was just made (value 0). The pointer is valid until the next call. */
uint32_t *index_add(struct index *index, uint64_t key, bool *is_new);
/* NULL when absent. */
const uint32_t *index_get(const struct index *index, uint64_t key);
void index_done(struct index *index);

static inline uint64_t index_pair(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}
