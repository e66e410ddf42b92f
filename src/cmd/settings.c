/* SPDX-License-Identifier: Apache-2.0
 *
 * settings: every key of quell.conf with its default and the reason for it.
 */
#include "cmd/cmd.h"

const struct conf_row quell_conf_rows[] = {
	{ "judge", false, "floor", CONF_INT, .min = 1, .max = 100000, .fallback = "8",
	  .help = "outside recipients below which nothing is judged; a trial on made-up hosts found single mails kept out by 8" },
	{ "judge", false, "dead_addresses", CONF_RATIO, .fallback = "0.20",
	  .help = "share of addresses that do not exist which honest lists do not reach; a tenth is common, a fifth is not" },
	{ "judge", false, "called_spam", CONF_RATIO, .fallback = "0.05",
	  .help = "share of recipients whose hosts call it spam; single verdicts hit honest bulk as well" },
	{ "judge", false, "called_spam_min", CONF_INT, .min = 1, .max = 1000, .fallback = "3",
	  .help = "at least so many verdicts; fewer are chance" },
	{ "judge", false, "recipients_per_caller", CONF_RATIO, .fallback = "1.0", .help = "" },
	{ "known", true, "account", CONF_TEXT, .help = "the account of a known sender" },
	{ "known", true, "mailbox", CONF_TEXT, .help = "its mailbox" },
	{ "known", true, "script", CONF_TEXT, .help = "its script, as the host sees the path" },
	{ "known", true, "ip", CONF_IP, .many = true, .help = "addresses it sends from; from others it is judged as anybody" },
	{ "known", true, "until", CONF_DATE, .help = "the entry counts until this day" },
	{ 0 },
};
