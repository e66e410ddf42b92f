/* SPDX-License-Identifier: Apache-2.0
 *
 * exim_control: new mail of one login or account accepted and frozen by Exim
 * itself: lists that quell's ACLs read (one target a line, see
 * /etc/quell/exim-mail.acl and exim-notsmtp.acl). The lists are read anew for
 * every message, so that a hold works at the very next MAIL of a session that
 * is already open.
 */
#include "platform/panels.h"

#define LIST(file, key)                                                                   \
	{ { "file", file }, { "change", "add" }, { "line", key } }, "echo " key " >> " file, \
		"sed -i '/^" key "$/d' " file

const struct recipe exim_control[] = {
	{ "hold", "edit_line", "new mail of {user}", "Exim accepts it and freezes it; nothing is lost", true,
	  LIST("/etc/quell/hold-users", "{user}") },
	{ "hold_mailbox", "edit_line", "new mail of {login}", "Exim accepts it and freezes it; nothing is lost", true,
	  LIST("/etc/quell/hold-logins", "{login}") },
	{ NULL },
};
