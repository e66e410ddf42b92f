/* SPDX-License-Identifier: Apache-2.0
 *
 * json: writer with stable key order.
 */
#include "base/json.h"

#include "base/print.h"

void json_init(struct json *json, struct buf *buf, bool compact)
{
	*json = (struct json){ .buf = buf, .compact = compact };
}

static void new_line(struct json *json)
{
	if (json->compact)
		return;
	buf_char(json->buf, '\n');
	for (unsigned i = 0; i < json->depth; i++)
		buf_char(json->buf, ' ');
}

/* What stands before a value or key: a comma and a new line, or nothing after a key. */
static void begin(struct json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->need_comma)
		buf_char(json->buf, ',');
	if (json->depth)
		new_line(json);
}

void json_open(struct json *json, char bracket)
{
	begin(json);
	buf_char(json->buf, bracket);
	json->depth++;
	json->need_comma = false;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (json->need_comma)
		new_line(json);
	buf_char(json->buf, bracket);
	json->need_comma = true;
	if (!json->depth)
		buf_char(json->buf, '\n');
}

void json_key(struct json *json, const char *key)
{
	begin(json);
	print_json(json->buf, str_from(key));
	buf_add(json->buf, json->compact ? STR(":") : STR(": "));
	json->after_key = true;
}

void json_str(struct json *json, str value)
{
	begin(json);
	print_json(json->buf, value);
	json->need_comma = true;
}

static void literal(struct json *json, str text)
{
	begin(json);
	buf_add(json->buf, text);
	json->need_comma = true;
}

void json_int(struct json *json, int64_t value)
{
	begin(json);
	buf_printf(json->buf, "%lld", (long long)value);
	json->need_comma = true;
}

void json_bool(struct json *json, bool value)
{
	literal(json, value ? STR("true") : STR("false"));
}

void json_null(struct json *json)
{
	literal(json, STR("null"));
}

void json_fixed2(struct json *json, double value)
{
	begin(json);
	buf_printf(json->buf, "%.2f", value);
	json->need_comma = true;
}

void json_time(struct json *json, usec at)
{
	if (at == USEC_NEVER) {
		json_null(json);
		return;
	}
	begin(json);
	buf_char(json->buf, '"');
	clock_print(json->buf, at);
	buf_char(json->buf, '"');
	json->need_comma = true;
}

void json_ip(struct json *json, struct ip ip)
{
	begin(json);
	buf_char(json->buf, '"');
	ip_print(json->buf, ip);
	buf_char(json->buf, '"');
	json->need_comma = true;
}

void json_field_str(struct json *json, const char *key, str value)
{
	json_key(json, key);
	if (value.len)
		json_str(json, value);
	else
		json_null(json);
}

void json_field_int(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_int(json, value);
}

void json_field_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

void json_field_time(struct json *json, const char *key, usec at)
{
	json_key(json, key);
	json_time(json, at);
}
