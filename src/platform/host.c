/* SPDX-License-Identifier: Apache-2.0
 *
 * host: opening of a host and look-ups in what was found.
 */
#include "platform/host.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/own.h"
#include "base/root.h"

enum { FILE_MAX = 16 * 1024 * 1024, CUSTOMER_UID_MIN = 500, NOBODY_UID = 65534 };

const char *panel_title(enum panel panel)
{
	static const char *const titles[] = { "plain", "cPanel", "DirectAdmin", "HestiaCP" };
	return titles[panel];
}

bool host_read_file(struct host *host, const char *path, str *out)
{
	OWN_FD int fd = root_open_file(host->root_fd, path, NULL);
	struct buf text = BUF_INIT;
	bool ok = fd >= 0 && !buf_read(&text, fd, FILE_MAX, NULL);
	if (ok)
		*out = arena_copy(&host->arena, buf_str(&text));
	buf_done(&text);
	return ok;
}

/* "name:x:uid:gid:gecos:home:shell" */
static bool read_account(str line, struct account *out)
{
	uint64_t uid, gid;
	out->name = str_cut(&line, ':');
	str_cut(&line, ':');
	bool ok = str_u64(str_cut(&line, ':'), UINT32_MAX, &uid) && str_u64(str_cut(&line, ':'), UINT32_MAX, &gid);
	str_cut(&line, ':');
	out->home = str_cut(&line, ':');
	if (!ok || !out->name.len)
		return false;
	while (out->home.len > 1 && out->home.at[out->home.len - 1] == '/')
		out->home.len--;
	out->uid = (uint32_t)uid;
	out->gid = (uint32_t)gid;
	bool system_home = out->home.len < 2 || str_starts(out->home, STR("/var/")) ||
			   str_starts(out->home, STR("/usr/")) || str_starts(out->home, STR("/nonexistent")) ||
			   str_starts(out->home, STR("/run/")) || str_starts(out->home, STR("/proc"));
	out->customer = uid >= CUSTOMER_UID_MIN && uid != NOBODY_UID && !system_home;
	return true;
}

int host_read_accounts(struct host *host, const char *passwd, struct err *err)
{
	str text;
	if (!host_read_file(host, passwd, &text))
		return err_set(err, ERR_GONE, "%s: cannot be read", passwd);
	while (text.len) {
		struct account account;
		if (!read_account(str_cut(&text, '\n'), &account) || names_get(&host->account_names, account.name))
			continue;
		names_add(&host->account_names, account.name);
		if (account.customer) {
			bool is_new;
			uint32_t *slot = index_add(&host->account_of_home, names_add(&host->homes, account.home), &is_new);
			if (is_new)
				*slot = (uint32_t)host->accounts.count;
		}
		*VEC_PUSH(&host->accounts) = account;
	}
	return 0;
}

uint32_t host_account(const struct host *host, str name)
{
	uint32_t number = names_get(&host->account_names, name);
	return number ? number - 1 : NO_ACCOUNT;
}

/* The longest part of the path that is somebody's home. */
static uint32_t account_of_usual_path(const struct host *host, str path)
{
	for (size_t end = path.len; end != STR_NONE && end > 0; end = str_rfind(str_head(path, end), '/')) {
		uint32_t home = names_get(&host->homes, str_head(path, end));
		if (home)
			return *index_get(&host->account_of_home, home);
	}
	return NO_ACCOUNT;
}

uint32_t host_account_of_path(const struct host *host, str path)
{
	struct buf room = BUF_INIT;
	uint32_t account = account_of_usual_path(host, host_usual_path(host, path, &room));
	buf_done(&room);
	return account;
}

/* Lower case, without port, trailing dot and "www."; at most 253 bytes (RFC 1035), longer names are nobody's. */
static str normal_domain(str name, char out[254])
{
	size_t colon = str_find(name, ':');
	name = str_head(name, colon);
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	if (str_starts_nocase(name, STR("www.")))
		name = str_from_at(name, 4);
	if (name.len > 253)
		return STR("");
	for (size_t i = 0; i < name.len; i++)
		out[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] + 32) : name.at[i];
	return (str){ out, name.len };
}

const struct domain *host_domain(const struct host *host, str name)
{
	char buffer[254];
	uint32_t number = names_get(&host->domain_names, normal_domain(name, buffer));
	return number ? &host->domains.at[number - 1] : NULL;
}

void host_add_local_domain(struct host *host, str name)
{
	char buffer[254];
	name = normal_domain(name, buffer);
	if (name.len)
		names_add(&host->local_domains, name);
}

bool host_is_local_domain(const struct host *host, str name)
{
	char buffer[254];
	return names_get(&host->local_domains, normal_domain(name, buffer)) != 0;
}

void host_add_domain(struct host *host, str name, uint32_t account, str docroot)
{
	char buffer[254];
	name = normal_domain(name, buffer);
	if (!name.len)
		return;
	host_add_local_domain(host, name);
	uint32_t number = names_get(&host->domain_names, name);
	if (!number) {
		number = names_add(&host->domain_names, name);
		*VEC_PUSH(&host->domains) = (struct domain){ names_str(&host->domain_names, number), NO_ACCOUNT, STR("") };
	}
	struct domain *domain = &host->domains.at[number - 1];
	if (domain->account == NO_ACCOUNT)
		domain->account = account;
	if (!domain->docroot.len)
		domain->docroot = docroot;
}

static const char *first_existing(const struct host *host, const char *const *paths)
{
	for (; *paths; paths++)
		if (root_exists(host->root_fd, *paths))
			return *paths;
	return NULL;
}

/* Recognised by the panel's own files, or by its layout of data and logs (images). */
static enum panel find_panel(const struct host *host)
{
	static const char *const cpanel[] = { "/usr/local/cpanel/version", "/var/cpanel/users", "/etc/trueuserdomains",
					      "/var/log/exim_mainlog", NULL };
	static const char *const hestia[] = { "/etc/hestiacp/hestia.conf", "/usr/local/hestia/data/users", NULL };
	static const char *const directadmin[] = { "/usr/local/directadmin/conf/directadmin.conf",
						   "/usr/local/directadmin/data/users", "/etc/virtual/domainowners", NULL };
	if (first_existing(host, cpanel))
		return PANEL_CPANEL;
	if (first_existing(host, hestia))
		return PANEL_HESTIA;
	if (first_existing(host, directadmin))
		return PANEL_DIRECTADMIN;
	return PANEL_PLAIN;
}

static void read_name(struct host *host)
{
	str text;
	if (host_read_file(host, "/etc/hostname", &text))
		host->name = str_trim(str_cut(&text, '\n'));
}

static void read_zone(struct host *host)
{
	str data;
	struct err err;
	if (!host_read_file(host, "/etc/localtime", &data))
		host->timezone_note = STR("no /etc/localtime: stamps without a zone are taken as UTC");
	else if (zone_parse(&host->arena, data, &host->zone, &err))
		host->timezone_note = STR("/etc/localtime is damaged: stamps without a zone are taken as UTC");
}

int host_open(struct host *host, const char *root, bool live, const struct host_inputs *named, struct err *err)
{
	*host = (struct host){ .root_fd = -1, .live = live };
	names_init(&host->domain_names);
	names_init(&host->account_names);
	names_init(&host->homes);
	names_init(&host->real_homes);
	names_init(&host->local_domains);
	host->root_fd = root_open_root(root, err);
	if (host->root_fd < 0)
		return err->code;
	read_name(host);
	read_zone(host);
	if (named) {
		if (named->passwd && host_read_accounts(host, named->passwd, err))
			return ERR_USAGE;
		host_learn_homes(host);
		host_name_inputs(host, named);
		return 0;
	}
	host->panel = find_panel(host);
	host_read_accounts(host, "/etc/passwd", NULL);
	host_learn_homes(host);
	host_read_exim_zone(host);
	host_read_maps(host);
	host_find_inputs(host);
	return 0;
}

void host_reset_counts(struct host *host)
{
	for (size_t i = 0; i < host->inputs.count; i++)
		host->inputs.at[i].lines = host->inputs.at[i].unparsed = 0;
}

void host_close(struct host *host)
{
	for (size_t i = 0; i < host->inputs.count; i++)
		if (host->inputs.at[i].fd >= 0)
			close(host->inputs.at[i].fd);
	if (host->root_fd >= 0)
		close(host->root_fd);
	free(host->inputs.at);
	free(host->accounts.at);
	free(host->domains.at);
	index_done(&host->open_files);
	names_done(&host->domain_names);
	names_done(&host->account_names);
	names_done(&host->homes);
	names_done(&host->real_homes);
	free(host->usual_homes.at);
	index_done(&host->account_of_home);
	names_done(&host->local_domains);
	arena_done(&host->arena);
	*host = (struct host){ .root_fd = -1 };
}
