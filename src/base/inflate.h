/* SPDX-License-Identifier: Apache-2.0
 *
 * inflate: reads a file that may be compressed. gzip, xz, zstd and bzip2 are
 * told by their first bytes; anything else passes as it is. Concatenated
 * members are read on. The expanded size is bounded, so that a bomb ends as
 * an error after max_bytes.
 */
#pragma once
#include "base/err.h"
#include "base/str.h"

struct inflate;

/* fd stays the caller's and is read from its start. */
struct inflate *inflate_open(int fd, uint64_t max_bytes, struct err *err);
/* Up to size bytes; 0 at the end, or an error code: what came before it is valid (a cut or damaged file). */
int64_t inflate_read(struct inflate *inflate, char *at, size_t size, struct err *err);
void inflate_close(struct inflate *inflate);
