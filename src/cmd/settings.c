/* SPDX-License-Identifier: Apache-2.0
 *
 * settings: every key of quell.conf with its default and the reason for it.
 */
#include "cmd/cmd.h"

const struct conf_row quell_conf_rows[] = {
	{ "judge", false, "floor", CONF_INT, .min = 1, .max = 100000, .fallback = "8",
	  .help = "Outside recipients below which nothing is judged: keeps single mails out; a trial on made-up hosts needed no more." },
	{ "judge", false, "dead_addresses", CONF_RATIO, .fallback = "0.20",
	  .help = "Share of addresses that do not exist. A tenth is common in honest bulk, a fifth is not." },
	{ "judge", false, "called_spam", CONF_RATIO, .fallback = "0.05",
	  .help = "Share of recipients whose hosts call the mail spam. Single verdicts hit honest bulk as well." },
	{ "judge", false, "called_spam_min", CONF_INT, .min = 1, .max = 1000, .fallback = "3",
	  .help = "At least so many verdicts; fewer are chance." },
	{ "judge", false, "recipients_per_caller", CONF_INT, .min = 2, .max = 1000, .fallback = "2",
	  .help = "Outside recipients per address that calls a script. A shop's customer causes one." },
	{ "judge", false, "repeat_calls", CONF_INT, .min = 2, .max = 1000, .fallback = "3",
	  .help = "Calls by which an address counts as one that calls a script again and again." },
	{ "judge", false, "silent_networks", CONF_INT, .min = 2, .max = 1000, .fallback = "4",
	  .help = "Networks that send with a mailbox's password and never read it. One is the owner's program." },
	{ "judge", false, "forward_refused", CONF_RATIO, .fallback = "0.33",
	  .help = "Share of a forwarder's copies that remote hosts call spam. A tenth is normal for every forward." },
	{ "judge", false, "bounces", CONF_INT, .min = 3, .max = 100000, .fallback = "10",
	  .help = "Bounces to strangers for one domain. A mistyped address causes one or two." },
	{ "judge", false, "wave_sources", CONF_INT, .min = 2, .max = 10000, .fallback = "3",
	  .help = "Sources of an inbound wave that never wrote before, within an hour." },
	{ "judge", false, "wave_messages", CONF_INT, .min = 5, .max = 100000, .fallback = "15",
	  .help = "Messages of an inbound wave." },
	{ "known", true, "account", CONF_TEXT, .help = "Account of an actor that is known and wanted; it is shown as cleared." },
	{ "known", true, "mailbox", CONF_TEXT, .help = "Its mailbox; counts for logins only." },
	{ "known", true, "script", CONF_TEXT, .help = "Its script, by the path as the host sees it; counts for scripts only." },
	{ "known", true, "ip", CONF_IP, .many = true, .help = "Where it sends from; from elsewhere it is judged as anybody." },
	{ "known", true, "until", CONF_DATE, .help = "Last day on which the entry counts." },
	{ "policy", false, "allow", CONF_TEXT, .many = true,
	  .help = "an action that apply --unattended may take; by default none" },
	{ 0 },
};
