/* SPDX-License-Identifier: Apache-2.0
 *
 * newest: what counts as now on an image, for commands that do not read the
 * logs: the newest stamp at the ends of the main logs and in the queue's ids.
 */
#pragma once
#include "platform/host.h"

/* USEC_NEVER when there is neither. Runs in the jail; leaves the descriptors' offsets alone. */
usec newest_event(const struct host *host);
