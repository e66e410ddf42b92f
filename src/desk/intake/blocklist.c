/* SPDX-License-Identifier: Apache-2.0
 *
 * blocklist: notices and digests of blocklists, often passed on by the
 * upstream's ticket system. One item per listed address; no mail evidence.
 */
#include "desk/intake/formats.h"

#include "desk/intake/addresses.h"
#include "desk/intake/text.h"

/* What tells a notice: words of subject or sender. */
static const struct list {
	const char *word, *format;
} lists[] = {
	{ "project honey pot", "multi-ip-list" },
	{ "projecthoneypot", "multi-ip-list" },
	{ "sbl notify", "blocklist" },
	{ "spamhaus", "blocklist" },
	{ "sbl alert", "blocklist" },
	{ "uceprotect", "blocklist" },
	{ "spfbl", "blocklist" },
	{ "barracuda reputation", "blocklist" },
	{ "blacklist", "blocklist" },
	{ "blocklist", "blocklist" },
	{ "dnsbl", "blocklist" },
	{ "delist", "blocklist" },
	{ "cbl listing", "blocklist" },
	{ "xbl", "blocklist" },
	{ " rbl", "blocklist" },
	{ "listed in", "blocklist" },
	{ "listing of", "blocklist" },
};

/* "SBL689267" */
static str listing_reference(str text)
{
	for (size_t at = str_search(text, STR("SBL")); at != STR_NONE; at = str_search(text, STR("SBL"))) {
		str reference = str_from_at(text, at), digits = str_from_at(reference, 3);
		uint64_t number;
		text = digits;
		if (str_cut_u64(&digits, UINT32_MAX, &number))
			return str_head(reference, reference.len - digits.len);
	}
	return STR("");
}

static const struct list *find_list(const struct reading *reading)
{
	static const struct list by_reference = { "SBL", "blocklist" };
	if (listing_reference(reading->subject).len)
		return &by_reference;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (text_contains(reading->subject, lists[i].word) ||
		    text_contains(reading->out->reporter_address, lists[i].word))
			return &lists[i];
	return NULL;
}

/* A ticket wrapper repeats the subject, so the subject's addresses come first and the body's are the same. */
static bool read(struct reading *reading)
{
	const struct list *list = find_list(reading);
	if (!list)
		return false;
	struct claim claim = reading->fallback;
	reading_set(reading, list->format, CLASS_BLOCKLIST, REPORTER_BLOCKLIST);
	reading->out->external_id = listing_reference(reading->text);
	if (claim.has)
		addresses_add(reading, claim.ip, FROM_SUBJECT);
	addresses_add_all(reading, reading->text);
	return true;
}

const struct intake intake_blocklist = { "blocklist", "blocklist notice or digest", read, ENCLOSED_REPORT };
