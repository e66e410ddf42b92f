/* SPDX-License-Identifier: Apache-2.0
 *
 * freeze, thaw, purge, restore: queued messages chosen exactly: by who Exim
 * says handed them in, by envelope sender, or by id. The ids are fixed in the
 * plan, in steps of 100, and compared again under Exim's lock.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "act/queue.h"
#include "base/log.h"
#include "base/own.h"
#include "cmd/incident.h"
#include "cmd/who.h"
#include "model/address.h"
#include "source/exim_spool.h"

enum { IDS_FILE_MAX = 64 << 20 };

static const struct opt options[] = {
	{ "account", 0, "A", false, "messages that this account handed in, by script or by a mailbox of its domains" },
	{ "login", 0, "L", false, "messages of this authenticated login" },
	{ "sender", 0, "S", false, "messages with exactly this envelope sender (<> for bounces)" },
	{ "incident", 0, "I", false, "messages of this incident of the last scan, and the bounces they caused" },
	{ "frozen", 0, NULL, false, "frozen messages (only those, when another choice is given)" },
	{ "ids", 0, "FILE", false, "the ids in this file, one a line" },
	{ "all", 0, NULL, false, "the whole queue; asks again" },
	{ "archive", 0, "DIR", false, "seal what is removed here instead of in the state folder" },
	ACTING_OPTIONS,
	OPT_END,
};

/* One message that is chosen, and by what it will be compared again. */
struct chosen {
	str id;
	const char *by;
	str value;
};

struct choosing {
	struct acting *acting;
	const struct selection *selection;
	VEC(struct chosen) chosen;
	uint64_t unreadable;
};

static bool is_listed(const struct selection *selection, str id)
{
	for (size_t i = 0; i < selection->id_count; i++)
		if (str_eq(selection->ids[i], id))
			return true;
	return false;
}

static bool is_of_account(const struct host *host, str account, str auth_id)
{
	const struct domain *domain = host_domain(host, address_domain(auth_id));
	if (str_find(auth_id, '@') == STR_NONE)
		return str_eq(auth_id, account);
	return domain && domain->account != NO_ACCOUNT && str_eq(host->accounts.at[domain->account].name, account);
}

/* By what it matches; NULL when it does not. */
static const char *matches(const struct choosing *choosing, const struct spool_message *message, str *out_value)
{
	const struct selection *selection = choosing->selection;
	*out_value = STR("");
	if (selection->account.len) {
		bool by_login = message->local && str_eq(message->login, selection->account);
		if (!by_login && !(message->auth_id.len &&
				   is_of_account(&choosing->acting->host, selection->account, message->auth_id)))
			return NULL;
		*out_value = by_login ? message->login : message->auth_id;
		return by_login ? "login" : "auth_id";
	}
	if (selection->login.len) {
		*out_value = message->auth_id;
		return str_eq(message->auth_id, selection->login) ? "auth_id" : NULL;
	}
	if (selection->sender.len) {
		bool is_bounce = str_eq(selection->sender, STR("<>"));
		*out_value = message->sender;
		return str_eq(message->sender, is_bounce ? STR("") : selection->sender) ? "sender" : NULL;
	}
	return selection->all || selection->frozen || is_listed(selection, message->id) ? "id" : NULL;
}

static void choose(void *context, const struct spool_message *message)
{
	struct choosing *choosing = context;
	struct arena *arena = &choosing->acting->plan.arena;
	str value;
	const char *by = matches(choosing, message, &value);
	if (!by || (choosing->selection->frozen && message->frozen == USEC_NEVER))
		return;
	*VEC_PUSH(&choosing->chosen) = (struct chosen){ arena_copy(arena, message->id), by, arena_copy(arena, value) };
}

/* Nobody knows whose it is: never taken. */
static void count_unreadable(void *context, str id, const struct err *why)
{
	struct choosing *choosing = context;
	(void)id, (void)why;
	choosing->unreadable++;
}

static int by_group(const void *a, const void *b)
{
	const struct chosen *one = a, *other = b;
	int order = strcmp(one->by, other->by);
	if (!order)
		order = str_cmp(one->value, other->value);
	return order ? order : str_cmp(one->id, other->id);
}

static const char *why_of(const char *op)
{
	return strcmp(op, "purge") == 0 ? "queued spam that would still go out; sealed first, so that it can be restored" :
	       strcmp(op, "freeze") == 0 ? "queued spam stays where it is and is not delivered" :
					   "they may be delivered again";
}

static int add_batch(struct acting *acting, const char *op, const struct chosen *chosen, size_t count, str spool, str who,
		     struct err *err)
{
	static const struct {
		const char *op, *option, *undo;
	} by_hand[] = { { "purge", "-Mrm", "quell restore" }, { "freeze", "-Mf", "exim -Mt" }, { "thaw", "-Mt", "exim -Mf" } };
	struct arena *arena = &acting->plan.arena;
	str *ids = arena_alloc(arena, count * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = chosen[i].id;
	struct step *step = plan_add(&acting->plan, op,
				     chosen->value.len ? arena_printf(arena, "%zu messages of %.*s", count, STR_ARG(chosen->value)) :
							 arena_printf(arena, "%zu messages", count),
				     STR(""));
	for (size_t i = 0; i < sizeof(by_hand) / sizeof(by_hand[0]); i++)
		if (strcmp(by_hand[i].op, op) == 0) {
			step->shell = arena_printf(arena, "exim %s %.*s%s", by_hand[i].option, STR_ARG(ids[0]),
						   count > 1 ? " ..." : "");
			step->undo = str_from(by_hand[i].undo);
		}
	step->why = str_from(why_of(op));
	step->reversible = true;
	facts_set(&step->facts, arena, "spool", spool);
	facts_set(&step->facts, arena, "by", str_from(chosen->by));
	facts_set(&step->facts, arena, "value", chosen->value);
	facts_set_list(&step->facts, arena, "ids", ids, count);
	return acting_survey(acting, step, op, who, err);
}

static int add_batches(struct acting *acting, const char *op, struct choosing *choosing, str spool, str who, struct err *err)
{
	size_t count = choosing->chosen.count;
	struct chosen *chosen = choosing->chosen.at;
	int rc = 0;
	if (count)
		qsort(chosen, count, sizeof(*chosen), by_group);
	for (size_t at = 0, end; !rc && at < count; at = end) {
		for (end = at + 1; end < count && end - at < QUEUE_BATCH_MAX && strcmp(chosen[end].by, chosen[at].by) == 0 &&
				   str_eq(chosen[end].value, chosen[at].value);)
			end++;
		rc = add_batch(acting, op, chosen + at, end - at, spool, who, err);
	}
	return rc;
}

int queue_add(struct acting *acting, const char *op, const struct selection *selection, str who, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < acting->host.inputs.count; i++) {
		const struct input *input = &acting->host.inputs.at[i];
		struct choosing choosing = { .acting = acting, .selection = selection };
		const struct exim_spool_visitor visitor = { .message = choose, .failed = count_unreadable, .context = &choosing };
		struct exim_spool_counts counts = { 0 };
		str spool = input->path;
		if (input->kind != INPUT_SPOOL || input->fd < 0 || !str_ends(spool, STR("/input")))
			continue;
		spool.len -= sizeof("/input") - 1;
		rc = exim_spool_each(input->fd, &visitor, &counts, err);
		if (!rc)
			rc = add_batches(acting, op, &choosing, spool, who, err);
		if (choosing.unreadable)
			log_warn("%llu damaged messages in %.*s were left alone", (unsigned long long)choosing.unreadable,
				 STR_ARG(input->path));
		free(choosing.chosen.at);
	}
	return rc;
}

static int read_ids(struct acting *acting, const char *path, struct selection *selection, struct err *err)
{
	struct buf text = BUF_INIT;
	VEC(str) ids = { 0 };
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	int rc = buf_read(&text, fd, IDS_FILE_MAX, err);
	for (str rest = buf_str(&text); !rc && rest.len;) {
		str id = str_trim(str_cut(&rest, '\n'));
		if (id.len)
			*VEC_PUSH(&ids) = arena_copy(&acting->plan.arena, id);
	}
	str *copy = arena_alloc(&acting->plan.arena, (ids.count + 1) * sizeof(str));
	if (ids.count)
		memcpy(copy, ids.at, ids.count * sizeof(str));
	selection->ids = copy;
	selection->id_count = ids.count;
	free(ids.at);
	buf_done(&text);
	return rc;
}

static str option(const struct opts *opts, const char *name)
{
	return str_from(opts_get(opts, name));
}

static int selection_from_opts(struct acting *acting, const struct opts *opts, struct selection *out, struct err *err)
{
	*out = (struct selection){ .account = option(opts, "account"),
				   .login = option(opts, "login"),
				   .sender = option(opts, "sender"),
				   .frozen = opts_get(opts, "frozen") != NULL,
				   .all = opts_get(opts, "all") != NULL };
	const char *ids = opts_get(opts, "ids"), *incident = opts_get(opts, "incident");
	unsigned choices = (out->account.len > 0) + (out->login.len > 0) + (out->sender.len > 0) + out->all + (ids != NULL) +
			   (incident != NULL);
	if (choices > 1 || (!choices && !out->frozen))
		return err_set(err, ERR_USAGE, "choose by one of --account, --login, --sender, --incident, --ids, --frozen, --all");
	if (out->all && !acting_ask(acting, "Really the whole queue, honest mail too?", err))
		return ERR_REFUSED;
	if (ids)
		return read_ids(acting, ids, out, err);
	return incident ? incident_ids(acting, incident, &out->ids, &out->id_count, err) : 0;
}

static int run_on_queue(const char *op, struct app *app, const struct opts *opts, struct err *err)
{
	struct acting acting;
	struct selection selection;
	int rc = acting_open(&acting, app, opts, op, STR(""), err);
	if (!rc)
		rc = selection_from_opts(&acting, opts, &selection, err);
	if (!rc)
		rc = queue_add(&acting, op, &selection, STR("queue"), err);
	if (!rc)
		rc = acting_finish(&acting, err);
	acting_close(&acting);
	return rc;
}

static int run_freeze(struct app *app, const struct opts *opts, struct err *err)
{
	return run_on_queue("freeze", app, opts, err);
}

static int run_thaw(struct app *app, const struct opts *opts, struct err *err)
{
	return run_on_queue("thaw", app, opts, err);
}

static int run_purge(struct app *app, const struct opts *opts, struct err *err)
{
	return run_on_queue("purge", app, opts, err);
}

const struct cmd cmd_freeze = {
	.name = "freeze", .operands = "", .summary = "freeze queued messages", .options = options,
	.takes_inputs = true, .run = run_freeze,
};
const struct cmd cmd_thaw = {
	.name = "thaw", .operands = "", .summary = "thaw frozen messages", .options = options,
	.takes_inputs = true, .run = run_thaw,
};
const struct cmd cmd_purge = {
	.name = "purge", .operands = "", .summary = "seal queued messages in the archive and remove them", .options = options,
	.takes_inputs = true, .run = run_purge,
};
