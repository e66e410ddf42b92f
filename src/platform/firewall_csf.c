/* SPDX-License-Identifier: Apache-2.0
 *
 * firewall_csf: temporary blocks of csf. It exits 0 when it refuses, so its
 * own list decides; csf -td looks at neither csf.allow nor csf.ignore, which
 * the gate has read. -trd, since -tr would remove temporary allows as well.
 */
#include "platform/firewalls.h"

#define BLOCK                                                                                                    \
	{ "do", "/usr/sbin/csf -td {host} {seconds} quell {note}" }, { "undo", "/usr/sbin/csf -trd {host}" },    \
	{ "file", "/var/lib/csf/csf.tempban" }, { "how", "word" }, { "on", "{host}" }, { "goal", "on" },           \
	{ "address", "{host}" }

const struct recipe firewall_csf[] = {
	{ "block4", "switch", "{host}", "spam or stolen logins come from it", true, { BLOCK } },
	{ "block6", "switch", "{host}", "spam or stolen logins come from it", true, { BLOCK } },
	{ NULL },
};
