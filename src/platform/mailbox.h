/* SPDX-License-Identifier: Apache-2.0
 *
 * mailbox: where a mail login's password stands, found by the host's own files.
 */
#pragma once
#include "platform/host.h"

struct mailbox {
	str login;         /* as it was given */
	str local, domain; /* domain "" for a login without @ */
	str account;       /* whose it is; "" when not known */
	str home;          /* of the account */
	str file, key;     /* of the line; "" when only the panel knows */
	bool is_shadow;    /* a Unix account: the line stands in /etc/shadow */
};

/* Strings live in the host's arena. ERR_REFUSED when there is no such login on this host. */
int mailbox_find(struct host *host, str login, struct mailbox *out, struct err *err);
