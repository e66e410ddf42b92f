/* SPDX-License-Identifier: Apache-2.0
 *
 * firewalls: which one a host uses. One back-end per host: two would undo each
 * other's work.
 */
#include "platform/firewalls.h"

#include "base/root.h"

static bool uses_csf(struct host *host)
{
	return root_exists(host->root_fd, "/usr/sbin/csf") && root_exists(host->root_fd, "/etc/csf/csf.conf");
}

static bool uses_hestia(struct host *host)
{
	return root_exists(host->root_fd, "/usr/local/hestia/bin/v-add-firewall-ban");
}

static bool uses_firewalld(struct host *host)
{
	return root_exists(host->root_fd, "/usr/bin/firewall-cmd") && root_exists(host->root_fd, "/run/firewalld.pid");
}

static bool uses_fail2ban(struct host *host)
{
	return root_exists(host->root_fd, "/usr/bin/fail2ban-client") &&
	       root_exists(host->root_fd, "/etc/fail2ban/jail.d/quell.conf");
}

static bool uses_ufw(struct host *host)
{
	str text;
	return root_exists(host->root_fd, "/usr/sbin/ufw") && host_read_file(host, "/etc/ufw/ufw.conf", &text) &&
	       str_search(text, STR("\nENABLED=yes")) != STR_NONE;
}

static bool uses_nft(struct host *host)
{
	return root_exists(host->root_fd, "/usr/sbin/nft");
}

static bool uses_iptables(struct host *host)
{
	return root_exists(host->root_fd, "/usr/sbin/iptables");
}

static bool uses_apf_debian(struct host *host)
{
	return root_exists(host->root_fd, "/usr/sbin/apf") && root_exists(host->root_fd, "/etc/apf-firewall/conf.apf");
}

static bool uses_apf(struct host *host)
{
	return root_exists(host->root_fd, "/usr/local/sbin/apf") && root_exists(host->root_fd, "/etc/apf/conf.apf");
}

/* KEY = "1" in a file of settings. */
static bool is_set(str text, str wanted)
{
	while (text.len) {
		str value = str_cut(&text, '\n');
		str key = str_trim(str_cut(&value, '='));
		if (str_eq(key, wanted) && str_starts(str_trim(value), STR("\"1\"")))
			return true;
	}
	return false;
}

/* In testing mode csf lists the address and blocks nothing. */
static const char *csf_problem(struct host *host)
{
	str text;
	if (root_exists(host->root_fd, "/etc/csf/csf.disable"))
		return "csf is disabled (/etc/csf/csf.disable)";
	if (!host_read_file(host, "/etc/csf/csf.conf", &text))
		return "/etc/csf/csf.conf cannot be read";
	return is_set(text, STR("TESTING")) ? "csf is in testing mode and blocks nothing (TESTING in csf.conf)" : NULL;
}

/* In development mode apf flushes its rules every five minutes. */
static const char *apf_problem(struct host *host)
{
	str text;
	if (!host_read_file(host, "/etc/apf-firewall/conf.apf", &text) && !host_read_file(host, "/etc/apf/conf.apf", &text))
		return "apf's conf.apf cannot be read";
	return is_set(text, STR("DEVEL_MODE")) ? "apf is in development mode and flushes its rules (DEVEL_MODE in conf.apf)" :
						 NULL;
}

static const char *no_problem(struct host *host)
{
	(void)host;
	return NULL;
}

const struct firewall firewalls[] = {
	{ "csf", firewall_csf, uses_csf, csf_problem },
	{ "hestia", firewall_hestia, uses_hestia, no_problem },
	{ "firewalld", firewall_firewalld, uses_firewalld, no_problem },
	{ "fail2ban", firewall_fail2ban, uses_fail2ban, no_problem },
	{ "ufw", firewall_ufw, uses_ufw, no_problem },
	{ "apf", firewall_apf_debian, uses_apf_debian, apf_problem },
	{ "apf", firewall_apf, uses_apf, apf_problem },
	{ "nftables", firewall_nft, uses_nft, no_problem },
	{ "iptables", firewall_iptables, uses_iptables, no_problem },
	{ NULL },
};
