/* SPDX-License-Identifier: Apache-2.0
 *
 * stop: the plan that ends an incident of the last scan.
 */
#include "base/log.h"
#include "cmd/incident.h"
#include "cmd/who.h"
#include "plan/choose.h"
#include "plan/policy.h"

enum { ADDRESSES_MAX = 20, PEERS_MAX = 64, BLOCK_SECONDS = 24 * 3600 };

static const struct opt options[] = {
	{ "archive", 0, "DIR", false, "seal what is removed here instead of in the state folder" },
	ACTING_OPTIONS,
	OPT_END,
};

static str member(struct acting *acting, const json_t *object, const char *key)
{
	return arena_copy(&acting->plan.arena, str_from(json_string_value(json_object_get(object, key))));
}

/* An address that honest senders use too stays open, and so many addresses are a botnet that blocking does not stop. */
static int add_addresses(struct acting *acting, const json_t *incident, struct err *err)
{
	const json_t *ips = json_object_get(incident, "ips");
	size_t count = json_array_size(ips);
	int rc = 0;
	for (size_t i = 0; !rc && i < count && i < ADDRESSES_MAX; i++) {
		const json_t *ip = json_array_get(ips, i);
		if (!json_is_true(json_object_get(ip, "shared")))
			rc = block_add(acting, member(acting, ip, "ip"), BLOCK_SECONDS, false, err);
	}
	return rc;
}

/* Of the clients that nobody else uses; those without a session are no step. */
static int add_hangup(struct acting *acting, const json_t *incident, str mailbox, struct err *err)
{
	const json_t *ips = json_object_get(incident, "ips");
	struct arena *arena = &acting->plan.arena;
	str peers[PEERS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < json_array_size(ips) && count < PEERS_MAX; i++) {
		const json_t *ip = json_array_get(ips, i);
		if (!json_is_true(json_object_get(ip, "shared")))
			peers[count++] = member(acting, ip, "ip");
	}
	if (!count || !acting->app->live)
		return 0;
	struct step *step = plan_add(&acting->plan, "hangup", arena_printf(arena, "SMTP sessions of %zu clients", count), STR(""));
	step->shell = STR("exiwhat, and kill -TERM those that handle these clients");
	facts_set_list(&step->facts, arena, "peers", peers, count);
	return acting_survey(acting, step, "hangup", mailbox, err);
}

/* The purge follows the account or login where there is one, so that mail which came in since the scan is seen too; ids
 * of bounces and of messages without an owner are named one by one. */
static int add_messages(struct acting *acting, const char *op, const json_t *incident, struct err *err)
{
	struct selection selection = { 0 };
	incident_message_ids(acting, incident, &selection.ids, &selection.id_count);
	return selection.id_count ? queue_add(acting, op, &selection, acting->plan.incident, err) : 0;
}

static int add_choice(struct acting *acting, const struct choice *choice, const json_t *incident, struct err *err)
{
	str script = member(acting, incident, "script"), mailbox = member(acting, incident, "mailbox"),
	    account = member(acting, incident, "account");
	switch (choice->object) {
	case OBJECT_SCRIPT: return script.len ? disable_add(acting, script, false, str_from(choice->why), err) : 0;
	case OBJECT_CRONTAB: return script.len && account.len ? cron_add(acting, account, script, "cron_off", account, err) : 0;
	case OBJECT_MAILBOX: return mailbox.len ? who_add(acting, mailbox, choice->verb, err) : 0;
	case OBJECT_SESSIONS: return add_hangup(acting, incident, mailbox, err);
	case OBJECT_ALIAS: return mailbox.len ? alias_add(acting, mailbox, err) : 0;
	case OBJECT_ACCOUNT: return account.len ? who_add(acting, account, choice->verb, err) : 0;
	case OBJECT_MESSAGES: return add_messages(acting, choice->verb, incident, err);
	case OBJECT_ADDRESSES: return add_addresses(acting, incident, err);
	}
	return 0;
}

/* The scan's own word on its evidence: it knows what the logging of this host leaves open. */
static bool evidence_permits(const json_t *incident)
{
	const json_t *actions = json_object_get(incident, "actions");
	for (size_t i = 0; i < json_array_size(actions); i++)
		if (json_is_true(json_object_get(json_array_get(actions, i), "unattended")))
			return true;
	return false;
}

/* What the policy and the evidence say of the steps that a choice has added. */
static void mark_steps(struct acting *acting, size_t from, const struct choice *choice, const json_t *incident)
{
	const char *grade = json_string_value(json_object_get(incident, "grade"));
	bool confirmed = json_is_true(json_object_get(incident, "confirmed"));
	for (size_t i = from; i < acting->plan.steps.count; i++) {
		struct step *step = &acting->plan.steps.at[i];
		step->n = (unsigned)i + 1;
		step->why = arena_copy(&acting->plan.arena, str_from(choice->why));
		step->unattended = evidence_permits(incident) &&
				   policy_permits(grade ? grade[0] : 'D', confirmed, choice->verb, step->reversible);
		step->allowed = policy_allows(&acting->app->conf, choice->verb);
	}
}

static int add_choices(struct acting *acting, const json_t *incident, struct err *err)
{
	str vector = member(acting, incident, "vector");
	size_t at = 0;
	bool was_added = true, stops = str_eq(vector, STR("inbound"));
	int rc = 0;
	for (const struct choice *choice; !rc && (choice = choose_next(vector, &at));) {
		size_t before = acting->plan.steps.count;
		unsigned already = acting->already_count;
		if (choice->only_if_refused && was_added)
			continue;
		rc = add_choice(acting, choice, incident, err);
		mark_steps(acting, before, choice, incident);
		was_added = acting->plan.steps.count > before || acting->already_count > already;
		stops |= choice->is_cause && was_added;
	}
	if (!rc && !stops)
		log_warn("nothing of this plan stops the sending itself; quell suspend ACCOUNT is the wider means");
	return rc;
}

static int run(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting;
	json_t *scan = NULL;
	const json_t *incident;
	if (opts->operands.count != 1)
		return err_set(err, ERR_USAGE, "stop needs the number or id of an incident");
	int rc = acting_open(&acting, app, opts, "stop", STR(""), err);
	if (!rc)
		rc = incident_find(&acting, opts->operands.at[0], &scan, &incident, err);
	if (!rc && !json_is_true(json_object_get(incident, "blame")))
		rc = err_set(err, ERR_REFUSED, "incident %s blames nobody: there is nothing to stop here", opts->operands.at[0]);
	if (!rc) {
		acting.plan.incident = member(&acting, incident, "id");
		rc = add_choices(&acting, incident, err);
	}
	if (!rc)
		rc = acting_finish(&acting, err);
	json_decref(scan);
	acting_close(&acting);
	return rc;
}

const struct cmd cmd_stop = {
	.name = "stop", .operands = "N|ID", .summary = "plan what ends an incident of the last scan",
	.options = options, .takes_inputs = true, .run = run,
};
