/* SPDX-License-Identifier: Apache-2.0
 *
 * json_of: JSON forms of spool messages and events.
 */
#include "json_of.h"

static void add_str(struct jsonw *w, const char *key, str value)
{
	if (value.len)
		jsonw_field_str(w, key, value);
}

static void add_flag(struct jsonw *w, const char *key, bool value)
{
	if (value)
		jsonw_field_bool(w, key, value);
}

static void add_number(struct jsonw *w, const char *key, int64_t value)
{
	if (value)
		jsonw_field_int(w, key, value);
}

static void add_ip(struct jsonw *w, bool has_ip, struct ip ip)
{
	if (!has_ip)
		return;
	jsonw_key(w, "ip");
	jsonw_ip(w, ip);
}

static void add_recipients(struct jsonw *w, const struct spool_message *message)
{
	jsonw_key(w, "recipients");
	jsonw_open(w, '[');
	for (size_t i = 0; i < message->recipients.count; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, "address", message->recipients.at[i].address);
		add_flag(w, "done", message->recipients.at[i].done);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void add_headers(struct jsonw *w, const struct spool_message *message)
{
	jsonw_key(w, "headers");
	jsonw_open(w, '[');
	for (size_t i = 0; i < message->headers.count; i++) {
		jsonw_open(w, '{');
		jsonw_field_str(w, "type", (str){ &message->headers.at[i].type, 1 });
		jsonw_field_str(w, "text", message->headers.at[i].text);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void json_of_spool(struct jsonw *w, const struct spool_message *message)
{
	jsonw_open(w, '{');
	jsonw_field_str(w, "id", message->id);
	jsonw_field_str(w, "login", message->login);
	jsonw_field_int(w, "uid", message->uid);
	jsonw_field_int(w, "gid", message->gid);
	add_str(w, "sender", message->sender);
	jsonw_field_int(w, "received", message->received);
	add_number(w, "warnings", message->warnings);
	if (message->frozen != USEC_NEVER)
		jsonw_field_int(w, "frozen", message->frozen);
	add_flag(w, "local", message->local);
	add_flag(w, "local_error", message->local_error);
	add_flag(w, "sender_set_untrusted", message->sender_set_untrusted);
	add_flag(w, "manual_thaw", message->manual_thaw);
	add_flag(w, "spool_wireformat", message->spool_wireformat);
	add_str(w, "helo", message->helo);
	add_str(w, "host_name", message->host_name);
	add_str(w, "host_auth", message->host_auth);
	add_str(w, "auth_id", message->auth_id);
	add_str(w, "auth_sender", message->auth_sender);
	add_str(w, "ident", message->ident);
	add_str(w, "protocol", message->protocol);
	add_ip(w, message->has_ip, message->ip);
	add_recipients(w, message);
	add_headers(w, message);
	jsonw_close(w, '}');
}

static void add_login(struct jsonw *w, const struct login *login)
{
	add_str(w, "user", login->user);
	add_str(w, "service", login->service);
	add_ip(w, login->has_ip, login->ip);
}

static void add_auth_failed(struct jsonw *w, const struct auth_failed *failed)
{
	add_str(w, "authenticator", failed->authenticator);
	add_str(w, "user", failed->user);
	add_ip(w, failed->has_ip, failed->ip);
	add_number(w, "attempts", failed->attempts);
}

static void add_request(struct jsonw *w, const struct request *request)
{
	add_ip(w, true, request->ip);
	add_str(w, "vhost", request->vhost);
	add_str(w, "user", request->user);
	add_str(w, "method", request->method);
	add_str(w, "target", request->target);
	add_number(w, "status", request->status);
	add_str(w, "referer", request->referer);
	add_str(w, "agent", request->agent);
}

static void add_php_mail(struct jsonw *w, const struct php_mail *mail)
{
	add_str(w, "script", mail->script);
	add_number(w, "line", mail->line);
	add_str(w, "to", mail->to);
	add_str(w, "headers", mail->headers);
}

static void add_job(struct jsonw *w, const struct job *job)
{
	add_str(w, "user", job->user);
	add_str(w, "command", job->command);
}

static void add_arrival(struct jsonw *w, const struct arrival *arrival)
{
	add_str(w, "id", arrival->id);
	add_flag(w, "fake_reject", arrival->fake_reject);
	add_flag(w, "ambiguous", arrival->ambiguous);
	add_str(w, "sender", arrival->sender);
	add_str(w, "parent_id", arrival->parent_id);
	add_str(w, "host_name", arrival->host_name);
	add_str(w, "helo", arrival->helo);
	add_ip(w, arrival->has_ip, arrival->ip);
	add_flag(w, "local", arrival->local);
	add_str(w, "login", arrival->login);
	add_str(w, "protocol", arrival->protocol);
	add_str(w, "authenticator", arrival->authenticator);
	add_str(w, "auth_id", arrival->auth_id);
	add_number(w, "size", (int64_t)arrival->size);
	add_str(w, "message_id", arrival->message_id);
	add_str(w, "subject", arrival->subject);
	add_str(w, "recipients", arrival->recipients);
}

static void add_delivery(struct jsonw *w, const struct delivery *delivery)
{
	static const char *const results[] = { "done", "failed", "deferred" };
	add_str(w, "id", delivery->id);
	jsonw_field_str(w, "result", str_from(results[delivery->result]));
	add_str(w, "address", delivery->address);
	add_str(w, "original", delivery->original);
	add_str(w, "router", delivery->router);
	add_str(w, "transport", delivery->transport);
	add_str(w, "host_name", delivery->host_name);
	add_ip(w, delivery->has_ip, delivery->ip);
	add_number(w, "defer_code", delivery->defer_code);
	add_str(w, "text", delivery->text);
}

static void add_note(struct jsonw *w, const struct message_note *note)
{
	add_str(w, "id", note->id);
	add_str(w, "by", note->by);
}

static void add_call(struct jsonw *w, const struct call *call)
{
	add_str(w, "cwd", call->cwd);
	add_number(w, "arg_count", call->arg_count);
	add_str(w, "args", call->args);
	add_flag(w, "is_submission", call->is_submission);
	add_str(w, "sender", call->sender);
	add_flag(w, "is_torn", call->is_torn);
}

static void add_rejected(struct jsonw *w, const struct rejected *rejected)
{
	add_ip(w, rejected->has_ip, rejected->ip);
	add_str(w, "auth_id", rejected->auth_id);
	add_str(w, "stage", rejected->stage);
	add_str(w, "sender", rejected->sender);
	add_str(w, "recipient", rejected->recipient);
	add_str(w, "text", rejected->text);
}

static void add_body(struct jsonw *w, const struct event *event)
{
	switch (event->kind) {
	case EVENT_NONE: break;
	case EVENT_ARRIVAL: add_arrival(w, &event->arrival); break;
	case EVENT_DELIVERY: add_delivery(w, &event->delivery); break;
	case EVENT_COMPLETED:
	case EVENT_REMOVED:
	case EVENT_FROZEN: add_note(w, &event->note); break;
	case EVENT_CALL: add_call(w, &event->call); break;
	case EVENT_AUTH_FAILED: add_auth_failed(w, &event->auth_failed); break;
	case EVENT_REJECTED: add_rejected(w, &event->rejected); break;
	case EVENT_LOGIN: add_login(w, &event->login); break;
	case EVENT_REQUEST: add_request(w, &event->request); break;
	case EVENT_PHP_MAIL: add_php_mail(w, &event->php_mail); break;
	case EVENT_JOB: add_job(w, &event->job); break;
	}
}

void json_of_event(struct jsonw *w, const struct event *event)
{
	static const char *const kinds[] = {
		[EVENT_NONE] = "none",	       [EVENT_ARRIVAL] = "arrival",
		[EVENT_DELIVERY] = "delivery", [EVENT_COMPLETED] = "completed",
		[EVENT_REMOVED] = "removed",   [EVENT_FROZEN] = "frozen",
		[EVENT_CALL] = "call",	       [EVENT_AUTH_FAILED] = "auth_failed",
		[EVENT_REJECTED] = "rejected", [EVENT_LOGIN] = "login",
		[EVENT_REQUEST] = "request",   [EVENT_PHP_MAIL] = "php_mail",
		[EVENT_JOB] = "job",
	};
	jsonw_open(w, '{');
	jsonw_field_str(w, "kind", str_from(kinds[event->kind]));
	if (event->at != USEC_NEVER)
		jsonw_field_time(w, "at", event->at);
	add_number(w, "pid", event->pid);
	add_body(w, event);
	jsonw_close(w, '}');
}
