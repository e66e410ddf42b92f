/* SPDX-License-Identifier: Apache-2.0
 *
 * alias: one table of the files in which panels and plain hosts keep aliases.
 *
 * Sources: cPanel's valiases, DirectAdmin's and HestiaCP's Exim
 * configurations, Debian's README of exim4-config (virtual domains). A key is
 * the whole address or its local part; * stands for every other address.
 */
#include "platform/alias.h"

#include "model/address.h"

/* %s: the domain; %h: the home of the account that it belongs to. */
static const char *const files[] = {
	"/etc/valiases/%s", "/etc/virtual/%s/aliases", "%h/conf/mail/%s/aliases", "/etc/exim4/virtual/%s", "/etc/exim/virtual/%s",
};

static str path_of(struct host *host, const char *template, const struct domain *domain)
{
	str rest = str_from(template);
	str home = domain->account == NO_ACCOUNT ? STR("") : host->accounts.at[domain->account].home;
	bool needs_home = str_skip(&rest, STR("%h"));
	size_t at = str_search(rest, STR("%s"));
	if (needs_home && !home.len)
		return STR("");
	return arena_printf(&host->arena, "%.*s%.*s%.*s%.*s", STR_ARG(needs_home ? home : STR("")), (int)at, rest.at,
			    STR_ARG(domain->name), STR_ARG(str_from_at(rest, at + 2)));
}

static bool find_line(str text, str local, str address, struct alias *out)
{
	while (text.len) {
		str line = str_cut(&text, '\n');
		bool is_off = str_skip(&line, STR("#quell# "));
		str rest = line;
		str key = str_trim(str_cut(&rest, ':'));
		if (key.len < line.len && (str_eq_nocase(key, local) || str_eq_nocase(key, address))) {
			out->line = line;
			out->is_off = is_off;
			return true;
		}
	}
	return false;
}

int alias_find(struct host *host, str address, struct alias *out, struct err *err)
{
	str name = address_domain(address).len ? address_domain(address) : address;
	str local = name.len < address.len ? str_head(address, address.len - name.len - 1) : STR("*");
	const struct domain *domain = host_domain(host, name);
	const struct domain local_only = { .name = name, .account = NO_ACCOUNT };
	if (!domain && host_is_local_domain(host, name))
		domain = &local_only;
	for (size_t i = 0; domain && i < sizeof(files) / sizeof(*files); i++) {
		str text, path = path_of(host, files[i], domain);
		if (!path.len || !host_read_file(host, path.at, &text) || !find_line(text, local, address, out))
			continue;
		out->file = path;
		return 0;
	}
	return err_set(err, ERR_REFUSED, "no alias file of this host has a line for %.*s", STR_ARG(address));
}

bool alias_forward(struct host *host, str address, str *out_file, str *out_text)
{
	str domain = address_domain(address);
	str local = domain.len ? str_head(address, address.len - domain.len - 1) : STR("");
	uint32_t account = host_account(host, local);
	if (account == NO_ACCOUNT || !host->accounts.at[account].home.len ||
	    !(host_domain(host, domain) || host_is_local_domain(host, domain) || str_eq_nocase(domain, host->name)))
		return false;
	*out_file = arena_printf(&host->arena, "%.*s/.forward", STR_ARG(host->accounts.at[account].home));
	return host_read_file(host, out_file->at, out_text);
}
