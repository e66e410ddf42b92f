/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor_fix: one table, by topic and panel. Sources: Exim's specification
 * (log_selector, log_file_path), the panels' own manuals on settings that
 * survive a rebuild, Debian's README of exim4-config, php.ini, rsyslog.conf(5).
 */
#include "cmd/doctor_fix.h"

#define SELECTORS "+arguments +subject +received_recipients +received_sender +incoming_port +smtp_confirmation +pid"

struct row {
	enum doctor_topic topic;
	int panel; /* -1 = all others */
	struct doctor_fix fix;
};

static const struct row rows[] = {
	{ FIX_SELECTOR, PANEL_CPANEL,
	  { "/etc/exim.conf.local", "@CONFIG@\nlog_selector = " SELECTORS, "/scripts/buildeximconf && /scripts/restartsrv_exim" } },
	{ FIX_SELECTOR, PANEL_DIRECTADMIN,
	  { "/etc/exim.variables.conf.custom", "log_selector = " SELECTORS, "da build exim_conf" } },
	{ FIX_SELECTOR, PANEL_HESTIA,
	  { "/etc/exim4/exim4.conf.template, in place of its log_selector line", "log_selector = " SELECTORS,
	    "systemctl restart exim4" } },
	{ FIX_SELECTOR, -1,
	  { "/etc/exim4/exim4.conf.localmacros (split configuration: /etc/exim4/conf.d/main/000_localmacros)",
	    "MAIN_LOG_SELECTOR = +smtp_protocol_error +smtp_syntax_error +tls_peerdn " SELECTORS, "update-exim4.conf && systemctl restart exim4" } },
	{ FIX_FILE_LOG, PANEL_CPANEL,
	  { "/etc/exim.conf.local", "@CONFIG@\nlog_file_path = /var/log/exim_%slog", "/scripts/buildeximconf" } },
	{ FIX_FILE_LOG, PANEL_DIRECTADMIN,
	  { "/etc/exim.variables.conf.custom", "log_file_path = /var/log/exim/%slog", "da build exim_conf" } },
	{ FIX_FILE_LOG, -1,
	  { "the main section of Exim's configuration", "log_file_path = /var/log/exim4/%slog", "systemctl restart exim4" } },
	{ FIX_DOVECOT, PANEL_CPANEL, { "/etc/dovecot/local.conf", "auth_verbose = yes", "/scripts/restartsrv_dovecot" } },
	{ FIX_DOVECOT, -1,
	  { "/etc/dovecot/conf.d/99-log.conf", "info_log_path = /var/log/dovecot.log\nauth_verbose = yes", "doveadm reload" } },
	{ FIX_WEB, PANEL_CPANEL,
	  { "WHM: Tweak Settings, Stats and Logs", "Archive logs: on, keep at least 7 days of domlogs", "" } },
	{ FIX_WEB, -1, { "each virtual host", "CustomLog /var/log/apache2/domains/DOMAIN.log combined", "apachectl graceful" } },
	{ FIX_PHP, PANEL_CPANEL,
	  { "WHM: MultiPHP INI Editor, every version", "mail.add_x_header = On", "/scripts/restartsrv_apache_php_fpm" } },
	{ FIX_PHP, -1, { "php.ini of every version and kind (fpm, apache2, cgi, cli)", "mail.add_x_header = On", "restart PHP" } },
	{ FIX_CRON, -1, { "/etc/rsyslog.d/cron.conf", "cron.* /var/log/cron.log", "systemctl restart rsyslog" } },
	{ FIX_HOLD, -1,
	  { "Exim's main section",
	    "acl_smtp_mail = /etc/quell/exim-mail.acl\nacl_not_smtp = /etc/quell/exim-notsmtp.acl", "quell doctor --install-hold --apply" } },
	{ FIX_ROTATION, -1, { "the logrotate file of Exim", "daily\nrotate 14\ncompress\ndelaycompress", "" } },
};

struct doctor_fix doctor_fix_get(enum doctor_topic topic, enum panel panel)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].topic == topic && (rows[i].panel == (int)panel || rows[i].panel < 0))
			return rows[i].fix;
	return (struct doctor_fix){ "", "", "" };
}
