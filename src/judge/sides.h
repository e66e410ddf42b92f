/* SPDX-License-Identifier: Apache-2.0
 *
 * sides: which clients of a shared mailbox are its owner's and which are an
 * intruder's; and which clients of an abused form are visitors.
 */
#pragma once
#include "judge/rules.h"

/* Sets side of every client of a mailbox lead. */
void sides_of_mailbox(struct lead *lead, const struct world *world, const struct thresholds *thresholds, bool dovecot_seen);
/* Sets side of every client of a form: who submits once, or looks around first, is a visitor (SIDE_OWNER). */
void sides_of_form(struct lead *lead, const struct world *world);
