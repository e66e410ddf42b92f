/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonw: the one JSON writer. Keys stand in the order they are written; the
 * output is indented by one blank per level so that people can read it and
 * diff it, or on one line when compact. Reading is jansson's job.
 */
#pragma once
#include "base/buf.h"
#include "base/clock.h"
#include "base/ip.h"

struct jsonw {
	struct buf *buf; /* borrowed */
	unsigned depth;
	bool compact;
	bool need_comma;
	bool after_key;
};

void jsonw_init(struct jsonw *w, struct buf *buf, bool compact);
void jsonw_open(struct jsonw *w, char bracket);  /* '{' or '[' */
void jsonw_close(struct jsonw *w, char bracket); /* '}' or ']' */
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_str(struct jsonw *w, str value);
void jsonw_int(struct jsonw *w, int64_t value);
void jsonw_bool(struct jsonw *w, bool value);
void jsonw_null(struct jsonw *w);
void jsonw_fixed2(struct jsonw *w, double value); /* two decimals */
void jsonw_time(struct jsonw *w, usec at);        /* null for USEC_NEVER */
void jsonw_ip(struct jsonw *w, struct ip ip);

/* Key and value in one call; json_field_str writes null for an empty value. */
void jsonw_field_str(struct jsonw *w, const char *key, str value);
void jsonw_field_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_field_bool(struct jsonw *w, const char *key, bool value);
void jsonw_field_time(struct jsonw *w, const char *key, usec at);
