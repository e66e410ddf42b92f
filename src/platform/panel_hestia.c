/* SPDX-License-Identifier: Apache-2.0
 *
 * panel_hestia: the v-* verbs. They exit 0 on some refusals and not 0 after
 * having rewritten files (a failing inner parse), so the state is read from
 * the listing verbs, and the files are kept and put back then. The password goes through a file below /tmp, whose first
 * line the verb reads. A suspended mailbox cannot get a password: that comes
 * first. v-suspend-user is told "yes" to restart services.
 */
#include "platform/panels.h"

#define BIN "/usr/local/hestia/bin/"
#define DATA "/usr/local/hestia/data/"

const struct recipe panel_hestia[] = {
	{ "lock", "switch", "login of {mailbox}", "nobody can log in to the mailbox", true,
	  { { "do", BIN "v-suspend-mail-account {user} {domain} {local}" },
	    { "undo", BIN "v-unsuspend-mail-account {user} {domain} {local}" },
	    { "read", BIN "v-list-mail-account {user} {domain} {local} json" },
	    { "how", "json" },
	    { "at", "{local}/SUSPENDED" },
	    { "on", "yes" },
	    { "goal", "on" } } },
	{ "password", "switch", "password of {mailbox}", "the stolen password no longer works", false,
	  { { "do", BIN "v-change-mail-account-password {user} {domain} {local} {password_file}" },
	    { "keep", "/home/{user}/conf/mail/{domain}/passwd {local}: " DATA "users/{user}/mail/{domain}.conf ACCOUNT='{local}'" },
	    { "how", "line" },
	    { "file", "/home/{user}/conf/mail/{domain}/passwd" },
	    { "key", "{local}" },
	    { "goal", "on" } } },
	{ "suspend", "switch", "account {user}", "web, mail, FTP, shell and cron of the account are off", true,
	  { { "do", BIN "v-suspend-user {user} yes" },
	    { "undo", BIN "v-unsuspend-user {user} yes" },
	    { "read", BIN "v-list-user {user} json" },
	    { "how", "json" },
	    { "at", "{user}/SUSPENDED" },
	    { "never_at", "{user}/ROLE" },
	    { "never", "admin" },
	    { "on", "yes" },
	    { "goal", "on" } } },
	{ NULL },
};
