/* SPDX-License-Identifier: Apache-2.0
 *
 * mem: allocation that never returns NULL.
 */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Tables of this size are hit all over: fewer, larger pages make that cheaper, where the system has them. */
enum { LARGE = 8 << 20, HUGE_PAGE = 2 << 20 };

static void out_of_memory(size_t size)
{
	fprintf(stderr, "quell: out of memory (%zu bytes)\n", size);
	abort();
}

static void *use_huge_pages(void *at, size_t size)
{
	if (size >= LARGE) {
		size_t skipped = -(uintptr_t)at % HUGE_PAGE;
		madvise((char *)at + skipped, (size - skipped) / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
	}
	return at;
}

void *mem_alloc(size_t size)
{
	void *at = calloc(1, size ? size : 1);
	if (!at)
		out_of_memory(size);
	return use_huge_pages(at, size);
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
