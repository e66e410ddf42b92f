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
		bool fits = header->text.len > name.len && header->text.at[name.len] == ':' && header->type != '*';
		if (fits && str_starts_nocase(header->text, name))
			return str_trim(str_from_at(header->text, name.len + 1));
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

void spool_message_reset(struct spool_message *message)
{
	struct spool_message old = *message;
	*message = (struct spool_message){ .frozen = USEC_NEVER };
	message->recipients.at = old.recipients.at;
	message->recipients.cap = old.recipients.cap;
	message->handled.at = old.handled.at;
	message->handled.cap = old.handled.cap;
	message->headers.at = old.headers.at;
	message->headers.cap = old.headers.cap;
}

void spool_message_done(struct spool_message *message)
{
	free(message->recipients.at);
	free(message->handled.at);
	free(message->headers.at);
	*message = (struct spool_message){ 0 };
}
