#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every way of sending spam, on a host of real servers, from the scan to the end: `quell stop N --apply` stops what goes on,
honest mail of all others is still delivered, `quell verify` says so, and `quell undo --all` leaves the bytes of before.

    incidents.py QUELL [--stories a,b,...] [--seed N]      needs root

The host is the rig's (rig.py). After its days of traffic each culprit tries again: before the stop it must come through,
after it nothing of it may reach the outside.
"""
import argparse
import array
import fcntl
import hashlib
import json
import os
import re
import signal
import smtplib
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

import client
import exim
import namespace
import packages
import sink
from culprits import CULPRITS
from rig import Rig
from site_files import put

SKIPPED = 77
SECONDS = 1500
QUELL, ETC = "/run/rig/quell", "/run/rig/etc"
ALL = [name for name in CULPRITS if name != "inbound"]
FS_IOC_GETFLAGS = 0x80086601
VIRTUAL = "${lookup{$domain}dsearch,ret=full{/etc/exim4/virtual}}"


def options():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("quell", type=Path)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--scale", type=float, default=0.25, help="amount of ordinary traffic")
    given.add_argument("--stories", default=",".join(ALL), help=f"of: {' '.join(ALL)}")
    given.add_argument("--inside", help=argparse.SUPPRESS)
    given.set_defaults(layout="debian", selectors="cpanel", hostile=False, transport="file", compression="gz",
                       syslog="traditional", long_ids=False, scan=None)
    return given.parse_args()


def main():
    given = options()
    given.accounts = len(given.stories.split(",")) + 3
    if given.inside:
        return Incidents(given).run()
    for reason in (namespace.available(), packages.missing()):
        if reason:
            print(f"skipped: {reason}")
            return SKIPPED
    with tempfile.TemporaryDirectory(prefix="quell-incidents-") as work:
        return namespace.enter([sys.executable, __file__, *sys.argv[1:], "--inside", work], SECONDS)


def file_facts(path):
    """Everything of a file that undo has to put back."""
    status = path.lstat()
    facts = [status.st_mode, status.st_uid, status.st_gid]
    if stat.S_ISREG(status.st_mode):
        flags = array.array("I", [0])
        with open(path, "rb", opener=lambda name, how: os.open(name, how | os.O_NOATIME)) as file:
            facts += [status.st_mtime_ns, hashlib.sha256(file.read()).hexdigest()]
            try:
                fcntl.ioctl(file, FS_IOC_GETFLAGS, flags)
            except OSError:
                pass
        facts += [flags[0], [(name, os.getxattr(path, name)) for name in sorted(os.listxattr(path))]]
    return facts


class Incidents(Rig):
    """The rig with its own Exim looking into the panel's alias files and into the hold lists of quell."""

    def __init__(self, given):
        super().__init__(given)
        self.problems, self.checks = [], 0

    def check(self, condition, *words):
        self.checks += 1
        if not condition:
            self.problems.append(" ".join(str(word) for word in words))

    def run(self):
        etc = Path(__file__).resolve().parent.parent.parent / "etc"
        namespace.furnish(self.given.inside, {QUELL: self.given.quell.absolute(), ETC: etc}, self.host.name)
        self.furnish()
        self.world = self.stage()
        self.configure_exim()
        self.world.play()
        self.play_incidents()
        for problem in self.problems + self.world.failures:
            print(f"  {problem}")
        failed = len(self.problems) + len(self.world.failures)
        print(f"{self.checks - len(self.problems)} passed, {failed} failed")
        return 1 if failed else 0

    def configure_exim(self):
        """As an administrator would: the hold ACLs merged into a configuration that has an ACL of its own."""
        config = Path(exim.CONFIG)
        text = config.read_text()
        held = Path(ETC, "exim-notsmtp.acl").read_text().replace("\naccept\n", "\n")
        changes = (
            ("acl_not_smtp = acl_noted\n", "acl_not_smtp = acl_handed_in\nacl_smtp_mail = /etc/quell/exim-mail.acl\n"),
            ("\nacl_noted:\n", f"\nacl_handed_in:\n{held}  accept acl = acl_noted\n\nacl_noted:\n"),
            (f"${{lookup{{$local_part@$domain}}lsearch{{{exim.TABLES}/aliases}}{{$value}}{{}}}}",
             f"${{lookup{{$local_part}}lsearch{{{VIRTUAL}}}{{${{if match{{$value}}{{^:include:}}{{}}{{$value}}}}}}{{}}}}"),
            (f"${{lookup{{*@$domain}}lsearch{{{exim.TABLES}/aliases}}{{$value}}{{}}}}",
             f"${{lookup{{*}}lsearch{{{VIRTUAL}}}{{$value}}{{}}}}"),
            (f"${{lookup{{$local_part@$domain}}lsearch{{{exim.TABLES}/lists}}{{$value}}fail}}",
             f"${{lookup{{$local_part}}lsearch{{{VIRTUAL}}}{{${{if match{{$value}}{{^:include:}}{{${{sg{{$value}}{{^:include:}}{{}}}}}}"
             "fail}}fail}"),
        )
        for old, new in changes:
            if old not in text:
                raise SystemExit(f"the rig's Exim has no {old!r}")
            text = text.replace(old, new)
        config.write_text(text)
        for name in ("exim-mail.acl", "exim-notsmtp.acl"):
            Path("/etc/quell").mkdir(exist_ok=True)
            Path("/etc/quell", name).write_text(Path(ETC, name).read_text())
        for name in ("hold-logins", "hold-users"):
            Path("/etc/quell", name).touch()
        self.world.exim._daemon.signal(signal.SIGHUP)
        time.sleep(0.5)

    # -- quell

    def quell(self, *words):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.world.clock.now()))
        done = subprocess.run([QUELL, "--now", moment, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace", timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    def scan(self):
        code, text = self.quell("-q", "-o", "json", "scan", "--all-ids")
        self.check(code in (0, 1, 3), "scan ended with", code, text[-500:])
        return json.loads(text)

    def incident_of(self, report, story):
        made = story.incident
        for found in report["incidents"]:
            if found["account"] == made.account and found["blame"]:
                return found
        return None

    # -- the world

    def snapshot(self):
        seen = {}
        for top in ("/home", "/etc", "/var/spool/cron", "/run/rig/mailusers", self.layout.spool + "/input"):
            for path in [Path(top), *Path(top).rglob("*")] if os.path.exists(top) else []:
                if not re.search(r"/mail/|/logs/|access-logs|/lists?\b|l\.txt$", str(path)):
                    seen[str(path)] = file_facts(path)
        seen["rules"] = subprocess.run(["nft", "list", "ruleset"], stdout=subprocess.PIPE, check=True).stdout
        return seen

    def difference(self, before, after, only_known=False):
        paths = set(before) if only_known else set(before) | set(after)
        return sorted(path for path in paths if before.get(path) != after.get(path))

    def settle(self):
        self.world.exim.settle()
        self.world.clock.advance(self.world.clock.now() + 5)

    def queue(self):
        return {path.name[:-2]: b"\n-frozen " in path.read_bytes() for path in Path(self.layout.spool, "input").rglob("*-H")}

    def willing(self, count):
        """Recipients elsewhere that take everything."""
        found = []
        while len(found) < count:
            address = self.world.internet.address("friends")
            if address not in self.world.internet.fates and address.split("@")[1] in sink.GOOD:
                found.append(address)
        return found

    # -- what culprits do once more; each returns whether the host took it

    def again(self, story):
        accepted = len(story.incident.messages) + len(story.incident.derived)
        failures = len(self.world.failures)
        tries = {
            "script_cron": lambda: self.start_job(story), "newsletter": lambda: story.send(), "form": lambda: story.submit(),
            "mailing_list": lambda: story.post(), "forwarder": lambda: story.pass_on(), "backscatter": lambda: story.arrive(1),
            "smtp_auth": lambda: story.send(story.names.ip(), self.willing(2)),
            "webmail": lambda: story.send(self.willing(2)),
            "shell": lambda: story.run(self.willing(2), "info@void.example", str(Path(story.program).parent)),
        }
        try:
            tries.get(story.vector, lambda: story.call(self.willing(2)))()
        except (smtplib.SMTPException, client.Refused, OSError):
            pass
        self.settle()
        del self.world.failures[failures:]
        return (story.incident.messages + story.incident.derived)[accepted:]

    def start_job(self, story):
        """With addresses that were not written to yet."""
        put(f"{Path(story.script).parent}/l.txt", "\n".join(self.willing(3)), story.account.uid)
        story.run()

    def attack(self, story):
        """(messages the host took, what went out of it)"""
        self.settle()
        before = len(self.world.internet.tried)
        taken = self.again(story)
        self.settle()
        return taken, self.world.internet.tried[before:]

    def honest_mail(self):
        """Neighbours of stolen mailboxes and every idle account: by mail program, form and webmail; and mail comes in."""
        world, stolen = self.world, {story.incident.mailbox for story in self.played}
        idle = [account for account in self.host.accounts if not account.busy]
        awaited, inboxes, before = {}, {}, len(world.internet.tried)
        for account in self.host.accounts:
            box = next(box for box in account.mailboxes if box.address not in stolen)
            self.send(awaited, box.address, lambda to: world.submit(box, box.networks[0], [to], "honest"))
        for account in idle:
            domain, box = account.domains[0], account.mailboxes[0]
            self.send(awaited, f"the form of {domain.name}", lambda to: world.browse(world.names.ip(), domain, "/contact.php", {
                "name": "Ann", "email": to, "copy": "1", "subject": "a question", "message": "hello"}))
            self.send(awaited, f"webmail {box.address}", lambda to: world.webmail(box, box.networks[0], [to], "honest"))
            inboxes[box.maildir] = len(list(Path(box.maildir).rglob("new/*")))
            world.deliver("198.51.100.44", "out4.mail.example", [(self.willing(1)[0], [box.address], "come in")])
        self.settle()
        tried = {recipient for _, recipient in world.internet.tried[before:]}
        for to, who in awaited.items():
            self.check(to in tried, "honest mail of", who, "does not arrive")
        for folder, count in inboxes.items():
            self.check(len(list(Path(folder).rglob("new/*"))) > count, "mail does not come in:", folder)

    def send(self, awaited, who, act):
        to = self.willing(1)[0]
        try:
            act(to)
            awaited[to] = who
        except (smtplib.SMTPException, client.Refused) as refused:
            self.check(False, "honest mail of", who, "is refused:", refused)

    # -- the play

    def stop_all(self, report, stories):
        for story in stories:
            found = self.incident_of(report, story)
            code, text = self.quell("stop", found["id"], "--apply", "--yes")
            self.check(code in (0, 4) and "changed" in text, story.vector, "is not stopped:", text)

    def play_incidents(self):
        for story in self.played:
            taken, out = self.attack(story)
            self.check(taken and (out or self.queue()), story.vector, "cannot be played once more")
            print(f"{story.vector} is played", flush=True)
        self.world.exim.run_queue()
        self.settle()
        report = self.scan()
        stories = [story for story in self.played if self.incident_of(report, story)]
        for story in self.played:
            self.check(story in stories, "not found:", story.vector, story.incident.account)
        before, queued = self.snapshot(), self.queue()
        self.stop_all(report, stories)
        self.undo_all()
        self.check(self.snapshot() == before, "undo at once leaves:", self.difference(before, self.snapshot())[:6])
        self.stop_all(report, stories)
        self.look_at_queue(queued, stories)
        code, text = self.quell("verify")
        self.check(code == 0, "verify ends with", code, text)
        self.attack_again(stories)
        self.honest_mail()
        code, text = self.quell("verify")
        self.check(code == 0 and "STILL SENDING" not in text and "stopped " in text, "verify ends with", code, text)
        self.undo_all()
        honest = {m.id for m in self.world.registry.messages if not m.label}     # a queue run may have delivered these
        left = [path for path in self.difference(before, self.snapshot(), only_known=True) if Path(path).name[:-2] not in honest]
        self.check(not left, "undo leaves:", left[:6])

    def look_at_queue(self, queued, stories):
        left = self.queue()
        spam = {m.id: story.vector for story in stories for m in story.incident.messages}
        honest = {m.id for m in self.world.registry.messages if not m.label and not m.bounce}
        waiting = {i: spam[i] for i in spam if not left.get(i, True)}
        self.check(not waiting, "spam is still queued:", waiting)
        gone = honest & set(queued) - set(left)
        self.check(not gone, "honest mail has left the queue:", gone)

    def attack_again(self, stories):
        held = []
        for story in stories:
            taken, out = self.attack(story)
            frozen = self.queue()
            self.check(not out, story.vector, "still sends:", out[:3])
            self.check(all(frozen.get(m.id, True) for m in taken), story.vector, "is queued, not frozen")
            held += [message for message in taken if message.id in frozen]
        self.world.exim.run_queue()
        self.settle()
        frozen = self.queue()
        for message in held:
            self.check(frozen.get(message.id, True), "a queue run takes what is held:", message.id)

    def undo_all(self):
        code, text = self.quell("undo", "--all", "--restore-old-password")
        self.check(code == 0, "undo --all ends with", code, text)


if __name__ == "__main__":
    sys.exit(main())
