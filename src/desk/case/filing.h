/* SPDX-License-Identifier: Apache-2.0
 *
 * filing: puts one read complaint into the store and its items into cases.
 *
 * The work for one complaint does not grow with the number of complaints that
 * its case has already. Runs inside the caller's transaction, so that many
 * complaints share one commit.
 */
#pragma once
#include "desk/store/store.h"
#include "model/complaint.h"
#include "model/network.h"

/* Complaints of one case whose raw bytes and full text are kept; beyond it only one in RAW_SAMPLE. Counters stay exact.
 */
enum { RAW_KEPT_MAX = 200, RAW_SAMPLE = 100 };
/* A case resolved so recently takes new complaints again instead of having a successor. */
enum { REOPEN_DAYS = 14 };

struct filed_mail {
	str sha256;   /* of the raw bytes, hex */
	str channel;  /* mail, file */
	str raw_path; /* where the raw bytes will lie if they are kept */
	usec received;
};

struct filing_result {
	bool seen_before; /* the same bytes or the same reference: counted, nothing else */
	bool keep_raw;
};

struct filing {
	struct store *store;
	const struct networks *networks;
	usec now;
};

/* Must a person look at it, because it holds neither an address nor somebody to ask for one? */
bool filing_is_unread(const struct complaint *complaint);
int filing_add(const struct filing *filing, const struct filed_mail *mail, const struct complaint *complaint,
	       struct filing_result *out, struct err *err);
