/* SPDX-License-Identifier: Apache-2.0
 *
 * panel_plain: a host without a panel: /etc/shadow under lckpwdf's lock. An
 * account that expired on day 0 is refused by every PAM account check (SSH
 * keys, cron, mail logins); a locked password alone would leave those open.
 */
#include "platform/panels.h"

#define SHADOW { "file", "/etc/shadow" }, { "lock", "/etc/.pwd.lock" }

const struct recipe panel_plain[] = {
	{ "suspend", "edit_line", "account {user}", "logins by password, SSH key, mail and cron of the account are off", true,
	  { SHADOW, { "change", "expire" }, { "key", "{user}" } },
	  "usermod -L {user} && chage -E 0 {user}", "usermod -U {user} && chage -E -1 {user}" },
	{ "account_password", "edit_line", "password of {user}", "the stolen password no longer works", true,
	  { SHADOW, { "change", "password" }, { "key", "{user}" }, { "scheme", "" } },
	  "passwd {user}", "quell undo with --restore-old-password (not advised: it is stolen)" },
	{ "lock_account", "edit_line", "password of {user}", "nobody can log in by password", true,
	  { SHADOW, { "change", "lock" }, { "key", "{user}" } }, "usermod -L {user}", "usermod -U {user}" },
	{ NULL },
};
