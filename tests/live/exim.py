# SPDX-License-Identifier: Apache-2.0
"""The Exim of the test host: configuration in the panel's manner, daemon, queue runs."""
import os
import pwd
import socket
import subprocess
import time
from pathlib import Path

import registry
from daemon import Daemon
from layout import SELECTORS, write
from namespace import HOST_IP, HOST_IP6

CONFIG = "/etc/exim4/exim4.conf"
TABLES = "/run/rig/exim"
CERTIFICATE = "/run/rig/mail.pem"
SETTLE_SECONDS = 3.0
INCLUDE = ":include:"
BUSY = ("exim", "exim4", "sendmail", "imap", "pop3")     # programs that end when their work is done

MAIN = """\
primary_hostname = {host}
exim_user = {user}
exim_group = {group}
exim_path = {exim_path}
spool_directory = {spool}
split_spool_directory = {split}
log_file_path = {log}
{syslog}
{selector}
local_interfaces = 127.0.0.1 : ::::1 : {ip} : {ip6}
daemon_smtp_ports = 25 : 465 : 587
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {certificate}
domainlist local_domains = @ : lsearch;{tables}/domains
qualify_domain = {host}
host_lookup = *
helo_accept_junk_hosts = *
never_users = root
keep_environment =
local_from_check = false
untrusted_set_sender = *
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
ignore_bounce_errors_after = 2d
timeout_frozen_after = 7d
delay_warning = 24h
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_noted
acl_not_smtp = acl_noted

begin acl
acl_rcpt:
  accept hosts = :
  accept authenticated = *
  accept hosts = 127.0.0.1 : ::::1
  require message = relay not permitted
          domains = +local_domains
  require verify = recipient
  accept

acl_noted:
  accept condition = ${{if eq{{{report}}}{{}}{{no}}{{yes}}}}
  accept

begin routers
{remote}:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  ignore_target_hosts = 0.0.0.0 : 127.0.0.0/8
  no_more
{alias}:
  driver = redirect
  domains = lsearch;{tables}/domains
  data = ${{lookup{{$local_part@$domain}}lsearch{{{tables}/aliases}}{{$value}}{{}}}}
  user = $domain_data
  pipe_transport = {pipe}
  allow_fail
mailing_lists:
  driver = redirect
  domains = lsearch;{tables}/domains
  file = ${{lookup{{$local_part@$domain}}lsearch{{{tables}/lists}}{{$value}}fail}}
  forbid_pipe
  forbid_file
{mailbox}:
  driver = accept
  domains = lsearch;{tables}/domains
  address_data = ${{lookup{{$local_part@$domain}}lsearch{{{tables}/mailboxes}}{{$value}}fail}}
  transport = {maildir}
catch_all:
  driver = redirect
  domains = lsearch;{tables}/domains
  data = ${{lookup{{*@$domain}}lsearch{{{tables}/aliases}}{{$value}}{{}}}}
  user = $domain_data
  pipe_transport = {pipe}
system_aliases:
  driver = redirect
  domains = @
  data = ${{lookup{{$local_part}}lsearch{{/etc/aliases}}}}
{login}:
  driver = accept
  domains = @
  check_local_user
  transport = {spoolfile}

begin transports
remote_smtp:
  driver = smtp
  interface = <; {ip} ; {ip6}
  hosts_avoid_tls = *
  connect_timeout = 10s
{maildir}:
  driver = appendfile
  directory = ${{extract{{2}}{{ }}{{$address_data}}}}
  user = ${{extract{{1}}{{ }}{{$address_data}}}}
  group = ${{extract{{1}}{{ }}{{$address_data}}}}
  maildir_format
  create_directory
  delivery_date_add
{pipe}:
  driver = pipe
  return_output
{spoolfile}:
  driver = appendfile
  file = /var/mail/$local_part_data
  group = mail
  mode = 0660

begin retry
* * F,2h,15m; G,16h,1h,1.5; F,4d,6h

begin rewrite

begin authenticators
{authenticators}
"""

AUTHENTICATOR = """\
{name}:
  driver = dovecot
  public_name = {mechanism}
  server_socket = /run/dovecot/exim-auth
  server_set_id = $auth1
"""


class Exim:
    def __init__(self, host, selectors):
        """`selectors`: a key of SELECTORS."""
        self.host, self.layout = host, host.layout
        self._own_user()
        write(CONFIG, self._config(selectors))
        write("/etc/aliases", "root: hostmaster@mailzone.example\npostmaster: root\nmailer-daemon: postmaster\n")
        self._write_tables()
        self._folders()
        self._certificate()
        program = self.layout.exim_path
        if not os.path.exists(program):
            os.symlink("exim4", program)
        self.program = program
        self._daemon = Daemon("exim", [program, "-bdf"], lambda: listening(HOST_IP, 25))

    def _own_user(self):
        name, uid, gid = self.layout.exim_user
        if uid is None:
            entry = pwd.getpwnam(name)
            uid, gid = entry.pw_uid, entry.pw_gid
        self.user, self.uid, self.gid = name, uid, gid

    def _config(self, selectors):
        layout = self.layout
        mechanisms = zip(layout.authenticators, ("PLAIN", "LOGIN"))
        selector = SELECTORS[selectors]
        return MAIN.format(
            host=self.host.name, user=self.user, group=self.gid, exim_path=layout.exim_path, spool=layout.spool,
            split=str(layout.split_spool).lower(), log=layout.log if layout.transport == "file" else "syslog",
            syslog="syslog_timestamp = false" if layout.transport == "syslog-bare" else "",
            selector=f"log_selector = {selector}" if selector else "", ip=HOST_IP, ip6=HOST_IP6.replace(":", "::"),
            certificate=CERTIFICATE, tables=TABLES, report=registry.REPORT, remote=layout.remote, alias=layout.alias[0],
            pipe=layout.alias[1], mailbox=layout.user[0], maildir=layout.user[1], login=layout.login[0],
            spoolfile=layout.login[1],
            authenticators="".join(AUTHENTICATOR.format(name=n, mechanism=m) for n, m in mechanisms)
        ).replace(f"<; {HOST_IP} ; {HOST_IP6.replace(':', '::')}", f"<; {HOST_IP} ; {HOST_IP6}")

    def _write_tables(self):
        """Domains, aliases, lists and mailboxes as the configuration looks them up."""
        write(f"{TABLES}/domains", "".join(f"{d.name}: {d.account.name}\n" for d in self.host.domains))
        aliases = {f"{local}@{d.name}": target for d in self.host.domains for local, target in d.aliases.items()}
        lists = {address: target.removeprefix(INCLUDE) for address, target in aliases.items() if target.startswith(INCLUDE)}
        write(f"{TABLES}/aliases", "".join(f"{a}: {target}\n" for a, target in aliases.items() if a not in lists))
        write(f"{TABLES}/lists", "".join(f"{a}: {file}\n" for a, file in lists.items()))
        write(f"{TABLES}/mailboxes", "".join(
            f"{b.address}: {b.account.name} {b.maildir}\n" for b in self.host.mailboxes))

    def _folders(self):
        for folder in (self.layout.spool, os.path.dirname(self.layout.log)):
            Path(folder).mkdir(parents=True, exist_ok=True)
        os.chown(self.layout.spool, self.uid, self.gid)
        if self.layout.log.count("/") > 3:
            os.chown(os.path.dirname(self.layout.log), self.uid, self.gid)
        for kind in ("main", "reject") if self.layout.transport == "file" else ():
            log = Path(self.layout.exim_log(kind))
            log.touch(0o640)
            os.chown(log, self.uid, self.gid)

    def _certificate(self):
        key = "/run/rig/mail.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "3650", "-subj", f"/CN={self.host.name}", "-keyout", key, "-out", CERTIFICATE],
                       check=True, stderr=subprocess.DEVNULL)
        with open(CERTIFICATE, "a", encoding="ascii") as file:
            file.write(Path(key).read_text())
        os.chmod(CERTIFICATE, 0o640)
        os.chown(CERTIFICATE, 0, self.gid)

    def run_queue(self):
        subprocess.run([self.program, "-q"], cwd="/", check=True, stdout=subprocess.DEVNULL)

    def look(self):
        """An admin counts the queue: with +arguments this leaves a line in the log."""
        subprocess.run([self.program, "-bpc"], cwd="/", check=True, stdout=subprocess.DEVNULL)

    def settle(self):
        """Waits until no delivery and no mailbox session is under way, but not for ever."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline and self._at_work():
            time.sleep(0.01)
        self._daemon.check()

    def _at_work(self):
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != self._daemon.pid:
                try:
                    with open(f"/proc/{name}/comm", encoding="ascii") as file:
                        if file.read().rstrip() in BUSY:
                            return True
                except OSError:
                    continue
        return False

    def version(self):
        told = subprocess.run([self.program, "-bV"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return told.stdout.decode().splitlines()[0]


def listening(ip, port):
    try:
        socket.create_connection((ip, port), timeout=1).close()
    except OSError:
        return False
    return True
