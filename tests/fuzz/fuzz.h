/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz: what the fuzz targets share. A target hands its input to a reader and
 * writes what comes back as JSON, so that every byte of every view is touched
 * while AddressSanitizer watches.
 */
#pragma once
#include <stdlib.h>

#include "base/own.h"
#include "json_of.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const struct zone fuzz_zone = { .first_offset = 3600 };
static const struct stamp_base fuzz_base = { &fuzz_zone, 1794009600 * USEC_PER_SEC };

/* Calls each with every line, in memory of exactly its length. */
static inline void fuzz_lines(const unsigned char *data, size_t size, void (*each)(str line))
{
	for (str rest = { (const char *)data, size }; rest.len;) {
		str line = str_cut(&rest, '\n');
		OWN_MEM char *copy = malloc(line.len ? line.len : 1);
		if (line.len)
			memcpy(copy, line.at, line.len);
		each((str){ copy, line.len });
	}
}

static inline void fuzz_event(enum read_result result, const struct event *event)
{
	struct buf out = BUF_INIT;
	struct jsonw w;
	jsonw_init(&w, &out, true);
	if (result == READ_EVENT)
		json_of_event(&w, event);
	buf_done(&out);
}
