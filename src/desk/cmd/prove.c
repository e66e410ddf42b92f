/* SPDX-License-Identifier: Apache-2.0
 *
 * prove: case -> host -> trace of its mails -> incident of the account.
 */
#include "desk/cmd/prove.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/own.h"
#include "base/print.h"
#include "desk/case/evidence.h"
#include "desk/fleet/proof.h"

enum { ITEMS_ASKED_MAX = 20, IDS_MAX = 8 };

/* A copy of an unproven item: the list is read before hosts are asked, so that no query stays open meanwhile. */
struct question {
	int64_t item;
	str ids[IDS_MAX];
	struct wanted wanted;
};

struct proving {
	const struct actor_at *at;
	struct abuse_case abuse_case;
	struct remote remote;
	VEC(struct question) questions;
	str account; /* the first that was proven */
	size_t proven;
	struct buf *out;
};

static int take_question(void *context, const struct unproven *item, struct err *err)
{
	(void)err;
	struct proving *proving = context;
	struct arena *arena = proving->at->arena;
	struct question *question = VEC_PUSH(&proving->questions);
	*question = (struct question){ .item = item->id };
	str rest = arena_copy(arena, item->mta_ids);
	for (str id = str_word(&rest); id.len && question->wanted.id_count < IDS_MAX; id = str_word(&rest))
		question->ids[question->wanted.id_count++] = id;
	question->wanted.recipient = arena_copy(arena, item->recipient);
	question->wanted.message_id = arena_copy(arena, item->message_id);
	question->wanted.at = item->hop_time;
	question->wanted.size = item->size;
	return 0;
}

static const char *host_setting(const struct app *app, struct arena *arena, str host, const char *key)
{
	str value = conf_get(&app->conf, "host", host, key);
	return value.len ? arena_cstring(arena, value) : NULL;
}

/* The host by the inventory's name for the address, else by the name of its network. */
static int find_remote(struct app *app, struct proving *proving, struct err *err)
{
	OWN(inventory_done) struct inventory inventory = { 0 };
	struct arena *arena = proving->at->arena;
	struct ip ip;
	int rc = app_load_inventory(app, &inventory, err);
	if (rc)
		return rc;
	const struct place *place = ip_parse(proving->abuse_case.ip, &ip) ? inventory_find(&inventory, ip) : NULL;
	str host = place && place->host.len ? arena_copy(arena, place->host) : proving->abuse_case.host;
	proving->remote = (struct remote){
		.name = arena_cstring(arena, host),
		.local = host_setting(app, arena, host, "local"),
		.ssh = host_setting(app, arena, host, "ssh"),
		.identity = host_setting(app, arena, host, "identity"),
		.known_hosts = host_setting(app, arena, host, "known_hosts"),
		.deadline_ms = (int)(conf_age(&app->conf, "lookup", "host_timeout") / 1000),
	};
	if (proving->remote.local || proving->remote.ssh)
		return 0;
	return err_set(err, ERR_USAGE, "no [host %.*s] in the configuration to ask", STR_ARG(host));
}

static void say(struct proving *proving, int64_t item, const struct proof *proof)
{
	buf_printf(proving->out, "item %lld: ", (long long)item);
	if (!proof->found) {
		buf_add(proving->out, STR("not found in the host's log\n"));
		return;
	}
	buf_printf(proving->out, "proven by %s: ", proof->by);
	print_text(proving->out, proof->id);
	buf_add(proving->out, STR(" of account "));
	print_text(proving->out, proof->account.len ? proof->account : STR("unknown"));
	buf_char(proving->out, '\n');
}

static int ask(struct proving *proving, struct question *question, struct err *err)
{
	struct proof proof;
	question->wanted.ids = question->ids;
	int rc = proof_look_up(proving->at->arena, &proving->remote, &question->wanted, &proof, err);
	if (rc)
		return rc;
	say(proving, question->item, &proof);
	if (!proof.found)
		return evidence_not_found(proving->at, &proving->abuse_case, question->item,
					  str_from(proving->remote.name), err);
	struct finding finding = { STR("log"), str_from(proving->remote.name), proof.text, question->item,
				   proof.account };
	proving->proven++;
	if (!proving->account.len)
		proving->account = proof.account;
	return evidence_add(proving->at, &proving->abuse_case, &finding, err);
}

static bool is_of_account(const json_t *incident, str account)
{
	const char *name = json_string_value(json_object_get(incident, "account"));
	return name && json_is_true(json_object_get(incident, "blame")) && str_eq(str_from(name), account);
}

/* The incidents of the account that the host's own scan blames. */
static int add_incidents(struct proving *proving, str json, struct err *err)
{
	json_t *answer = json_loadb(json.at, json.len, JSON_REJECT_DUPLICATES, NULL), *incident;
	size_t index;
	int rc = answer ? 0 : err_set(err, ERR_INPUT, "%s: the scan is no JSON", proving->remote.name);
	json_array_foreach(json_object_get(answer, "incidents"), index, incident)
	{
		if (rc || !is_of_account(incident, proving->account))
			continue;
		OWN_MEM char *text = json_dumps(incident, JSON_COMPACT);
		struct finding finding = { STR("incident"), str_from(proving->remote.name), str_from(text), 0,
					   STR("") };
		rc = evidence_add(proving->at, &proving->abuse_case, &finding, err);
		const char *script = json_string_value(json_object_get(incident, "script"));
		const char *vector = json_string_value(json_object_get(incident, "vector"));
		buf_add(proving->out, STR("cause: "));
		print_text(proving->out, str_from(vector));
		buf_char(proving->out, ' ');
		print_text(proving->out, str_from(script));
		buf_char(proving->out, '\n');
	}
	json_decref(answer);
	return rc;
}

static int ask_for_cause(struct proving *proving, struct err *err)
{
	OWN(buf_done) struct buf answer = BUF_INIT;
	if (!proving->account.len)
		return 0;
	int rc = remote_ask(&proving->remote, "scan", STR(""), &answer, err);
	return rc ? rc : add_incidents(proving, buf_str(&answer), err);
}

int prove_case(struct app *app, const struct actor_at *at, str name, struct buf *out, struct err *err)
{
	struct proving proving = { .at = at, .out = out };
	int rc = cases_get(at, name, &proving.abuse_case, err);
	if (!rc)
		rc = find_remote(app, &proving, err);
	if (!rc)
		rc = evidence_each_unproven(at, proving.abuse_case.id, ITEMS_ASKED_MAX, take_question, &proving, err);
	for (size_t i = 0; i < proving.questions.count && !rc; i++)
		rc = ask(&proving, &proving.questions.at[i], err);
	if (!rc)
		rc = ask_for_cause(&proving, err);
	free(proving.questions.at);
	case_done(&proving.abuse_case);
	return rc;
}
