/* SPDX-License-Identifier: Apache-2.0
 *
 * choose: the table.
 *
 * What sends is stopped first and as narrowly as can be, then what is queued
 * is removed, then the clients are kept out: a purge before would fill again,
 * a suspension before a purge would bounce the spam (cPanel), and blocking
 * addresses alone stops nobody who has more of them.
 */
#include "plan/choose.h"

static const struct choice table[] = {
	{ "script_http script_cron form local_smtp", "disable", OBJECT_SCRIPT, true, false,
	  "this file sends the spam; without it the rest of the site goes on" },
	{ "script_http script_cron form", "hold", OBJECT_ACCOUNT, true, true,
	  "the file cannot be taken away without harm to the site, so the account's mail waits instead" },
	{ "script_cron", "cron_off", OBJECT_CRONTAB, true, false, "cron would start it again from another copy, or mail its failure" },
	{ "shell newsletter", "hold", OBJECT_ACCOUNT, true, false,
	  "the account's own programs send it; its mail waits until its owner has answered" },
	{ "smtp_auth webmail", "hold", OBJECT_MAILBOX, true, false,
	  "sessions that are already open go on sending after a new password; held mail does not leave" },
	{ "smtp_auth webmail", "password", OBJECT_MAILBOX, true, false, "its password is known to others than its owner" },
	{ "smtp_auth webmail", "sessions", OBJECT_MAILBOX, false, false, "an open session survives a new password" },
	{ "smtp_auth", "hangup", OBJECT_SESSIONS, false, false, "an SMTP session stays logged in whatever becomes of the password" },
	{ "mailing_list forwarder backscatter", "alias_off", OBJECT_ALIAS, true, false,
	  "this address passes on, or bounces, what strangers send to it; without its line they are refused at the door" },
	{ "forwarder", "freeze", OBJECT_MESSAGES, false, false, "honest mail may be among them: they wait for a person" },
	{ "script_http script_cron form shell newsletter mailing_list local_smtp smtp_auth webmail backscatter", "purge",
	  OBJECT_MESSAGES, false, false, "these are the spam's own messages still queued; sealed first, so that they can be restored" },
	{ "script_http form local_smtp smtp_auth webmail inbound", "block", OBJECT_ADDRESSES, false, false,
	  "the spam was handed in from this address" },
};

static bool has_word(str words, str word)
{
	for (str one; (one = str_word(&words)).len;)
		if (str_eq(one, word))
			return true;
	return false;
}

const struct choice *choose_next(str vector, size_t *at)
{
	while (*at < sizeof(table) / sizeof(table[0])) {
		const struct choice *choice = &table[(*at)++];
		if (has_word(str_from(choice->vectors), vector))
			return choice;
	}
	return NULL;
}
