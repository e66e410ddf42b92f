/* SPDX-License-Identifier: Apache-2.0
 *
 * ids: open addressing with linear probing, grown at 5/8 load; a chain that
 * somebody made long gets a new salt, as in base/map.
 */
#include "trace/ids.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 256, RECENT_COUNT = 16384, PROBE_MAX = 512, NUMBER_BITS = 24, NUMBER_MASK = (1 << NUMBER_BITS) - 1 };

static uint64_t hash_of(const struct ids *ids, struct exim_id id)
{
	unsigned __int128 product = (unsigned __int128)(id.low ^ ids->salt ^ 0x9e3779b97f4a7c15u) *
				    (id.high ^ 0xff51afd7ed558ccdu);
	uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);
	return folded * 0xc4ceb9fe1a85ec53u;
}

/* The slot that holds id or the free one where it belongs. */
static uint32_t *find(const struct ids *ids, struct exim_id id, uint64_t hash, size_t *out_probes)
{
	size_t mask = ids->slot_count - 1;
	uint32_t tag = (uint32_t)(hash >> 56);
	size_t at = hash >> 16 & mask;
	for (*out_probes = 0;; at = (at + 1) & mask, ++*out_probes) {
		uint32_t slot = ids->slots[at];
		if (!slot || (slot >> NUMBER_BITS == tag && exim_id_eq(ids->list.at[(slot & NUMBER_MASK) - 1], id)))
			return &ids->slots[at];
	}
}

static void fill(struct ids *ids, size_t slot_count)
{
	size_t probes;
	free(ids->slots);
	ids->slot_count = slot_count;
	ids->slots = mem_alloc(slot_count * sizeof(*ids->slots));
	for (uint32_t i = 0; i < ids->list.count; i++) {
		uint64_t hash = hash_of(ids, ids->list.at[i]);
		*find(ids, ids->list.at[i], hash, &probes) = (uint32_t)(hash >> 56) << NUMBER_BITS | (i + 1);
	}
}

void ids_init(struct ids *ids)
{
	*ids = (struct ids){ .recent = mem_alloc(RECENT_COUNT * sizeof(uint32_t)) };
	fill(ids, SLOTS_FIRST);
}

static uint32_t add_new(struct ids *ids, struct exim_id id, uint64_t hash, uint32_t *slot, size_t probes)
{
	assert(ids->list.count < IDS_MAX);
	*VEC_PUSH(&ids->list) = id;
	*slot = (uint32_t)(hash >> 56) << NUMBER_BITS | (uint32_t)ids->list.count;
	if (probes > PROBE_MAX) {
		ids->salt = (ids->salt + hash) | 1;
		fill(ids, ids->slot_count);
	} else if (ids->list.count * 8 > ids->slot_count * 5) {
		fill(ids, ids->slot_count * 2);
	}
	return (uint32_t)ids->list.count - 1;
}

uint32_t ids_add(struct ids *ids, struct exim_id id)
{
	uint64_t hash = hash_of(ids, id);
	uint32_t *recent = &ids->recent[hash % RECENT_COUNT];
	if (*recent && exim_id_eq(ids->list.at[*recent - 1], id))
		return *recent - 1;
	size_t probes;
	uint32_t *slot = find(ids, id, hash, &probes);
	uint32_t number = *slot ? (*slot & NUMBER_MASK) - 1 : add_new(ids, id, hash, slot, probes);
	*recent = number + 1;
	return number;
}

void ids_expect(const struct ids *ids, struct exim_id id)
{
	uint64_t hash = hash_of(ids, id);
	__builtin_prefetch(&ids->recent[hash % RECENT_COUNT], 1);
	__builtin_prefetch(&ids->slots[hash >> 16 & (ids->slot_count - 1)], 1);
}

uint32_t ids_get(const struct ids *ids, struct exim_id id)
{
	size_t probes;
	const uint32_t *slot = find(ids, id, hash_of(ids, id), &probes);
	return *slot ? (*slot & NUMBER_MASK) - 1 : UINT32_MAX;
}

void ids_seal(struct ids *ids)
{
	free(ids->slots);
	free(ids->recent);
	ids->slots = ids->recent = NULL;
	ids->slot_count = 0;
}

void ids_done(struct ids *ids)
{
	ids_seal(ids);
	free(ids->list.at);
	*ids = (struct ids){ 0 };
}
