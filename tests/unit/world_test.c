/* SPDX-License-Identifier: Apache-2.0
 *
 * world: what happens when a table is full. What has a row goes on; the rest is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "trace/join.h"

enum { ROWS = 3, MESSAGES = 10 };

static void arrive(struct join *join, uint32_t number)
{
	struct event event = { .kind = EVENT_ARRIVAL, .at = number * USEC_PER_SEC, .message = { 0, number },
			       .arrival = { .sender = STR("anna@shop.example"), .recipients = STR("bob@club.example") } };
	join_mainlog(join, &event, (struct place){ 0, number });
}

static void deliver(struct join *join, uint32_t number)
{
	struct event event = { .kind = EVENT_DELIVERY, .at = (number + 1) * USEC_PER_SEC, .message = { 0, number },
			       .delivery = { .address = STR("bob@club.example"), .has_ip = true } };
	join_mainlog(join, &event, (struct place){ 0, number });
}

static void full_table(void **state)
{
	struct world world;
	struct join join;
	(void)state;
	world_init(&world);
	world.messages_max = ROWS;
	join_init(&join, &world, NULL);
	for (uint32_t i = 0; i < MESSAGES; i++)
		arrive(&join, i);
	for (uint32_t i = 0; i < MESSAGES; i++)
		deliver(&join, i);
	assert_int_equal(world.messages.count, ROWS);
	assert_int_equal(world.counts.arrivals, ROWS);
	assert_int_equal(world.counts.beyond, 2 * (MESSAGES - ROWS));
	for (uint32_t i = 0; i < ROWS; i++)
		for (EACH_RECIPIENT(r, &world, &world.messages.at[i]))
			assert_int_equal(r->state, RECIPIENT_DONE);
	assert_int_equal(world.last, MESSAGES * USEC_PER_SEC);
	join_done(&join);
	world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(full_table) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
