/* SPDX-License-Identifier: Apache-2.0
 *
 * sha256: SHA-256 (FIPS 180-4). Our own because the static program links no
 * cryptographic library and needs nothing else of one.
 */
#include "base/sha256.h"

#include <endian.h>

static const uint32_t round_constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static void add_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t w[64];
	for (int i = 0; i < 16; i++) {
		memcpy(&w[i], block + i * 4, 4);
		w[i] = be32toh(w[i]);
	}
	for (int i = 16; i < 64; i++) {
		uint32_t s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3;
		uint32_t s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
	uint32_t v[8];
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25);
		uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t t1 = v[7] + s1 + choice + round_constant[i] + w[i];
		uint32_t s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += t1;
		v[0] = t1 + s0 + majority;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_init(struct sha256 *sha)
{
	*sha = (struct sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
					   0x1f83d9ab, 0x5be0cd19 } };
}

void sha256_add(struct sha256 *sha, str s)
{
	size_t used = sha->total % 64;
	sha->total += s.len;
	while (s.len) {
		size_t take = 64 - used < s.len ? 64 - used : s.len;
		memcpy(sha->block + used, s.at, take);
		s = str_from_at(s, take);
		used += take;
		if (used == 64) {
			add_block(sha->state, sha->block);
			used = 0;
		}
	}
}

void sha256_done(struct sha256 *sha, unsigned char out[32])
{
	uint64_t bits = htobe64(sha->total * 8);
	static const char padding[64] = { (char)0x80 };
	size_t used = sha->total % 64;
	sha256_add(sha, (str){ padding, used < 56 ? 56 - used : 120 - used });
	sha256_add(sha, (str){ (const char *)&bits, 8 });
	for (int i = 0; i < 8; i++) {
		uint32_t word = htobe32(sha->state[i]);
		memcpy(out + i * 4, &word, 4);
	}
}

void sha256_hex(struct sha256 *sha, size_t digits, char *out)
{
	unsigned char hash[32];
	sha256_done(sha, hash);
	for (size_t i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[i % 2 ? hash[i / 2] & 15 : hash[i / 2] >> 4];
	out[digits] = 0;
}

void sha256_text(str text, char hex[65])
{
	struct sha256 sha;
	sha256_init(&sha);
	sha256_add(&sha, text);
	sha256_hex(&sha, 64, hex);
}
