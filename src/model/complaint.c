/* SPDX-License-Identifier: Apache-2.0
 *
 * complaint: names, JSON both ways, text.
 */
#include "model/complaint.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "base/print.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const class_names[] = {
	[CLASS_SPAM] = "spam",
	[CLASS_NOT_SPAM] = "not-spam",
	[CLASS_OPT_OUT] = "opt-out",
	[CLASS_AUTH_FAILURE] = "auth-failure",
	[CLASS_BLOCKLIST] = "blocklist",
	[CLASS_FEED] = "feed",
	[CLASS_BOUNCE] = "bounce",
	[CLASS_AUTO_REPLY] = "auto-reply",
	[CLASS_OWN_NOTICE] = "own-notice",
	[CLASS_OTHER] = "other",
};
static const char *const kind_names[] = {
	[REPORTER_PERSON] = "person",	    [REPORTER_FBL] = "fbl",	      [REPORTER_TRAP] = "trap",
	[REPORTER_BLOCKLIST] = "blocklist", [REPORTER_UPSTREAM] = "upstream", [REPORTER_SELF] = "self",
};
static const char *const from_names[] = {
	[FROM_NOWHERE] = "",	    [FROM_FIELD] = "field", [FROM_RECEIVED] = "received",
	[FROM_SUBJECT] = "subject", [FROM_PROSE] = "prose",
};
static const char *const confidence_names[] = {
	[CONFIDENCE_NONE] = "",
	[CONFIDENCE_WEAK] = "weak",
	[CONFIDENCE_CLAIMED] = "claimed",
	[CONFIDENCE_BORDER] = "border",
	[CONFIDENCE_BORDER_FIELD] = "border+field",
	[CONFIDENCE_PROVEN] = "proven",
};
static const char *const verdict_names[] = {
	[VERDICT_NO_IP] = "no-ip",	     [VERDICT_OURS] = "ours",
	[VERDICT_NOT_OURS] = "not-ours",     [VERDICT_CLIENT_ONLY] = "client-only",
	[VERDICT_CLAIM_ONLY] = "claim-only", [VERDICT_CONFLICT] = "conflict",
	[VERDICT_STALE] = "stale",
};

const char *complaint_class_name(enum complaint_class class)
{
	return class_names[class];
}

const char *reporter_kind_name(enum reporter_kind kind)
{
	return kind_names[kind];
}

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

const char *confidence_name(enum confidence confidence)
{
	return confidence_names[confidence];
}

bool words_has(const struct words *words, str word)
{
	for (size_t i = 0; i < words->list.count; i++)
		if (str_eq(words->list.at[i], word))
			return true;
	return false;
}

void words_add(struct words *words, str word)
{
	if (word.len && words->list.count < COMPLAINT_WORDS_MAX && !words_has(words, word))
		*VEC_PUSH(&words->list) = word;
}

struct item *complaint_add(struct complaint *complaint)
{
	if (complaint->items.count >= COMPLAINT_ITEMS_MAX) {
		words_add(&complaint->limits, STR("items"));
		return NULL;
	}
	struct item *item = VEC_PUSH(&complaint->items);
	*item = ITEM_INIT;
	return item;
}

void complaint_done(struct complaint *complaint)
{
	for (size_t i = 0; i < complaint->items.count; i++) {
		free(complaint->items.at[i].mta_ids.list.at);
		free(complaint->items.at[i].leads.list.at);
	}
	free(complaint->items.at);
	free(complaint->limits.list.at);
	free(complaint->degraded.list.at);
	*complaint = COMPLAINT_INIT;
}

static void print_words(struct jsonw *w, const char *key, const struct words *words)
{
	jsonw_key(w, key);
	jsonw_open(w, '[');
	for (size_t i = 0; i < words->list.count; i++)
		jsonw_str(w, words->list.at[i]);
	jsonw_close(w, ']');
}

static void print_ip(struct jsonw *w, const char *key, bool has, struct ip ip)
{
	jsonw_key(w, key);
	if (has)
		jsonw_ip(w, ip);
	else
		jsonw_null(w);
}

static void print_item(struct jsonw *w, const struct item *item)
{
	jsonw_open(w, '{');
	print_ip(w, "source_ip", item->has_source, item->source);
	jsonw_field_str(w, "source_from", str_from(from_names[item->source_from]));
	print_ip(w, "hop_ip", item->has_hop, item->hop);
	jsonw_field_time(w, "hop_time", item->hop_time);
	print_ip(w, "inner_ip", item->has_inner, item->inner);
	jsonw_field_str(w, "network", item->network);
	jsonw_field_str(w, "confidence", str_from(confidence_names[item->confidence]));
	jsonw_field_str(w, "verdict", str_from(verdict_names[item->verdict]));
	jsonw_field_str(w, "why", item->why);
	jsonw_field_str(w, "sender", item->sender);
	jsonw_field_str(w, "recipient", item->recipient);
	jsonw_field_time(w, "date", item->date);
	jsonw_field_time(w, "arrival", item->arrival);
	jsonw_field_str(w, "subject", item->subject);
	jsonw_field_str(w, "message_id", item->message_id);
	jsonw_key(w, "size");
	item->size ? jsonw_int(w, (int64_t)item->size) : jsonw_null(w);
	jsonw_field_int(w, "weight", (int64_t)item->weight);
	print_words(w, "mta_ids", &item->mta_ids);
	print_words(w, "leads", &item->leads);
	jsonw_close(w, '}');
}

void complaint_print_json(struct buf *buf, const struct complaint *complaint, bool compact)
{
	struct jsonw w;
	jsonw_init(&w, buf, compact);
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "schema", STR("quell.complaint/1"));
	jsonw_field_str(&w, "format", complaint->format);
	jsonw_field_str(&w, "class", str_from(class_names[complaint->class]));
	jsonw_field_str(&w, "feedback_type", complaint->feedback_type);
	jsonw_key(&w, "reporter");
	jsonw_open(&w, '{');
	jsonw_field_str(&w, "address", complaint->reporter_address);
	jsonw_field_str(&w, "kind", str_from(kind_names[complaint->reporter_kind]));
	jsonw_close(&w, '}');
	jsonw_field_str(&w, "external_id", complaint->external_id);
	jsonw_field_time(&w, "received", complaint->received);
	print_words(&w, "limits", &complaint->limits);
	print_words(&w, "degraded", &complaint->degraded);
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	for (size_t i = 0; i < complaint->items.count; i++)
		print_item(&w, &complaint->items.at[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* Reading back. Each getter takes what is there in the right form and leaves the default otherwise; only an unknown
 * name of an enumeration makes the whole text invalid. */

static str get_str(struct arena *arena, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? arena_copy(arena, (str){ json_string_value(value), json_string_length(value) })
				     : STR("");
}

static usec get_time(const json_t *object, const char *key)
{
	usec at = USEC_NEVER;
	const char *text = json_string_value(json_object_get(object, key));
	clock_parse(str_from(text), USEC_NEVER, &at);
	return at;
}

static bool get_ip(const json_t *object, const char *key, struct ip *out)
{
	return ip_parse(str_from(json_string_value(json_object_get(object, key))), out);
}

static bool get_name(const json_t *object, const char *key, const char *const *names, size_t count, int *out)
{
	const char *text = json_string_value(json_object_get(object, key));
	for (size_t i = 0; i < count; i++)
		if (strcmp(text ? text : "", names[i]) == 0)
			return *out = (int)i, true;
	return false;
}

static void get_words(struct arena *arena, const json_t *object, const char *key, struct words *out)
{
	size_t index;
	json_t *value;
	json_array_foreach(json_object_get(object, key), index, value) if (json_is_string(value))
		words_add(out, arena_copy(arena, (str){ json_string_value(value), json_string_length(value) }));
}

static bool parse_item(struct arena *arena, const json_t *object, struct item *item)
{
	int from, confidence, verdict;
	if (!get_name(object, "source_from", from_names, COUNT(from_names), &from) ||
	    !get_name(object, "confidence", confidence_names, COUNT(confidence_names), &confidence) ||
	    !get_name(object, "verdict", verdict_names, COUNT(verdict_names), &verdict))
		return false;
	item->source_from = (enum source_from)from;
	item->confidence = (enum confidence)confidence;
	item->verdict = (enum verdict)verdict;
	item->has_source = get_ip(object, "source_ip", &item->source);
	item->has_hop = get_ip(object, "hop_ip", &item->hop);
	item->has_inner = get_ip(object, "inner_ip", &item->inner);
	item->hop_time = get_time(object, "hop_time");
	item->network = get_str(arena, object, "network");
	item->why = get_str(arena, object, "why");
	item->sender = get_str(arena, object, "sender");
	item->recipient = get_str(arena, object, "recipient");
	item->date = get_time(object, "date");
	item->arrival = get_time(object, "arrival");
	item->subject = get_str(arena, object, "subject");
	item->message_id = get_str(arena, object, "message_id");
	json_int_t size = json_integer_value(json_object_get(object, "size"));
	item->size = size > 0 ? (uint64_t)size : 0;
	json_int_t weight = json_integer_value(json_object_get(object, "weight"));
	item->weight = weight > 0 ? (uint64_t)weight : 1;
	get_words(arena, object, "mta_ids", &item->mta_ids);
	get_words(arena, object, "leads", &item->leads);
	return true;
}

static bool parse_object(struct arena *arena, const json_t *object, struct complaint *out)
{
	int class, kind;
	const json_t *reporter = json_object_get(object, "reporter");
	if (!get_name(object, "class", class_names, COUNT(class_names), &class) ||
	    !get_name(reporter, "kind", kind_names, COUNT(kind_names), &kind))
		return false;
	out->class = (enum complaint_class) class;
	out->reporter_kind = (enum reporter_kind)kind;
	out->reporter_address = get_str(arena, reporter, "address");
	out->format = get_str(arena, object, "format");
	out->feedback_type = get_str(arena, object, "feedback_type");
	out->external_id = get_str(arena, object, "external_id");
	out->received = get_time(object, "received");
	get_words(arena, object, "limits", &out->limits);
	get_words(arena, object, "degraded", &out->degraded);
	size_t index;
	json_t *value;
	json_array_foreach(json_object_get(object, "items"), index, value)
	{
		struct item *item = complaint_add(out);
		if (!item || !parse_item(arena, value, item))
			return false;
	}
	return true;
}

int complaint_parse_json(struct arena *arena, str text, struct complaint *out, struct err *err)
{
	json_error_t error;
	json_t *object = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	struct complaint complaint = COMPLAINT_INIT;
	bool ok = object && parse_object(arena, object, &complaint);
	json_decref(object);
	if (!ok) {
		complaint_done(&complaint);
		return err_set(err, ERR_INPUT, "this is no quell.complaint/1");
	}
	*out = complaint;
	return 0;
}

static void text_field(struct buf *buf, const char *label, str value)
{
	if (!value.len)
		return;
	buf_printf(buf, "   %-11s", label);
	print_text(buf, value);
	buf_char(buf, '\n');
}

static void text_time(struct buf *buf, const char *label, usec at)
{
	if (at == USEC_NEVER)
		return;
	buf_printf(buf, "   %-11s", label);
	clock_print(buf, at);
	buf_char(buf, '\n');
}

static void text_words(struct buf *buf, const char *label, const struct words *words)
{
	if (!words->list.count)
		return;
	buf_printf(buf, "   %-11s", label);
	for (size_t i = 0; i < words->list.count; i++) {
		buf_add(buf, i ? STR(", ") : STR(""));
		print_text(buf, words->list.at[i]);
	}
	buf_char(buf, '\n');
}

static void text_item(struct buf *buf, size_t number, const struct item *item)
{
	buf_printf(buf, "\n%zu  ", number);
	if (item->has_source)
		ip_print(buf, item->source);
	else
		buf_add(buf, STR("no address"));
	buf_printf(buf, " - %s", verdict_names[item->verdict]);
	if (item->confidence)
		buf_printf(buf, " (%s)", confidence_names[item->confidence]);
	buf_char(buf, '\n');
	text_field(buf, "why", item->why);
	if (item->has_hop) {
		buf_printf(buf, "   %-11s", "hop");
		ip_print(buf, item->hop);
		buf_char(buf, '\n');
	}
	text_time(buf, "hop time", item->hop_time);
	text_field(buf, "network", item->network);
	text_field(buf, "sender", item->sender);
	text_field(buf, "recipient", item->recipient);
	text_field(buf, "subject", item->subject);
	text_field(buf, "message-id", item->message_id);
	text_time(buf, "date", item->date);
	text_time(buf, "arrival", item->arrival);
	text_words(buf, "ids", &item->mta_ids);
	text_words(buf, "leads", &item->leads);
}

void complaint_print_text(struct buf *buf, const struct complaint *complaint)
{
	print_text(buf, complaint->format);
	buf_printf(buf, ": class %s, from ", class_names[complaint->class]);
	print_text(buf, complaint->reporter_address.len ? complaint->reporter_address : STR("nobody named"));
	buf_printf(buf, " (%s)\n", kind_names[complaint->reporter_kind]);
	text_field(buf, "feedback", complaint->feedback_type);
	text_field(buf, "their id", complaint->external_id);
	text_words(buf, "limits hit", &complaint->limits);
	text_words(buf, "degraded", &complaint->degraded);
	for (size_t i = 0; i < complaint->items.count; i++)
		text_item(buf, i + 1, &complaint->items.at[i]);
	if (!complaint->items.count)
		buf_add(buf, STR("\nno mail and no address in it\n"));
}
