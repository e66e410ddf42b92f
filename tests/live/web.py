# SPDX-License-Identifier: Apache-2.0
"""Apache and PHP-FPM of the test host: one pool per account, a log per site as the panel keeps it, a webmail site."""
import os
import stat
import subprocess
from pathlib import Path

from daemon import Daemon
from exim import listening
from layout import write
from namespace import HOST_IP
from packages import php_fpm

MODULES = "mpm_event authz_core dir mime alias log_config setenvif proxy proxy_fcgi logio env rewrite".split()
BUILT_IN = "/usr/lib/apache2/modules/mod_{}.so"
CONFIG = "/etc/apache2/apache2.conf"
SITES = "/etc/apache2/sites-available"
ENABLED = "/etc/apache2/sites-enabled"
PANEL_SITES = "/run/rig/sites.conf"
WEBMAIL_USER = ("webmail", 990)
WEBMAIL_HOME = "/usr/local/webmail"
WRAPPER = "/usr/local/bin/sendmail-tagged"

MAIN = """\
ServerRoot /etc/apache2
PidFile /run/rig/apache2.pid
ServerName {host}
Listen 80
User www-data
Group www-data
Timeout 60
KeepAlive Off
{modules}
<IfModule mpm_event_module>
	StartServers 1
	ThreadsPerChild 25
	MinSpareThreads 1
	MaxSpareThreads 75
	MaxRequestWorkers 50
</IfModule>
TypesConfig /etc/mime.types
DirectoryIndex index.php index.html
ErrorLog /var/log/apache2/error.log
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" vhost_combined
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
LogFormat "%h %l %{{X-Session}}o %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" session
<Directory />
	AllowOverride None
	Require all denied
</Directory>
{default_log}
IncludeOptional {sites}
"""

SITE = """\
<VirtualHost *:80>
	ServerName {domain}
	ServerAlias www.{domain}
	ServerAdmin webmaster@{domain}
	DocumentRoot {docroot}
	<Directory {docroot}>
		AllowOverride All
		Require all granted
{front}	</Directory>
	<FilesMatch "\\.php$">
		SetHandler "proxy:unix:/run/php/{account}.sock|fcgi://localhost"
	</FilesMatch>
{log}</VirtualHost>
"""

POOL = """\
[{account}]
user = {account}
group = {account}
listen = /run/php/{account}.sock
listen.mode = 0666
pm = ondemand
pm.max_children = 6
pm.process_idle_timeout = 30d
php_admin_value[sendmail_path] = {sendmail} -t -i
php_admin_value[mail.add_x_header] = On
php_admin_value[log_errors] = Off
{more}
"""

# Puts the panel's own header behind the subject, as a patched mail() does; the request's facts come by environment.
WRAPPER_TEXT = """\
#!/bin/sh
awk -v tag="$PANEL_SCRIPT" 'BEGIN { head = 1 }
/^\\r?$/ { head = 0 }
{ print }
head && !done && /^Subject:/ { printf "X-PHP-Script: %s\\r\\n", tag; done = 1 }' | exec /usr/sbin/sendmail "$@"
"""
PREPEND = "/usr/local/lib/panel.php"
PREPEND_TEXT = """\
<?php
if (isset($_SERVER['HTTP_HOST']))
  putenv('PANEL_SCRIPT=' . $_SERVER['HTTP_HOST'] . $_SERVER['SCRIPT_NAME'] . ' for ' . $_SERVER['REMOTE_ADDR']);
"""

WEBMAIL_APP = """\
<?php
/* the send page of a webmail: checks the login over IMAP, hands the message to the mail server with the same login */
function talk($s, $line) { if ($line !== '') fwrite($s, $line . "\\r\\n");
  do { $r = fgets($s, 2048); } while ($r !== false && $r[3] === '-'); return $r; }
$user = $_POST['_user'] ?? ''; $pass = $_POST['_pass'] ?? '';
$i = fsockopen('127.0.0.1', 143); fgets($i); fwrite($i, "a LOGIN $user $pass\\r\\n");
do { $r = fgets($i); } while ($r !== false && $r[0] !== 'a'); 
fwrite($i, "b LOGOUT\\r\\n"); while (fgets($i) !== false); fclose($i);
if (substr($r, 0, 4) !== 'a OK') { http_response_code(401); exit('login failed'); }
header('X-Session: ' . rawurlencode($user));
if (($_GET['_action'] ?? '') !== 'send') exit('inbox');
$s = fsockopen('127.0.0.1', 587); talk($s, ''); talk($s, 'EHLO localhost');
talk($s, 'AUTH PLAIN ' . base64_encode("\\0$user\\0$pass"));
$from = $_POST['_from'] ?? $user; talk($s, "MAIL FROM:<$from>");
foreach ($_POST['_to'] as $to) talk($s, "RCPT TO:<$to>");
talk($s, 'DATA'); $id = bin2hex(random_bytes(16)) . '@webmail.' . gethostname();
$to = implode(', ', $_POST['_to']);
echo talk($s, "MIME-Version: 1.0\\r\\nDate: " . date('r') . "\\r\\nFrom: $from\\r\\nTo: $to\\r\\n"
  . "Subject: {$_POST['_subject']}\\r\\nUser-Agent: Roundcube Webmail/1.6.1\\r\\nMessage-ID: <$id>\\r\\nX-Sender: $user\\r\\n"
  . "Content-Type: text/plain; charset=UTF-8\\r\\n\\r\\n" . str_replace("\\n", "\\r\\n", $_POST['_message']) . "\\r\\n.");
talk($s, 'QUIT');
"""


class Web:
    def __init__(self, host, names_sessions):
        """`names_sessions`: the webmail's log holds the login of a session, as cPanel's does."""
        self.host, self.webmail_log = host, "session" if names_sessions else "combined"
        for folder in ("/run/php", "/var/log/apache2", ENABLED, SITES, os.path.dirname(host.layout.weblog("x")),
                       os.path.dirname(host.layout.webmail_log)):
            Path(folder).mkdir(parents=True, exist_ok=True)
        for old in list(Path(ENABLED).iterdir()) + list(Path(SITES).iterdir()):
            old.unlink()
        write(f"{WEBMAIL_HOME}/index.php", WEBMAIL_APP)
        if host.layout.name == "cpanel":
            write(WRAPPER, WRAPPER_TEXT, 0o755)
            write(PREPEND, PREPEND_TEXT)
        write("/run/rig/fpm.conf", self._pools())
        self._fpm = Daemon("php-fpm", [str(php_fpm()), "-F", "-y", "/run/rig/fpm.conf"], self._sockets_ready)
        self._write_sites()
        self._apache = Daemon("apache2", ["apache2", "-DFOREGROUND", "-f", CONFIG], lambda: listening(HOST_IP, 80),
                              env={"APACHE_LOG_DIR": "/var/log/apache2"})

    def _pools(self):
        pools = ["[global]\nerror_log = /run/rig/fpm.log\ndaemonize = no\n"]
        tagged = self.host.layout.name == "cpanel"
        for account in self.host.accounts:
            more = []
            if account.mail_log:
                folder = f"{account.home}/logs"
                write(f"{folder}/phpmail.log", "", 0o644, (account.uid, account.uid))
                os.chown(folder, account.uid, account.uid)
                more.append(f"php_admin_value[mail.log] = {folder}/phpmail.log")
            if tagged:
                more.append(f"php_admin_value[auto_prepend_file] = {PREPEND}")
            pools.append(POOL.format(account=account.name, sendmail=WRAPPER if tagged else "/usr/sbin/sendmail",
                                     more="\n".join(more)))
        pools.append(POOL.format(account=WEBMAIL_USER[0], sendmail="/bin/false", more=""))
        return "\n".join(pools)

    def _sockets_ready(self):
        names = [a.name for a in self.host.accounts] + [WEBMAIL_USER[0]]
        return all(os.path.exists(f"/run/php/{n}.sock") and stat.S_ISSOCK(os.stat(f"/run/php/{n}.sock").st_mode) for n in names)

    def _write_sites(self):
        layout, host = self.host.layout, self.host
        plain = layout.name == "debian"
        for domain in host.domains:
            log = "\tErrorLog ${APACHE_LOG_DIR}/error.log\n" if plain else (
                f"\tCustomLog {layout.weblog(domain.name)} combined\n"
                f"\t{layout.extra_log(domain.name)}\n".replace("\t\n", ""))
            self._write_site(domain.name, domain.account.name, domain.docroot, log, plain,
                             "\t\tFallbackResource /index.php\n" if domain.front else "")
        self._write_site(f"webmail.{host.name}", WEBMAIL_USER[0], WEBMAIL_HOME,
                         f"\tCustomLog {layout.webmail_log} {self.webmail_log}\n", False, "")
        built_in = subprocess.run(["apache2", "-l"], stdout=subprocess.PIPE, check=True).stdout.decode()
        modules = "\n".join(f"LoadModule {m}_module {BUILT_IN.format(m)}" for m in MODULES if f"mod_{m}.c" not in built_in)
        write(CONFIG, MAIN.format(
            host=host.name, modules=modules, sites=f"{ENABLED}/*.conf\nIncludeOptional {PANEL_SITES}",
            default_log=f"CustomLog {layout.weblog('')} vhost_combined" if plain else ""))

    def _write_site(self, domain, account, docroot, log, enabled, front):
        text = SITE.format(domain=domain, account=account, docroot=docroot, log=log, front=front)
        if enabled:
            write(f"{SITES}/{domain}.conf", text)
            Path(ENABLED, f"{domain}.conf").symlink_to(f"../sites-available/{domain}.conf")
        else:
            with open(PANEL_SITES, "a", encoding="ascii") as file:
                file.write(text)
