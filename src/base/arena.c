/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: a list of blocks, filled from the front.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BLOCK_SIZE = 64 * 1024, ALIGN = 16 };

struct arena_block {
	struct arena_block *previous;
	size_t size;
	_Alignas(ALIGN) char bytes[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!arena->last || arena->last->size - arena->used < rounded) {
		size_t block_size = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;
		struct arena_block *block = mem_alloc(sizeof(*block) + block_size);
		block->previous = arena->last;
		block->size = block_size;
		arena->last = block;
		arena->used = 0;
		arena->total += sizeof(*block) + block_size;
	}
	void *at = arena->last->bytes + arena->used;
	arena->used += rounded;
	return at;
}

str arena_copy(struct arena *arena, str s)
{
	char *at = arena_alloc(arena, s.len + 1);
	if (s.len)
		memcpy(at, s.at, s.len);
	return (str){ at, s.len };
}

char *arena_cstring(struct arena *arena, str s)
{
	return (char *)arena_copy(arena, s).at;
}

str arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	size_t size = len < 0 ? 0 : (size_t)len;
	char *at = arena_alloc(arena, size + 1);
	vsnprintf(at, size + 1, format, again);
	va_end(again);
	return (str){ at, size };
}

void arena_done(struct arena *arena)
{
	struct arena_block *block = arena->last;
	while (block) {
		struct arena_block *previous = block->previous;
		free(block);
		block = previous;
	}
	*arena = ARENA_INIT;
}
