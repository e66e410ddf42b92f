/* SPDX-License-Identifier: Apache-2.0
 *
 * outcome: phrases of remote replies, first match counts. The text is the
 * remote host's own and proves nothing but that host's opinion; only the sum
 * over many hosts is used.
 */
#include "trace/outcome.h"

#include <errno.h>

struct phrase {
	const char *text; /* lower case */
	enum failure_class failure;
};

static const struct phrase phrases[] = {
	/* verdicts on this host's address */
	{ "spamhaus", FAILURE_LISTED },
	{ "spamcop", FAILURE_LISTED },
	{ "barracuda", FAILURE_LISTED },
	{ "block list", FAILURE_LISTED },
	{ "blocklist", FAILURE_LISTED },
	{ "blacklist", FAILURE_LISTED },
	{ "listed at", FAILURE_LISTED },
	{ "listed in", FAILURE_LISTED },
	{ "dnsbl", FAILURE_LISTED },
	{ "blocked using", FAILURE_LISTED },
	{ "poor reputation", FAILURE_LISTED },
	{ "bad reputation", FAILURE_LISTED },
	{ "low reputation", FAILURE_LISTED },
	/* verdicts on the mail */
	{ "unsolicited", FAILURE_VERDICT },
	{ "likely spam", FAILURE_VERDICT },
	{ "as spam", FAILURE_VERDICT },
	{ "is spam", FAILURE_VERDICT },
	{ "spam detected", FAILURE_VERDICT },
	{ "spam message", FAILURE_VERDICT },
	{ "spam content", FAILURE_VERDICT },
	{ "suspected spam", FAILURE_VERDICT },
	{ "looks like spam", FAILURE_VERDICT },
	{ "spam", FAILURE_VERDICT },
	{ "bulk mail", FAILURE_VERDICT },
	{ "unusual rate", FAILURE_VERDICT },
	{ "phish", FAILURE_VERDICT },
	{ "too many complaints", FAILURE_VERDICT },
	{ "user complaints", FAILURE_VERDICT },
	/* the list */
	{ "user unknown", FAILURE_LIST },
	{ "unknown user", FAILURE_LIST },
	{ "no such user", FAILURE_LIST },
	{ "does not exist", FAILURE_LIST },
	{ "doesn't exist", FAILURE_LIST },
	{ "doesn't have a", FAILURE_LIST },
	{ "mailbox not found", FAILURE_LIST },
	{ "mailbox unavailable", FAILURE_LIST },
	{ "no mailbox", FAILURE_LIST },
	{ "recipient unknown", FAILURE_LIST },
	{ "unknown recipient", FAILURE_LIST },
	{ "recipient not found", FAILURE_LIST },
	{ "invalid recipient", FAILURE_LIST },
	{ "invalid mailbox", FAILURE_LIST },
	{ "address unknown", FAILURE_LIST },
	{ "unknown address", FAILURE_LIST },
	{ "no such recipient", FAILURE_LIST },
	{ "no such address", FAILURE_LIST },
	{ "not our customer", FAILURE_LIST },
	{ "account is disabled", FAILURE_LIST },
	{ "account disabled", FAILURE_LIST },
	{ "account inactive", FAILURE_LIST },
	{ "recipient rejected", FAILURE_LIST },
	{ "recipient address rejected", FAILURE_LIST },
	{ "unrouteable address", FAILURE_LIST },
	{ "unroutable address", FAILURE_LIST },
	{ "all relevant mx records point to non-existent hosts", FAILURE_LIST },
	{ "an mx or srv record indicated no smtp service", FAILURE_LIST },
	{ "mail domain mentioned in the email address is unknown", FAILURE_LIST },
	{ "domain not found", FAILURE_LIST },
	{ "retry timeout exceeded", FAILURE_LIST },
	{ "lowest numbered mx record points to local host", FAILURE_POLICY },
	/* the sender's own trouble */
	{ "sender", FAILURE_POLICY },
	{ "spf", FAILURE_POLICY },
	{ "dkim", FAILURE_POLICY },
	{ "dmarc", FAILURE_POLICY },
	{ "relay", FAILURE_POLICY },
	{ "not authori", FAILURE_POLICY },
	{ "authenticat", FAILURE_POLICY },
	{ "reverse dns", FAILURE_POLICY },
	{ "policy", FAILURE_POLICY },
	{ "too large", FAILURE_POLICY },
	{ "size limit", FAILURE_POLICY },
	{ "over quota", FAILURE_TEMPORARY },
	{ "quota exceeded", FAILURE_TEMPORARY },
	{ "mailbox full", FAILURE_TEMPORARY },
	{ "mailbox is full", FAILURE_TEMPORARY },
	{ "greylist", FAILURE_TEMPORARY },
	{ "greylisted", FAILURE_TEMPORARY },
};

/* Remote replies are looked at up to this length; Exim cuts lines far below. */
enum { TEXT_MAX = 2048 };

/* ERRNO_RRETRY -52, ERRNO_LRETRY -53, ERRNO_HRETRY -54 of Exim's macros.h */
enum { RETRY_NOT_DUE_FIRST = -52, RETRY_NOT_DUE_LAST = -54 };

static enum failure_class phrase_class(str text)
{
	char lower[TEXT_MAX];
	text = str_head(text, sizeof(lower));
	for (size_t i = 0; i < text.len; i++)
		lower[i] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] + 32) : text.at[i];
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (str_search((str){ lower, text.len }, str_from(phrases[i].text)) != STR_NONE)
			return phrases[i].failure;
	return FAILURE_NONE;
}

/* Drops what the remote host repeated of the command: its addresses may hold any of the phrases. The reply proper starts
 * at its three-digit code behind the last ": ". */
static str reply_part(str text)
{
	str rest = text;
	while (rest.len > 5) {
		size_t at = str_search(rest, STR(": "));
		if (at == STR_NONE)
			return text;
		rest = str_from_at(rest, at + 2);
		uint64_t code;
		str probe = rest;
		if (str_cut_u64(&probe, 599, &code) && code >= 400 && probe.len && (probe.at[0] == ' ' || probe.at[0] == '-'))
			return rest;
	}
	return text;
}

bool outcome_is_retry_note(int defer_code)
{
	return defer_code <= RETRY_NOT_DUE_FIRST && defer_code >= RETRY_NOT_DUE_LAST;
}

static enum failure_class deferred_class(str reply, int defer_code)
{
	bool dead_host = defer_code == ECONNREFUSED || defer_code == ETIMEDOUT || defer_code == EHOSTUNREACH;
	if (dead_host)
		return FAILURE_LIST;
	/* "no such user" with a 4xx code is greylisting in disguise */
	enum failure_class found = phrase_class(reply);
	return failure_is_verdict(found) ? found : FAILURE_TEMPORARY;
}

enum failure_class outcome_class(str text, int defer_code, bool deferred, bool remote)
{
	str reply = reply_part(text);
	if (deferred)
		return deferred_class(reply, defer_code);
	enum failure_class found = phrase_class(reply);
	if (!remote && found != FAILURE_LIST)
		return FAILURE_LOCAL;
	return found == FAILURE_NONE ? FAILURE_POLICY : found;
}
