/* SPDX-License-Identifier: Apache-2.0
 *
 * names and index: open addressing with linear probing, grown at 5/8 load.
 */
#include "base/map.h"

#include <stdlib.h>

#include "base/mem.h"

enum { PROBE_MAX = 512, RECENT_COUNT = 8192, CHUNK_SIZE = 1 << NAMES_CHUNK_BITS, LONG_LENGTH = 0xff };

struct names_slot {
	uint32_t hash;   /* its place, and a first filter */
	uint32_t offset; /* of the text; 0 = free */
};

static uint64_t mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 29;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ (h >> 32);
}

static uint32_t salted(const struct names *names, str s)
{
	return (uint32_t)str_hash(s, names->salt);
}

/* --- text: number (four bytes), length (one byte, or 0xff and four more), bytes, NUL --- */

static char *text_at(const struct names *names, size_t offset)
{
	return names->chunks[offset >> NAMES_CHUNK_BITS] + (offset & (CHUNK_SIZE - 1));
}

static uint32_t number_at(const struct names *names, uint32_t offset)
{
	uint32_t number;
	memcpy(&number, text_at(names, offset), sizeof(number));
	return number;
}

static str str_at(const struct names *names, uint32_t offset)
{
	const char *at = text_at(names, offset) + sizeof(uint32_t);
	uint32_t len = (unsigned char)*at++;
	if (len == LONG_LENGTH) {
		memcpy(&len, at, sizeof(len));
		at += sizeof(len);
	}
	return (str){ at, len };
}

str names_str(const struct names *names, uint32_t number)
{
	return str_at(names, names->offsets[number]);
}

/* Chunks for size more bytes in one piece: a string longer than a chunk gets several that lie side by side. */
static void add_chunks(struct names *names, size_t size)
{
	size_t fresh = (size + CHUNK_SIZE - 1) / CHUNK_SIZE;
	char *block = arena_alloc(&names->arena, fresh * CHUNK_SIZE);
	names->text_len = names->chunk_count * CHUNK_SIZE;
	names->chunks = mem_realloc(names->chunks, (names->chunk_count + fresh) * sizeof(*names->chunks));
	for (size_t i = 0; i < fresh; i++)
		names->chunks[names->chunk_count++] = block + i * CHUNK_SIZE;
}

/* Returns the offset. */
static uint32_t add_text(struct names *names, str s)
{
	uint32_t len = (uint32_t)s.len, number = (uint32_t)names->count;
	size_t head = sizeof(number) + (len < LONG_LENGTH ? 1 : 1 + sizeof(len));
	if (names->chunk_count * CHUNK_SIZE - names->text_len < head + len + 1)
		add_chunks(names, head + len + 1);
	uint32_t offset = (uint32_t)names->text_len;
	char *at = text_at(names, offset);
	names->offsets = mem_grow(names->offsets, names->count, &names->offset_cap, sizeof(*names->offsets));
	names->offsets[names->count++] = offset;
	names->text_len += head + len + 1;
	memcpy(at, &number, sizeof(number));
	at[sizeof(number)] = (char)(len < LONG_LENGTH ? len : LONG_LENGTH);
	if (len >= LONG_LENGTH)
		memcpy(at + sizeof(number) + 1, &len, sizeof(len));
	if (len)
		memcpy(at + head, s.at, len);
	return offset;
}

/* --- slots --------------------------------------------------------------------------- */

static bool holds(const struct names *names, const struct names_slot *slot, str s, uint32_t hash)
{
	return slot->hash == hash && slot->offset && str_eq(str_at(names, slot->offset), s);
}

/* The slot that holds s or the free one where it belongs; *out_probes counts the steps. */
static struct names_slot *find_slot(const struct names *names, str s, uint32_t hash, size_t *out_probes)
{
	size_t mask = names->slot_count - 1;
	size_t at = hash & mask;
	for (*out_probes = 0;; at = (at + 1) & mask, ++*out_probes) {
		struct names_slot *slot = &names->slots[at];
		if (!slot->offset || holds(names, slot, s, hash))
			return slot;
	}
}

static void renew_slots(struct names *names, size_t slot_count)
{
	names->slot_count = slot_count;
	names->slots = mem_alloc(slot_count * sizeof(*names->slots));
	free(names->recent);
	names->recent = slot_count > RECENT_COUNT ? mem_alloc(RECENT_COUNT * sizeof(*names->recent)) : NULL;
}

static void put_slot(struct names *names, struct names_slot slot)
{
	size_t mask = names->slot_count - 1;
	size_t at = slot.hash & mask;
	while (names->slots[at].offset)
		at = (at + 1) & mask;
	names->slots[at] = slot;
}

static void grow_slots(struct names *names)
{
	struct names_slot *old = names->slots;
	size_t old_count = names->slot_count;
	renew_slots(names, old_count * 2);
	for (size_t i = 0; i < old_count; i++)
		if (old[i].offset)
			put_slot(names, old[i]);
	free(old);
}

static void change_salt(struct names *names, uint64_t chance)
{
	names->salt = mix(names->salt + chance + 1);
	free(names->slots);
	renew_slots(names, names->slot_count);
	for (uint32_t i = 1; i < names->count; i++)
		put_slot(names, (struct names_slot){ salted(names, names_str(names, i)), names->offsets[i] });
}

/* --- names --------------------------------------------------------------------------- */

void names_init(struct names *names)
{
	*names = (struct names){ 0 };
	renew_slots(names, 256);
	add_text(names, STR("")); /* offset 0, in no slot */
}

/* The slot of a name met lately, or the one that it takes; NULL while the whole table is small and near. */
static struct names_slot *recent_slot(const struct names *names, uint32_t hash)
{
	return names->recent ? &names->recent[(hash ^ hash >> 16) % RECENT_COUNT] : NULL;
}

static uint32_t add_new(struct names *names, struct names_slot *slot, str s, uint32_t hash, size_t probes)
{
	if (s.len > NAMES_BYTES_MAX - names->text_len) {
		names->refused++;
		return 0;
	}
	uint32_t number = (uint32_t)names->count;
	*slot = (struct names_slot){ hash, add_text(names, s) };
	if (names->count * 8 > names->slot_count * 5)
		grow_slots(names);
	if (probes > PROBE_MAX)
		change_salt(names, hash);
	return number;
}

uint32_t names_add(struct names *names, str s)
{
	if (!s.len)
		return 0;
	uint32_t hash = salted(names, s);
	size_t probes;
	struct names_slot *recent = recent_slot(names, hash);
	if (recent && holds(names, recent, s, hash))
		return number_at(names, recent->offset);
	struct names_slot *slot = find_slot(names, s, hash, &probes);
	if (!slot->offset)
		return add_new(names, slot, s, hash, probes);
	if (recent)
		*recent = *slot;
	return number_at(names, slot->offset);
}

uint32_t names_expect(const struct names *names, str s)
{
	uint32_t hash = salted(names, s);
	__builtin_prefetch(&names->slots[hash & (names->slot_count - 1)], 1);
	return hash;
}

void names_expect_text(const struct names *names, uint32_t hash)
{
	const struct names_slot *slot = &names->slots[hash & (names->slot_count - 1)];
	if (slot->hash == hash && slot->offset)
		__builtin_prefetch(text_at(names, slot->offset));
}

uint32_t names_get(const struct names *names, str s)
{
	size_t probes;
	if (!s.len)
		return 0;
	const struct names_slot *slot = find_slot(names, s, salted(names, s), &probes);
	return slot->offset ? number_at(names, slot->offset) : 0;
}

void names_seal(struct names *names)
{
	free(names->slots);
	free(names->recent);
	names->slots = names->recent = NULL;
	names->slot_count = 0;
}

void names_done(struct names *names)
{
	names_seal(names);
	arena_done(&names->arena);
	free(names->chunks);
	free(names->offsets);
	*names = (struct names){ 0 };
}

/* --- index --------------------------------------------------------------------------- */

static struct index_slot *index_find(const struct index *index, uint64_t key)
{
	size_t mask = index->slot_count - 1;
	size_t at = mix(key) & mask;
	while (index->slots[at].used && index->slots[at].key != key)
		at = (at + 1) & mask;
	return &index->slots[at];
}

static void index_grow(struct index *index)
{
	struct index old = *index;
	index->slot_count = old.slot_count ? old.slot_count * 2 : 64;
	index->slots = mem_alloc(index->slot_count * sizeof(*index->slots));
	for (size_t i = 0; i < old.slot_count; i++)
		if (old.slots[i].used)
			*index_find(index, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

uint32_t *index_add(struct index *index, uint64_t key, bool *is_new)
{
	if (index->count * 8 >= index->slot_count * 5)
		index_grow(index);
	struct index_slot *slot = index_find(index, key);
	*is_new = !slot->used;
	if (!slot->used) {
		*slot = (struct index_slot){ .key = key, .used = true };
		index->count++;
	}
	return &slot->value;
}

const uint32_t *index_get(const struct index *index, uint64_t key)
{
	if (!index->slot_count)
		return NULL;
	const struct index_slot *slot = index_find(index, key);
	return slot->used ? &slot->value : NULL;
}

void index_done(struct index *index)
{
	free(index->slots);
	*index = (struct index){ 0 };
}
