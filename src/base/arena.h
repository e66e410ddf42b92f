/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: memory that lives as long as one pass, one mail or one request and is
 * released in one go; single objects are never freed.
 */
#pragma once
#include "base/str.h"

struct arena_block;
struct arena {
	struct arena_block *last;
	size_t used;  /* in the last block */
	size_t total; /* bytes taken from the system, for ceilings and statistics */
};

#define ARENA_INIT ((struct arena){ 0 })

/* Zeroed, aligned to 16. Lives until arena_done(). */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy in the arena, NUL-terminated behind its end (the NUL is not counted). */
str arena_copy(struct arena *arena, str s);
/* As arena_copy for callers that need a C string; s must not contain NUL (it would be cut there). */
char *arena_cstring(struct arena *arena, str s);
str arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_done(struct arena *arena);
