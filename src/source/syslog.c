/* SPDX-License-Identifier: Apache-2.0
 *
 * syslog: stamp, host, tag, message.
 */
#include "source/syslog.h"

#include "source/stamp.h"

/* Cuts "TAG: " or "TAG[PID]: " off; leaves *message alone when it starts otherwise. */
static void cut_tag(str *message, struct syslog_line *out)
{
	size_t len = 0;
	while (len < message->len && message->at[len] > ' ' && message->at[len] != ':' && message->at[len] != '[')
		len++;
	str rest = str_from_at(*message, len);
	uint64_t pid = 0;
	if (str_skip(&rest, STR("[")) && (!str_cut_u64(&rest, UINT32_MAX, &pid) || !str_skip(&rest, STR("]"))))
		return;
	if (!len || !str_skip(&rest, STR(":")))
		return;
	str_skip(&rest, STR(" "));
	out->tag = str_head(*message, len);
	out->pid = (unsigned)pid;
	*message = rest;
}

bool syslog_parse(str line, const struct stamp_base *base, struct syslog_line *out)
{
	struct syslog_line parsed = { 0 };
	if (!stamp_cut_syslog(&line, base, &parsed.at) && !stamp_cut_iso(&line, base, &parsed.at))
		return false;
	if (!str_skip(&line, STR(" ")) || str_find(line, ' ') == STR_NONE)
		return false;
	parsed.host = str_cut(&line, ' ');
	if (!parsed.host.len)
		return false;
	cut_tag(&line, &parsed);
	parsed.message = line;
	*out = parsed;
	return true;
}

enum { PIECES_MAX = 9999 };

bool syslog_cut_piece(str *text, unsigned *out_number, unsigned *out_total)
{
	uint64_t number, total;
	str rest = *text;
	if (!str_skip(&rest, STR("[")) || !str_cut_u64(&rest, PIECES_MAX, &number) ||
	    !(str_skip(&rest, STR("/")) || str_skip(&rest, STR("\\"))) || !str_cut_u64(&rest, PIECES_MAX, &total) ||
	    !str_skip(&rest, STR("] ")) || number < 1 || number > total)
		return false;
	*out_number = (unsigned)number;
	*out_total = (unsigned)total;
	*text = rest;
	return true;
}
