/* SPDX-License-Identifier: Apache-2.0
 *
 * sha256: SHA-256 (FIPS 180-4), for identifiers, sealed copies and the journal's chain.
 */
#pragma once
#include "base/str.h"

struct sha256 {
	uint32_t state[8];
	uint64_t total;
	unsigned char block[64];
};

void sha256_init(struct sha256 *sha);
void sha256_add(struct sha256 *sha, str s);
void sha256_done(struct sha256 *sha, unsigned char out[32]);
/* The first digits (at most 64) of the hash in lower-case hex, and a NUL. */
void sha256_hex(struct sha256 *sha, size_t digits, char *out);
/* The whole digest of one text. */
void sha256_text(str text, char hex[65]);
