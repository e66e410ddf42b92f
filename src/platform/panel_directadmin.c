/* SPDX-License-Identifier: Apache-2.0
 *
 * panel_directadmin: sending is stopped by lines of files that its exim.conf
 * looks up for every message, so a change is live at once; text behind the
 * first colon is ignored by Exim and says whose line it is. exim.conf must
 * mention the file, else the line would do nothing (checked by the planner).
 * Mailboxes stand in /etc/virtual/DOMAIN/passwd.
 *
 * Suspending has no command: it goes through the HTTP interface, to the address
 * with a key for a short time that "directadmin api-url" prints. Some versions
 * take the call for a toggle, and answer 200 in any case: the account's
 * user.conf says before and after how it stands.
 */
#include "platform/panels.h"

static const char *const configs[] = { "/etc/exim.conf", "/etc/exim.variables.conf", "/etc/exim.acl_check_recipient.pre.conf",
				       NULL };

#define CURL "/usr/bin/curl --silent --show-error --max-time 100 --config -"
#define SELECT(what)                                \
	"url = \"{api}/CMD_API_SELECT_USERS\"\n" \
	"data = \"location=CMD_SELECT_USERS&suspend=" what "&select0={user}\"\n"

const struct recipe panel_directadmin[] = {
	{ "hold", "edit_line", "all sending of {user}", "SMTP logins and scripts of the account can send nothing", true,
	  { { "file", "/etc/virtual/blacklist_usernames" }, { "change", "add" }, { "line", "{user}:{seconds}:quell" } },
	  "echo {user}:{seconds}:quell >> /etc/virtual/blacklist_usernames",
	  "sed -i '/^{user}:{seconds}:quell$/d' /etc/virtual/blacklist_usernames", "blacklist_usernames", configs },
	{ "hold_mailbox", "edit_line", "SMTP logins of {mailbox}", "it can send nothing, others are not touched", true,
	  { { "file", "/etc/virtual/blacklist_smtp_usernames" }, { "change", "add" }, { "line", "{mailbox}:{seconds}:quell" } },
	  "echo {mailbox}:{seconds}:quell >> /etc/virtual/blacklist_smtp_usernames",
	  "sed -i '/^{mailbox}:{seconds}:quell$/d' /etc/virtual/blacklist_smtp_usernames", "blacklist_smtp_usernames", configs },
	{ "lock", "edit_line", "login of {mailbox}", "nobody can log in to the mailbox", true,
	  { { "file", "/etc/virtual/{domain}/passwd" }, { "change", "lock" }, { "key", "{local}" } },
	  "sed -i 's/^{local}:/{local}:!/' /etc/virtual/{domain}/passwd",
	  "sed -i 's/^{local}:!/{local}:/' /etc/virtual/{domain}/passwd" },
	{ "password", "edit_line", "password of {mailbox}", "the stolen password no longer works", true,
	  { { "file", "/etc/virtual/{domain}/passwd" }, { "change", "password" }, { "key", "{local}" }, { "scheme", "" } },
	  "put the output of mkpasswd -m sha-512 into the line of {local} in /etc/virtual/{domain}/passwd",
	  "quell undo with --restore-old-password (not advised: it is stolen)" },
	{ "suspend", "switch", "account {user}", "web, mail, FTP, shell and cron of the account are off", true,
	  { { "do", CURL },
	    { "input", SELECT("Suspend") },
	    { "undo", CURL },
	    { "undo_input", SELECT("Unsuspend") },
	    { "api", "/usr/local/directadmin/directadmin api-url" },
	    { "again", "yes" },
	    { "how", "word" },
	    { "file", "/usr/local/directadmin/data/users/{user}/user.conf" },
	    { "on", "suspended=yes" },
	    { "never", "usertype=admin usertype=reseller" },
	    { "goal", "on" } },
	  "curl -d 'location=CMD_SELECT_USERS&suspend=Suspend&select0={user}' $(da api-url)/CMD_API_SELECT_USERS",
	  "curl -d 'location=CMD_SELECT_USERS&suspend=Unsuspend&select0={user}' $(da api-url)/CMD_API_SELECT_USERS" },
	{ NULL },
};
