/* SPDX-License-Identifier: Apache-2.0
 *
 * mem: allocation that never returns NULL.
 */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void out_of_memory(size_t size)
{
	fprintf(stderr, "quell: out of memory (%zu bytes)\n", size);
	abort();
}

void *mem_alloc(size_t size)
{
	void *at = calloc(1, size ? size : 1);
	if (!at)
		out_of_memory(size);
	return at;
}

void *mem_realloc(void *at, size_t size)
{
	void *moved = realloc(at, size ? size : 1);
	if (!moved)
		out_of_memory(size);
	return moved;
}

void *mem_grow(void *array, size_t count, size_t *cap, size_t element_size)
{
	if (count < *cap)
		return array;
	size_t wanted = *cap ? *cap * 2 : 4;
	if (wanted > SIZE_MAX / element_size)
		out_of_memory(SIZE_MAX);
	*cap = wanted;
	return mem_realloc(array, wanted * element_size);
}
