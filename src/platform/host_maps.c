/* SPDX-License-Identifier: Apache-2.0
 *
 * host_maps: each panel's map from domain to account and document root.
 *
 * A map is read wherever it exists, whatever the panel is said to be.
 */
#include <stdlib.h>

#include "base/root.h"
#include "platform/host.h"

/* "domain: user" lines: cPanel's userdomains, DirectAdmin's domainowners. */
static void read_colon_map(struct host *host, const char *path)
{
	str text;
	if (!host_read_file(host, path, &text))
		return;
	while (text.len) {
		str user = str_cut(&text, '\n');
		str domain = str_trim(str_cut(&user, ':'));
		user = str_trim(user);
		if (domain.len && user.len && !str_eq(domain, STR("*")) && !str_eq(user, STR("nobody")))
			host_add_domain(host, domain, host_account(host, user), STR(""));
	}
}

/* One local domain per line: cPanel's localdomains, DirectAdmin's domains. */
static void read_local_list(struct host *host, const char *path)
{
	str text;
	if (!host_read_file(host, path, &text))
		return;
	while (text.len) {
		str name = str_trim(str_cut(&text, '\n'));
		if (name.len && name.at[0] != '#')
			host_add_local_domain(host, name);
	}
}

/* Value of KEY='VALUE' in a HestiaCP object line; "" when absent. */
static str hestia_value(str line, str key)
{
	while (line.len) {
		str rest = line;
		str name = str_cut(&rest, '=');
		if (!str_skip(&rest, STR("'")))
			return STR("");
		str value = str_cut(&rest, '\'');
		if (str_eq(str_trim(name), key))
			return value;
		line = rest;
	}
	return STR("");
}

static void read_hestia_objects(struct host *host, uint32_t account, const char *path)
{
	str text;
	if (!host_read_file(host, path, &text))
		return;
	while (text.len) {
		str line = str_cut(&text, '\n');
		str docroot = hestia_value(line, STR("CUSTOM_DOCROOT"));
		while (docroot.len > 1 && docroot.at[docroot.len - 1] == '/')
			docroot.len--;
		host_add_domain(host, hestia_value(line, STR("DOMAIN")), account, docroot);
	}
}

static void read_hestia(struct host *host)
{
	struct dir_names users = { 0 };
	root_list(host->root_fd, "/usr/local/hestia/data/users", &users, NULL);
	for (size_t i = 0; i < users.list.count; i++) {
		uint32_t account = host_account(host, str_from(users.list.at[i]));
		static const char *const files[] = { "web.conf", "mail.conf" };
		for (size_t f = 0; f < sizeof(files) / sizeof(*files); f++)
			read_hestia_objects(host, account,
					    arena_printf(&host->arena, "/usr/local/hestia/data/users/%s/%s",
							 users.list.at[i], files[f]).at);
	}
	dir_names_done(&users);
}

/* cPanel's "documentroot: /home/u/public_html" of one vhost */
static str cpanel_docroot(struct host *host, const char *user, const char *domain)
{
	str text;
	const char *path = arena_printf(&host->arena, "/var/cpanel/userdata/%s/%s", user, domain).at;
	if (!host_read_file(host, path, &text))
		return STR("");
	while (text.len) {
		str line = str_cut(&text, '\n');
		if (str_skip(&line, STR("documentroot:")))
			return str_trim(line);
	}
	return STR("");
}

static void read_cpanel_docroots(struct host *host)
{
	struct dir_names users = { 0 };
	root_list(host->root_fd, "/var/cpanel/userdata", &users, NULL);
	for (size_t i = 0; i < users.list.count; i++) {
		struct dir_names vhosts = { 0 };
		const char *user = users.list.at[i];
		root_list(host->root_fd, arena_printf(&host->arena, "/var/cpanel/userdata/%s", user).at, &vhosts, NULL);
		for (size_t v = 0; v < vhosts.list.count; v++) {
			str docroot = cpanel_docroot(host, user, vhosts.list.at[v]);
			if (docroot.len)
				host_add_domain(host, str_from(vhosts.list.at[v]), host_account(host, str_from(user)),
						docroot);
		}
		dir_names_done(&vhosts);
	}
	dir_names_done(&users);
}

static str apache_argument(str line)
{
	str value = str_trim(line);
	if (str_skip(&value, STR("\"")))
		return str_cut(&value, '"');
	return str_word(&value);
}

/* ServerName, ServerAlias and DocumentRoot of each <VirtualHost> */
static void read_apache_site(struct host *host, str text)
{
	VEC(str) names = { 0 };
	str docroot = STR("");
	while (text.len) {
		str line = str_trim(str_cut(&text, '\n'));
		if (str_starts_nocase(line, STR("ServerName ")) || str_starts_nocase(line, STR("ServerAlias "))) {
			str_word(&line);
			for (str name; (name = str_word(&line)).len;)
				*VEC_PUSH(&names) = name;
		} else if (str_starts_nocase(line, STR("DocumentRoot "))) {
			docroot = apache_argument(str_from_at(line, 13));
		} else if (str_starts_nocase(line, STR("</VirtualHost"))) {
			uint32_t account = host_account_of_path(host, docroot);
			for (size_t i = 0; account != NO_ACCOUNT && i < names.count; i++)
				host_add_domain(host, names.at[i], account, docroot);
			names.count = 0;
			docroot = STR("");
		}
	}
	free(names.at);
}

static void read_apache_sites(struct host *host, const char *folder)
{
	struct dir_names files = { 0 };
	root_list(host->root_fd, folder, &files, NULL);
	for (size_t i = 0; i < files.list.count; i++) {
		str text;
		if (host_read_file(host, arena_printf(&host->arena, "%s/%s", folder, files.list.at[i]).at, &text))
			read_apache_site(host, text);
	}
	dir_names_done(&files);
}

/* Debian's dc_other_hostnames='a;b' */
static void read_debconf(struct host *host)
{
	str text;
	if (!host_read_file(host, "/etc/exim4/update-exim4.conf.conf", &text))
		return;
	while (text.len) {
		str line = str_cut(&text, '\n');
		if (!str_skip(&line, STR("dc_other_hostnames='")))
			continue;
		for (str list = str_cut(&line, '\''); list.len;)
			host_add_local_domain(host, str_trim(str_cut(&list, ';')));
	}
}

/* Folders with one file or folder per mail domain. */
static void read_domain_folder(struct host *host, const char *folder)
{
	struct dir_names names = { 0 };
	root_list(host->root_fd, folder, &names, NULL);
	for (size_t i = 0; i < names.list.count; i++)
		if (strchr(names.list.at[i], '.'))
			host_add_local_domain(host, str_from(names.list.at[i]));
	dir_names_done(&names);
}

/* Where panels put a site when no map says so: between these come home and domain. The last is the account's main site. */
static str usual_docroot(struct host *host, const struct domain *domain)
{
	static const struct {
		const char *before, *behind;
	} shapes[] = { { "/domains/", "/public_html" }, { "/web/", "/public_html" }, { "/public_html/", "" }, { "/", "" } };
	str home = host->accounts.at[domain->account].home;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		str path = arena_printf(&host->arena, "%.*s%s%.*s%s", STR_ARG(home), shapes[i].before,
					STR_ARG(domain->name), shapes[i].behind);
		if (root_exists(host->root_fd, path.at))
			return path;
	}
	str main_site = arena_printf(&host->arena, "%.*s/public_html", STR_ARG(home));
	return root_exists(host->root_fd, main_site.at) ? main_site : STR("");
}

void host_read_maps(struct host *host)
{
	read_cpanel_docroots(host);
	read_colon_map(host, "/etc/userdomains");
	read_colon_map(host, "/etc/trueuserdomains");
	read_local_list(host, "/etc/localdomains");
	read_colon_map(host, "/etc/virtual/domainowners");
	read_local_list(host, "/etc/virtual/domains");
	read_hestia(host);
	read_apache_sites(host, "/etc/apache2/sites-enabled");
	read_apache_sites(host, "/etc/apache2/sites-available");
	read_apache_sites(host, "/etc/httpd/conf.d");
	read_debconf(host);
	read_domain_folder(host, "/etc/exim4/domains");
	read_domain_folder(host, "/etc/exim4/virtual");
	read_domain_folder(host, "/etc/valiases");
	host_add_local_domain(host, host->name);
	for (size_t i = 0; i < host->domains.count; i++) {
		struct domain *domain = &host->domains.at[i];
		if (domain->account != NO_ACCOUNT && !domain->docroot.len)
			domain->docroot = usual_docroot(host, domain);
	}
}
