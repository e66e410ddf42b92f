/* SPDX-License-Identifier: Apache-2.0
 *
 * jsonw: writer with stable key order.
 */
#include "base/jsonw.h"

#include "base/print.h"

void jsonw_init(struct jsonw *w, struct buf *buf, bool compact)
{
	*w = (struct jsonw){ .buf = buf, .compact = compact };
}

static void new_line(struct jsonw *w)
{
	if (w->compact)
		return;
	buf_char(w->buf, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		buf_char(w->buf, ' ');
}

/* What stands before a value or key: a comma and a new line, or nothing after a key. */
static void begin(struct jsonw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->need_comma)
		buf_char(w->buf, ',');
	if (w->depth)
		new_line(w);
}

void jsonw_open(struct jsonw *w, char bracket)
{
	begin(w);
	buf_char(w->buf, bracket);
	w->depth++;
	w->need_comma = false;
}

void jsonw_close(struct jsonw *w, char bracket)
{
	w->depth--;
	if (w->need_comma)
		new_line(w);
	buf_char(w->buf, bracket);
	w->need_comma = true;
	if (!w->depth)
		buf_char(w->buf, '\n');
}

void jsonw_key(struct jsonw *w, const char *key)
{
	begin(w);
	print_json(w->buf, str_from(key));
	buf_add(w->buf, w->compact ? STR(":") : STR(": "));
	w->after_key = true;
}

void jsonw_str(struct jsonw *w, str value)
{
	begin(w);
	print_json(w->buf, value);
	w->need_comma = true;
}

static void literal(struct jsonw *w, str text)
{
	begin(w);
	buf_add(w->buf, text);
	w->need_comma = true;
}

void jsonw_int(struct jsonw *w, int64_t value)
{
	begin(w);
	buf_printf(w->buf, "%lld", (long long)value);
	w->need_comma = true;
}

void jsonw_bool(struct jsonw *w, bool value)
{
	literal(w, value ? STR("true") : STR("false"));
}

void jsonw_null(struct jsonw *w)
{
	literal(w, STR("null"));
}

void jsonw_fixed2(struct jsonw *w, double value)
{
	begin(w);
	buf_printf(w->buf, "%.2f", value);
	w->need_comma = true;
}

void jsonw_time(struct jsonw *w, usec at)
{
	if (at == USEC_NEVER) {
		jsonw_null(w);
		return;
	}
	begin(w);
	buf_char(w->buf, '"');
	clock_print(w->buf, at);
	buf_char(w->buf, '"');
	w->need_comma = true;
}

void jsonw_ip(struct jsonw *w, struct ip ip)
{
	begin(w);
	buf_char(w->buf, '"');
	ip_print(w->buf, ip);
	buf_char(w->buf, '"');
	w->need_comma = true;
}

void jsonw_field_str(struct jsonw *w, const char *key, str value)
{
	jsonw_key(w, key);
	if (value.len)
		jsonw_str(w, value);
	else
		jsonw_null(w);
}

void jsonw_field_int(struct jsonw *w, const char *key, int64_t value)
{
	jsonw_key(w, key);
	jsonw_int(w, value);
}

void jsonw_field_bool(struct jsonw *w, const char *key, bool value)
{
	jsonw_key(w, key);
	jsonw_bool(w, value);
}

void jsonw_field_time(struct jsonw *w, const char *key, usec at)
{
	jsonw_key(w, key);
	jsonw_time(w, at);
}
