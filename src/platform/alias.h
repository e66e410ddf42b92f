/* SPDX-License-Identifier: Apache-2.0
 *
 * alias: the line that makes a local address a forwarder, a list or a pipe.
 */
#pragma once
#include "platform/host.h"

struct alias {
	str file; /* as the host sees it */
	str line; /* whole, without its newline */
	bool is_off; /* it stands behind the mark that takes it out of force */
};

/* address is local@domain, or *@domain or the bare domain for a catch-all. The first file that has a line for it counts. Strings
 * live in the host's arena. ERR_REFUSED when there is none. */
int alias_find(struct host *host, str address, struct alias *out, struct err *err);
