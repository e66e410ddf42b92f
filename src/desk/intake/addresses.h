/* SPDX-License-Identifier: Apache-2.0
 *
 * addresses: items for IP addresses that a report names outside of fields.
 */
#pragma once
#include "desk/intake/reading.h"

/* The item for that address: the one that is there already, or a new one (NULL when full). Fillers (0.0.0.0) give NULL.
 */
struct item *addresses_add(struct reading *reading, struct ip ip, enum source_from from);
/* All addresses of the subject; else those that the text calls the source; else all in the text, ours alone when any is
 * ours. */
void addresses_add_named(struct reading *reading);
/* Each address in the text, and the base of each network in an "IP/cidr" line. */
void addresses_add_all(struct reading *reading, str text);
