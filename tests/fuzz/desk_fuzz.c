/* SPDX-License-Identifier: Apache-2.0
 *
 * desk_fuzz: libFuzzer targets for what the desk reads from outside. Built
 * once per target, with its name in FUZZ_TARGET: a row of the table below.
 */
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>

#include "desk/intake/date.h"
#include "desk/intake/formats.h"
#include "desk/intake/html.h"
#include "desk/intake/reader.h"
#include "desk/intake/received.h"
#include "desk/intake/text.h"
#include "desk/intake/zip.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct network fuzz_network;
static struct networks fuzz_networks;
static struct charsets charsets;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	__lsan_disable(); /* registering a type anew loses GMime's former entry, once per process */
	mime_setup(&charsets);
	__lsan_enable();
	fuzz_network.name = STR("web1.example");
	fuzz_network.from = fuzz_network.to = USEC_NEVER;
	ip_net_parse(STR("192.0.2.0/24"), &fuzz_network.range);
	fuzz_networks.list.at = &fuzz_network;
	fuzz_networks.list.count = 1;
	return 0;
}

static struct view fuzz_view(void)
{
	return (struct view){ .networks = &fuzz_networks, .border = STR("mx.desk.example"), .now = 0 };
}

/* What the reader prints must be what complaint_parse_json() reads. */
static void check_round_trip(struct arena *arena, const struct complaint *complaint)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct complaint again;
	complaint_print_json(&first, complaint, true);
	if (complaint_parse_json(arena, buf_str(&first), &again, NULL))
		abort();
	complaint_print_json(&second, &again, true);
	complaint_print_text(&second, &again);
	buf_done(&first);
	buf_done(&second);
	complaint_done(&again);
}

static void whole(struct arena *arena, str bytes)
{
	struct view view = fuzz_view();
	struct complaint complaint;
	complaint_read(arena, bytes, &view, &complaint);
	check_round_trip(arena, &complaint);
	complaint_done(&complaint);
}

static void answer(struct arena *arena, str bytes)
{
	struct complaint complaint;
	if (complaint_parse_json(arena, bytes, &complaint, NULL) == 0)
		complaint_done(&complaint);
}

static void pieces(struct arena *arena, str bytes)
{
	struct hop hop;
	usec at;
	hop_parse(bytes, &hop);
	date_parse(bytes, &at, NULL);
	html_text(arena, bytes);
	text_addresses(arena, bytes);
	text_organisation(bytes);
	text_plain(arena, bytes);
}

static void packed(struct arena *arena, str bytes)
{
	struct zip zip;
	struct zip_member member;
	bool whole;
	if (!zip_open(&zip, bytes))
		return;
	while (zip_next(&zip, &member))
		if (zip_unpack(arena, &member, 4096, &whole).len > 4096)
			abort();
}

static void format(struct arena *arena, str bytes, const struct intake *intake)
{
	struct view view = fuzz_view();
	struct complaint complaint = COMPLAINT_INIT;
	struct mime mime;
	mime_parse(arena, bytes, 0, &complaint.limits, &mime);
	struct reading reading = { arena, &view, &complaint, &mime, mime_text(&mime), STR("SpamCop 192.0.2.1") };
	intake->read(&reading);
	complaint_done(&complaint);
}

static const struct target {
	const char *name;
	void (*function)(struct arena *, str);
	const struct intake *format;
} targets[] = {
	{ "whole", whole, NULL },
	{ "answer", answer, NULL },
	{ "pieces", pieces, NULL },
	{ "zip", packed, NULL },
	{ "arf", NULL, &intake_arf },
	{ "attached", NULL, &intake_attached },
	{ "auto_reply", NULL, &intake_auto_reply },
	{ "blocklist", NULL, &intake_blocklist },
	{ "bounce", NULL, &intake_bounce },
	{ "feed", NULL, &intake_feed },
	{ "forwarded", NULL, &intake_forwarded },
	{ "jmrp", NULL, &intake_jmrp },
	{ "other_abuse", NULL, &intake_other_abuse },
	{ "newsletter", NULL, &intake_newsletter },
	{ "own_notice", NULL, &intake_own_notice },
	{ "packed", NULL, &intake_packed },
	{ "pasted", NULL, &intake_pasted },
	{ "prose", NULL, &intake_prose },
	{ "spamcop", NULL, &intake_spamcop },
	{ "spamcop_summary", NULL, &intake_spamcop_summary },
	{ "xarf_json", NULL, &intake_xarf_json },
	{ "xarf_mail", NULL, &intake_xarf_mail },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	str bytes = { (const char *)data, size };
	const struct target *target = targets;
	while (strcmp(target->name, FUZZ_TARGET))
		target++;
	if (target->function)
		target->function(&arena, bytes);
	else
		format(&arena, bytes, target->format);
	arena_done(&arena);
	return 0;
}
