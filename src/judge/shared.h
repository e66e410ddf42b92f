/* SPDX-License-Identifier: Apache-2.0
 *
 * shared: addresses that serve several people, so that blocking them would
 * hurt others than the culprit.
 */
#pragma once
#include "judge/verdict.h"

/* ip name -> name of the only mailbox seen from there, or SHARED_BY_MANY. */
struct shared {
	struct index mailbox_of;
};
#define SHARED_BY_MANY UINT32_MAX

/* Learns from logins and from authenticated mail. */
void shared_learn(struct shared *shared, struct world *world);
/* Somebody else than mailbox (0: anybody) used the address as well. */
bool shared_has(const struct shared *shared, struct world *world, struct ip ip, uint32_t mailbox);
void shared_done(struct shared *shared);
