/* SPDX-License-Identifier: Apache-2.0
 *
 * scanners: ClamAV by its daemon, else alone and out of the way.
 *
 * The daemon runs as a user that cannot read homes: clamdscan opens the files
 * and passes descriptors. Without it clamscan loads the whole database anew,
 * so it runs with the lowest priority.
 */
#include "platform/scanners.h"

#include <stddef.h>

static const char *const daemon_probe[] = { "/usr/bin/clamdscan", "--ping", "1", NULL };
static const char *const daemon_scan[] = { "/usr/bin/clamdscan", "--fdpass", "-m", "-i", "--no-summary", NULL };
static const char *const alone_probe[] = { "/usr/bin/clamscan", "--version", NULL };
static const char *const alone_scan[] = { "/usr/bin/nice", "-n", "19", "/usr/bin/clamscan", "-r", "-i", "--no-summary", NULL };

const struct scanner scanners[] = {
	{ "clamd", daemon_probe, daemon_scan },
	{ "clamscan", alone_probe, alone_scan },
	{ NULL },
};

bool scanner_finding(str line, str *out_path, str *out_name)
{
	str found = STR(" FOUND");
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
