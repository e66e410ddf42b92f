/* SPDX-License-Identifier: Apache-2.0
 *
 * block, unblock: one address for a time, by the firewall that the host uses.
 */
#include "base/ip.h"
#include "cmd/who.h"
#include "platform/firewalls.h"

enum { LASTS_SECONDS = 24 * 3600, LASTS_SECONDS_MAX = 365 * 24 * 3600 };

static const struct opt options[] = {
	{ "for", 0, "T", false, "how long, 24h unless told" },
	{ "sync", 0, NULL, false, "make vanished blocks again, end those whose time is over (for a timer)" },
	{ "wide", 0, NULL, false, "allow a network wider than /32 or /64; a person must confirm" },
	ACTING_OPTIONS,
	OPT_END,
};

static const struct firewall *choose_firewall(struct acting *acting, struct err *err)
{
	for (const struct firewall *firewall = firewalls; firewall->name; firewall++) {
		if (!firewall->is_used(&acting->host))
			continue;
		const char *problem = firewall->problem(&acting->host);
		if (!problem)
			return firewall;
		err_set(err, ERR_REFUSED, "%s", problem);
		return NULL;
	}
	err_set(err, ERR_REFUSED, "there is no firewall that quell knows on this host");
	return NULL;
}

/* What the firewall needs once: its rows named ready, ready4 or ready6. Those already there fall off the plan. */
static int add_ready(struct acting *acting, const struct firewall *firewall, const char *family, struct err *err)
{
	const struct recipe_value none[] = { { NULL } };
	unsigned already = acting->already_count;
	int rc = 0;
	for (const struct recipe *recipe = firewall->recipes; !rc && recipe->verb; recipe++)
		if (strcmp(recipe->verb, "ready") == 0 || strcmp(recipe->verb, family) == 0)
			rc = acting_recipe(acting, recipe, none, STR(""), STR("firewall"), err);
	acting->already_count = already;
	return rc;
}

static bool has_step(const struct acting *acting, const char *verb)
{
	for (size_t i = 0; i < acting->plan.steps.count; i++)
		if (str_eq(facts_get(&acting->plan.steps.at[i].facts, "verb"), str_from(verb)))
			return true;
	return false;
}

static unsigned count_planned(const struct acting *acting)
{
	unsigned count = 0;
	for (size_t i = 0; i < acting->plan.steps.count; i++)
		count += facts_find(&acting->plan.steps.at[i].facts, "address") != NULL;
	return count;
}

static void add_terms(struct acting *acting, struct step *step, uint64_t seconds, bool wide)
{
	struct arena *arena = &acting->plan.arena;
	facts_set(&step->facts, arena, "wide", wide ? STR("yes") : STR("no"));
	facts_set_number(&step->facts, arena, "until", (uint64_t)(acting->plan.made / USEC_PER_SEC) + seconds);
}

int block_add(struct acting *acting, str address, uint64_t seconds, bool wide, struct err *err)
{
	struct ip_net net;
	struct buf canonical = BUF_INIT;
	struct arena *arena = &acting->plan.arena;
	const struct firewall *firewall = NULL;
	int rc = gate_check_address(&acting->act.gate, address, wide, &net, err);
	if (!rc)
		rc = act_check_caps(&acting->act, count_planned(acting), err);
	if (!rc && !acting->app->live)
		rc = err_set(err, ERR_REFUSED, "firewalls are not touched beneath --root");
	if (!rc && !(firewall = choose_firewall(acting, err)))
		rc = ERR_REFUSED;
	if (rc) {
		acting_refuse(acting, address, err);
		return 0;
	}
	ip_net_print(&canonical, net);
	bool is_v4 = ip_is_v4(net.base);
	const struct recipe_value values[] = { { "host", arena_copy(arena, buf_str(&canonical)) },
					       { "seconds", arena_printf(arena, "%llu", (unsigned long long)seconds) },
					       { "note", acting->plan.incident.len ? acting->plan.incident : STR("quell") },
					       { NULL } };
	buf_done(&canonical);
	const struct recipe *recipe = recipe_find(firewall->recipes, is_v4 ? "block4" : "block6");
	if (!has_step(acting, "ready") && !has_step(acting, is_v4 ? "ready4" : "ready6"))
		rc = add_ready(acting, firewall, is_v4 ? "ready4" : "ready6", err);
	size_t before = acting->plan.steps.count;
	if (!rc)
		rc = acting_recipe(acting, recipe, values, STR(""), address, err);
	if (!rc && acting->plan.steps.count > before)
		add_terms(acting, &acting->plan.steps.at[before], seconds, wide);
	return rc;
}

static int lasts(const struct opts *opts, uint64_t *out, struct err *err)
{
	const char *value = opts_get(opts, "for");
	usec age = (usec)LASTS_SECONDS * USEC_PER_SEC;
	if (value && (!clock_parse_age(str_from(value), &age) || age < USEC_PER_SEC ||
		      age > (usec)LASTS_SECONDS_MAX * USEC_PER_SEC))
		return err_set(err, ERR_USAGE, "--for: \"%s\" is not an age up to 365 days", value);
	*out = (uint64_t)(age / USEC_PER_SEC);
	return 0;
}

static int run_sync(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting = ACTING_CLOSED;
	int rc = acting_open_state(&acting, app, opts, true, err);
	struct reporter reporter = acting_reporter(&acting);
	if (!rc) {
		rc = act_sync(&acting.act, &reporter, err);
		acting_print(&acting, "sync", STR(""), 0, NULL);
	}
	acting_close(&acting);
	return rc;
}

static int run_block(struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting;
	uint64_t seconds = LASTS_SECONDS;
	bool wide = opts_get(opts, "wide") != NULL;
	if (opts_get(opts, "sync"))
		return run_sync(app, opts, err);
	int rc = lasts(opts, &seconds, err);
	if (rc || !opts->operands.count)
		return rc ? rc : err_set(err, ERR_USAGE, "block needs an IP");
	rc = acting_open(&acting, app, opts, "block", STR(""), err);
	if (!rc && wide && !acting_ask(&acting, "Block a whole network?", err))
		rc = ERR_REFUSED;
	for (size_t i = 0; !rc && i < opts->operands.count; i++)
		rc = block_add(&acting, str_from(opts->operands.at[i]), seconds, wide, err);
	if (!rc)
		rc = acting_finish(&acting, err);
	acting_close(&acting);
	return rc;
}

static int run_unblock(struct app *app, const struct opts *opts, struct err *err)
{
	if (opts->operands.count != 1)
		return err_set(err, ERR_USAGE, "unblock needs one IP");
	str address = str_from(opts->operands.at[0]);
	bool is_v6 = str_find(address, ':') != STR_NONE;
	return acting_take_back(app, opts, is_v6 ? "block6" : "block4", address, err);
}

const struct cmd cmd_block = {
	.name = "block", .operands = "IP...", .summary = "drop packets from an address for a time",
	.options = options, .takes_inputs = true, .run = run_block,
};
const struct cmd cmd_unblock = {
	.name = "unblock", .operands = "IP", .summary = "take back a block", .run = run_unblock,
};
