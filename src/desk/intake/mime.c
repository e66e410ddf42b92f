/* SPDX-License-Identifier: Apache-2.0
 *
 * mime: GMime for structure and decoding, behind the gate.
 */
#include "desk/intake/mime.h"

#include <gmime/gmime.h>
#include <iconv.h>

#include "desk/intake/gate.h"
#include "desk/intake/html.h"
#include "desk/intake/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const char *const charset_names[] = {
	"ISO-8859-1",	"ISO-8859-2",	"ISO-8859-4",	"ISO-8859-5",	"ISO-8859-7",	"ISO-8859-9",	"ISO-8859-13",
	"ISO-8859-15",	"WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255",
	"WINDOWS-1256", "WINDOWS-1257", "KOI8-R",	"KOI8-U",	"UTF-16",	"UTF-7",	"GB18030",
	"BIG5",		"SHIFT_JIS",	"EUC-JP",	"ISO-2022-JP",	"EUC-KR",	"TIS-620",
};
_Static_assert(sizeof(charset_names) / sizeof(*charset_names) <= sizeof(((struct charsets *)0)->open) / sizeof(void *),
	       "room for all");

void mime_setup(struct charsets *charsets)
{
	static const char *const message_types[] = { "rfc822", "global", "news", "rfc2822" };
	*charsets = (struct charsets){ 0 };
	g_mime_init();
	for (size_t i = 0; i < sizeof(message_types) / sizeof(*message_types); i++)
		g_mime_object_register_type("message", message_types[i], GMIME_TYPE_PART);
	for (size_t i = 0; i < sizeof(charset_names) / sizeof(*charset_names); i++) {
		iconv_t cd = iconv_open("UTF-8", charset_names[i]);
		if (cd != (iconv_t)-1)
			charsets->open[charsets->count++] = cd;
	}
}

void mime_teardown(struct charsets *charsets)
{
	while (charsets->count)
		iconv_close((iconv_t)charsets->open[--charsets->count]);
	g_mime_shutdown();
}

static str lower_copy(struct arena *arena, const char *a, const char *separator, const char *b)
{
	str text = arena_printf(arena, "%s%s%s", a ? a : "", separator, b ? b : "");
	for (char *at = (char *)text.at; *at; at++)
		*at = g_ascii_tolower(*at);
	return text;
}

static str type_of(struct arena *arena, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	return lower_copy(arena, g_mime_content_type_get_media_type(type), "/",
			  g_mime_content_type_get_media_subtype(type));
}

static str parameter(struct arena *arena, GMimeObject *object, const char *name)
{
	const char *value = g_mime_object_get_content_type_parameter(object, name);
	return arena_copy(arena, str_from(value));
}

/* The leaf's bytes: GMime's content is a window on the stream that the mail was parsed from. */
static str body_of(const struct mime *mime, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
	if (!stream || stream->bound_start < 0)
		return STR("");
	str rest = str_from_at(mime->bytes, (size_t)stream->bound_start);
	return stream->bound_end < 0 ? rest : str_head(rest, (size_t)(stream->bound_end - stream->bound_start));
}

static void add_leaf(struct mime *mime, GMimeObject *object, str parent)
{
	GMimePart *part = GMIME_PART(object);
	GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(object);
	mime->parts[mime->count++] = (struct part){
		.type = type_of(mime->arena, object),
		.parent = parent,
		.name = arena_copy(mime->arena, str_from(g_mime_part_get_filename(part))),
		.charset = parameter(mime->arena, object, "charset"),
		.body = body_of(mime, part),
		.encoding = g_mime_part_get_content_encoding(part),
		.attachment = disposition && g_mime_content_disposition_is_attachment(disposition),
	};
}

static size_t count_leaves(GMimeObject *object)
{
	size_t count = 0;
	if (!GMIME_IS_MULTIPART(object))
		return GMIME_IS_PART(object);
	GMimeMultipart *multipart = GMIME_MULTIPART(object);
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
		count += count_leaves(g_mime_multipart_get_part(multipart, i));
	return count;
}

/* Recursion is bounded by the gate's depth. */
static void add_leaves(struct mime *mime, GMimeObject *object, str parent)
{
	if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *multipart = GMIME_MULTIPART(object);
		str type = type_of(mime->arena, object);
		for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
			add_leaves(mime, g_mime_multipart_get_part(multipart, i), type);
	} else if (GMIME_IS_PART(object)) {
		add_leaf(mime, object, parent);
	}
}

static void parse_structure(struct mime *mime)
{
	GByteArray *bytes = g_byte_array_new_take((guint8 *)mime->bytes.at, mime->bytes.len);
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	GMimeObject *top = message ? g_mime_message_get_mime_part(message) : NULL;
	if (top) {
		mime->type = type_of(mime->arena, top);
		mime->report_type =
			lower_copy(mime->arena, g_mime_object_get_content_type_parameter(top, "report-type"), "", "");
		mime->parts = arena_alloc(mime->arena, count_leaves(top) * sizeof(*mime->parts));
		add_leaves(mime, top, STR(""));
	}
	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	g_byte_array_free(bytes, FALSE); /* the bytes are the caller's */
}

static str without_mark(str bytes)
{
	str_skip(&bytes, STR(BYTE_ORDER_MARK));
	return bytes;
}

/* Mails enclosed in mails often begin with an mbox line, which would end GMime's header before it began. */
static str skip_mbox_lines(str bytes)
{
	str rest = bytes;
	while (rest.len) {
		str next = rest;
		str line = header_line(&next);
		str_skip(&line, STR(">"));
		if (str_trim(line).len && !str_starts(line, STR("From ")))
			break;
		rest = next;
	}
	return rest;
}

/* A file with a text in it is taken as the body of a mail without header. */
static bool begins_with_field(str bytes)
{
	return header_name_length(header_line(&bytes)) > 0;
}

void mime_parse(struct arena *arena, str bytes, unsigned depth, struct words *limits, struct mime *out)
{
	*out = (struct mime){ .arena = arena, .limits = limits, .depth = depth, .type = STR("text/plain") };
	out->bytes = gate_pass(skip_mbox_lines(without_mark(bytes)), depth, limits);
	if (begins_with_field(out->bytes)) {
		headers_parse(arena, out->bytes, &out->headers);
		parse_structure(out);
	}
	if (out->count)
		return;
	out->parts = arena_alloc(arena, sizeof(*out->parts));
	out->parts[out->count++] =
		(struct part){ .type = STR("text/plain"), .body = str_from_at(out->bytes, out->headers.end) };
}

const struct part *mime_find(const struct mime *mime, const char *type)
{
	for (size_t i = 0; i < mime->count; i++)
		if (str_eq(mime->parts[i].type, str_from(type)))
			return &mime->parts[i];
	return NULL;
}

str part_bytes(const struct mime *mime, const struct part *part, size_t max)
{
	GMimeEncoding decoder;
	if (mime->arena->total > ARENA_BYTES_MAX) {
		words_add(mime->limits, STR("decoded"));
		return STR("");
	}
	if (part->encoding <= GMIME_CONTENT_ENCODING_BINARY)
		return without_mark(part->body);
	/* no encoding here makes text longer, so twice the limit of input is enough for base64 and most of
	 * quoted-printable */
	str body = str_head(part->body, max * 2);
	g_mime_encoding_init_decode(&decoder, (GMimeContentEncoding)part->encoding);
	char *out = arena_alloc(mime->arena, g_mime_encoding_outlen(&decoder, body.len) + 1);
	size_t len = g_mime_encoding_step(&decoder, body.at, body.len, out);
	if (len > max || body.len < part->body.len)
		words_add(mime->limits, STR("decoded"));
	return without_mark((str){ out, len < max ? len : max });
}

bool part_is_named(const struct part *part, const char *end)
{
	str wanted = str_from(end);
	return part->name.len > wanted.len &&
	       str_eq_nocase(str_from_at(part->name, part->name.len - wanted.len), wanted);
}

bool part_is_zip(const struct part *part)
{
	return part_is_named(part, ".zip") || str_eq(part->type, STR("application/zip")) ||
	       str_eq(part->type, STR("application/x-zip-compressed"));
}

str mime_base64(const struct mime *mime, str text)
{
	struct part part = { .body = text, .encoding = GMIME_CONTENT_ENCODING_BASE64 };
	return part_bytes(mime, &part, DECODED_BYTES_MAX);
}

str mime_quoted_printable(const struct mime *mime, str text)
{
	struct part part = { .body = text, .encoding = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE };
	return part_bytes(mime, &part, DECODED_BYTES_MAX);
}

/* Bytes that the character set does not explain are kept, for the printer to show. */
static str convert(struct arena *arena, iconv_t cd, str text)
{
	size_t cap = text.len * 3 + 16, left = cap, in_left = text.len;
	char *out = arena_alloc(arena, cap), *to = out, *from = (char *)text.at;
	while (in_left && left) {
		if (iconv(cd, &from, &in_left, &to, &left) != (size_t)-1 || !in_left || !left)
			continue;
		*to++ = *from++;
		left--;
		in_left--;
	}
	return (str){ out, cap - left };
}

static str to_utf8(struct arena *arena, str charset, str text)
{
	static const char *const plain[] = { "", "utf-8", "us-ascii", "ascii", "unknown-8bit" };
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (str_eq_nocase(charset, str_from(plain[i])))
			return text;
	iconv_t cd = iconv_open("UTF-8", charset.at);
	if (cd == (iconv_t)-1)
		return text;
	str converted = convert(arena, cd, text);
	iconv_close(cd);
	return converted;
}

str part_text(const struct mime *mime, struct part *part)
{
	if (part->has_text)
		return part->text;
	str text = part_bytes(mime, part, TEXT_BYTES_MAX);
	if (text.len > TEXT_BYTES_MAX)
		words_add(mime->limits, STR("decoded"));
	text = str_head(text, TEXT_BYTES_MAX);
	text = to_utf8(mime->arena, part->charset, text);
	if (str_eq(part->type, STR("text/html")))
		text = html_text(mime->arena, text);
	part->has_text = true;
	return part->text = text_plain(mime->arena, text);
}

static bool has_plain_sibling(const struct mime *mime, const struct part *part)
{
	for (size_t i = 0; i < mime->count; i++)
		if (mime->parts[i].parent.at == part->parent.at && str_eq(mime->parts[i].type, STR("text/plain")))
			return true;
	return false;
}

static bool is_shown(const struct mime *mime, const struct part *part)
{
	if (str_eq(part->type, STR("text/html")))
		return !str_eq(part->parent, STR("multipart/alternative")) || !has_plain_sibling(mime, part);
	return str_eq(part->type, STR("text/plain")) && !part->name.len;
}

str mime_text(const struct mime *mime)
{
	struct buf all = BUF_INIT;
	for (size_t i = 0; i < mime->count && all.len < TEXT_BYTES_MAX; i++)
		if (is_shown(mime, &mime->parts[i])) {
			buf_add(&all, part_text(mime, &mime->parts[i]));
			buf_char(&all, '\n');
		}
	str text = arena_copy(mime->arena, buf_str(&all));
	buf_done(&all);
	return text;
}

str header_text(struct arena *arena, str value)
{
	if (str_search(value, STR("=?")) == STR_NONE)
		return value;
	char *decoded = g_mime_utils_header_decode_text(NULL, arena_cstring(arena, value));
	str text = arena_copy(arena, str_from(decoded));
	g_free(decoded);
	return text;
}
