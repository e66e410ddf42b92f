/* SPDX-License-Identifier: Apache-2.0
 *
 * dovecot_control: mailboxes of a passwd-file, and open sessions.
 *
 * A leading ! before the hash never authenticates (for IMAP, POP3 and for
 * Exim's dovecot authenticator; the field nologin stops only the former two).
 * A change is seen at the latest in the next second. An open session survives a new password until it
 * is kicked; doveadm kick exits 68 when there was none.
 */
#include "platform/panels.h"

const struct recipe dovecot_control[] = {
	{ "lock", "edit_line", "login of {login}", "nobody can log in to the mailbox", true,
	  { { "file", "{file}" }, { "change", "lock" }, { "key", "{key}" } },
	  "sed -i 's/^{key}:/{key}:!/' {file}", "sed -i 's/^{key}:!/{key}:/' {file}" },
	{ "password", "edit_line", "password of {login}", "the stolen password no longer works", true,
	  { { "file", "{file}" }, { "change", "password" }, { "key", "{key}" }, { "scheme", "{{SHA512-CRYPT}}" } },
	  "put the output of doveadm pw -s SHA512-CRYPT into the line of {key} in {file}",
	  "quell undo with --restore-old-password (not advised: it is stolen)" },
	{ "sessions", "switch", "open sessions of {login}", "an open session survives a new password", false,
	  { { "do", "/usr/bin/doveadm kick {login}" },
	    { "read", "/usr/bin/doveadm who -1 {login}" },
	    { "how", "word" },
	    { "on", "{login}" },
	    { "goal", "off" },
	    { "once", "yes" } } },
	{ NULL },
};
