/* SPDX-License-Identifier: Apache-2.0
 *
 * A -H file; the same bytes serve as -J.
 */
#include "fuzz.h"
#include "source/exim_spool.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	str file = { (const char *)data, size };
	struct spool_message message;
	struct buf out = BUF_INIT;
	struct jsonw w;
	if (exim_spool_parse(file, &message, NULL))
		return 0;
	exim_spool_journal(file, &message);
	jsonw_init(&w, &out, true);
	json_of_spool(&w, &message);
	buf_done(&out);
	spool_message_done(&message);
	return 0;
}
