/* SPDX-License-Identifier: Apache-2.0
 *
 * errands: calls that are made on behalf of visitors. A payment provider
 * calls a shop from few addresses, again and again, and looks at nothing
 * else, as a mailer's master does; but each of its calls follows somebody who
 * looked around the site and sent a form. Every such visitor answers for one
 * mail, so that a busy site hides no mailer.
 */
#include <stdlib.h>

#include "judge/judging.h"

/* From the order to the call: time to pay. */
#define ERRAND_REACH HOUR

enum { LOOKED_MIN = 2, PAID_LATE = 5 };

static int by_account_time(const void *a, const void *b)
{
	const struct order *x = a, *y = b;
	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

void orders_learn(struct orders *orders, const struct world *world)
{
	for (size_t i = 0; i < world->requests.count; i++) {
		const struct request_row *request = &world->requests.at[i];
		const struct visitor *visitor = world_visitor_of(world, request);
		if (request->post && !request->self && request->program != NONE && visitor->pages + visitor->statics >= LOOKED_MIN)
			*VEC_PUSH(&orders->list) =
				(struct order){ visitor->account, request->program, request->visitor, request->at };
	}
	if (orders->list.count)
		qsort(orders->list.at, orders->list.count, sizeof(*orders->list.at), by_account_time);
}

void orders_done(struct orders *orders)
{
	free(orders->list.at);
}

/* The times at which another visitor of the account first sent a form to something else, once an hour and person: behind a
 * proxy there are many. */
static size_t list_orders(const struct judging *j, usec *out)
{
	const struct orders *orders = j->orders;
	const struct world *world = j->in->world;
	struct index last = { 0 }; /* visitor -> position in out + 1 */
	size_t count = 0;
	bool is_new;
	for (size_t i = VEC_FIRST(&orders->list, order, order->account < j->lead->account);
	     i < orders->list.count && orders->list.at[i].account == j->lead->account; i++) {
		const struct order *order = &orders->list.at[i];
		if (world->programs.at[order->program].path == j->lead->script)
			continue;
		uint32_t *slot = index_add(&last, order->visitor, &is_new);
		bool person = !visitor_is_shared(&world->visitors.at[order->visitor]);
		if (!is_new && person && order->at - out[*slot] < ERRAND_REACH)
			continue;
		*slot = (uint32_t)count;
		out[count++] = order->at;
	}
	index_done(&last);
	return count;
}

bool judging_runs_errands(const struct judging *j)
{
	const struct world *world = j->in->world;
	if (j->lead->kind != LEAD_PROGRAM || program_of(j)->kind != PROGRAM_SCRIPT || j->lead->figures.median_mails > 2)
		return false;
	usec *orders = mem_alloc((j->orders->list.count + 1) * sizeof(*orders));
	size_t count = list_orders(j, orders), next = 0;
	uint32_t called = 0, answered = 0;
	for (size_t i = 0; i < j->lead->messages.count; i++) {
		uint32_t request = message_at(j, i)->request;
		if (!j->chosen[i] || request == NONE)
			continue;
		usec at = world->requests.at[request].at;
		called++;
		while (next < count && orders[next] < at - ERRAND_REACH)
			next++;
		if (next < count && orders[next] <= at) {
			answered++;
			next++;
		}
	}
	free(orders);
	/* one in five comes late or from somebody who had the page open */
	return called > 0 && (called - answered) * PAID_LATE <= called;
}
