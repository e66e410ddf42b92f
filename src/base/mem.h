/* SPDX-License-Identifier: Apache-2.0
 *
 * mem: allocation that never returns NULL, and growing arrays.
 *
 * Running out of memory ends the program: what an outsider can make grow has
 * a ceiling given where it is created, so this is our own fault or the
 * machine's, and half a verdict would be worse than none.
 */
#pragma once
#include <stddef.h>

void *mem_alloc(size_t size);            /* zeroed; free() it */
void *mem_realloc(void *at, size_t size); /* the new part is not zeroed */

/* Makes room for one more element in an array of count elements with capacity *cap;
 * returns the (moved) array. Doubles, so adding n elements is O(n). */
void *mem_grow(void *array, size_t count, size_t *cap, size_t element_size);

/* vec: struct { T *at; size_t count, cap; }; VEC_PUSH returns a pointer to the new, uninitialised element. */
#define VEC(type)            \
	struct {             \
		type *at;    \
		size_t count, cap; \
	}
#define VEC_PUSH(vec) \
	((vec)->at = mem_grow((vec)->at, (vec)->count, &(vec)->cap, sizeof(*(vec)->at)), &(vec)->at[(vec)->count++])
/* The position of the first element of a sorted vec for which `before` no longer holds; row names the element in it. */
#define VEC_FIRST(vec, row, before)                                         \
	({                                                                  \
		size_t low_ = 0, high_ = (vec)->count;                      \
		while (low_ < high_) {                                      \
			size_t middle_ = (low_ + high_) / 2;                \
			const typeof(*(vec)->at) *row = &(vec)->at[middle_]; \
			if (before)                                         \
				low_ = middle_ + 1;                         \
			else                                                \
				high_ = middle_;                            \
		}                                                           \
		low_;                                                       \
	})
