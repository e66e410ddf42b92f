/* SPDX-License-Identifier: Apache-2.0
 *
 * panel_cpanel: WHM API 1 and UAPI by their command line programs, full paths
 * (CloudLinux may not resolve the short names), answers in JSON, booleans 1
 * and 0. The programs lose the error metadata of the HTTP calls, so only the
 * state that accountsummary and list_pops show afterwards counts.
 *
 * Suspending an account makes cPanel bounce what it has queued: the planner
 * purges or freezes first. db_pass_update=0 leaves the MySQL password, which
 * sites log in with. Resellers, who own
 * themselves, are not suspended: their customers would go with them.
 *
 * These programs would show a password among their arguments: it goes in the
 * body of a request to WHM on this host, with a token that is made for it and
 * taken back at once. The certificate is checked, since any user may listen on
 * that port while cPanel does not.
 */
#include "platform/panels.h"

#define WHM "/usr/local/cpanel/bin/whmapi1 --output=json "
#define UAPI "/usr/local/cpanel/bin/uapi --output=json --user={user} Email "
#define ACCOUNT WHM "accountsummary user={user}"
#define ONLY "api.filter.enable=1 api.filter.a.field=email api.filter.a.type=eq api.filter.a.arg0={mailbox}"
#define MAILBOX UAPI "list_pops_with_disk no_disk=1 get_restrictions=1 " ONLY

#define CURL "/usr/bin/curl --silent --show-error --max-time 100 --config -"
#define CALL(function)                                                                                      \
	"url = \"https://{hostname}:2087/json-api/" function "\"\nresolve = \"{hostname}:2087:127.0.0.1\"\n" \
	"header = \"Authorization: whm root:{api}\"\ndata = \"api.version=1\"\n"
#define TOKEN { "api", WHM "api_token_create token_name=quell-password" }, { "api_at", "data/token" }, \
	      { "api_end", WHM "api_token_revoke token_name=quell-password" }

const struct recipe panel_cpanel[] = {
	{ "hold", "switch", "outgoing mail of {user}", "its mail to the outside waits in the queue, nothing is lost", true,
	  { { "do", WHM "hold_outgoing_email user={user}" },
	    { "undo", WHM "release_outgoing_email user={user}" },
	    { "read", ACCOUNT },
	    { "how", "json" },
	    { "at", "data/acct/0/outgoing_mail_hold" },
	    { "on", "1" },
	    { "goal", "on" } } },
	{ "suspend", "switch", "account {user}", "web, mail, FTP, shell and cron of the account are off", true,
	  { { "do", WHM "suspendacct user={user} reason={note}" },
	    { "undo", WHM "unsuspendacct user={user}" },
	    { "read", ACCOUNT },
	    { "how", "json" },
	    { "at", "data/acct/0/suspended" },
	    { "never_at", "data/acct/0/owner" },
	    { "never", "{user}" },
	    { "on", "1" },
	    { "goal", "on" } } },
	{ "lock", "switch", "login of {mailbox}", "nobody can log in to the mailbox", true,
	  { { "do", UAPI "suspend_login email={mailbox}" },
	    { "undo", UAPI "unsuspend_login email={mailbox}" },
	    { "read", UAPI "list_pops skip_main=1 " ONLY },
	    { "how", "json" },
	    { "at", "result/data/0/suspended_login" },
	    { "on", "1" },
	    { "goal", "on" } } },
	{ "hold_mailbox", "switch", "outgoing mail of {mailbox}", "its mail to the outside waits, others are not touched", true,
	  { { "do", UAPI "hold_outgoing email={mailbox}" },
	    { "undo", UAPI "release_outgoing email={mailbox}" },
	    { "read", MAILBOX },
	    { "how", "json" },
	    { "at", "result/data/0/hold_outgoing" },
	    { "on", "1" },
	    { "goal", "on" } } },
	{ "password", "switch", "password of {mailbox}", "the stolen password no longer works", false,
	  { { "do", CURL },
	    { "input", CALL("cpanel") "data = \"cpanel_jsonapi_apiversion=3&cpanel_jsonapi_user={user}&cpanel_jsonapi_module=Email&"
		       "cpanel_jsonapi_func=passwd_pop&domain={domain}&password={password}\"\n"
		       "data-urlencode = \"email={local}\"\n" },
	    TOKEN,
	    { "how", "line" },
	    { "file", "{file}" },
	    { "key", "{local}" },
	    { "goal", "on" } },
	  "uapi --user={user} Email passwd_pop email={local} domain={domain} password=..." },
	/* the default mailbox, whose login is the account's name: passwd_pop does not reach it */
	{ "account_password", "switch", "password of {user}", "the stolen password no longer works", false,
	  { { "do", CURL },
	    { "input", CALL("passwd") "data = \"user={user}&password={password}&db_pass_update=0\"\n" },
	    TOKEN,
	    { "how", "line" },
	    { "file", "/etc/shadow" },
	    { "key", "{user}" },
	    { "goal", "on" } },
	  "whmapi1 passwd user={user} password=... db_pass_update=0" },
	{ NULL },
};
