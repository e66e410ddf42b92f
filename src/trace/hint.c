/* SPDX-License-Identifier: Apache-2.0
 *
 * hint: minute by minute from an account's first local mail to its last.
 */
#include "trace/hint.h"

#include <stdlib.h>

#define MINUTE (60 * USEC_PER_SEC)
/* Programs start slowly on a busy host. */
#define FIRST_MAIL (30 * USEC_PER_SEC)

/* A month of one account's; starts of all jobs together. */
enum { MINUTES_MAX = 31 * 24 * 60, STARTS_MAX = 1 << 18 };
/* Mail follows at least this share of the times at which the job was due. */
static const double share_min = 0.5;

struct local_mail {
	uint32_t account;
	usec at;
};

struct hinting {
	struct world *world;
	const struct zone *zone;
	VEC(struct local_mail) mails; /* local ones, by account and time */
};

static int by_account_time(const void *a, const void *b)
{
	const struct local_mail *x = a, *y = b;
	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static void collect_mails(struct hinting *hinting)
{
	const struct world *world = hinting->world;
	for (size_t i = 0; i < world->messages.count; i++) {
		const struct message *message = &world->messages.at[i];
		if (message->account != NONE && !message->forged)
			*VEC_PUSH(&hinting->mails) = (struct local_mail){ message->account, message->at };
	}
	if (hinting->mails.count)
		qsort(hinting->mails.at, hinting->mails.count, sizeof(*hinting->mails.at), by_account_time);
}

/* Position of that account's first mail at or after the time. */
static size_t first_mail(const struct hinting *hinting, uint32_t account, usec at)
{
	return VEC_FIRST(&hinting->mails, mail, mail->account < account || (mail->account == account && mail->at < at));
}

static bool has_mail_after(const struct hinting *hinting, uint32_t account, usec start)
{
	size_t i = first_mail(hinting, account, start);
	return i < hinting->mails.count && hinting->mails.at[i].account == account &&
	       hinting->mails.at[i].at <= start + FIRST_MAIL;
}

static bool is_due(const struct hinting *hinting, const struct schedule_row *row, usec minute)
{
	int64_t seconds = minute / USEC_PER_SEC;
	struct civil local = clock_to_civil((seconds + zone_offset(hinting->zone, seconds)) * USEC_PER_SEC);
	return schedule_is_due(&row->schedule, &local);
}

/* Adds a job for each time at which that line was due, and takes them back when mail hardly follows them. */
static void hint_line(struct hinting *hinting, const struct schedule_row *row)
{
	struct world *world = hinting->world;
	size_t from = first_mail(hinting, row->account, INT64_MIN), to = first_mail(hinting, row->account + 1, INT64_MIN);
	if (from == to)
		return;
	usec last = hinting->mails.at[to - 1].at;
	usec minute = hinting->mails.at[from].at / MINUTE * MINUTE;
	size_t before = world->jobs.count, followed = 0;
	if (last - minute > MINUTES_MAX * MINUTE)
		minute = (last - MINUTES_MAX * MINUTE) / MINUTE * MINUTE;
	for (; minute <= last && world->jobs.count < STARTS_MAX; minute += MINUTE) {
		if (!is_due(hinting, row, minute))
			continue;
		followed += has_mail_after(hinting, row->account, minute);
		*VEC_PUSH(&world->jobs) = (struct job_row){ .at = minute, .account = row->account, .command = row->command,
							    .program = NONE, .hinted = true, .place = row->place };
	}
	if ((double)followed < share_min * (double)(world->jobs.count - before) || !followed)
		world->jobs.count = before;
}

void hint_jobs(struct world *world, const struct zone *zone)
{
	struct hinting hinting = { .world = world, .zone = zone };
	if (world->schedules.count)
		collect_mails(&hinting);
	for (size_t i = 0; i < world->schedules.count; i++)
		hint_line(&hinting, &world->schedules.at[i]);
	free(hinting.mails.at);
}
