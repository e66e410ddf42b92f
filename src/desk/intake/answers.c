/* SPDX-License-Identifier: Apache-2.0
 *
 * answers: mails that answer ours instead of complaining: bounces (RFC 3464),
 * automatic replies (RFC 3834), our own notices come back. None opens a case
 * or stops a clock, so they are told apart before any prose is read.
 */
#include "desk/intake/formats.h"

#include "desk/intake/text.h"
#include "model/address.h"

static str field(const struct reading *reading, const char *name)
{
	return headers_get(&reading->mime->headers, name);
}

static str our_message_id(const struct reading *reading)
{
	str id = field(reading, "In-Reply-To");
	return id.len ? id : field(reading, "Message-ID");
}

static bool finish(struct reading *reading, const char *format, enum complaint_class class)
{
	reading_set(reading, format, class, class == CLASS_OWN_NOTICE ? REPORTER_SELF : REPORTER_PERSON);
	reading->out->external_id = our_message_id(reading);
	return true;
}

/* The loop token and case field that every notice carries, or an address of ours as its author. */
static bool read_own_notice(struct reading *reading)
{
	bool ours = headers_has(&reading->mime->headers, "X-Quell-Case") ||
		    headers_has(&reading->mime->headers, "X-Quell-Incident");
	for (size_t i = 0; i < reading->view->own_count; i++)
		ours = ours || str_eq_nocase(reading->view->own[i], reading->out->reporter_address);
	return ours && finish(reading, "own-notice", CLASS_OWN_NOTICE);
}

/* Subjects under which mail servers return what they could not deliver. */
static const char *const bounce_subjects[] = { "delivery status notification",
					       "undeliver",
					       "mail delivery failed",
					       "delivery failure",
					       "failure notice",
					       "returned mail",
					       "delivery has failed",
					       "unzustellbar",
					       "non remis",
					       "no se puede entregar",
					       "mancato recapito",
					       "е доставлено" };

static bool has_subject(const struct reading *reading, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_contains(reading->subject, words[i]))
			return true;
	return false;
}

static bool read_bounce(struct reading *reading)
{
	bool no_return = str_eq(field(reading, "Return-Path"), STR("<>"));
	str local = address_local_part(reading->out->reporter_address);
	bool is_status = str_eq(reading->mime->report_type, STR("delivery-status")) ||
			 mime_find(reading->mime, "message/delivery-status") ||
			 str_eq(reading->mime->report_type, STR("disposition-notification"));
	bool from_daemon = str_eq_nocase(local, STR("mailer-daemon")) ||
			   headers_has(&reading->mime->headers, "X-Failed-Recipients");
	bool returned = (no_return || str_eq_nocase(local, STR("postmaster"))) &&
			has_subject(reading, bounce_subjects, sizeof(bounce_subjects) / sizeof(*bounce_subjects));
	return (is_status || from_daemon || returned) && finish(reading, "bounce", CLASS_BOUNCE);
}

/* Besides RFC 3834's field: what older and ticket systems set. auto-generated alone is no reply: reports carry it too.
 */
static const struct marker {
	const char *name, *value; /* NULL = any value */
} markers[] = {
	{ "Auto-Submitted", "auto-replied" },
	{ "Auto-Submitted", "auto-notified" },
	{ "X-Autoreply", NULL },
	{ "X-Autorespond", NULL },
	{ "Precedence", "auto_reply" },
	{ "X-Precedence", "auto_reply" },
	{ "X-Zammad-Auto-Response", NULL },
	{ "X-OTRS-Loop", NULL },
	{ "X-osTicket-Auto-Response", NULL },
	{ "X-Mailer", "vacation" },
};

static const char *const reply_subjects[] = {
	"out of office",
	"automatic reply",
	"autoreply",
	"auto-reply",
	"auto reply",
	"automatische antwort",
	"abwesenheit",
	"absence du bureau",
	"réponse automatique",
	"respuesta automática",
	"fuera de la oficina",
	"risposta automatica",
	"afwezig",
	"resposta automática",
	"automatisch antwoord",
	"втоответ",
	"vacation reply",
	"autosvar",
	"automatisk svar",
	"automaattinen vastaus",
	"odpowiedź automatyczna",
	"automatická odpověď",
	"automatická odpoveď",
	"automatikus válasz",
	"răspuns automat",
	"otomatik yanıt",
	"otomatik cevap",
	"втоматический ответ",
	"υτόματη απάντηση",
	"втоматична відповідь",
	"自動応答",
	"自動返信",
	"自动答复",
	"自动回复",
	"자동 회신",
};

/* Does it name an address? ours: one of ours. */
static bool names_address(const struct reading *reading, bool ours)
{
	const str texts[] = { reading->subject, reading->text };
	struct ip ip;
	str before;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (str rest = texts[i]; text_next_ip(&rest, &ip, &before);)
			if (!ours || networks_find(reading->view->networks, ip, USEC_NEVER))
				return true;
	return false;
}

/* What a program made and names no address is no report, but an acknowledgement or the like. */
static bool read_auto_reply(struct reading *reading)
{
	bool found =
		has_subject(reading, reply_subjects, sizeof(reply_subjects) / sizeof(*reply_subjects)) ||
		(text_contains(field(reading, "Auto-Submitted"), "auto-generated") && !names_address(reading, false));
	for (size_t i = 0; i < sizeof(markers) / sizeof(*markers); i++)
		found = found ||
			(headers_has(&reading->mime->headers, markers[i].name) &&
			 (!markers[i].value || text_contains(field(reading, markers[i].name), markers[i].value)));
	return found && finish(reading, "auto-reply", CLASS_AUTO_REPLY);
}

/* Sent to many, with a way out, and not by a mailing list that people write to (RFC 2369): somebody's advertising. */
static bool read_newsletter(struct reading *reading)
{
	const struct headers *headers = &reading->mime->headers;
	if (!headers_has(headers, "List-Unsubscribe") || headers_has(headers, "List-Post") ||
	    names_address(reading, true))
		return false;
	reading_set(reading, "newsletter", CLASS_OTHER, REPORTER_PERSON);
	return true;
}

const struct intake intake_own_notice = { "own-notice", "our own notice, come back", read_own_notice, ENCLOSED_NEVER };
const struct intake intake_bounce = { "bounce", "delivery or disposition report", read_bounce, ENCLOSED_NEVER };
const struct intake intake_auto_reply = { "auto-reply", "automatic reply", read_auto_reply, ENCLOSED_NEVER };
const struct intake intake_newsletter = { "newsletter", "newsletter", read_newsletter, ENCLOSED_NEVER };
