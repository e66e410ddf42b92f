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

static void *take(struct arena *arena, size_t size, size_t align)
{
	size_t from = (arena->used + align - 1) & ~(align - 1);
	if (!arena->last || arena->last->size < from || arena->last->size - from < size) {
		size_t block_size = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		struct arena_block *block = mem_alloc(sizeof(*block) + block_size);
		block->previous = arena->last;
		block->size = block_size;
		arena->last = block;
		arena->total += sizeof(*block) + block_size;
		from = 0;
	}
	arena->used = from + size;
	return arena->last->bytes + from;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return take(arena, size, ALIGN);
}

str arena_copy(struct arena *arena, str s)
{
	char *at = take(arena, s.len + 1, 1);
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
	char *at = take(arena, size + 1, 1);
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
