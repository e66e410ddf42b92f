/* SPDX-License-Identifier: Apache-2.0
 *
 * forwarded: mails forwarded inline, without headers: some lines "From: ...",
 * "Subject: ..." in the words of the forwarder's mail program. They say who
 * and what, never from where, so the answer is to ask for the headers.
 *
 * Words as Apple Mail, Gmail, Outlook, Thunderbird and Yahoo write them in
 * some 35 languages.
 */
#include "desk/intake/formats.h"

#include "desk/intake/blocks.h"
#include "desk/intake/date.h"
#include "desk/intake/text.h"

enum { LABEL_BYTES_MAX = 40 };

enum field { FIELD_FROM, FIELD_TO, FIELD_SUBJECT, FIELD_DATE, FIELD_CC, FIELD_COUNT };

/* Alternatives, each between bars. */
static const char *const field_words[FIELD_COUNT] = {
	[FIELD_FROM] = "|From|Von|Absender|De|De la|de la|Desde|Remitente|Remetente|Expéditeur|Da|Mittente|"
		       "Van|Afzender|Fra|Afsender|Avsender|Från|Avsändare|Lähettäjä|Od|Nadawca|"
		       "Odesílatel|Odosielateľ|Šalje|Pošiljatelj|Pošiljalac|Feladó|Expeditorul|"
		       "Expeditor|Kimden|Gönderen|От|От кого|Отправитель|Подател|"
		       "Від|Від кого|Од|Saatja|Nuo|Siuntėjas|No|Sūtītājs|Από|מאת|من|"
		       "از|Từ|จาก|Dari|差出人|送信者|From/差出人|发件人|寄件者|"
		       "寄件人|보낸 사람|보낸사람|Frá|Sendandi|प्रेषक|",
	[FIELD_TO] = "|To|An|Empfänger|Para|Per a|À|A|Pour|Destinataire|Destinataires|Destinatario|"
		     "Destinatário|Destinatari|Aan|Til|Modtager|Mottaker|Till|Mottagare|Vastaanottaja|Do|"
		     "Dla|Adresat|Komu|Pre|Prima|Primatelj|Za|Címzett|Către|Catre|Destinatarul|Kime|"
		     "Alıcı|Кому|До|Получатель|До кого|За|Saaja|Adressaat|Kam|Iki|"
		     "Gavėjas|Προς|אל|إلى|به|Tới|Đến|ถึง|Kepada|Untuk|宛先|"
		     "收件人|收件者|받는 사람|받는사람|Viðtakandi|प्रति|",
	[FIELD_SUBJECT] = "|Subject|Betreff|Asunto|Assunto|Assumpte|Objet|Sujet|Oggetto|Onderwerp|Emne|Ämne|Aihe|"
			  "Temat|Předmět|Predmet|Naslov|Zadeva|Tárgy|Subiect|Subiectul|Konu|Тема|"
			  "Относно|Наслов|Teema|Pealkiri|Tema|Tēma|Θέμα|נושא|"
			  "الموضوع|موضوع|Chủ đề|Tiêu đề|เรื่อง|"
			  "หัวเรื่อง|Perihal|Subjek|件名|主题|主旨|主題|标题|제목|Efni|विषय|",
	[FIELD_DATE] = "|Date|Sent|Datum|Gesendet|Gesendet am|Fecha|Enviado|Enviado el|Enviada em|Enviada|Data|"
		       "Enviat|Data d'enviament|Envoyé|Envoyé le|Date d'envoi|Inviato|Data invio|Verzonden|"
		       "Dato|Sendt|Skickat|Lähetetty|Päivämäärä|Päiväys|Wysłano|Wysłane|Odesláno|"
		       "Odoslané|Dátum|Poslano|Poslato|Küldve|Elküldve|Trimis|Dată|Tarih|Gönderildi|"
		       "Gönderme Tarihi|Дата|Отправлено|Изпратено|Надіслано|"
		       "Послато|Kuupäev|Saadetud|Išsiųsta|Nosūtīts|Datums|Ημερομηνία|"
		       "Στάλθηκε|נשלח|תאריך|تاريخ الإرسال|التاريخ|"
		       "تاریخ|Đã gửi|Ngày|ส่ง|วันที่|Terkirim|Dikirim|Tanggal|"
		       "日付|送信日時|日期|发送时间|寄件日期|日期和时间|날짜|"
		       "보낸 날짜|",
	[FIELD_CC] = "|Cc|CC|Cci|Kopie|Kopie (CC)|Kopia|Kopi|Copie|Copie à|Copia|Cópia|Másolat|"
		     "Másolatot kap|DW|Копия|Копія|Копие|Bilgi|Kópia|Kopio|Κοιν.|"
		     "抄送|副本|참조|Reply-To|Reply To|Antwort an|Répondre à|Rép. à|Rispondi a|"
		     "Responder a|Odpowiedz do|Importance|Wichtigkeit|Importancia|Priorité|Bcc|Attachments|"
		     "Anlagen|",
};

struct forward {
	str value[FIELD_COUNT];
};

static bool is_word_of(str words, str label)
{
	while (words.len)
		if (str_eq_nocase(str_cut(&words, '|'), label))
			return true;
	return false;
}

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
	str label = str_trim(str_head(line, end));
	while (str_ends(label, STR("*")))
		label.len--;
	for (int field = 0; label.len && field < FIELD_COUNT; field++) {
		if (!is_word_of(str_from(field_words[field]), label))
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

/* What follows a line "Label: value" and belongs to it: the rest of a folded value, or the value itself where the label
 * stands alone in its line. */
static bool goes_on(str line, str value)
{
	bool folded = line.len && (line.at[0] == ' ' || line.at[0] == '\t');
	return str_trim(line).len && (folded || !value.len);
}

/* The next run of such lines; a few other lines between them are passed over. */
static bool next_forward(str *rest, struct forward *out)
{
	enum { GAP_MAX = 2 };
	int gap = 0;
	str *last = NULL, longer = { 0 }; /* the value that the next line may go on with, if a label follows */
	*out = (struct forward){ 0 };
	bool any = false;
	while (rest->len) {
		str line = header_line(rest), value;
		enum field field;
		if (parse_line(line, &field, &value)) {
			if (last && longer.len)
				*last = longer;
			longer = STR("");
			last = out->value[field].len ? NULL : &out->value[field];
			if (last)
				*last = value;
			any = true;
			gap = 0;
		} else if (last && goes_on(line, *last)) {
			str *into = last->len ? &longer : last;
			const char *from = last->len ? last->at : str_trim(line).at;
			*into = str_trim((str){ from, (size_t)(line.at + line.len - from) });
		} else if (any && ++gap > GAP_MAX) {
			if (is_whole(out))
				return true;
			*out = (struct forward){ 0 };
			any = false;
			last = NULL;
		}
	}
	return is_whole(out);
}

/* "On 27/10/2021, "John Doe" <john.doe@example.com> wrote:" in any language: one line that ends in a colon behind an
 * address in brackets. */
static bool find_attribution(str text, str *out_address)
{
	while (text.len) {
		str line = str_trim(header_line(&text));
		if (!str_ends(line, STR(":")) || line.len > 300)
			continue;
		for (const char *bracket = "<[("; *bracket; bracket++) {
			size_t open = str_rfind(line, *bracket);
			*out_address = open == STR_NONE ? STR("") : text_address(str_from_at(line, open));
			if (out_address->len)
				return true;
		}
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

/* The mail that was forwarded: a forward of a forward holds both, the outer one first. */
static bool find_forward(str text, struct forward *out)
{
	struct forward inner;
	bool found = next_forward(&text, out);
	while (found && text_is_forward_subject(out->value[FIELD_SUBJECT]) && next_forward(&text, &inner))
		*out = inner;
	return found;
}

static bool read(struct reading *reading)
{
	str text = split_joined_labels(reading->arena, text_unquote(reading->arena, reading->text)), address;
	struct forward forward;
	size_t before = reading->out->items.count;
	bool found = find_forward(text, &forward);
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

const struct intake intake_forwarded = { "forwarded", "person, mail forwarded inline without headers", read,
					 ENCLOSED_NEVER };
