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

static bool read_bounce(struct reading *reading)
{
	str local = address_local_part(reading->out->reporter_address);
	bool is_status = str_eq(reading->mime->report_type, STR("delivery-status")) ||
			 mime_find(reading->mime, "message/delivery-status") ||
			 str_eq(reading->mime->report_type, STR("disposition-notification"));
	bool from_daemon = str_eq_nocase(local, STR("mailer-daemon")) ||
			   headers_has(&reading->mime->headers, "X-Failed-Recipients");
	return (is_status || from_daemon) && finish(reading, "bounce", CLASS_BOUNCE);
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
	{ "X-Auto-Response-Suppress-Reply", NULL },
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
	"автоответ",
	"vacation reply",
};

static bool read_auto_reply(struct reading *reading)
{
	bool found = false;
	for (size_t i = 0; i < sizeof(markers) / sizeof(*markers); i++)
		found = found ||
			(headers_has(&reading->mime->headers, markers[i].name) &&
			 (!markers[i].value || text_contains(field(reading, markers[i].name), markers[i].value)));
	for (size_t i = 0; i < sizeof(reply_subjects) / sizeof(*reply_subjects); i++)
		found = found || text_contains(reading->subject, reply_subjects[i]);
	return found && finish(reading, "auto-reply", CLASS_AUTO_REPLY);
}

const struct intake intake_own_notice = { "own-notice", "our own notice, come back", read_own_notice };
const struct intake intake_bounce = { "bounce", "delivery or disposition report", read_bounce };
const struct intake intake_auto_reply = { "auto-reply", "automatic reply", read_auto_reply };
