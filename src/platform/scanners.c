/* SPDX-License-Identifier: Apache-2.0
 *
 * scanners: ClamAV by its daemon, else alone and out of the way; maldet where
 * it is asked for. maldet would move files, suspend accounts, send mail and
 * fetch signatures by itself: all of that is switched off (1.6.5, conf.maldet).
 *
 * The daemon runs as a user that cannot read homes: clamdscan opens the files
 * and passes descriptors. Without it clamscan loads the whole database anew,
 * so it runs with the lowest priority.
 */
#include "platform/scanners.h"

#include <stddef.h>

static const char *const daemon_probe[] = { "/usr/bin/clamdscan", "--ping", "1", NULL };
static const char *const daemon_scan[] = { "/usr/bin/clamdscan", "--fdpass", "-m", "--no-summary", NULL };
static const char *const alone_probe[] = { "/usr/bin/clamscan", "--version", NULL };
static const char *const alone_scan[] = { "/usr/bin/nice", "-n", "19", "/usr/bin/clamscan", "-r", "--no-summary", NULL };

#define MALDET "/usr/local/maldetect/"
static const char *const maldet_probe[] = { MALDET "maldet", "--help", NULL };
static const char *const maldet_scan[] = { "/usr/bin/nice", "-n", "19", MALDET "maldet", "-co",
					   "quarantine_hits=0,quarantine_clean=0,quarantine_suspend_user=0,email_alert=0,"
					   "autoupdate_signatures=0,autoupdate_version=0", "-a", NULL };

const struct scanner scanners[] = {
	{ "clamd", daemon_probe, daemon_scan, NULL, 1 },
	{ "clamscan", alone_probe, alone_scan, NULL, 1 },
	{ "maldet", maldet_probe, maldet_scan, MALDET "sess/session.hits.", 2 },
	{ NULL },
};

bool scanner_finding(str line, str *out_path, str *out_name)
{
	str found = STR(" FOUND"), clean = STR(": OK");
	if (str_ends(line, clean)) {
		*out_name = STR("");
		*out_path = str_head(line, line.len - clean.len);
		return true;
	}
	if (!str_ends(line, found))
		return false;
	line.len -= found.len;
	size_t blank = str_rfind(line, ' ');
	if (blank == STR_NONE || blank < 2 || line.at[blank - 1] != ':')
		return false;
	*out_name = str_from_at(line, blank + 1);
	*out_path = str_head(line, blank - 1);
	return true;
}

bool scanner_hit(str line, str *out_path, str *out_name)
{
	str between = STR(" : ");
	size_t at = str_search(line, between);
	if (at == STR_NONE)
		return false;
	*out_name = str_head(line, at);
	*out_path = str_from_at(line, at + between.len);
	size_t moved = str_search(*out_path, STR(" => "));
	if (moved != STR_NONE)
		*out_path = str_head(*out_path, moved);
	return out_path->len && out_path->at[0] == '/';
}

static bool is_id(str word)
{
	str rest = word;
	str date = str_cut(&rest, '-'), time = str_cut(&rest, '.');
	uint64_t number;
	return date.len == 6 && time.len == 4 && str_u64(date, 999999, &number) && str_u64(time, 9999, &number) &&
	       str_u64(rest, INT32_MAX, &number);
}

str scanner_id(str text)
{
	while (text.len) {
		str line = str_cut(&text, '\n');
		for (str word; (word = str_word(&line)).len;)
			if (is_id(word))
				return word;
	}
	return STR("");
}
