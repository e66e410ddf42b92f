#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The actions on a plain host with real Exim, Dovecot and nftables in private namespaces: what is stopped has stopped, the
others go on, and undo leaves the bytes and rules of before.

    acting.py QUELL     path of the program; needs root
"""
import base64
import imaplib
import json
import os
import re
import shutil
import smtplib
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

import namespace
from daemon import Daemon

SECONDS = 420
QUELL, ETC = "/run/quell/quell", "/run/quell/etc"
PASSWORDS = {"tina@shop.test": "stolen-1", "bob@shop.test": "honest-1"}
CLIENT, HOST, CLIENT6, HOST6 = "203.0.113.7", "203.0.113.1", "2001:db8:7::7", "2001:db8:7::1"

EXIM = r"""
primary_hostname = host.test
acl_smtp_mail = /etc/quell/exim-mail.acl
acl_not_smtp = /etc/quell/exim-notsmtp.acl
acl_smtp_rcpt = acl_rcpt
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
daemon_smtp_ports = 25
local_interfaces = <; 0.0.0.0 ; ::0
never_users = root
ignore_bounce_errors_after = 0s
keep_environment =
begin acl
acl_rcpt:
  accept authenticated = *
  accept hosts = :
  deny
begin routers
out:
  driver = manualroute
  route_list = * 127.0.0.1::2525
  self = send
  transport = smtp
begin transports
smtp:
  driver = smtp
  allow_localhost
begin retry
* * F,1h,1m
begin authenticators
plain:
  driver = dovecot
  public_name = PLAIN
  server_socket = /run/dovecot/exim-auth
  server_set_id = $auth1
"""

DOVECOT = """
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
ssl = no
disable_plaintext_auth = no
protocols = imap
mail_location = maildir:/home/mail/%u
listen = 127.0.0.1
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u /etc/dovecot/users
}
userdb {
  driver = static
  args = uid=1001 gid=1001 home=/home/mail/%u
}
service auth {
  unix_listener exim-auth {
    mode = 0666
  }
}
"""


class Sink(socketserver.StreamRequestHandler):
    """The rest of the world: takes every message, unless told to defer."""
    taken, defer = [], False

    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                say("354 go")
                lines = []
                while (data := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(data)
                Sink.taken.append(b"".join(lines).decode(errors="replace"))
                say("250 ok")
            elif word == b"QUIT":
                return say("221 bye")
            else:
                say("451 later" if word == b"RCPT" and Sink.defer else "250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


def run(*argv, **more):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=60, **more)


def quell(*words):
    done = run(QUELL, *words)
    return done.returncode, done.stdout + done.stderr


def is_open(address, port):
    try:
        socket.create_connection((address, port), 0.3).close()
        return True
    except OSError:
        return False


def connected(tries=50):
    """A daemon that starts anew after a reload cuts off who comes at that moment."""
    for _ in range(tries - 1):
        try:
            return smtplib.SMTP("127.0.0.1", 25, "laptop.test", timeout=10)
        except (OSError, smtplib.SMTPServerDisconnected):
            time.sleep(0.2)
    return smtplib.SMTP("127.0.0.1", 25, "laptop.test", timeout=10)


def session(login, password=None):
    client = connected()
    client.ehlo("laptop.test")
    word = password or PASSWORDS[login]
    client.docmd("AUTH PLAIN", base64.b64encode(f"\0{login}\0{word}".encode()).decode())
    return client


def send(client, sender, subject):
    client.sendmail(sender, ["rcpt@far.test"], f"Subject: {subject}\r\n\r\nhello\r\n")


def wait_until(true, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


def reaches(target):
    """From the other namespace."""
    return run("ip", "netns", "exec", "client", "timeout", "1", "bash", "-c", f"exec 3<>/dev/tcp/{target}/25").returncode == 0


def arrived(subject):
    return wait_until(lambda: any(f"Subject: {subject}\r\n" in text for text in Sink.taken))


def queue():
    return {path.name[:-2] for path in Path("/var/spool/exim4/input").rglob("*-H")}


def spool_bytes():
    return {str(path): (path.read_bytes(), path.stat().st_mode, path.stat().st_uid, path.stat().st_mtime_ns)
            for path in Path("/var/spool/exim4").rglob("*") if path.is_file() and re.search(r"-[HDJ]$|msglog/", str(path))}


class Acting(unittest.TestCase):
    def done(self, *words):
        code, text = quell(*words, "--apply", "--yes")
        self.assertEqual(code, 0, text)
        return re.search(r"plan ([0-9a-f]{12})", text)[1]

    def undone(self, plan, *words):
        code, text = quell("undo", plan, *words)
        self.assertEqual(code, 0, text)

    def fill_queue(self, count, login="tina@shop.test"):
        before = queue()
        Sink.defer = True
        with session(login) as client:
            for number in range(count):
                send(client, login, f"queued {number}")
        self.assertTrue(wait_until(lambda: len(queue() - before) == count and not run("pgrep", "-f", "exim4 -Mc").stdout))
        return queue() - before

    def empty_queue(self):
        Sink.defer = False
        for path in Path("/var/spool/exim4").rglob("*"):
            if path.is_file() and re.search(r"-[HDJ]$|msglog/", str(path)):
                path.unlink()

    def test_freeze_is_what_exim_calls_frozen(self):
        ids = self.fill_queue(3)
        before = spool_bytes()
        plan = self.done("freeze", "--login", "tina@shop.test")
        listed = run("exim4", "-bp").stdout
        self.assertEqual(listed.count("*** frozen ***"), 3, listed)
        Sink.defer = False
        run("exim4", "-qf")
        self.assertEqual(queue(), ids, "a queue run does not deliver them")
        self.assertEqual(quell("verify", plan)[0], 0)
        Sink.defer = True
        thawed = sorted(ids)[0]
        self.assertIn("no longer frozen", run("exim4", "-Mt", thawed).stdout)
        code, text = quell("verify", plan)
        self.assertEqual(code, 1, text)
        self.undone(plan)
        for path, entry in spool_bytes().items():
            if thawed not in path:
                self.assertEqual(entry, before[path], path)
        self.empty_queue()

    def test_purge_and_restore(self):
        spam, honest = self.fill_queue(5), self.fill_queue(2, "bob@shop.test")
        before = spool_bytes()
        plan = self.done("purge", "--login", "tina@shop.test")
        self.assertEqual(queue(), honest)
        self.undone(plan)
        self.assertEqual(spool_bytes(), before)
        self.assertEqual(run("exim4", "-bpc").stdout.strip(), "7")
        Sink.defer = False
        Sink.taken.clear()
        run("exim4", "-qf")
        self.assertTrue(wait_until(lambda: not queue()), "restored messages can be delivered")
        self.assertEqual(len(Sink.taken), len(spam | honest))
        self.empty_queue()

    def test_hold_works_in_an_open_session(self):
        spammer, honest = session("tina@shop.test"), session("bob@shop.test")
        send(spammer, "tina@shop.test", "before the hold")
        self.assertTrue(arrived("before the hold"))
        plan = self.done("hold", "tina@shop.test")
        send(spammer, "tina@shop.test", "under the hold")
        send(honest, "bob@shop.test", "honest beside it")
        self.assertTrue(arrived("honest beside it"))
        self.assertTrue(wait_until(lambda: "frozen" in run("exim4", "-bp").stdout))
        self.assertFalse(any("under the hold" in text for text in Sink.taken))
        code, text = quell("release", "tina@shop.test")
        self.assertEqual(code, 0, text)
        send(spammer, "tina@shop.test", "after the hold")
        self.assertTrue(arrived("after the hold"))
        self.assertEqual(Path("/etc/quell/hold-logins").read_text(), "")
        self.assertEqual(quell("verify", plan)[0], 4, "nothing of it is in force any more")
        self.empty_queue()

    def test_sessions_of_a_thief_are_ended(self):
        incident = {"n": 1, "id": "0123456789ab", "vector": "smtp_auth", "blame": True, "account": None, "script": None,
                    "mailbox": "tina@shop.test", "grade": "B", "messages": {"ids": [], "derived_ids": []}, "actions": [],
                    "ips": [{"ip": "198.51.100.66", "role": "login", "shared": False},
                            {"ip": "198.51.100.67", "role": "login", "shared": True}]}
        Path("/var/lib/quell").mkdir(mode=0o700, exist_ok=True)
        Path("/var/lib/quell/last-scan.json").write_text(json.dumps({"schema": "quell.scan/1", "incidents": [incident]}))
        clients = {}
        for ip in ("198.51.100.66", "198.51.100.67"):
            clients[ip] = smtplib.SMTP("192.0.2.10", 25, "laptop.test", timeout=10, source_address=(ip, 0))
            clients[ip].ehlo("laptop.test")
        code, text = quell("stop", "1", "--apply", "--yes")
        self.assertEqual(code, 0, text)
        self.assertIn("changed  hangup SMTP sessions of 1 clients", text)
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            clients["198.51.100.66"].noop()
            clients["198.51.100.66"].noop()
        self.assertEqual(clients["198.51.100.67"].noop()[0], 250, "an address that others use is left alone")
        self.assertTrue(is_open("127.0.0.1", 25), "the daemon goes on")
        self.assertEqual(quell("verify")[0], 0)
        code, text = quell("undo", "--all", "--restore-old-password")
        self.assertEqual((code, "done once" in text), (0, True), text)

    def test_hold_of_an_account(self):
        plan = self.done("hold", "anna")
        subprocess.run(["setpriv", "--reuid=1001", "--regid=1001", "--clear-groups", "/usr/sbin/sendmail", "-i", "x@far.test"],
                       input="Subject: by script\n\nhello\n", text=True, check=True)
        self.assertTrue(wait_until(lambda: "frozen" in run("exim4", "-bp").stdout))
        self.undone(plan)
        self.empty_queue()

    def test_password_and_sessions(self):
        before = Path("/etc/dovecot/users").read_bytes(), os.stat("/etc/dovecot/users").st_mtime_ns
        spammer = imaplib.IMAP4("127.0.0.1", 143)
        spammer.login("tina@shop.test", PASSWORDS["tina@shop.test"])
        honest = imaplib.IMAP4("127.0.0.1", 143)
        honest.login("bob@shop.test", PASSWORDS["bob@shop.test"])
        plan = self.done("passwd", "tina@shop.test")
        with self.assertRaises((imaplib.IMAP4.abort, OSError)):
            spammer.noop()
            spammer.noop()
        self.assertEqual(honest.noop()[0], "OK")
        for word, code in (("stolen-1", 77), ("wrong", 77)):
            self.assertEqual(run("doveadm", "auth", "test", "tina@shop.test", word).returncode, code)
        self.assertEqual(run("doveadm", "auth", "test", "bob@shop.test", "honest-1").returncode, 0)
        with session("tina@shop.test") as client:
            self.assertEqual(client.docmd("NOOP")[0], 250)
            self.assertRaises(smtplib.SMTPRecipientsRefused, send, client, "tina@shop.test", "no more")
        text = Path("/var/lib/quell/journal.jsonl").read_text() + run("cat", *Path("/var/lib/quell/plans").iterdir()).stdout
        self.assertNotIn("stolen-1", text)
        self.assertNotIn("$6$", text)
        code, words = quell("undo", plan)
        self.assertEqual(code, 4)
        self.assertIn("stolen", words)
        code, words = quell("undo", plan, "--restore-old-password")
        self.assertEqual((Path("/etc/dovecot/users").read_bytes(), os.stat("/etc/dovecot/users").st_mtime_ns), before, words)

    def exim_settled(self):
        """The daemon has started anew for each reload, and reads nothing any more."""
        def waits():
            log = Path("/var/log/exim4/mainlog").read_text(errors="replace")
            return log.count(" daemon started: ") == log.count("SIGHUP received") + 1 and is_open("127.0.0.1", 25)
        time.sleep(1)
        self.assertTrue(wait_until(waits))

    def reload_exim(self):
        self.exim_settled()
        run("service", "exim4", "reload")
        self.exim_settled()

    def in_force(self, option):
        return run("exim4", "-bP", option).stdout.strip().removeprefix(f"{option} = ")

    def files(self):
        places = [path for top in ("/etc/exim4", "/etc/quell", "/var/lib/exim4") for path in sorted(Path(top).rglob("*"))]
        return {str(path): (path.stat().st_mode, path.stat().st_uid, path.is_file() and path.read_bytes()) for path in places}

    def hold_acls_come_and_go(self):
        """Installs on a host without them, holds by them, and removes them again."""
        shutil.rmtree("/etc/quell", ignore_errors=True)
        before = self.files()
        code, text = quell("doctor")
        self.assertIn("Exim does not look at quell's lists", text)
        self.assertEqual(quell("hold", "tina@shop.test")[0], 4)
        code, text = quell("doctor", "--install-hold")
        self.assertEqual((code, self.files()), (0, before), "a dry run changes nothing: " + text)
        code, text = quell("doctor", "--install-hold", "--apply", "--yes")
        self.assertEqual(code, 0, text)
        self.assertEqual([self.in_force(option) for option in ("acl_smtp_mail", "acl_not_smtp")],
                         ["/etc/quell/exim-mail.acl", "/etc/quell/exim-notsmtp.acl"])
        self.assertIn("so already", quell("doctor", "--install-hold")[1])
        plan = self.done("hold", "anna")
        self.assertEqual(quell("doctor", "--remove-hold")[0], 4, "not while somebody is held")
        subprocess.run(["setpriv", "--reuid=1001", "--regid=1001", "--clear-groups", "/usr/sbin/sendmail", "-i", "x@far.test"],
                       input="Subject: by script\n\nhello\n", text=True, check=True)
        self.assertTrue(wait_until(lambda: "frozen" in run("exim4", "-bp").stdout))
        self.undone(plan)
        code, text = quell("doctor", "--remove-hold")
        self.assertEqual(code, 0, text)
        self.assertEqual(self.files(), before)
        self.empty_queue()

    def test_hold_acls_in_a_configuration_by_hand(self):
        config = Path("/etc/exim4/exim4.conf")
        lines = config.read_text().splitlines(True)
        config.write_text("".join(line for line in lines if "/etc/quell/" not in line))
        self.reload_exim()
        try:
            self.hold_acls_come_and_go()
            self.exim_settled()
            config.write_text("acl_not_smtp = acl_rcpt\n" + config.read_text())
            code, text = quell("doctor", "--install-hold")
            self.assertEqual((code, "by hand" in text), (4, True), text)
            config.write_text("no such option here\n" + "".join(line for line in lines if "/etc/quell/" not in line))
            before = self.files()
            code, text = quell("doctor", "--install-hold", "--apply", "--yes")
            self.assertEqual(code, 4, text)
            self.assertIn("does not take the new text", text)
            quell("undo", "--all")
            self.assertEqual(self.files(), before)
        finally:
            config.write_text("".join(lines))
            furnish_quell()
            self.reload_exim()

    def test_hold_acls_in_the_generated_configuration(self):
        os.rename("/etc/exim4/exim4.conf", "/etc/exim4/by-hand")
        macros = Path("/etc/exim4/exim4.conf.localmacros")
        try:
            self.assertEqual(run("update-exim4.conf").returncode, 0)
            self.assertFalse(macros.exists())
            self.hold_acls_come_and_go()
            macros.write_text("IGNORE_SMTP_LINE_LENGTH_LIMIT = 1\n")
            run("update-exim4.conf")
            self.hold_acls_come_and_go()
        finally:
            macros.unlink(missing_ok=True)
            os.rename("/etc/exim4/by-hand", "/etc/exim4/exim4.conf")
            furnish_quell()
            self.reload_exim()

    def test_password_for_a_caller(self):
        before = Path("/etc/dovecot/users").read_bytes()
        reader, writer = os.pipe()
        for words in (["--password-fd", "99"], ["--password-fd", "0"], ["--password-fd", str(reader)], ["--show-password"]):
            done = run(QUELL, "passwd", "tina@shop.test", *words, pass_fds=(reader, writer))
            self.assertEqual(done.returncode, 2, done.stderr)
        done = run(QUELL, "-o", "json", "passwd", "tina@shop.test", "--password-fd", str(writer), pass_fds=(writer,))
        self.assertEqual(done.returncode, 2, done.stderr)
        done = run(QUELL, "passwd", "tina@shop.test", "--apply", "--yes", "--password-fd", str(writer), pass_fds=(writer,))
        self.assertEqual(done.returncode, 0, done.stderr)
        os.close(writer)
        with os.fdopen(reader) as handed:
            password = handed.read()
        self.assertRegex(password, r"^[A-Za-z0-9_]{32}\n$")
        self.assertNotIn(password.strip(), done.stdout + done.stderr + Path("/var/lib/quell/journal.jsonl").read_text())
        self.assertEqual(run("doveadm", "auth", "test", "tina@shop.test", password.strip()).returncode, 0)
        self.assertEqual(quell("undo", "--all", "--restore-old-password")[0], 0)
        self.assertEqual(Path("/etc/dovecot/users").read_bytes(), before)

    def test_suspend_and_root_password(self):
        before = Path("/etc/shadow").read_bytes(), os.stat("/etc/shadow").st_mtime_ns
        plan = self.done("suspend", "anna")
        self.assertEqual(run("passwd", "-S", "anna").stdout.split()[1], "L")
        self.assertIn("Jan 01, 1970", run("chage", "-l", "anna").stdout)
        self.undone(plan)
        plan = self.done("rootpw")
        self.assertIn("root:$6$", Path("/etc/shadow").read_text())
        self.undone(plan, "--restore-old-password")
        self.assertEqual((Path("/etc/shadow").read_bytes(), os.stat("/etc/shadow").st_mtime_ns), before)

    def test_block_by_iptables(self):
        rules = [run(tool, "-S").stdout for tool in ("iptables", "ip6tables")]
        os.rename("/usr/sbin/nft", "/usr/sbin/nft.away")
        try:
            plan = self.done("block", CLIENT, CLIENT6)
            self.assertFalse(reaches(HOST) or reaches(HOST6))
            self.assertEqual(quell("verify", plan)[0], 0)
            self.undone(plan)
        finally:
            os.rename("/usr/sbin/nft.away", "/usr/sbin/nft")
        self.assertTrue(reaches(HOST) and reaches(HOST6))
        self.assertEqual([run(tool, "-S").stdout for tool in ("iptables", "ip6tables")], rules)

    def test_block_by_fail2ban(self):
        if not shutil.which("fail2ban-client"):
            self.skipTest("no fail2ban here")
        Path("/var/log/quell-empty.log").touch()
        Path("/etc/fail2ban/filter.d/quell.conf").write_text("[Definition]\nfailregex = ^never <HOST>$\n")
        Path("/etc/fail2ban/action.d/quell.conf").write_text("[Definition]\nactionban = echo ban <ip> >> /run/bans\n"
                                                             "actionunban = echo unban <ip> >> /run/bans\n")
        jail = Path("/etc/fail2ban/jail.d/quell.conf")
        for old in jail.parent.iterdir():
            old.unlink()
        jail.write_text("[quell]\nenabled = true\nbackend = polling\nfilter = quell\nlogpath = /var/log/quell-empty.log\n"
                        "action = quell\nbantime = 1d\nignoreip = 198.51.100.6\n")
        Path("/run/fail2ban").mkdir(exist_ok=True)
        server = Daemon("fail2ban", ["fail2ban-server", "-xf", "--loglevel", "ERROR", "start"],
                        lambda: run("fail2ban-client", "ping").returncode == 0)
        try:
            plan = self.done("block", CLIENT)
            self.assertIn(f"ban {CLIENT}\n", Path("/run/bans").read_text())
            self.undone(plan)
            self.assertIn(f"unban {CLIENT}\n", Path("/run/bans").read_text())
            self.assertIn("fail2ban's ignore list", quell("block", "198.51.100.6")[1])
        finally:
            jail.unlink()
            run("fail2ban-client", "stop")
            server.signal(15)

    def test_block(self):
        rules = run("nft", "list", "ruleset").stdout
        self.assertTrue(reaches(HOST) and reaches(HOST6))
        plan = self.done("block", CLIENT, CLIENT6, "--for", "1h")
        self.assertFalse(reaches(HOST) or reaches(HOST6))
        self.assertTrue(is_open("127.0.0.1", 25))
        self.assertEqual(quell("verify", plan)[0], 0)
        code, text = quell("block", HOST, "127.0.0.1", "192.0.2.10", HOST6, "203.0.113.254", "203.0.113.0/24")
        self.assertEqual((code, text.count("refused:")), (4, 6), text)
        run("nft", "flush", "ruleset")
        self.assertEqual(quell("verify", plan)[0], 1, "a reload of the rules is noticed")
        self.assertTrue(reaches(HOST))
        code, text = quell("block", "--sync")
        self.assertEqual((code, text.count("made again")), (0, 3), text)
        self.assertFalse(reaches(HOST) or reaches(HOST6), "a vanished block is made again")
        self.assertEqual(quell("block", "--sync"), (0, ""))
        late = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3601))
        code, text = quell("--now", late, "block", "--sync")
        self.assertEqual(code, 0, text)
        self.assertTrue(reaches(HOST) and reaches(HOST6), "a block ends")
        quell("undo", plan)
        plan = self.done("block", CLIENT)
        self.assertEqual(quell("unblock", CLIENT)[0], 0)
        self.assertTrue(reaches(HOST))
        quell("undo", "--all")
        self.assertEqual(run("nft", "list", "ruleset").stdout, rules)

    def test_an_administrator_on_another_port(self):
        """sudo takes SSH_CONNECTION away: the connection is seen by the ports that sshd is told to use."""
        Path("/etc/ssh").mkdir(exist_ok=True)
        Path("/etc/ssh/sshd_config").write_text("Port 2222\n")
        with socket.create_server((HOST, 2222)) as server, socket.create_connection((HOST, 2222), source_address=("198.51.100.68", 0)):
            peer, _ = server.accept()
            code, text = quell("block", "198.51.100.68")
            self.assertEqual((code, "administrator" in text), (4, True), text)
            peer.close()

    def test_block_as_configured(self):
        config = Path("/run/quell.conf")
        config.write_text(f"[block]\nnever = 203.0.113.0/28\nlive_max = 2\nper_hour = 2\n[known shop]\nip = 203.0.113.40\n")
        for address, reason in ((CLIENT, "named by the configuration"), ("203.0.113.40", "a known actor")):
            code, text = quell("--config", str(config), "block", address)
            self.assertEqual((code, reason in text), (4, True), text)
        code, text = quell("--config", str(config), "block", "203.0.113.41", "203.0.113.42", "203.0.113.43")
        self.assertEqual((code, "live_max" in text, text.count("203.0.113.43: ")), (4, True, 1), text)
        self.done("block", "203.0.113.41", "203.0.113.42")
        code, text = quell("--config", str(config), "block", "203.0.113.43")
        self.assertEqual((code, "2 addresses are blocked already" in text), (4, True), text)
        quell("block", "203.0.113.43")
        code, text = quell("--config", str(config), "apply", "--last", "--yes")
        self.assertEqual((code, "blocked already" in text), (4, True), "the gate counts again: " + text)
        self.assertEqual(quell("undo", "--all")[0], 0)

    def test_script(self):
        script = Path("/home/anna/public_html/up/x.php")
        script.parent.mkdir(parents=True)
        script.write_text("<?php ?>")
        for path in (script, script.parent, script.parent.parent):
            os.chown(path, 1001, 1001)
        before = script.stat()
        plan = self.done("disable", str(script))
        for act in (["cat", script], ["chmod", "644", script], ["sh", "-c", f"echo >> {script}"]):
            self.assertNotEqual(run("setpriv", "--reuid=1001", "--regid=1001", "--clear-groups", *map(str, act)).returncode, 0)
        code, text = quell("enable", str(script))
        self.assertEqual(code, 0, text)
        after = script.stat()
        self.assertEqual([after.st_mode, after.st_uid, after.st_gid, after.st_mtime_ns],
                         [before.st_mode, before.st_uid, before.st_gid, before.st_mtime_ns])
        self.assertIn(plan, quell("journal")[1])


def furnish_quell():
    Path("/etc/quell").mkdir(exist_ok=True)
    for name in ("exim-mail.acl", "exim-notsmtp.acl"):
        Path("/etc/quell", name).write_text(Path(ETC, name).read_text())
    for name in ("hold-logins", "hold-users"):
        Path("/etc/quell", name).touch()


def furnish(work, program, etc):
    namespace.furnish(work, {QUELL: program, ETC: etc}, "host.test")
    users = "".join(line + "\n" for line in Path("/etc/passwd").read_text().splitlines() if int(line.split(":")[2]) < 1000 or
                    line.startswith("nobody:"))
    Path("/etc/passwd").write_text(users + "anna:x:1001:1001::/home/anna:/bin/sh\n")
    Path("/etc/shadow").write_text("root:$y$old$hash:19000:0:99999:7:::\nanna:$y$x$y:19000:0:99999:7:::\n")
    Path("/etc/.pwd.lock").touch(0o600)
    for folder, owner in (("/home/anna", 1001), ("/home/mail", 1001), ("/var/log/exim4", "exim"), ("/var/spool/exim4", "exim"),
                          ("/run/exim4", "exim"), ("/run/dovecot", 0), ("/etc/quell", 0), ("/run/netns", 0)):
        Path(folder).mkdir(parents=True, exist_ok=True)
        uid = int(next(line.split(":")[2] for line in users.splitlines() if line.startswith("Debian-exim:"))) \
            if owner == "exim" else owner
        os.chown(folder, uid, uid)
    furnish_quell()
    Path("/etc/exim4/exim4.conf").write_text(EXIM)
    for path in Path("/etc/dovecot").rglob("*"):
        path.unlink() if path.is_file() else None
    Path("/etc/dovecot/dovecot.conf").write_text(DOVECOT)
    Path("/etc/dovecot/users").write_text("".join(f"{login}:{{PLAIN}}{word}:1001:1001::/home/mail/{login}::\n"
                                                  for login, word in PASSWORDS.items()))
    os.chmod("/etc/dovecot/users", 0o640)
    shutil.chown("/etc/dovecot/users", "root", "dovecot")
    for words in ("ip route del local 203.0.113.0/24 dev lo", "ip -6 route del local 2001:db8::/32 dev lo",
                  "ip netns add client", "ip link add v0 type veth peer name v1 netns client",
                  f"ip address add {HOST}/30 dev v0", f"ip -6 address add {HOST6}/64 dev v0 nodad", "ip link set v0 up",
                  f"ip -n client address add {CLIENT}/24 dev v1", f"ip -n client -6 address add {CLIENT6}/64 dev v1 nodad",
                  "ip -n client link set v1 up", f"ip route add {CLIENT}/32 dev v0",
                  "ip route add default via 203.0.113.254 dev v0 onlink"):
        subprocess.run(words.split(), check=True)


def main():
    reason = namespace.available()
    if reason:
        print(f"skipped: {reason}")
        return 77
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        furnish(*sys.argv[2:5])
        server = Server(("127.0.0.1", 2525), Sink)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        daemons = [Daemon("dovecot", ["dovecot", "-F"], lambda: is_open("127.0.0.1", 143)),
                   Daemon("exim", ["/usr/sbin/exim4", "-bdf", "-q10m"], lambda: is_open("127.0.0.1", 25))]
        result = unittest.main(argv=["acting", *sys.argv[5:]], exit=False).result
        del daemons
        return 0 if result.wasSuccessful() else 1
    with tempfile.TemporaryDirectory(prefix="quell-acting-") as work:
        etc = Path(__file__).parent.parent.parent / "etc"
        return namespace.enter([sys.executable, __file__, "--inside", work, str(Path(sys.argv[1]).absolute()), str(etc),
                                *sys.argv[2:]], SECONDS)


if __name__ == "__main__":
    sys.exit(main())
