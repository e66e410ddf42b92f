/* SPDX-License-Identifier: Apache-2.0
 *
 * outcome: what the text of a failed or deferred delivery says.
 *
 *   verdict    strangers call the mail spam
 *   listed     they say so of this host's address: it is on a block list
 *   list       the address does not exist or its host is dead: a bad list
 *   policy     trouble of the sender's own: names, authentication, size
 *   temporary  greylisting, quota, any other 4xx
 *   local      this host's own transports (pipe, line too long)
 */
#pragma once
#include "trace/world.h"

/* deferred: the line was == instead of **. remote: another host, or looking one up, gave the answer. */
enum failure_class outcome_class(str text, int defer_code, bool deferred, bool remote);
/* The code of "retry time not reached": it repeats an earlier failure of that address or host and says nothing itself. */
bool outcome_is_retry_note(int defer_code);
