/* SPDX-License-Identifier: Apache-2.0
 *
 * gate: the rules of what is never touched and never blocked.
 */
#include "act/gate.h"
#include "act/proc_net.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/own.h"
#include "base/root.h"
#include "base/walk.h"

enum { FILE_BYTES_MAX = 16 << 20, V4_BITS = 96, SSH_PORT = 22, PATH_LEN_MAX = 512 };

/* RFC 6890 and its successors; nothing of it can be the source of mail from outside. */
static const struct {
	const char *net, *reason;
} reserved[] = {
	{ "0.0.0.0/8", "this network" },       { "10.0.0.0/8", "a private network" },
	{ "100.64.0.0/10", "a carrier's network" }, { "127.0.0.0/8", "loopback" },
	{ "169.254.0.0/16", "link-local" },    { "172.16.0.0/12", "a private network" },
	{ "192.168.0.0/16", "a private network" }, { "224.0.0.0/4", "multicast" },
	{ "240.0.0.0/4", "reserved or broadcast" }, { "::/128", "unspecified" },
	{ "::1/128", "loopback" },	       { "fe80::/10", "link-local" },
	{ "fc00::/7", "a private network" },   { "ff00::/8", "multicast" },
};

/* Files of which every address is allowed by somebody on purpose. */
static const struct {
	const char *path, *reason;
} allow_lists[] = {
	{ "/etc/csf/csf.allow", "on csf's allow list" },
	{ "/etc/csf/csf.ignore", "on csf's ignore list" },
	{ "/etc/apf/allow_hosts.rules", "on apf's allow list" },
	{ "/etc/apf/glob_allow.rules", "on apf's allow list" },
	{ "/etc/apf-firewall/allow_hosts.rules", "on apf's allow list" },
	{ "/etc/apf-firewall/glob_allow.rules", "on apf's allow list" },
	{ "/usr/local/hestia/data/firewall/excludes.conf", "on HestiaCP's list of excluded addresses" },
	{ "/etc/resolv.conf", "a resolver of this host" },
};

static const char *const fail2ban_files[] = { "/etc/fail2ban/jail.conf", "/etc/fail2ban/jail.local" };

void gate_add(struct gate *gate, struct ip_net net, const char *reason)
{
	*VEC_PUSH(&gate->never) = (struct gate_entry){ net, reason };
}

/* Every word of text that is an address or a network; words end at blanks and at what csf and ini files put between. */
static void add_words(struct gate *gate, str text, const char *reason)
{
	while (text.len) {
		size_t len = 0;
		struct ip_net net;
		while (len < text.len && !strchr(" \t\r|,='\";#", text.at[len]))
			len++;
		if (len < text.len && text.at[len] == '#' && !len)
			return;
		if (ip_net_parse(str_head(text, len), &net))
			gate_add(gate, net, reason);
		text = str_from_at(text, len + 1);
	}
}

/* 0 with empty text when the file is not there. */
static int read_file(const struct gate *gate, const char *path, struct buf *out, struct err *err)
{
	OWN_FD int fd = root_open_file(gate->root, path, err);
	if (fd == ERR_GONE)
		return 0;
	return fd < 0 ? fd : buf_read(out, fd, FILE_BYTES_MAX, err);
}

/* csf's lists may name further files, which name none themselves. */
static int add_allow_list(struct gate *gate, const char *path, const char *reason, bool may_include, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = read_file(gate, path, &text, err);
	for (str rest = buf_str(&text); !rc && rest.len;) {
		str line = str_cut(&rest, '\n');
		char included[PATH_LEN_MAX];
		str words = line;
		bool is_include = may_include && str_eq(str_word(&words), STR("Include"));
		snprintf(included, sizeof(included), "%.*s", STR_ARG(str_trim(words)));
		if (is_include)
			rc = add_allow_list(gate, included, reason, false, err);
		else
			add_words(gate, line, reason);
	}
	buf_done(&text);
	return rc;
}

/* "ignoreip = A B" and the indented lines that continue it. */
static int add_fail2ban(struct gate *gate, const char *path, struct err *err)
{
	struct buf text = BUF_INIT;
	bool inside = false;
	int rc = read_file(gate, path, &text, err);
	for (str rest = buf_str(&text); !rc && rest.len;) {
		str line = str_cut(&rest, '\n');
		inside = str_starts(line, STR("ignoreip")) || (inside && line.len && (line.at[0] == ' ' || line.at[0] == '\t'));
		if (inside)
			add_words(gate, line, "on fail2ban's ignore list");
	}
	buf_done(&text);
	return rc;
}

/* Port N, or the port that a ListenAddress names. */
static int add_ssh_ports(struct gate *gate, const char *path, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = read_file(gate, path, &text, err);
	for (str rest = buf_str(&text); !rc && rest.len;) {
		str line = str_trim(str_cut(&rest, '\n'));
		size_t len = 0;
		uint64_t port;
		while (len < line.len && !strchr(" \t=", line.at[len]))
			len++;
		str key = str_head(line, len), value = str_from_at(line, len);
		while (value.len && strchr(" \t=", value.at[0]))
			value = str_from_at(value, 1);
		size_t colon = str_rfind(value, ':');
		if (str_eq_nocase(key, STR("ListenAddress")))
			value = colon == STR_NONE ? STR("") : str_from_at(value, colon + 1);
		else if (!str_eq_nocase(key, STR("Port")))
			continue;
		if (str_u64(str_trim(value), UINT16_MAX, &port))
			*VEC_PUSH(&gate->ssh_ports) = (unsigned)port;
	}
	buf_done(&text);
	return rc;
}

/* What an administrator adds lies in a folder of its own. */
static int add_folder(struct gate *gate, const char *folder, int (*add)(struct gate *, const char *, struct err *), struct err *err)
{
	struct dir_names names = { 0 };
	int rc = root_list(gate->root, folder, &names, err);
	if (rc == ERR_GONE)
		rc = 0;
	for (size_t i = 0; !rc && i < names.list.count; i++) {
		char path[PATH_LEN_MAX];
		int len = snprintf(path, sizeof(path), "%s/%s", folder, names.list.at[i]);
		if (len > 0 && (size_t)len < sizeof(path))
			rc = add(gate, path, err);
	}
	dir_names_done(&names);
	return rc;
}

static struct ip_net whole(struct ip ip)
{
	return (struct ip_net){ ip, 128 };
}

static struct ip ip_from_v4(const void *bytes)
{
	struct ip ip = { .byte = { [10] = 0xff, [11] = 0xff } };
	memcpy(ip.byte + 12, bytes, 4);
	return ip;
}

static int add_own(struct gate *gate, struct err *err)
{
	struct ifaddrs *all;
	if (getifaddrs(&all) < 0)
		return err_errno(err, "own addresses");
	for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
		struct ip ip;
		if (!one->ifa_addr)
			continue;
		if (one->ifa_addr->sa_family == AF_INET)
			ip = ip_from_v4(&((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr);
		else if (one->ifa_addr->sa_family == AF_INET6)
			memcpy(ip.byte, &((const struct sockaddr_in6 *)(const void *)one->ifa_addr)->sin6_addr, 16);
		else
			continue;
		gate_add(gate, whole(ip), "an address of this host");
	}
	freeifaddrs(all);
	return 0;
}

static bool is_zeros(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != '0')
			return false;
	return s.len > 0;
}

static void add_route4(void *gate, const str *words)
{
	struct ip ip;
	if (is_zeros(words[1]) && !is_zeros(words[2]) && proc_net_address(words[2], true, &ip))
		gate_add(gate, whole(ip), "the gateway");
}

static void add_route6(void *gate, const str *words)
{
	struct ip ip;
	if (is_zeros(words[0]) && !is_zeros(words[4]) && proc_net_address(words[4], false, &ip))
		gate_add(gate, whole(ip), "the gateway");
}

static void add_ssh_peer(void *context, const struct tcp_row *row)
{
	struct gate *gate = context;
	for (size_t i = 0; i < gate->ssh_ports.count; i++)
		if (row->local_port == gate->ssh_ports.at[i])
			gate_add(gate, whole(row->remote), "an administrator's SSH connection");
}

static int add_live(struct gate *gate, struct err *err)
{
	add_words(gate, str_from(getenv("SSH_CONNECTION")), "an administrator's SSH connection");
	add_words(gate, str_from(getenv("SSH_CLIENT")), "an administrator's SSH connection");
	*VEC_PUSH(&gate->ssh_ports) = SSH_PORT;
	int rc = add_own(gate, err);
	if (!rc)
		rc = add_ssh_ports(gate, "/etc/ssh/sshd_config", err);
	if (!rc)
		rc = add_folder(gate, "/etc/ssh/sshd_config.d", add_ssh_ports, err);
	if (!rc)
		rc = proc_net_each("/proc/net/route", add_route4, gate, err);
	if (!rc)
		rc = proc_net_each("/proc/net/ipv6_route", add_route6, gate, err);
	return rc ? rc : proc_net_established(add_ssh_peer, gate, err);
}

int gate_open(struct gate *gate, int root, bool live, struct err *err)
{
	*gate = (struct gate){ .root = root, .live = live };
	int rc = 0;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		add_words(gate, str_from(reserved[i].net), reserved[i].reason);
	for (size_t i = 0; !rc && i < sizeof(allow_lists) / sizeof(allow_lists[0]); i++)
		rc = add_allow_list(gate, allow_lists[i].path, allow_lists[i].reason, true, err);
	for (size_t i = 0; !rc && i < sizeof(fail2ban_files) / sizeof(fail2ban_files[0]); i++)
		rc = add_fail2ban(gate, fail2ban_files[i], err);
	if (!rc)
		rc = add_folder(gate, "/etc/fail2ban/jail.d", add_fail2ban, err);
	if (!rc && live)
		rc = add_live(gate, err);
	if (rc)
		gate_close(gate);
	return rc ? err_context(err, "never-block list") : 0;
}

void gate_close(struct gate *gate)
{
	free(gate->never.at);
	free(gate->ssh_ports.at);
	*gate = (struct gate){ 0 };
}

int gate_check_address(const struct gate *gate, str address, bool wide, struct ip_net *out, struct err *err)
{
	struct ip_net net;
	if (!ip_net_parse(address, &net))
		return err_set(err, ERR_REFUSED, "%.*s is not an address in its usual form", STR_ARG(address));
	unsigned narrowest = ip_is_v4(net.base) ? 128 : 64;
	if (net.bits < narrowest && !wide)
		return err_set(err, ERR_REFUSED, "%.*s is wider than %s", STR_ARG(address),
			       narrowest == 64 ? "/64" : "/32");
	if (ip_is_v4(net.base) && net.bits < V4_BITS)
		return err_set(err, ERR_REFUSED, "%.*s is no network", STR_ARG(address));
	for (size_t i = 0; i < gate->never.count; i++) {
		const struct gate_entry *entry = &gate->never.at[i];
		if (ip_net_has(net, entry->net.base) || ip_net_has(entry->net, net.base))
			return err_set(err, ERR_REFUSED, "%.*s is never blocked: %s", STR_ARG(address), entry->reason);
	}
	*out = net;
	return 0;
}

/* UID_MIN of login.defs; 1000 where it does not say. */
static uint64_t uid_min(const struct gate *gate)
{
	struct buf text = BUF_INIT;
	uint64_t min = 1000;
	read_file(gate, "/etc/login.defs", &text, NULL);
	for (str rest = buf_str(&text); rest.len;) {
		str line = str_cut(&rest, '\n');
		if (str_eq(str_word(&line), STR("UID_MIN")))
			str_u64(str_word(&line), UINT32_MAX, &min);
	}
	buf_done(&text);
	return min;
}

int gate_check_account(const struct gate *gate, str name, uint64_t *out_uid, str *out_home, struct arena *arena,
		       struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = read_file(gate, "/etc/passwd", &text, err);
	uint64_t uid = 0;
	str home = STR("");
	for (str rest = buf_str(&text); !rc && rest.len;) {
		str line = str_cut(&rest, '\n');
		if (!name.len || !str_eq(str_cut(&line, ':'), name))
			continue;
		str_cut(&line, ':');
		if (!str_u64(str_cut(&line, ':'), UINT32_MAX - 1, &uid))
			break;
		str_cut(&line, ':');
		str_cut(&line, ':');
		home = arena_copy(arena, str_cut(&line, ':'));
		break;
	}
	buf_done(&text);
	if (rc)
		return rc;
	if (!home.len)
		return err_set(err, ERR_REFUSED, "there is no account %.*s", STR_ARG(name));
	if (uid < uid_min(gate) || str_eq(name, STR("nobody")))
		return err_set(err, ERR_REFUSED, "%.*s is a system account", STR_ARG(name));
	*out_uid = uid;
	*out_home = home;
	return 0;
}

/* Folders below which a web server serves a site, as the panels lay them out. */
static const char *const docroots[] = { "public_html", "www", "htdocs", "httpdocs", "html" };
/* Files that other code of a site needs: a spammer calls them, he does not bring them. */
static const char *const libraries[] = { "class-phpmailer.php", "class-smtp.php", "phpmailer.php", "smtp.php",
					 "pluggable.php", "wp-load.php", "wp-config.php", "wp-settings.php",
					 "wp-blog-header.php", "autoload.php", "swift_required.php", "configuration.php" };

static bool is_one_of(str name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(name, str_from(list[i])))
			return true;
	return false;
}

static int check_script(const struct deed *deed, struct err *err)
{
	str folder, name, above, last;
	walk_split(facts_get(&deed->facts, "path"), &folder, &name);
	walk_split(folder, &above, &last);
	if (is_one_of(name, docroots, sizeof(docroots) / sizeof(docroots[0])))
		return err_set(err, ERR_REFUSED, "%.*s is a document root", STR_ARG(name));
	if (is_one_of(name, libraries, sizeof(libraries) / sizeof(libraries[0])))
		return err_set(err, ERR_REFUSED, "%.*s is a library that the site needs; hold the account's mail instead",
			       STR_ARG(name));
	if (str_starts_nocase(name, STR("index.")) && is_one_of(last, docroots, sizeof(docroots) / sizeof(docroots[0])))
		return err_set(err, ERR_REFUSED, "%.*s serves the site; hold the account's mail instead", STR_ARG(name));
	return 0;
}

static int check_owner(const struct gate *gate, const struct deed *deed, struct err *err)
{
	uint64_t uid, planned;
	str home;
	int rc = gate_check_account(gate, deed->account, &uid, &home, deed->arena, err);
	if (rc)
		return rc;
	if (!facts_number(&deed->facts, "uid", UINT32_MAX, &planned) || planned != uid ||
	    !str_eq(home, facts_get(&deed->facts, "home")))
		return err_set(err, ERR_REFUSED, "the account %.*s is not the one that was planned for",
			       STR_ARG(deed->account));
	return 0;
}

/* root's own password is changed only by the verb for it; other system accounts never. */
static int check_line(const struct gate *gate, const struct deed *deed, struct err *err)
{
	str key = facts_get(&deed->facts, "key"), home;
	uint64_t uid;
	if (!str_ends(facts_get(&deed->facts, "file"), STR("/shadow")))
		return 0;
	if (str_eq(key, STR("root")) && str_eq(facts_get(&deed->facts, "change"), STR("password")) &&
	    str_eq(facts_get(&deed->facts, "asked_twice"), STR("yes")))
		return 0;
	return gate_check_account(gate, key, &uid, &home, deed->arena, err);
}

int gate_check(const struct gate *gate, const struct op *op, const struct deed *deed, struct err *err)
{
	str address = facts_get(&deed->facts, "address");
	struct ip_net net;
	int rc = 0;
	bool runs = op->live_only || facts_find(&deed->facts, "then") || facts_find(&deed->facts, "check");
	if (runs && !gate->live)
		return err_set(err, ERR_REFUSED, "panels, firewalls and sessions are not touched beneath --root");
	if (op == &op_disable && !(rc = check_script(deed, err)))
		rc = check_owner(gate, deed, err);
	if (op == &op_edit_line)
		rc = check_line(gate, deed, err);
	if (!rc && address.len)
		rc = gate_check_address(gate, address, str_eq(facts_get(&deed->facts, "wide"), STR("yes")), &net, err);
	return rc;
}
