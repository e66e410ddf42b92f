/* SPDX-License-Identifier: Apache-2.0
 *
 * clients: who stands behind a lead: the addresses that sent its mail, called
 * its program or logged in to its mailbox.
 */
#pragma once
#include "trace/lead.h"

/* Fills clients, client_of, idle_callers and figures.calls of all leads but the inbound ones. Needs the messages' outside
 * recipients marked and counted. */
void clients_collect(struct leads *leads, struct world *world, const struct lead_host *host);
