/* SPDX-License-Identifier: Apache-2.0
 *
 * ids: Exim's message ids to numbers in order of first appearance, the rows of
 * the table of messages.
 *
 * An id takes 16 bytes and a slot of four. The messages of a log live for
 * seconds: what was met last stands in a small table in front of the large
 * one, so that only the first and late lines of a message go far.
 */
#pragma once
#include "base/mem.h"
#include "model/exim_id.h"

/* A slot holds a number and eight bits of its hash. */
#define IDS_MAX ((1u << 24) - 1)

struct ids {
	VEC(struct exim_id) list;
	uint32_t *slots, *recent; /* (eight bits of the hash, number + 1); recent: number + 1 */
	size_t slot_count;        /* power of two */
	uint64_t salt;
};

void ids_init(struct ids *ids);
/* The number of an id, added when new; at most IDS_MAX may be added. */
uint32_t ids_add(struct ids *ids, struct exim_id id);
/* Asks the processor to fetch what ids_add(ids, id) will read. */
void ids_expect(const struct ids *ids, struct exim_id id);
/* UINT32_MAX when it was never added. */
uint32_t ids_get(const struct ids *ids, struct exim_id id);
/* Frees what only ids_add() and ids_get() need. */
void ids_seal(struct ids *ids);
void ids_done(struct ids *ids);
