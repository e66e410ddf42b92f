/* SPDX-License-Identifier: Apache-2.0
 *
 * names and index: open addressing with linear probing, grown at 5/8 load.
 */
#include "base/map.h"

#include <stdlib.h>

#include "base/mem.h"

enum { PROBE_MAX = 512 };

struct names_slot {
	uint32_t hash; /* upper half of the salted hash; a first filter */
	uint32_t number_plus_1; /* 0 = free */
};

static uint64_t mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 29;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ (h >> 32);
}

void names_init(struct names *names)
{
	*names = (struct names){ .slot_count = 256 };
	names->slots = mem_alloc(names->slot_count * sizeof(*names->slots));
	names_add(names, STR(""));
}

static uint64_t salted(const struct names *names, str s)
{
	return mix(str_hash(s) ^ names->salt);
}

/* The slot that holds s or the free one where it belongs; *out_probes counts the steps. */
static struct names_slot *find_slot(const struct names *names, str s, uint64_t hash, size_t *out_probes)
{
	size_t mask = names->slot_count - 1;
	size_t at = hash & mask;
	uint32_t filter = (uint32_t)(hash >> 32);
	size_t probes = 0;
	for (;; at = (at + 1) & mask, probes++) {
		struct names_slot *slot = &names->slots[at];
		if (!slot->number_plus_1 ||
		    (slot->hash == filter && str_eq(names->list[slot->number_plus_1 - 1], s))) {
			*out_probes = probes;
			return slot;
		}
	}
}

static void rebuild(struct names *names, size_t slot_count)
{
	free(names->slots);
	names->slot_count = slot_count;
	names->slots = mem_alloc(slot_count * sizeof(*names->slots));
	for (size_t i = 0; i < names->count; i++) {
		size_t probes;
		uint64_t hash = salted(names, names->list[i]);
		struct names_slot *slot = find_slot(names, names->list[i], hash, &probes);
		*slot = (struct names_slot){ (uint32_t)(hash >> 32), (uint32_t)i + 1 };
	}
}

uint32_t names_add(struct names *names, str s)
{
	uint64_t hash = salted(names, s);
	size_t probes;
	struct names_slot *slot = find_slot(names, s, hash, &probes);
	if (slot->number_plus_1)
		return slot->number_plus_1 - 1;
	uint32_t number = (uint32_t)names->count;
	names->list = mem_grow(names->list, names->count, &names->list_cap, sizeof(*names->list));
	names->list[names->count++] = arena_copy(&names->arena, s);
	*slot = (struct names_slot){ (uint32_t)(hash >> 32), number + 1 };
	if (probes > PROBE_MAX)
		names->salt = mix(names->salt + hash);
	if (names->count * 8 > names->slot_count * 5)
		rebuild(names, names->slot_count * 2);
	else if (probes > PROBE_MAX)
		rebuild(names, names->slot_count);
	return number;
}

uint32_t names_get(const struct names *names, str s)
{
	size_t probes;
	const struct names_slot *slot = find_slot(names, s, salted(names, s), &probes);
	return slot->number_plus_1 ? slot->number_plus_1 - 1 : 0;
}

void names_done(struct names *names)
{
	arena_done(&names->arena);
	free(names->list);
	free(names->slots);
	*names = (struct names){ 0 };
}

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
