/* SPDX-License-Identifier: Apache-2.0
 *
 * refusals: what remote hosts say of the whole host, not of a sender.
 *
 * Once a host is on a block list, or cannot reach others, everybody's mail is
 * refused. Such refusals are no verdict on any sender and no sign of a bad
 * list of addresses.
 */
#pragma once
#include "trace/lead.h"

/* Recasts refusals of hours in which most accounts met them as the sender's own trouble (FAILURE_POLICY), and counts them in
 * world->counts. The leads hold their messages; figures are counted afterwards. */
void refusals_settle(struct world *world, const struct leads *leads);
