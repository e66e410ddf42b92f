/* SPDX-License-Identifier: Apache-2.0
 *
 * spool: access to a queued message's headers.
 */
#include "model/spool.h"

#include <stdlib.h>

str spool_header_get(const struct spool_message *message, str name)
{
	for (size_t i = 0; i < message->headers.count; i++) {
		const struct spool_header *header = &message->headers.at[i];
		if (header->type == '*' || !str_starts_nocase(header->text, name))
			continue;
		str rest = str_from_at(header->text, name.len);
		if (str_skip(&rest, STR(":")))
			return str_trim(rest);
	}
	return STR("");
}

uint64_t spool_message_size(const struct spool_message *message)
{
	uint64_t size = message->body_bytes + 1;
	for (size_t i = 0; i < message->headers.count; i++)
		if (message->headers.at[i].type != '*')
			size += message->headers.at[i].text.len;
	return message->has_body ? size : 0;
}

void spool_message_done(struct spool_message *message)
{
	free(message->recipients.at);
	free(message->handled.at);
	free(message->headers.at);
	*message = (struct spool_message){ 0 };
}
