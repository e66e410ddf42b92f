/* SPDX-License-Identifier: Apache-2.0
 *
 * forwarded: mails forwarded inline, without headers: some lines "From: ...",
 * "Subject: ..." in the words of the forwarder's mail program. They say who
 * and what, never from where, so the answer is to ask for the headers.
 *
 * Words as Apple Mail, Gmail, Outlook, Thunderbird and Yahoo write them in
 * some 25 languages.
 */
#include "desk/intake/formats.h"

#include <stdio.h>

#include "desk/intake/blocks.h"
#include "desk/intake/date.h"
#include "desk/intake/text.h"

enum { LABEL_BYTES_MAX = 40 };

enum field { FIELD_FROM, FIELD_TO, FIELD_SUBJECT, FIELD_DATE, FIELD_CC, FIELD_COUNT };

/* Alternatives, each between bars. */
static const char *const field_words[FIELD_COUNT] = {
	[FIELD_FROM] = "|From|Od|Fra|Von|De|De la|de "
		       "la|Desde|Lähettäjä|Šalje|Feladó|Da|Van|Expeditorul|Отправитель|Från|Kimden|"
		       "Від "
		       "кого|Від|Saatja|Gönderen|От|Mittente|Nadawca|Remitente|Expéditeur|差出人|送信者|发件人|寄件者|"
		       "보낸 사람|"
		       "Από|מאת|من|",
	[FIELD_TO] = "|To|Komu|Til|An|Para|Vastaanottaja|À|Prima|Címzett|A|Aan|Do|Destinatarul|Către|Кому|Pre|Till|"
		     "Kime|Pour|"
		     "Adresat|Saaja|Za|Destinatario|Destinataire|Alıcı|Către|宛先|收件人|받는 사람|Προς|אל|إلى|",
	[FIELD_SUBJECT] =
		"|Subject|Předmět|Emne|Betreff|Asunto|Aihe|Objet|Predmet|Tárgy|Oggetto|Onderwerp|Temat|Assunto|"
		"Subiectul|Subiect|Тема|Ämne|Konu|Sujet|Naslov|Teema|件名|主题|主旨|제목|Θέμα|נושא|الموضوع|",
	[FIELD_DATE] =
		"|Date|Datum|Dato|Fecha|Päivämäärä|Päiväys|Lähetetty|Envoyé|Envoyé le|Inviato|Data|Verzonden|Wysłano|"
		"Enviado|Enviada em|Enviado "
		"el|Trimis|Dátum|Küldve|Sendt|Gesendet|Odesláno|Sent|Kuupäev|Дата|Отправлено|"
		"Odoslané|Skickat|Tarih|Gönderildi|Надіслано|Poslano|Date "
		"d'envoi|日付|送信日時|日期|发送时间|날짜|보낸 날짜|",
	[FIELD_CC] = "|Cc|CC|Kopie|Kopie (CC)|Kopia|Kopi|Copie|Copie à|Copia|Másolat|Másolatot "
		     "kap|DW|Копия|Копія|Bilgi|Kópia|"
		     "Kopio|Cópia|Reply-To|Antwort an|Répondre à|Rispondi a|Responder a|",
};

struct forward {
	str value[FIELD_COUNT];
};

/* "*From:* x" (markdown bold), "Betreff : x", "差出人：x" */
static bool parse_line(str line, enum field *out_field, str *out_value)
{
	static const str wide_colon = { "\xef\xbc\x9a", 3 };
	line = str_trim(line);
	str_skip(&line, STR("*"));
	size_t colon = str_find(line, ':'), wide = str_search(line, wide_colon);
	size_t end = wide < colon ? wide : colon, width = wide < colon ? wide_colon.len : 1;
	if (end == STR_NONE || end > LABEL_BYTES_MAX)
		return false;
	char word[48];
	str label = str_trim(str_head(line, end));
	while (str_ends(label, STR("*")))
		label.len--;
	int len = snprintf(word, sizeof(word), "|%.*s|", STR_ARG(label));
	for (int field = 0; label.len && field < FIELD_COUNT; field++) {
		if (str_search(str_from(field_words[field]), (str){ word, (size_t)len }) == STR_NONE)
			continue;
		str value = str_from_at(line, end + width);
		str_skip(&value, STR("*"));
		*out_field = (enum field)field;
		*out_value = str_trim(value);
		return true;
	}
	return false;
}

static bool is_whole(const struct forward *forward)
{
	return text_address(forward->value[FIELD_FROM]).len &&
	       (forward->value[FIELD_SUBJECT].len || forward->value[FIELD_TO].len || forward->value[FIELD_DATE].len);
}

/* The next run of such lines; blank lines between them and one folded line each are passed over. */
static bool next_forward(str *rest, struct forward *out)
{
	enum { GAP_MAX = 2 };
	int gap = 0;
	*out = (struct forward){ 0 };
	bool any = false;
	while (rest->len) {
		str line = header_line(rest), value;
		enum field field;
		if (parse_line(line, &field, &value)) {
			if (!out->value[field].len)
				out->value[field] = value;
			any = true;
			gap = 0;
		} else if (any && ++gap > GAP_MAX) {
			if (is_whole(out))
				return true;
			*out = (struct forward){ 0 };
			any = false;
		}
	}
	return is_whole(out);
}

/* "On 27/10/2021, "John Doe" <john.doe@example.com> wrote:" in any language: one line that ends in a colon behind an
 * address. */
static bool find_attribution(str text, str *out_address)
{
	while (text.len) {
		str line = str_trim(header_line(&text));
		if (!str_ends(line, STR(":")) || line.len > 300)
			continue;
		size_t open = str_rfind(line, '<');
		open = open == STR_NONE ? str_rfind(line, '[') : open;
		*out_address = open == STR_NONE ? STR("") : text_address(str_from_at(line, open));
		if (out_address->len)
			return true;
	}
	return false;
}

/* Is word a label, at the start of line? Returns the length up to behind its colon, else 0. */
static size_t label_length(str line)
{
	size_t colon = str_find(str_head(line, LABEL_BYTES_MAX), ':');
	enum field field;
	str value;
	return colon != STR_NONE && line.at[0] != ' ' && parse_line(line, &field, &value) ? colon + 1 : 0;
}

/* Yahoo's plain text joins the whole head of a forward into one line behind its dashes, without blanks before the
 * labels: there a line end is put before each label. The longest label that ends at a colon counts. */
static str split_joined_labels(struct arena *arena, str text)
{
	struct buf out = BUF_INIT;
	while (text.len) {
		str line = header_line(&text);
		bool joined = str_starts(str_trim(line), STR("-----"));
		while (line.len) {
			size_t length = joined ? label_length(line) : 0;
			if (length)
				buf_char(&out, '\n');
			length = length ? length : 1;
			buf_add(&out, str_head(line, length));
			line = str_from_at(line, length);
		}
		buf_char(&out, '\n');
	}
	str split = arena_copy(arena, buf_str(&out));
	buf_done(&out);
	return split;
}

static void add_forward(struct reading *reading, const struct forward *forward)
{
	bool has_zone;
	usec at;
	struct item *item = reading_add_text(reading, STR(""), &CLAIM_NONE);
	if (!item)
		return;
	item->sender = text_address(forward->value[FIELD_FROM]);
	item->recipient = text_addresses(reading->arena, forward->value[FIELD_TO]);
	item->subject = text_squeeze(reading->arena, forward->value[FIELD_SUBJECT]);
	if (date_parse(forward->value[FIELD_DATE], &at, &has_zone) && has_zone)
		item->date = at;
}

static bool read(struct reading *reading)
{
	str rest = split_joined_labels(reading->arena, text_unquote(reading->arena, reading->text)), address;
	struct forward forward;
	size_t before = reading->out->items.count;
	bool found = next_forward(&rest, &forward);
	if (!found && find_attribution(reading->text, &address)) {
		forward = (struct forward){ .value = { [FIELD_FROM] = address } };
		found = true;
	}
	if (!found)
		return false;
	add_forward(reading, &forward);
	reading_set(reading, "fwd-inline", CLASS_SPAM, REPORTER_PERSON);
	return reading->out->items.count > before;
}

const struct intake intake_forwarded = { "forwarded", "person, mail forwarded inline without headers", read };
