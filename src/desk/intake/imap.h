/* SPDX-License-Identifier: Apache-2.0
 *
 * imap: fetches new mail of a mailbox into the spool.
 *
 * What was fetched gets the keyword QuellFiled after it is on disk; the \Seen
 * flag stays a matter of people. A run that is killed in between fetches a
 * mail twice, which the store then counts as seen again.
 */
#pragma once
#include "base/clock.h"
#include "base/err.h"

enum { IMAP_MAILS_MAX = 1000 /* in one poll */ };

struct imap_account {
	const char *url; /* imaps://host/FOLDER; imap:// is plain text and for this machine only */
	const char *user, *password;
};

/* *out_count: how many mails were spooled, also when an error ended the poll. */
int imap_poll(const struct imap_account *account, const char *spool, usec now, size_t *out_count, struct err *err);
