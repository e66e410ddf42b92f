/* SPDX-License-Identifier: Apache-2.0
 *
 * gate: counts what a MIME parser would allocate for, before one sees the mail.
 *
 * GMime alone took 540 MB for a million header fields and 1.3 GB for a million
 * parts, so the mail is cut in front of the first byte beyond a limit and the
 * limit is named. Counted on the bytes, without decoding: fields and bytes of
 * each header block, delimiter lines, nesting of declared boundaries.
 */
#pragma once
#include "model/complaint.h"

enum {
	MAIL_BYTES_MAX = 30 * 1024 * 1024,
	MAIL_PARTS_MAX = 1000,
	MAIL_DEPTH_MAX = 20,
	HEADER_BLOCK_MAX = 512 * 1024,
};

/* The part of the mail within the limits; names of limits that were hit are added to limits: "size", "headers",
 * "parts", "depth". depth: how many mails it is enclosed in. */
str gate_pass(str mail, unsigned depth, struct words *limits);
