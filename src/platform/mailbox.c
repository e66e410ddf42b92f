/* SPDX-License-Identifier: Apache-2.0
 *
 * mailbox: Unix accounts in /etc/shadow, the panels' mailbox files, and the
 * passwd-file that Dovecot's own configuration names (2.3: args of a passdb
 * with driver passwd-file; 2.4: passwd_file_path). The file is the first of
 * these that has a line for the login.
 */
#include "platform/mailbox.h"

#include <stdlib.h>

#include "base/root.h"

static const char *const dovecot_folders[] = { "/etc/dovecot", "/etc/dovecot/conf.d" };

struct passwd_file {
	str path;   /* may hold %d */
	str format; /* username_format: which part of the login is the key */
};

/* Value of NAME=VALUE among blank separated words. */
static str word_value(str words, str name)
{
	for (str word; (word = str_word(&words)).len;) {
		str value = word;
		if (str_eq(str_cut(&value, '='), name))
			return value;
	}
	return STR("");
}

static str path_word(str words)
{
	for (str word; (word = str_word(&words)).len;)
		if (word.at[0] == '/')
			return word;
	return STR("");
}

/* One configuration file: remembers whether the passdb block at hand reads a passwd-file. */
static void read_dovecot_file(struct host *host, const char *path, struct passwd_file *out)
{
	str text;
	bool inside = false, is_file = false;
	if (!host_read_file(host, path, &text))
		return;
	while (text.len && !out->path.len) {
		str value = str_trim(str_cut(&text, '\n'));
		str line = value;
		str name = str_trim(str_cut(&value, '='));
		value = str_trim(value);
		if (str_starts(line, STR("passdb"))) {
			inside = true;
			is_file = str_search(line, STR("passwd-file")) != STR_NONE;
		}
		if (str_starts(line, STR("}")))
			inside = false;
		if (inside && str_eq(name, STR("driver")))
			is_file = str_eq(value, STR("passwd-file"));
		if (inside && is_file && (str_eq(name, STR("args")) || str_eq(name, STR("passwd_file_path"))))
			*out = (struct passwd_file){ path_word(value), word_value(value, STR("username_format")) };
	}
}

static struct passwd_file find_dovecot_file(struct host *host)
{
	struct passwd_file found = { { "", 0 }, { "", 0 } };
	for (size_t i = 0; i < sizeof(dovecot_folders) / sizeof(dovecot_folders[0]) && !found.path.len; i++) {
		struct dir_names names = { 0 };
		root_list(host->root_fd, dovecot_folders[i], &names, NULL);
		for (size_t j = 0; j < names.list.count && !found.path.len; j++)
			if (str_ends(str_from(names.list.at[j]), STR(".conf")) || str_ends(str_from(names.list.at[j]), STR(".ext")))
				read_dovecot_file(host, arena_printf(&host->arena, "%s/%s", dovecot_folders[i], names.list.at[j]).at,
						  &found);
		dir_names_done(&names);
	}
	return found;
}

static bool has_line(struct host *host, str file, str key)
{
	str text;
	if (!host_read_file(host, arena_cstring(&host->arena, file), &text))
		return false;
	while (text.len) {
		str line = str_cut(&text, '\n');
		if (str_eq(str_cut(&line, ':'), key))
			return true;
	}
	return false;
}

static bool set_file(struct host *host, str file, str key, struct mailbox *out)
{
	if (!file.len || !has_line(host, file, key))
		return false;
	out->file = file;
	out->key = key;
	return true;
}

static bool find_panel_file(struct host *host, struct mailbox *out)
{
	struct arena *arena = &host->arena;
	str domain = out->domain;
	switch (host->panel) {
	case PANEL_CPANEL:
		return set_file(host, arena_printf(arena, "%.*s/etc/%.*s/shadow", STR_ARG(out->home), STR_ARG(domain)),
				out->local, out);
	case PANEL_HESTIA:
		return set_file(host, arena_printf(arena, "%.*s/conf/mail/%.*s/passwd", STR_ARG(out->home), STR_ARG(domain)),
				out->local, out);
	case PANEL_DIRECTADMIN:
		return set_file(host, arena_printf(arena, "/etc/virtual/%.*s/passwd", STR_ARG(domain)), out->local, out);
	case PANEL_PLAIN:
		break;
	}
	return false;
}

/* %d in the path is the domain; a username_format of %n means that only the local part stands in the file. */
static bool find_plain_file(struct host *host, struct mailbox *out)
{
	struct passwd_file file = find_dovecot_file(host);
	size_t at = str_search(file.path, STR("%d"));
	bool is_local = str_search(file.format, STR("%n")) != STR_NONE || at != STR_NONE;
	if (at != STR_NONE)
		file.path = arena_printf(&host->arena, "%.*s%.*s%.*s", (int)at, file.path.at, STR_ARG(out->domain),
					 STR_ARG(str_from_at(file.path, at + 2)));
	return set_file(host, file.path, is_local ? out->local : out->login, out);
}

int mailbox_find(struct host *host, str login, struct mailbox *out, struct err *err)
{
	str domain = login;
	*out = (struct mailbox){ .login = login };
	out->local = str_cut(&domain, '@');
	out->domain = out->local.len < login.len ? domain : STR("");
	const struct domain *found = out->domain.len ? host_domain(host, out->domain) : NULL;
	uint32_t account = out->domain.len ? (found ? found->account : NO_ACCOUNT) : host_account(host, login);
	if (account != NO_ACCOUNT) {
		out->account = host->accounts.at[account].name;
		out->home = host->accounts.at[account].home;
	}
	if (find_panel_file(host, out) || find_plain_file(host, out))
		return 0;
	out->is_shadow = !out->domain.len && account != NO_ACCOUNT && set_file(host, STR("/etc/shadow"), login, out);
	return out->is_shadow ? 0 : err_set(err, ERR_REFUSED, "there is no mail login %.*s on this host", STR_ARG(login));
}
