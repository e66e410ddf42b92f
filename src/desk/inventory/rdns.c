/* SPDX-License-Identifier: Apache-2.0
 *
 * rdns: forward-confirmed reverse DNS by c-ares, asking the DNS only (no
 * hosts file, which says what the desk believes and not what others see).
 */
#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>

#include "desk/inventory/banner.h"

const char *fcrdns_name(enum fcrdns result)
{
	static const char *const names[] = { "none", "pass", "mismatch", "temperror" };
	return names[result];
}

struct question {
	struct arena *arena;
	struct rdns *out;
	struct ip ip;
	int status;
	bool confirmed;
};

static void add_name(struct question *question, const char *name)
{
	if (name && *name && question->out->names.count < PTR_NAMES_MAX)
		*VEC_PUSH(&question->out->names) = arena_copy(question->arena, str_from(name));
}

static void take_names(void *context, int status, int timeouts, struct hostent *host)
{
	struct question *question = context;
	(void)timeouts;
	question->status = status;
	if (status != ARES_SUCCESS)
		return;
	for (char **alias = host->h_aliases; alias && *alias; alias++)
		add_name(question, *alias);
	if (!question->out->names.count)
		add_name(question, host->h_name);
}

static void take_addresses(void *context, int status, int timeouts, struct hostent *host)
{
	struct question *question = context;
	bool v4 = ip_is_v4(question->ip);
	(void)timeouts;
	question->status = status;
	for (char **address = status == ARES_SUCCESS ? host->h_addr_list : NULL; address && *address; address++)
		if (memcmp(*address, v4 ? question->ip.byte + 12 : question->ip.byte, v4 ? 4 : 16) == 0)
			question->confirmed = true;
}

/* Runs the channel until all its questions are answered or timed out. */
static void wait_for_answers(ares_channel channel)
{
	time_t deadline = time(NULL) + DNS_TIMEOUT_MS / 1000 + 1;
	for (;;) {
		fd_set readable, writable;
		FD_ZERO(&readable);
		FD_ZERO(&writable);
		struct timeval limit = { 1, 0 };
		int count = ares_fds(channel, &readable, &writable);
		if (!count)
			return;
		if (time(NULL) > deadline) {
			ares_cancel(channel);
			return;
		}
		select(count, &readable, &writable, NULL, ares_timeout(channel, &limit, &limit));
		ares_process(channel, &readable, &writable);
	}
}

static bool open_channel(struct arena *arena, str resolver, ares_channel *out)
{
	struct ares_options options = { .lookups = (char *)"b", .timeout = DNS_TIMEOUT_MS / 2, .tries = 2 };
	if (ares_init_options(out, &options, ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS)
		return false;
	if (resolver.len && ares_set_servers_ports_csv(*out, arena_cstring(arena, resolver)) != ARES_SUCCESS) {
		ares_destroy(*out);
		return false;
	}
	return true;
}

static void confirm(ares_channel channel, struct question *question, size_t index)
{
	str *names = question->out->names.at;
	question->confirmed = false;
	ares_gethostbyname(channel, names[index].at, ip_is_v4(question->ip) ? AF_INET : AF_INET6, take_addresses,
			   question);
	wait_for_answers(channel);
	if (!question->confirmed)
		return;
	str confirmed = names[index];
	memmove(names + 1, names, index * sizeof(*names));
	names[0] = confirmed;
	question->out->result = FCRDNS_PASS;
}

void rdns_look_up(struct arena *arena, struct ip ip, str resolver, struct rdns *out)
{
	struct question question = { .arena = arena, .out = out, .ip = ip };
	ares_channel channel;
	bool v4 = ip_is_v4(ip);
	*out = (struct rdns){ .result = FCRDNS_TEMPERROR };
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS || !open_channel(arena, resolver, &channel))
		return;
	ares_gethostbyaddr(channel, v4 ? ip.byte + 12 : ip.byte, v4 ? 4 : 16, v4 ? AF_INET : AF_INET6, take_names,
			   &question);
	wait_for_answers(channel);
	bool none = question.status == ARES_ENOTFOUND || question.status == ARES_ENODATA;
	if (out->names.count)
		out->result = FCRDNS_MISMATCH;
	else if (none)
		out->result = FCRDNS_NONE;
	for (size_t i = 0; i < out->names.count; i++)
		confirm(channel, &question, i);
	ares_destroy(channel);
	ares_library_cleanup();
}

void rdns_done(struct rdns *rdns)
{
	free(rdns->names.at);
	*rdns = (struct rdns){ 0 };
}
