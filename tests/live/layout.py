# SPDX-License-Identifier: Apache-2.0
"""Where each panel keeps logs, spool, sites and its maps of domains, mailboxes and forwarders.

A layout says the paths and names, and writes the panel's own files; the servers themselves read the rig's tables.
"""
import os
from pathlib import Path

from host import OWNER_CONTACT
from namespace import HOST_IP

SELECTORS = {
    "default": "",
    "cpanel": "+arguments +subject +received_recipients +received_sender +incoming_port +incoming_interface "
              "+outgoing_interface +tls_peerdn +all_parents +retry_defer +smtp_confirmation -host_lookup_failed",
    "all": "+all",
}


def write(path, text, mode=0o644, owner=(0, 0)):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, *owner)


class Layout:
    name = ""
    log = "/var/log/exim4/%slog"            # Exim's log_file_path
    spool = "/var/spool/exim4"
    split_spool = False
    exim_user = ("Debian-exim", None, None)  # None: as the package made it
    exim_path = "/usr/sbin/exim4"
    remote = "dnslookup"
    alias = ("virtual_aliases", "address_pipe")
    user = ("localuser", "local_delivery")
    login = ("local_user", "mail_spool")
    authenticators = ("dovecot_plain", "dovecot_login")
    mail_folder = "mail"
    maillog = "/var/log/mail.log"           # Dovecot's lines
    dovecot_own_log = False
    cronlog = "/var/log/syslog"
    webmail_log = "/var/log/apache2/webmail.log"
    dated_rotation = False
    exported = ("etc/passwd", "etc/group", "etc/hostname", "etc/aliases", "var/log", "var/spool", "home")

    def __init__(self, transport="file"):
        """`transport` of Exim's log: file, or syslog (then its lines lie with the other mail programs')."""
        self.transport = transport

    @property
    def syslog_mail(self):
        """Where rsyslog puts the mail facility."""
        return "/var/log/mail.log" if self.dovecot_own_log else self.maillog

    def exim_log(self, kind):
        return self.log.replace("%s", kind)

    @property
    def mainlog(self):
        return self.exim_log("main") if self.transport == "file" else self.syslog_mail

    @property
    def rotated(self):
        return {self.mainlog, self.maillog} | ({self.exim_log("reject")} if self.transport == "file" else set())

    def docroot(self, account, domain, main):
        return f"{account.home}/public_html" + ("" if main else f"/{domain}")

    def weblog(self, domain):
        return f"/var/log/apache2/domains/{domain}.log"

    def extra_log(self, domain):
        """A further Apache directive for the site, if the panel has one."""
        return ""

    def write_maps(self, host):
        raise NotImplementedError

    def prepare(self, host):
        """Directories and files that have to exist before the servers start."""


class Cpanel(Layout):
    name = "cpanel"
    log = "/var/log/exim_%slog"
    spool = "/var/spool/exim"
    split_spool = True
    exim_user = ("mailnull", 47, 47)
    exim_path = "/usr/sbin/exim"
    remote = "lookuphost"
    alias = ("virtual_aliases_virtual", "virtual_address_pipe")
    user = ("virtual_user", "virtual_userdelivery")
    login = ("localuser", "local_delivery")
    maillog = "/var/log/maillog"
    cronlog = "/var/log/cron"
    webmail_log = "/usr/local/cpanel/logs/access_log"
    dated_rotation = True
    exported = Layout.exported + ("etc/userdomains", "etc/trueuserdomains", "etc/localdomains", "etc/valiases",
                                  "var/cpanel/users", "usr/local/cpanel/logs", "etc/apache2/logs")

    def weblog(self, domain):
        return f"/etc/apache2/logs/domlogs/{domain}"

    def extra_log(self, domain):
        return f'CustomLog {self.weblog(domain)}-bytes_log "%{{%s}}t %O ."'

    def prepare(self, host):
        for account in host.accounts:
            folder = Path("/etc/apache2/logs/domlogs", account.name)
            folder.mkdir(parents=True)
            for domain in account.domains:
                log = Path(self.weblog(domain.name))
                log.touch()
                os.link(log, folder / domain.name)
            Path(account.home, "access-logs").symlink_to(folder)

    def write_maps(self, host):
        pairs = "".join(f"{d.name}: {d.account.name}\n" for d in host.domains)
        write("/etc/userdomains", pairs + "*: nobody\n")
        write("/etc/trueuserdomains", "".join(f"{a.domains[0].name}: {a.name}\n" for a in host.accounts))
        write("/etc/localdomains", "".join(f"{d.name}\n" for d in host.domains) + host.name + "\n")
        for account in host.accounts:
            dns = "".join(f"DNS{n or ''}={d.name}\n" for n, d in enumerate(account.domains))
            write(f"/var/cpanel/users/{account.name}", f"{dns}USER={account.name}\nOWNER=root\nPLAN=default\n"
                  f"CONTACTEMAIL={OWNER_CONTACT}\nSUSPENDED=0\nSTARTDATE=1600000000\n")
        for domain in host.domains:
            owner = (domain.account.uid, domain.account.uid)
            folder = f"{domain.account.home}/etc/{domain.name}"
            write(f"{folder}/passwd", "".join(
                f"{b.local}:x:{owner[0]}:{owner[1]}::{b.maildir}:{domain.account.home}\n" for b in domain.boxes), 0o640, owner)
            write(f"{folder}/shadow", "".join(f"{b.local}:{b.hash}:20400::::::\n" for b in domain.boxes), 0o640, owner)
            if set(domain.aliases) != {"postmaster"}:
                write(f"/etc/valiases/{domain.name}", "".join(
                    f"{local}@{domain.name}: {quoted(target)}\n" for local, target in domain.aliases.items()))


class Debian(Layout):
    name = "debian"
    alias = ("virtual_aliases", "address_pipe")
    user = ("vmail", "maildir_vmail")
    exported = Layout.exported + ("etc/mailname", "etc/exim4/update-exim4.conf.conf", "etc/exim4/virtual",
                                  "etc/apache2/sites-available", "etc/apache2/sites-enabled")

    def weblog(self, domain):
        return "/var/log/apache2/other_vhosts_access.log"

    def write_maps(self, host):
        write("/etc/mailname", host.name + "\n")
        local = ";".join([host.name] + [d.name for d in host.domains])
        write("/etc/exim4/update-exim4.conf.conf",
              f"dc_eximconfig_configtype='internet'\ndc_other_hostnames='{local}'\ndc_local_interfaces=''\n"
              "dc_readhost=''\ndc_relay_domains=''\ndc_minimaldns='false'\ndc_relay_nets=''\ndc_smarthost=''\n"
              "CFILEMODE='644'\ndc_use_split_config='false'\ndc_hide_mailname=''\ndc_mailname_in_oh='true'\n"
              "dc_localdelivery='maildir_home'\n")
        for domain in host.domains:
            write(f"/etc/exim4/virtual/{domain.name}", "".join(
                f"{local}: {target}\n" for local, target in domain.aliases.items()))


class Hestia(Layout):
    name = "hestia"
    mail_folder = "mail"
    login = ("userforward_local", "local_user_delivery")
    maillog = "/var/log/dovecot.log"
    dovecot_own_log = True
    exported = Layout.exported + ("usr/local/hestia/data", "etc/exim4/domains")

    def docroot(self, account, domain, main):
        return f"{account.home}/web/{domain}/public_html"

    def write_maps(self, host):
        for account in host.accounts:
            self.write_account(account)
            for domain in account.domains:
                self.write_mail(domain)

    def write_account(self, account):
        data = f"/usr/local/hestia/data/users/{account.name}"
        facts = {"NAME": account.name, "PACKAGE": "default", "CONTACT": OWNER_CONTACT, "WEB_TEMPLATE": "default",
                 "SHELL": account.shell.rsplit("/", 1)[1], "SUSPENDED": "no", "U_WEB_DOMAINS": len(account.domains),
                 "U_MAIL_DOMAINS": len(account.domains), "U_MAIL_ACCOUNTS": len(account.mailboxes), "DATE": "2025-03-18"}
        write(f"{data}/user.conf", "".join(f"{k}='{v}'\n" for k, v in facts.items()), 0o660)
        write(f"{data}/web.conf", "".join(row(
            DOMAIN=d.name, IP=HOST_IP, IP6="", CUSTOM_DOCROOT="", ALIAS=f"www.{d.name}", TPL="default", SSL="no",
            BACKEND="default", PROXY="", U_DISK=12, SUSPENDED="no", DATE="2025-03-18") for d in account.domains), 0o660)
        write(f"{data}/mail.conf", "".join(row(
            DOMAIN=d.name, ANTIVIRUS="no", ANTISPAM="no", DKIM="no", WEBMAIL="roundcube", CATCHALL=d.aliases.get("*", ""),
            ACCOUNTS=len(d.boxes), SUSPENDED="no", DATE="2025-03-18") for d in account.domains), 0o660)
        for domain in account.domains:
            write(f"{data}/mail/{domain.name}.conf", "".join(row(
                ACCOUNT=b.local, ALIAS=",".join(a for a, t in domain.aliases.items() if t == b.address), AUTOREPLY="no",
                FWD="", FWD_ONLY="", MD5="{SHA512-CRYPT}" + b.hash, QUOTA="unlimited", U_DISK=1, SUSPENDED="no",
                DATE="2025-03-02") for b in domain.boxes), 0o660)

    def write_mail(self, domain):
        home, uid = domain.account.home, domain.account.uid
        folder = f"{home}/conf/mail/{domain.name}"
        write(f"{folder}/passwd", "".join(
            f"{b.local}:{{SHA512-CRYPT}}{b.hash}:{domain.account.name}:mail::{home}::userdb_quota_rule=*:storage=0M\n"
            for b in domain.boxes), 0o660)
        write(f"{folder}/aliases", "".join(
            f"{local}@{domain.name}:{target}\n" for local, target in domain.aliases.items()), 0o660)
        link = Path("/etc/exim4/domains", domain.name)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(folder)


class Directadmin(Layout):
    name = "directadmin"
    log = "/var/log/exim/%slog"
    spool = "/var/spool/exim"
    exim_user = ("mail", 8, 8)
    exim_path = "/usr/sbin/exim"
    remote = "lookuphost"
    user = ("virtual_user", "virtual_localdelivery")
    login = ("localuser", "local_delivery")
    authenticators = ("plain", "login")
    mail_folder = "imap"
    maillog = "/var/log/maillog"
    cronlog = "/var/log/cron"
    webmail_log = "/var/log/httpd/access_log"
    dated_rotation = True
    exported = Layout.exported + ("etc/virtual", "usr/local/directadmin/data")

    def docroot(self, account, domain, main):
        return f"{account.home}/domains/{domain}/public_html"

    def weblog(self, domain):
        return f"/var/log/httpd/domains/{domain}.log"

    def write_maps(self, host):
        write("/etc/virtual/domainowners", "".join(f"{d.name}: {d.account.name}\n" for d in host.domains))
        write("/etc/virtual/domains", "".join(f"{d.name}\n" for d in host.domains))
        for account in host.accounts:
            data = f"/usr/local/directadmin/data/users/{account.name}"
            write(f"{data}/user.conf", f"username={account.name}\nemail={OWNER_CONTACT}\ndomain={account.domains[0].name}\n"
                  "suspended=no\n")
            write(f"{data}/domains.list", "".join(f"{d.name}\n" for d in account.domains))
        for domain in host.domains:
            uid = domain.account.uid
            write(f"/etc/virtual/{domain.name}/passwd", "".join(
                f"{b.local}:{b.hash}:{uid}:12::{domain.account.home}/imap/{domain.name}:/bin/false\n" for b in domain.boxes))
            write(f"/etc/virtual/{domain.name}/aliases", "".join(
                f"{local}: {quoted(target)}\n" for local, target in domain.aliases.items()))


def quoted(target):
    return f'"{target}"' if target.startswith("|") else target


def row(**facts):
    return " ".join(f"{key}='{value}'" for key, value in facts.items()) + "\n"


LAYOUTS = {layout.name: layout for layout in (Cpanel, Debian, Hestia, Directadmin)}
