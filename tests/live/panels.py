#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The actions through cPanel, HestiaCP, DirectAdmin, csf and apf, whose programs are stand-ins (tests/standin) in a private
mount namespace.

    panels.py QUELL     path of the program; needs root
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

import namespace

SECONDS = 400
QUELL, STANDIN = "/run/quell/quell", "/run/quell/standin"
STATE = Path("/var/lib/standin.json")
TINA = "tina@shop.test"


def run(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=60)


def quell(*words):
    done = run(QUELL, *words)
    return done.returncode, done.stdout + done.stderr


def put(path, text, mode=0o644):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
    os.chmod(path, mode)


def program(path):
    put(path, f'#!/bin/sh\nSTANDIN={Path(path).name} exec {sys.executable} {STANDIN}/panel.py "$@"\n', 0o755)


class Host(unittest.TestCase):
    """Puts a panel there and looks at what was done to it."""

    def setUp(self):
        for path in ("/usr/local/cpanel", "/var/cpanel", "/usr/local/hestia", "/etc/hestiacp", "/usr/local/directadmin",
                     "/etc/virtual", "/etc/csf", "/var/lib/quell", "/usr/sbin/csf", "/etc/exim.conf", "/etc/userdomains",
                     "/home/anna"):
            subprocess.run(["rm", "-rf", path], check=True)
        Path("/home/anna").mkdir(mode=0o711)
        os.chown("/home/anna", 1001, 1001)
        self.state(odd=[])

    def state(self, odd):
        STATE.write_text(json.dumps({"accounts": {"anna": {"suspended": 0, "outgoing_mail_hold": "0"}}, "odd": odd,
                                     "mailboxes": {TINA: {"suspended_login": 0, "hold_outgoing": 0}}}))

    def mailbox_file(self, path):
        put(path, "bob:{SHA512-CRYPT}$6$b:1001:8::/home/anna\ntina:{SHA512-CRYPT}$6$t:1001:8::/home/anna\n", 0o640)
        return Path(path)

    def there_and_back(self, words, look, undo=()):
        """look() is a value that the action changes and undo restores."""
        before = look()
        code, text = quell(*words, "--apply", "--yes")
        self.assertEqual(code, 0, text)
        self.assertNotEqual(look(), before)
        plan = re.search(r"plan ([0-9a-f]{12})", text)[1]
        self.assertEqual(quell("verify", plan)[0], 0)
        code, text = quell(*words)
        self.assertIn("so already", text)
        code, text = quell("undo", plan, *undo)
        self.assertEqual(code, 0, text)
        self.assertEqual(look(), before)

    def account(self, key, default=None):
        return lambda: str(json.loads(STATE.read_text())["accounts"]["anna"].get(key, default))

    def box(self, key, default=None):
        return lambda: str(json.loads(STATE.read_text())["mailboxes"][TINA].get(key, default))

    def cpanel(self):
        put("/usr/local/cpanel/version", "11.138.0.19\n")
        put("/var/cpanel/users/anna", "DNS=shop.test\nOWNER=root\n")
        put("/etc/userdomains", "shop.test: anna\n*: nobody\n")
        for name in ("whmapi1", "uapi"):
            program(f"/usr/local/cpanel/bin/{name}")
        return self.mailbox_file("/home/anna/etc/shop.test/shadow")

    def hestia(self):
        put("/etc/hestiacp/hestia.conf", "export HESTIA='/usr/local/hestia'\n")
        put("/usr/local/hestia/data/users/anna/web.conf", "DOMAIN='shop.test' IP='192.0.2.10'\n")
        put("/usr/local/hestia/data/users/anna/mail.conf", "DOMAIN='shop.test'\n")
        put("/usr/local/hestia/data/firewall/banlist.conf", "")
        for verb in ("v-list-user", "v-suspend-user", "v-unsuspend-user", "v-list-mail-account", "v-suspend-mail-account",
                     "v-unsuspend-mail-account", "v-change-mail-account-password", "v-list-firewall-ban",
                     "v-add-firewall-ban", "v-delete-firewall-ban"):
            program(f"/usr/local/hestia/bin/{verb}")
        return self.mailbox_file("/home/anna/conf/mail/shop.test/passwd")

    def directadmin(self):
        put("/usr/local/directadmin/conf/directadmin.conf", "port=2222\n")
        put("/etc/virtual/domainowners", "shop.test: anna\n")
        put("/etc/virtual/blacklist_usernames", "old:1\n")
        put("/etc/virtual/blacklist_smtp_usernames", "")
        return self.mailbox_file("/etc/virtual/shop.test/passwd")

    def watch_arguments(self):
        """curl as it is, but its arguments are noted."""
        Path("/usr/bin/curl").unlink()
        put("/usr/bin/curl", '#!/bin/sh\nprintf "%s\\n" "$0 $*" >> /run/arguments\nexec /usr/bin/curl.real "$@"\n', 0o755)
        Path("/run/arguments").write_text("")

    def arguments_are_clean(self):
        self.assertEqual(set(Path("/run/arguments").read_text().splitlines()),
                         {"/usr/bin/curl --silent --show-error --max-time 100 --config -"})
        self.assertNotIn("password=", Path("/var/lib/standin.log").read_text())
        self.assertFalse(json.loads(STATE.read_text()).get("keys", {}).get("whm"), "the token was taken back")


class Panels(Host):
    def test_cpanel(self):
        shadow = self.cpanel()
        self.there_and_back(["hold", "anna"], self.account("outgoing_mail_hold"))
        self.there_and_back(["suspend", "anna"], self.account("suspended"))
        self.there_and_back(["hold", TINA], self.box("hold_outgoing"))
        self.state(["whm-refuses"])
        before = shadow.read_text()
        self.assertIn("too weak", quell("passwd", TINA, "--apply", "--yes")[1])
        self.assertEqual(shadow.read_text(), before)
        self.state([])
        self.watch_arguments()
        code, text = quell("passwd", TINA, "--apply", "--yes")
        self.assertIn("changed  switch password of tina@shop.test", text)
        self.arguments_are_clean()
        self.assertNotEqual(shadow.read_text(), before)
        self.assertIn("bob:{SHA512-CRYPT}$6$b:", shadow.read_text())
        self.assertEqual(code, 4, "there is no doveadm session list here, and that is said: " + text)

    def test_administrators_of_a_panel_are_not_suspended(self):
        def refused(**facts):
            state = json.loads(STATE.read_text())
            state["accounts"]["anna"].update(facts)
            STATE.write_text(json.dumps(state))
            code, text = quell("suspend", "anna", "--apply", "--yes")
            self.assertEqual((code, "administrator or reseller" in text), (4, True), text)
        self.cpanel()
        refused(owner="anna")
        self.setUp()
        self.hestia()
        refused(ROLE="admin")
        self.setUp()
        self.directadmin()
        put("/usr/local/directadmin/data/users/anna/user.conf", "suspended=no\nusertype=reseller\n")
        refused()

    def test_cpanel_default_mailbox(self):
        """Its login is the account's name, its password the account's."""
        self.cpanel()
        put("/etc/shadow", "root:*:1::::::\nanna:$6$old:1::::::\n", 0o600)
        code, text = quell("passwd", "anna", "--apply", "--yes")
        self.assertIn("changed  switch password of anna", text)
        self.assertRegex(Path("/etc/shadow").read_text(), r"\nanna:\$6\$new\d+:1::::::\n")
        self.assertEqual(code, 4, "there is no doveadm session list here, and that is said: " + text)

    def alias_goes_and_comes(self, path, line, key="list@shop.test"):
        """A list, forwarder or catch-all by its own line; the others stay as they are."""
        text = f"# aliases\nother: bob@shop.test\n{line}\n"
        put(path, text, 0o640)
        self.there_and_back(["hold", key], lambda: (Path(path).read_text(), os.stat(path).st_mode))
        quell("hold", key, "--apply", "--yes")
        self.assertEqual(Path(path).read_text(), f"# aliases\nother: bob@shop.test\n#quell# {line}\n")
        self.assertEqual(quell("release", key)[0], 0)
        self.assertEqual(Path(path).read_text(), text)
        self.assertEqual(quell("hold", "nobody@shop.test")[0], 4)

    def test_aliases(self):
        self.cpanel()
        self.alias_goes_and_comes("/etc/valiases/shop.test", "list@shop.test: tina@far.test,bob@far.test")
        self.alias_goes_and_comes("/etc/valiases/shop.test", '*: "|/home/anna/bin/x"', "*@shop.test")
        self.setUp()
        self.hestia()
        self.alias_goes_and_comes("/home/anna/conf/mail/shop.test/aliases", "list@shop.test:tina@far.test")
        self.setUp()
        self.directadmin()
        self.alias_goes_and_comes("/etc/virtual/shop.test/aliases", "list: tina@far.test")
        self.setUp()
        put("/etc/exim4/virtual/shop.test", "")
        self.alias_goes_and_comes("/etc/exim4/virtual/shop.test", "list: :include:/home/anna/members")

    def test_forward(self):
        """An account's .forward: off line by line, back as it was; a link, or one that is not ours to follow, is refused."""
        forward, text = Path("/home/anna/.forward"), "# mine\n\\anna\nfar@far.test\n\n"
        put("/etc/mailname", "host.test\n")
        put("/etc/exim4/update-exim4.conf.conf", "dc_other_hostnames='host.test'\n")
        put(str(forward), text, 0o600)
        os.chown(forward, 1001, 1001)
        self.there_and_back(["hold", "anna@host.test"], lambda: (forward.read_text(), forward.stat().st_mode, forward.stat().st_uid))
        quell("hold", "anna@host.test", "--apply", "--yes")
        self.assertEqual(forward.read_text(), "# mine\n#quell# \\anna\n#quell# far@far.test\n\n")
        self.assertEqual(quell("release", "anna@host.test")[0], 0)
        self.assertEqual(forward.read_text(), text)
        quell("hold", "anna@host.test")
        forward.unlink()
        put("/home/anna/real", text)
        forward.symlink_to("/home/anna/real")
        self.assertEqual(quell("apply", "--last", "--yes")[0], 4)
        self.assertEqual(quell("hold", "anna@host.test", "--apply", "--yes")[0], 4)
        forward.unlink()
        os.link("/home/anna/real", forward)
        self.assertEqual(quell("hold", "anna@host.test", "--apply", "--yes")[0], 4)
        self.assertEqual(Path("/home/anna/real").read_text(), text)

    def test_crontab(self):
        """The lines that start a script go and come with it."""
        self.cpanel()
        script, table = Path("/home/anna/send.php"), Path("/var/spool/cron/crontabs/anna")
        text = "MAILTO=x\n*/5 * * * * php /home/anna/send.php\n0 3 * * * php /home/anna/backup.php\n"
        put(str(script), "<?php mail();", 0o644)
        os.chown(script, 1001, 1001)
        put(str(table), text, 0o600)
        code, said = quell("disable", str(script), "--crontab", "--apply", "--yes")
        self.assertEqual(code, 0, said)
        self.assertEqual(table.read_text(), text.replace("*/5", "#quell# */5"))
        self.assertEqual(script.stat().st_mode & 0o7777, 0)
        self.assertEqual(quell("enable", str(script))[0], 0)
        self.assertEqual((table.read_text(), script.stat().st_mode & 0o777), (text, 0o644))

    def test_hestia(self):
        passwd = self.hestia()
        bans = Path("/usr/local/hestia/data/firewall/banlist.conf")
        self.there_and_back(["suspend", "anna"], self.account("SUSPENDED", "no"))
        self.there_and_back(["block", "203.0.113.7"], bans.read_text)
        self.assertEqual(quell("block", "2001:db8:7::7", "192.0.2.10")[0], 4)
        before = passwd.read_text()
        conf = Path("/usr/local/hestia/data/users/anna/mail/shop.test.conf")
        put(str(conf), "ACCOUNT='tina' MD5='{SHA512-CRYPT}$6$t'\nACCOUNT='bob' MD5='x'\n")
        account = conf.read_text()
        self.state(["hestia-half"])
        code, text = quell("passwd", TINA, "--apply", "--yes")
        self.assertEqual((code, "put back" in text), (4, True), text)
        self.assertEqual((passwd.read_text(), conf.read_text()), (before, account))
        self.state([])
        quell("passwd", TINA, "--apply", "--yes")
        self.assertNotEqual(passwd.read_text(), before)
        self.assertNotEqual(conf.read_text(), account)
        self.assertEqual(list(Path("/tmp").glob("quell.*")), [], "the password's file is gone")
        self.state(["hestia-silent"])
        code, text = quell("suspend", "anna", "--apply", "--yes")
        self.assertEqual(code, 4, text)

    def test_directadmin(self):
        passwd = self.directadmin()
        users, smtp = (Path(f"/etc/virtual/blacklist_{name}") for name in ("usernames", "smtp_usernames"))
        code, text = quell("hold", "anna", "--apply", "--yes")
        self.assertEqual(code, 4)
        self.assertIn("does not mention blacklist_usernames", text)
        put("/etc/exim.conf", "condition = lsearch;/etc/virtual/blacklist_usernames\nlsearch;/etc/virtual/blacklist_smtp_usernames\n")
        before = users.read_text()
        code, text = quell("hold", "anna", "--apply", "--yes")
        self.assertEqual(code, 0, text)
        self.assertRegex(users.read_text(), r"^old:1\nanna:\d+:quell\n$")
        self.assertEqual(quell("release", "anna")[0], 0)
        self.assertEqual(users.read_text(), before)
        code, text = quell("hold", TINA, "--apply", "--yes")
        self.assertRegex(smtp.read_text(), r"^tina@shop\.test:\d+:quell\n$")
        self.assertEqual(quell("release", TINA)[0], 0)
        before = passwd.read_text()
        code, text = quell("passwd", TINA, "--apply", "--yes")
        self.assertIn("\ntina:$6$", passwd.read_text())
        self.assertIn("bob:{SHA512-CRYPT}$6$b:", passwd.read_text())
        quell("undo", "--all", "--restore-old-password")
        self.assertEqual(passwd.read_text(), before)

    def test_csf(self):
        put("/etc/csf/csf.conf", 'TESTING = "1"\n')
        put("/etc/csf/csf.allow", "203.0.113.9 # office\n")
        put("/var/lib/csf/csf.tempban", "")
        program("/usr/sbin/csf")
        self.assertIn("testing mode", quell("block", "203.0.113.7")[1])
        put("/etc/csf/csf.conf", 'TESTING = "0"\n')
        self.there_and_back(["block", "203.0.113.7"], lambda: Path("/var/lib/csf/csf.tempban").read_text())
        code, text = quell("block", "203.0.113.9")
        self.assertEqual(code, 4)
        self.assertIn("csf's allow list", text)
        self.state(["csf-refuses"])
        code, text = quell("block", "203.0.113.7", "--apply", "--yes")
        self.assertEqual(code, 4)
        self.assertIn("one of this servers addresses", text)

    def test_apf(self):
        put("/etc/apf-firewall/conf.apf", 'DEVEL_MODE="1"\n')
        put("/etc/apf-firewall/deny_hosts.rules", "# old\n203.0.113.70\n")
        put("/etc/apf-firewall/allow_hosts.rules", "203.0.113.9\n")
        program("/usr/sbin/apf")
        try:
            self.assertIn("development mode", quell("block", "203.0.113.7")[1])
            put("/etc/apf-firewall/conf.apf", 'DEVEL_MODE="0"\n')
            run("/usr/sbin/apf", "-e")
            listed = Path("/etc/apf-firewall/deny_hosts.rules")
            self.there_and_back(["block", "203.0.113.7"], lambda: (run("iptables", "-S", "TDENY").stdout, listed.read_text()))
            self.assertIn("203.0.113.70/32", run("iptables", "-S", "TDENY").stdout, "an address that begins with the same digits stays")
            self.assertIn("apf's allow list", quell("block", "203.0.113.9")[1])
            self.assertEqual(quell("block", "2001:db8:7::7")[0], 4)
            self.state(["apf-lies"])
            before = listed.read_text()
            code, text = quell("block", "203.0.113.8", "--apply", "--yes")
            self.assertEqual((code, "does not show the change" in text), (4, True), text)
            self.assertEqual(listed.read_text(), before)
        finally:
            os.unlink("/usr/sbin/apf")

    def test_programs_that_others_can_change_are_not_run(self):
        self.cpanel()
        os.chmod("/usr/local/cpanel/bin/whmapi1", 0o777)
        code, text = quell("hold", "anna")
        self.assertEqual(code, 4)
        self.assertIn("can be changed by others", text)

    def test_names_that_are_not_taken(self):
        self.cpanel()
        for name in ("-rf", "anna;id", "../etc", "tina@shop.test\nbob", "t*@shop.test", "*@nowhere.test", "tina@-shop.test", "ti na@shop.test", ""):
            code, text = quell("hold", "--", name)
            self.assertEqual(code, 4, name)
        self.assertFalse(Path("/var/lib/standin.log").exists() and "rf" in Path("/var/lib/standin.log").read_text())


class Odd(Host):
    """Failures that take the patience of a deadline."""

    def test_cpanel_refuses_or_lies(self):
        self.cpanel()
        for odd in ("whm-refuses", "whm-lies"):
            self.state([odd])
            code, text = quell("suspend", "anna", "--apply", "--yes")
            self.assertEqual(code, 4, text)
            self.assertIn("refused", text)
            self.assertIn("the state did not change", text)
            self.assertEqual(self.account("suspended")(), "0")
        code, text = quell("suspend", "root", "nobody", "ann", "--apply", "--yes")
        self.assertEqual(code, 4)
        self.assertEqual(text.count("refused: "), 3, text)

    def test_directadmin_suspends(self):
        """By the HTTP interface: as asked, as a toggle, silently not, with a failure in the body, after a second call."""
        self.directadmin()
        conf = Path("/usr/local/directadmin/data/users/anna/user.conf")
        put(str(conf), "username=anna\nsuspended=no\n")
        program("/usr/local/directadmin/directadmin")
        self.watch_arguments()
        for odd in ([], ["da-toggle", "da-once-silent"]):
            self.state(odd)
            self.there_and_back(["suspend", "anna"], conf.read_text)
        self.arguments_are_clean()
        self.state(["da-error"])
        code, text = quell("suspend", "anna", "--apply", "--yes")
        self.assertEqual((code, "Unable" in text), (4, True), text)
        put(str(conf), "username=anna\nsuspended=yes\n")
        self.assertIn("so already", quell("suspend", "anna")[1])
        self.assertEqual(quell("unsuspend", "anna")[0], 4, "what somebody else has suspended stays so")
        self.assertIn("suspended=yes", conf.read_text())
        for path in Path("/var/lib/quell").rglob("*"):
            self.assertNotIn(b"admin:", path.read_bytes() if path.is_file() else b"", path)


def certificate():
    """host.test's, trusted by this machine."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=host.test",
        "-addext", "subjectAltName=DNS:host.test", "-keyout", "/run/key.pem", "-out", "/run/cert.pem")
    put("/etc/ssl/certs/ca-certificates.crt", Path("/run/cert.pem").read_text())


def furnish(work, binary, standin):
    namespace.furnish(work, {QUELL: binary, STANDIN: standin}, "host.test")
    with open("/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("192.0.2.10 host.test\n")
    Path("/etc/hostname").write_text("host.test\n")
    certificate()
    os.rename("/usr/bin/curl", "/usr/bin/curl.real")
    os.symlink("curl.real", "/usr/bin/curl")
    users = "".join(line + "\n" for line in Path("/etc/passwd").read_text().splitlines() if int(line.split(":")[2]) < 1000 or
                    line.startswith("nobody:"))
    Path("/etc/passwd").write_text(users + "anna:x:1001:1001::/home/anna:/bin/sh\n")
    Path("/etc/shadow").write_text("root:$y$x:19000:0:99999:7:::\nanna:$y$y:19000:0:99999:7:::\n")


def of_tests(names):
    return 0 if unittest.main(argv=["panels", *names], exit=False).result.wasSuccessful() else 1


def main():
    reason = namespace.available()
    if reason:
        print(f"skipped: {reason}")
        return 77
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        furnish(*sys.argv[2:5])
        server = [sys.executable, f"{STANDIN}/panel_http.py", "/run/cert.pem", "/run/key.pem"]
        with subprocess.Popen(server, stdout=subprocess.PIPE) as panel:
            panel.stdout.readline()
            try:
                return of_tests(sys.argv[5:])
            finally:
                panel.kill()
    with tempfile.TemporaryDirectory(prefix="quell-panels-") as work:
        standin = Path(__file__).parent.parent / "standin"
        return namespace.enter([sys.executable, __file__, "--inside", work, str(Path(sys.argv[1]).absolute()), str(standin),
                                *sys.argv[2:]], SECONDS)


if __name__ == "__main__":
    sys.exit(main())
