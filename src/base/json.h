/* SPDX-License-Identifier: Apache-2.0
 *
 * json: the one JSON writer. Keys stand in the order they are written; the
 * output is indented by one blank per level so that people can read it and
 * diff it, or on one line when compact. Reading is jansson's job.
 */
#pragma once
#include "base/buf.h"
#include "base/clock.h"
#include "base/ip.h"

struct json {
	struct buf *buf; /* borrowed */
	unsigned depth;
	bool compact;
	bool need_comma;
	bool after_key;
};

void json_init(struct json *json, struct buf *buf, bool compact);
void json_open(struct json *json, char bracket);  /* '{' or '[' */
void json_close(struct json *json, char bracket); /* '}' or ']' */
void json_key(struct json *json, const char *key);
void json_str(struct json *json, str value);
void json_int(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
void json_fixed2(struct json *json, double value); /* two decimals */
void json_time(struct json *json, usec at);        /* null for USEC_NEVER */
void json_ip(struct json *json, struct ip ip);

/* Key and value in one call; json_field_str writes null for an empty value. */
void json_field_str(struct json *json, const char *key, str value);
void json_field_int(struct json *json, const char *key, int64_t value);
void json_field_bool(struct json *json, const char *key, bool value);
void json_field_time(struct json *json, const char *key, usec at);
