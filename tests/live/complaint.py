#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From spam to a proven case, with real servers in private namespaces: a script sends spam through one Exim, another Exim
receives it, complaints are made from what that one stored, and quell-desk asks the sending host, here and over SSH.

    complaint.py QUELL QUELL-DESK [TEST...]     paths of the programs; needs root, Exim, PHP and OpenSSH
"""
import argparse
import contextlib
import email
import json
import mailbox
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

import namespace
import sshd
from daemon import Daemon

SECONDS = 400
QUELL, DESK = "/run/quell/quell", "/run/quell/quell-desk"
SENDER, READER = "192.0.2.10", "203.0.113.25"
SCRIPT = "/home/shop/public_html/wp-content/uploads/mailer.php"
SPAM = 60

HOST_EXIM = f"""
primary_hostname = web1.example
log_selector = +all
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
local_interfaces = {SENDER}
untrusted_set_sender = *
tls_advertise_hosts =
keep_environment =
never_users = root
begin routers
out:
  driver = manualroute
  route_list = * {READER}
  transport = smtp
begin transports
smtp:
  driver = smtp
  interface = {SENDER}
begin retry
* * F,1h,1m
"""
READER_EXIM = f"""
primary_hostname = mx.reader.test
log_file_path = /var/log/reader/%slog
spool_directory = /var/spool/reader
local_interfaces = {READER}
pid_file_path = /run/reader.pid
acl_smtp_rcpt = acl_rcpt
tls_advertise_hosts =
keep_environment =
begin acl
acl_rcpt:
  deny local_parts = ^u[0-9]*7\\$
       message = 550 5.7.1 Message refused as spam
  accept
begin routers
store:
  driver = accept
  transport = store
begin transports
store:
  driver = appendfile
  file = /var/mail/reader/inbox
  user = Debian-exim
  return_path_add
"""
PHP = """<?php
for ($i = 0; $i < %d; $i++) {
    mail("u$i@reader.test", "Cheap watches $i", "Buy now.", "From: shop@web1.example\r\nMessage-ID: <mailer.$i@web1.example>");
}
"""
DESK_CONF = """[desk]
state = /var/lib/{name}
border = mx.desk.example
address = abuse@desk.example
log_retention = 90d
[lookup]
host_timeout = {timeout}
[network web1.example]
range = 192.0.2.0/26
[host web1.example]
{host}
"""
# A host that was taken over answers by the key that asks.
HOSTILE = {
    "endless": "yes '{\"schema\":\"quell.trace/1\"}'",
    "no-json": "echo hello",
    "other-id": "echo '{\"schema\":\"quell.trace/1\",\"text\":\"x\",\"messages\":[{\"id\":\"1xHwqb-0002p2-1o\",\"account\":\"innocent\"}]}'",
    "silent": "sleep 100",
    "twice": "echo '{\"schema\":\"quell.trace/1\",\"schema\":\"quell.trace/1\",\"messages\":[]}'",
    "dies": "kill -9 $$",
}


def run(*argv, **more):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=200, **more)


def received():
    """The spam that the receiving server has stored; bounces lie beside it."""
    with contextlib.closing(mailbox.mbox("/var/mail/reader/inbox")) as inbox:
        return [message for message in inbox if message["To"].startswith("u")]


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.2)


def mail(parts, kind, subject="spam from you"):
    body = "".join(f"--b0\nContent-Type: {of}\n\n{text}\n" for of, text in parts)
    return (f"From: bob@reader.test\nTo: abuse@desk.example\nSubject: {subject}\nMIME-Version: 1.0\n"
            f"Message-ID: <{time.monotonic_ns()}@reader.test>\nContent-Type: {kind}; boundary=b0\n\n{body}--b0--\n")


def feedback_report(spam):
    fields = f"Feedback-Type: abuse\nUser-Agent: reader/1\nVersion: 1\nSource-IP: {SENDER}\nOriginal-Rcpt-To: {spam['To']}\n"
    return mail((("text/plain", "A report."), ("message/feedback-report", fields), ("message/rfc822", spam.as_string())),
                "multipart/report; report-type=feedback-report")


def forwarded(spam):
    return mail((("text/plain", "See what I got."), ("message/rfc822", spam.as_string())), "multipart/mixed", "Fwd: spam")


def pasted(spam):
    headers = "".join(f"> {line}\n" for line in spam.as_string().splitlines())
    return mail((("text/plain", f"I got this:\n\n{headers}"),), "multipart/mixed")


def without_our_lines(spam):
    """As providers cut it: only the line that their own border wrote, no recipient and another Message-ID."""
    copy = email.message_from_string(spam.as_string())
    first = copy.get_all("Received")[0]
    del copy["Received"]
    copy["Received"] = first
    return copy


class Desk:
    def __init__(self, name, host, timeout="1m"):
        self.config = f"/run/{name}.conf"
        Path(self.config).write_text(DESK_CONF.format(name=name, host=host, timeout=timeout))

    def __call__(self, *words, data=None):
        done = run(DESK, "--config", self.config, "-o", "json", *words, input=data)
        return done.returncode, done.stdout, done.stderr

    def file(self, complaint):
        """Through the pipe, as a mail server hands it over; returns the case."""
        assert self("intake", "-", data=complaint)[0] == 0
        code, said, error = self("intake")
        assert code == 0 and json.loads(said)["filed"] == 1, said + error
        return json.loads(self("case", "list")[1].splitlines()[0])["name"]

    def show(self, case):
        return json.loads(self("case", "show", case)[1])


class Complaint(unittest.TestCase):
    def spam(self):
        return next(message for message in received() if message["To"] == "u5@reader.test")

    def prove(self, name, host, complaint):
        desk = Desk(name, host)
        case = desk.file(complaint)
        code, said, error = desk("case", "prove", case)
        self.assertEqual(code, 0, said + error)
        shown = desk.show(case)
        self.assertEqual((shown["account"], shown["host"], shown["ip"]), ("shop", "web1.example", SENDER), shown)
        self.assertEqual(shown["items"][0]["confidence"], "proven")
        self.assertIn(f" {SCRIPT}\n", said)
        incident = next(e for e in shown["evidence"] if e["kind"] == "incident")
        self.assertEqual(json.loads(incident["text"])["script"], SCRIPT)
        self.assertEqual(desk("db", "check")[0], 0)
        return said

    def test_here(self):
        host = f"local = {QUELL}"
        for make in (feedback_report, forwarded, pasted):
            self.assertIn("proven by id", self.prove(f"here-{make.__name__}", host, make(self.spam())))

    def test_without_our_lines(self):
        spam = without_our_lines(self.spam())
        spam.replace_header("Message-ID", "<redacted@reader.test>")
        self.assertIn("proven by recipient and minute", self.prove("recipient", f"local = {QUELL}", forwarded(spam)))

    def test_by_message_id(self):
        spam = without_our_lines(self.spam())
        spam.replace_header("To", "redacted")
        self.assertIn("proven by message-id and size", self.prove("message-id", f"local = {QUELL}", forwarded(spam)))

    def test_over_ssh(self):
        host = f"ssh = root@{SENDER}\nidentity = /run/ssh/read\nknown_hosts = /run/ssh/known"
        self.assertIn("proven by id", self.prove("ssh", host, feedback_report(self.spam())))

    def test_wrong_host_key(self):
        Path("/run/ssh/other").write_text(f"{SENDER} {Path('/run/ssh/read.pub').read_text()}")
        desk = Desk("wrong-key", f"ssh = root@{SENDER}\nidentity = /run/ssh/read\nknown_hosts = /run/ssh/other")
        case = desk.file(feedback_report(self.spam()))
        self.assertEqual(desk("case", "prove", case)[0], 4)
        self.assertFalse(desk.show(case)["evidence"])

    def test_hostile_hosts(self):
        for name in HOSTILE:
            desk = Desk(name, f"ssh = root@{SENDER}\nidentity = /run/ssh/{name}\nknown_hosts = /run/ssh/known",
                        "10s" if name == "silent" else "1m")
            case = desk.file(feedback_report(self.spam()))
            code, said, error = desk("case", "prove", case)
            shown = desk.show(case)
            self.assertEqual((shown["account"], shown["evidence"]), (None, []), f"{name}: {said} {error}")
            self.assertEqual(shown["items"][0]["confidence"], "border+field", name)
            self.assertIn(code, (0, 4), name)
            self.assertTrue("not found" in said or "web1.example" in error, f"{name}: {said} {error}")

    def test_mail_that_never_left_us(self):
        spam = email.message_from_string(self.spam().as_string().replace("u5@", "u500@"))
        for field in ("Received", "Message-ID"):
            del spam[field]
        spam["Received"] = (f"from web1.example ([{SENDER}]) by mx.reader.test with esmtp (Exim 4.96) id 1xHwqb-0002p2-1o; "
                            f"{email.utils.formatdate()}")
        desk = Desk("never", f"local = {QUELL}")
        case = desk.file(feedback_report(spam))
        code, said, _ = desk("case", "prove", case)
        self.assertEqual(code, 0)
        self.assertIn("not found", said)


def exim(config, address):
    def listens():
        return run("bash", "-c", f"exec 3<>/dev/tcp/{address}/25").returncode == 0
    return Daemon(config, ["exim4", "-C", config, "-bdf", "-q1m"], listens)


def serve_ssh():
    Path("/run/sshd").mkdir(mode=0o755)
    Path("/run/ssh").mkdir(mode=0o700)
    commands = {"read": f"{QUELL} remote", **HOSTILE}
    lines = []
    for name in ("host", *commands):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"/run/ssh/{name}")
    for name, command in commands.items():
        escaped = command.replace('"', '\\"')
        lines.append(f'restrict,command="{escaped}" {Path(f"/run/ssh/{name}.pub").read_text()}')
    Path("/run/ssh/authorized").write_text("".join(lines))
    Path("/run/ssh/known").write_text(f"{SENDER} {Path('/run/ssh/host.pub').read_text()}")
    Path("/run/ssh/config").write_text(sshd.config(SENDER))
    return Daemon("sshd", ["/usr/sbin/sshd", "-D", "-e", "-f", "/run/ssh/config"],
                  lambda: run("bash", "-c", f"exec 3<>/dev/tcp/{SENDER}/22").returncode == 0)


def send_spam():
    Path(SCRIPT).parent.mkdir(parents=True)
    Path(SCRIPT).write_text(PHP % SPAM)
    Path("/home/shop/logs").mkdir()
    run("chown", "-R", "1001:1001", "/home/shop")
    done = run("setpriv", "--reuid=1001", "--regid=1001", "--clear-groups", "php", "-n", "-d", "mail.add_x_header=1",
               "-d", "mail.log=/home/shop/logs/phpmail.log", "-d", "sendmail_path=/usr/sbin/exim4 -t -i", SCRIPT,
               cwd=str(Path(SCRIPT).parent))
    if done.returncode:
        raise SystemExit(f"the spam was not sent: {done.stderr} {done.stdout}")
    stored = sum(1 for i in range(SPAM) if i % 10 != 7)
    wait_until(lambda: Path("/var/mail/reader/inbox").exists() and len(received()) == stored)


def furnish(work, quell, desk):
    namespace.furnish(work, {QUELL: quell, DESK: desk}, "web1.example")
    users = [line for line in Path("/etc/passwd").read_text().splitlines() if int(line.split(":")[2]) < 1000]
    Path("/etc/passwd").write_text("\n".join(users) + "\nshop:x:1001:1001::/home/shop:/bin/sh\n")
    Path("/etc/exim4").mkdir(exist_ok=True)
    Path("/etc/exim4/exim4.conf").write_text(HOST_EXIM)
    Path("/etc/exim4/reader.conf").write_text(READER_EXIM)
    Path("/etc/exim4/trusted_configs").write_text("/etc/exim4/reader.conf\n/etc/exim4/exim4.conf\n")
    for folder in ("/var/log/exim4", "/var/log/reader", "/var/spool/exim4", "/var/spool/reader", "/run/exim4", "/var/mail/reader"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, "Debian-exim", "Debian-exim")
    Path("/home/shop").mkdir()
    Path("/var/lib").mkdir(exist_ok=True)


def play(given):
    furnish(given.inside, given.quell.absolute(), given.desk.absolute())
    daemons = [exim("/etc/exim4/exim4.conf", SENDER), exim("/etc/exim4/reader.conf", READER), serve_ssh()]
    chosen = [f"Complaint.test_{name}" for name in given.tests]
    try:
        send_spam()
        return not unittest.main(argv=[sys.argv[0], "-v", *chosen], exit=False).result.wasSuccessful()
    finally:
        for daemon in daemons:
            daemon.signal(15)


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("quell", type=Path)
    given.add_argument("desk", type=Path)
    given.add_argument("tests", nargs="*")
    given.add_argument("--inside", help=argparse.SUPPRESS)
    given = given.parse_args()
    if given.inside:
        return play(given)
    missing = [program for program in ("exim4", "php", "ssh", "sshd", "setpriv") if not shutil.which(program)]
    reason = namespace.available() or (f"needs {' '.join(missing)}" if missing else None)
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory(prefix="quell-complaint-") as work:
        return namespace.enter([sys.executable, __file__, *sys.argv[1:], "--inside", work], SECONDS)


if __name__ == "__main__":
    sys.exit(main())
