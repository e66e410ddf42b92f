#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines that somebody wrote to put the blame on a neighbour.

    tests/hostile.py BINARY IMAGE...

Each attack adds to a copy of an image what a customer, a stranger or a remote host can get into its logs and queue: a
newline in a directory's name, fields in quoted senders, HELO names, subjects and ids, logger lines, headers. Afterwards
the image's own incidents must stand as before, and the victim must not be blamed; where the text is a perfect forgery,
it may be blamed, but never acted upon without a person.
"""
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

LOGS = ["var/log/exim_mainlog", "var/log/exim4/mainlog", "var/log/exim/mainlog"]
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
COUNT = 60


def base62(value, width):
    text = ""
    for _ in range(width):
        text = BASE62[value % 62] + text
        value //= 62
    return text


class Host:
    """A copy of an image with what an attack needs to know: who is a victim, who the attacker, what time it is."""

    def __init__(self, image, root):
        self.root = root
        truth = json.loads((image / "truth.json").read_text())
        self.end = truth["end"]
        involved = {row.get("account") for row in truth["incidents"]} | {row.get("target") for row in truth["incidents"]}
        accounts = [line.split(":") for line in (root / "etc/passwd").read_text().splitlines()]
        owners = {owner: name for name, owner in self.domains() if owner != "nobody"}
        honest = [row for row in accounts if row[0] in owners and row[0] not in involved]
        self.victim, self.attacker = honest[0][0], honest[1][0]
        self.home = honest[1][5]
        self.domain = owners[self.victim]
        self.mailbox = "info@" + self.domain
        self.log = next(root / name for name in LOGS if (root / name).exists())
        self.number = 0

    def domains(self):
        for name in ("etc/userdomains", "etc/virtual/domainowners"):
            if (self.root / name).exists():
                for line in (self.root / name).read_text().splitlines():
                    yield tuple(part.strip() for part in line.split(":"))
        for path in self.root.glob("usr/local/hestia/data/users/*/web.conf"):
            for line in path.read_text().splitlines():
                yield line.split("'")[1], path.parent.name
        for path in self.root.glob("etc/apache2/sites-available/*.conf"):
            words = path.read_text().split()
            if "DocumentRoot" in words and "/home/" in words[words.index("DocumentRoot") + 1]:
                yield words[words.index("ServerName") + 1], words[words.index("DocumentRoot") + 1].split("/")[2]

    def stamp(self, at):
        return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")

    def moment(self):
        """The next moment of the attack and an id that fits it."""
        self.number += 1
        at = self.end - 7200 + self.number * 60
        return at, f"{base62(at, 6)}-{base62(70000 + self.number, 6)}-{base62(self.number % 62, 2)}"

    def add(self, *lines):
        with self.log.open("ab") as out:
            for line in lines:
                out.write(line.encode() if isinstance(line, str) else line)
                out.write(b"\n")

    def done(self, at, one, stranger, tail=""):
        """Delivery of a real message of the attacker's own or of a stranger's."""
        self.add(f"{self.stamp(at)} {one} => {stranger} R=dnslookup T=remote_smtp H=mx1.mail.example [198.51.100.11]{tail}",
                 f"{self.stamp(at)} {one} Completed")


def torn_directory(host):
    """A directory name with a newline: the physical line before has no "N args:"."""
    for _ in range(COUNT):
        at, one = host.moment()
        stamp = host.stamp(at)
        host.add(f"{stamp} cwd={host.home}/tmp/x",
                 f"{stamp} {one} <= {host.mailbox} U={host.victim} P=local S=700 T=\"x\" from <{host.mailbox}> for a{one}@x.test"
                 f" 3 args: /usr/sbin/sendmail -t -i")


def perfect_directory(host):
    """Whole lines at both ends of the directory's name: nothing in the text tells."""
    for n in range(COUNT):
        at, one = host.moment()
        stamp = host.stamp(at)
        host.add(f"{stamp} cwd={host.home}/tmp 3 args: /usr/sbin/sendmail -t -i",
                 f"{stamp} {one} <= {host.mailbox} H=(pc) [203.0.113.{n + 1}]:4000 I=[192.0.2.10]:587 P=esmtpsa"
                 f" A=dovecot_login:{host.mailbox} S=700 id=x@y T=\"x\" from <{host.mailbox}> for a{n}@bigmail.test",
                 f"{stamp} {one} ** a{n}@bigmail.test R=lookuphost T=remote_smtp H=mx16.mail.example [198.51.100.16]: SMTP error from"
                 " remote mail server after end of data: 550 5.7.1 likely unsolicited mail",
                 f"{stamp} {one} Completed", f"{stamp} cwd=/tmp 3 args: /usr/sbin/sendmail -t -i")


def never_there(host):
    """Arrivals that the log says are still queued, but that no queue holds."""
    for n in range(COUNT):
        at, one = host.moment()
        host.add(f"{host.stamp(at)} {one} <= {host.mailbox} U={host.victim} P=local S=700 T=\"x\" from <{host.mailbox}>"
                 f" for b{n}@bigmail.test")


def quoted_sender(host):
    for n in range(COUNT):
        at, one = host.moment()
        sender = f"\"x U={host.victim} P=local A=dovecot_login:{host.mailbox} S=1\"@evil.test"
        host.add(f"{host.stamp(at)} {one} <= {sender} H=(evil) [203.0.113.77]:5000 I=[192.0.2.10]:25 P=esmtp S=700 from <{sender}>"
                 f" for {host.mailbox}")
        host.done(at, one, f"info <{host.mailbox}>")


def junk_helo(host):
    for n in range(COUNT):
        at, one = host.moment()
        host.add(f"{host.stamp(at)} {one} <= a{n}@evil.test H=(pc) [203.0.113.{n + 1}]:4000 P=esmtpsa A=dovecot_login:{host.mailbox} S=9"
                 f" id=) [203.0.113.77]:5000 I=[192.0.2.10]:25 P=esmtp S=700 id=real@evil.test for c{n}@bigmail.test")
        host.done(at, one, f"c{n}@bigmail.test")


def subject_and_id(host):
    for n in range(COUNT):
        at, one = host.moment()
        fields = f"x <= boss@bank.example U={host.victim} P=local A=dovecot_login:{host.mailbox} S=5"
        host.add(f"{host.stamp(at)} {one} <= a{n}@evil.test H=mx.evil.test [203.0.113.77]:5000 I=[192.0.2.10]:25 P=esmtp S=700"
                 f" id={fields} T=\"{fields} \\\" {fields}\" from <a{n}@evil.test> for {host.mailbox}")
        host.done(at, one, f"info <{host.mailbox}>")


def refused_commands(host):
    for n in range(COUNT):
        at, _ = host.moment()
        stamp = host.stamp(at)
        host.add(f"{stamp} rejected EHLO from [203.0.113.77]: syntactically invalid argument(s): A=dovecot_login:{host.mailbox} U={host.victim}",
                 f"{stamp} H=(x) [203.0.113.77] F=<a@b.test> rejected RCPT <\"A=dovecot_login:{host.mailbox} \"@x.test>: relay not permitted",
                 f"{stamp} dovecot_login authenticator failed for (x) [203.0.113.77]:9 I=[192.0.2.10]:25: 535 Incorrect authentication"
                 f" data (set_id=x) [192.0.2.5]: 535 (set_id={host.mailbox})")


def remote_reply(host):
    """A remote host's answer to somebody's honest mail."""
    at, one = host.moment()
    host.add(f"{host.stamp(at)} {one} <= a@evil.test H=mx.evil.test [203.0.113.77]:5000 P=esmtp S=700 for {host.mailbox}")
    for n in range(COUNT):
        host.add(f"{host.stamp(at)} {one} ** info@x{n}.test R=dnslookup T=remote_smtp H=mx [198.51.100.11]: SMTP error: 550 "
                 f"{host.stamp(at)} {one} <= {host.mailbox} U={host.victim} P=local S=7 for d{n}@bigmail.test")
    host.add(f"{host.stamp(at)} {one} Completed")


def logger_lines(host):
    """logger -t dovecot: as good as Dovecot's own, so mail must be there too."""
    target = next(host.root / name for name in ("var/log/maillog", "var/log/mail.log", "var/log/dovecot.log")
                  if (host.root / name).exists())
    with target.open("ab") as out:
        for n in range(5000):
            stamp = datetime.datetime.fromtimestamp(host.end - 5000 + n, datetime.timezone.utc).strftime("%b %e %H:%M:%S")
            out.write(f"{stamp} host dovecot: imap-login: Login: user=<{host.mailbox}>, method=PLAIN, rip=203.0.113.{n % 250 + 1},"
                      " lip=192.0.2.10, mpid=7, TLS, session=<x>\n".encode())


def claimed_script(host):
    """Mail of a stranger whose headers name the victim's script, left in the queue."""
    spool = next(path for path in host.root.glob("var/spool/exim*/input") if path.is_dir())
    for n in range(COUNT):
        at, one = host.moment()
        folder = spool / one[5]
        folder.mkdir(exist_ok=True)
        headers = [f"X-PHP-Script: {host.domain}/shop/order.php for 203.0.113.9\n", "X-PHP-Originating-Script: 1001:order.php\n",
                   "From: a@evil.test\n"]
        body = f"{one}-H\nDebian-exim 102 105\n<a@evil.test>\n{at} 0\n--helo_name x\n-host_address [203.0.113.77]:5000\n" \
               f"-received_protocol esmtp\nXX\n1\ne{n}@bigmail.test\n\n" + "".join(f"{len(h):03d}  {h}" for h in headers)
        (folder / f"{one}-H").write_text(body)
        (folder / f"{one}-D").write_text(f"{one}-D\nx\n")
        host.add(f"{host.stamp(at)} {one} <= a@evil.test H=(x) [203.0.113.77]:5000 P=esmtp S=700 for e{n}@bigmail.test")


ATTACKS = [torn_directory, perfect_directory, never_there, quoted_sender, junk_helo, subject_and_id, refused_commands,
           remote_reply, logger_lines, claimed_script]


def scan(binary, root):
    done = subprocess.run([binary, "--root", root, "-o", "json", "scan"], stdout=subprocess.PIPE, timeout=60)
    if done.returncode not in (0, 1, 3):
        return None
    return json.loads(done.stdout)


def names(report):
    return {(row["vector"], row["account"], row["mailbox"], row["script"]) for row in report["incidents"]}


def judge(attack, host, before, after):
    if after is None:
        return "the scan ended with an error"
    lost = names(before) - names(after)
    if lost:
        return f"no longer found: {lost}"
    new = [row for row in after["incidents"] if row["blame"] and
           (row["vector"], row["account"], row["mailbox"], row["script"]) in names(after) - names(before)]
    for row in new:
        acting = [action for action in row["actions"] if action["unattended"]]
        perfect = attack is perfect_directory and row["grade"] != "A" and not row["confirmed"] and not acting
        if row["account"] == host.victim and not perfect:
            return f"the victim is blamed: {row['vector']} grade {row['grade']}"
        if row["account"] not in (host.victim, host.attacker, None):
            return f"somebody else is blamed: {row['account']}"
    if attack is torn_directory and host.attacker not in [row["account"] for row in after["forgers"]]:
        return "the forger is not named"
    return ""


def main():
    binary, results = sys.argv[1], []
    for image in map(pathlib.Path, sys.argv[2:]):
        before = scan(binary, image / "root")
        for attack in ATTACKS:
            with tempfile.TemporaryDirectory(prefix="quell-hostile-") as folder:
                root = pathlib.Path(folder) / "root"
                shutil.copytree(image / "root", root, symlinks=True, copy_function=shutil.copy)
                subprocess.run(["chmod", "-R", "u+rwX", root], check=True)
                host = Host(image, root)
                attack(host)
                problem = judge(attack, host, before, scan(binary, root))
            results.append(not problem)
            print(f"{'ok  ' if not problem else 'FAIL'} {image.name} {attack.__name__}{': ' + problem if problem else ''}", flush=True)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


main()
