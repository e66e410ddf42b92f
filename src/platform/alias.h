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

/* The .forward of the account whose name is the local part of an address that is delivered here; *out_file as the host sees it. Not
 * whether it passes anything on. Strings live in the host's arena; false when there is none. */
bool alias_forward(struct host *host, str address, str *out_file, str *out_text);
/* address is local@domain, or *@domain or the bare domain for a catch-all. The first file that has a line for it counts. Strings
 * live in the host's arena. ERR_REFUSED when there is none. */
int alias_find(struct host *host, str address, struct alias *out, struct err *err);
