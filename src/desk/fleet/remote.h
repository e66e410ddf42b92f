/* SPDX-License-Identifier: Apache-2.0
 *
 * remote: asks one host what it knows, by running quell there: locally, or
 * through SSH to a key that is bound to the forced command `quell remote`.
 * Only reading verbs are ever sent.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct remote {
	const char *name;		    /* of the host, for messages */
	const char *local;		    /* path of quell here; NULL = by SSH */
	const char *ssh;		    /* user@host */
	const char *identity, *known_hosts; /* NULL = SSH's own defaults */
	int deadline_ms;		    /* for one answer; 0 = one minute */
};

/* The answer to VERB and at most one argument, as JSON text in out. An argument that could be taken for an option, for
 * two words or for anything else than one plain word is ERR_INPUT. */
int remote_ask(const struct remote *remote, const char *verb, str argument, struct buf *out, struct err *err);
