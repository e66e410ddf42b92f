#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A whole mail host for a minute: real servers in namespaces, two simulated days of traffic, and the truth about it.

Exim, Dovecot, Apache, PHP and rsyslog run on their real ports; stories of abuse and their honest twins are played on them.

usage: rig.py --export DIR [--seed N] [--layout L] [--selectors S] [--stories a,b,...] ...

DIR gets root/ (the host's files), truth.json and MANIFEST.tsv; with --scan BINARY also live.json, what that quell printed
on the running host. Needs root. The machine's own files and services are not touched.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True      # a run leaves nothing beside its sources

import longids
import namespace
import packages
import truth
from clock import Clock
from culprits import CULPRITS
from daily import Daily
from dovecot import Dovecot
from exim import Exim
from host import Host
from hostile import Hostile
from image import Image
from layout import LAYOUTS, SELECTORS, write
from names import Names
from registry import Registry
from rotation import OPENERS, Rotation
from sink import Internet
from site_files import build
from rsyslog import FORMATS, Syslog
from twins import TWINS
from web import WEBMAIL_USER, Web
from world import DAY, HOUR, World

STORIES = {**CULPRITS, **TWINS}
FIRST_DAY = 1785560400              # a day at 05:00 UTC; the seed adds up to some months
SCAN_SECONDS = 120
SYSTEM_UID_MAX, NOBODY = 999, 65534


def options():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--export", type=Path, required=True, metavar="DIR")
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--layout", choices=LAYOUTS, default="debian")
    given.add_argument("--selectors", choices=SELECTORS, default="default")
    given.add_argument("--stories", default="",
                       help=f"of: {' '.join(STORIES)}; default: four culprits and three twins drawn by the seed")
    given.add_argument("--accounts", type=int, default=12)
    given.add_argument("--scale", type=float, default=1.0, help="amount of ordinary traffic")
    given.add_argument("--hostile", action="store_true", help="forged lines as well")
    given.add_argument("--transport", choices=("file", "syslog", "syslog-bare"), default="file",
                       help="of Exim's log; syslog-bare: without its own stamp")
    given.add_argument("--compression", choices=OPENERS, default="gz", help="of rotated logs")
    given.add_argument("--syslog", choices=FORMATS, default="traditional", help="form of syslog stamps")
    given.add_argument("--long-ids", action="store_true", help="23-character message ids in the image")
    given.add_argument("--scan", type=Path, metavar="BINARY", help="scan the running host with this quell")
    given.add_argument("--seconds", type=int, default=600, help="the rig is stopped after this time")
    given.add_argument("--inside", help=argparse.SUPPRESS)
    return given.parse_args()


def main():
    given = options()
    if given.inside:
        return Rig(given).run()
    for reason in (namespace.available(), packages.missing()):
        if reason:
            raise SystemExit(f"cannot play: {reason}")
    given.export.mkdir(parents=True, exist_ok=True)
    if any(given.export.iterdir()):
        raise SystemExit(f"{given.export} is not empty")
    with tempfile.TemporaryDirectory(prefix="quell-rig-") as work:
        return namespace.enter([sys.executable, __file__, *sys.argv[1:], "--inside", work], given.seconds)


class Rig:
    def __init__(self, given):
        self.given = given
        self.random = random.Random(given.seed)
        self.names = Names(self.random)
        self.layout = LAYOUTS[given.layout](given.transport)
        self.host = Host(self.layout, self.names, given.accounts)
        self.begun = time.time()

    def run(self):
        shared = {"/run/rig/export": self.given.export.absolute()}
        if self.given.scan:
            shared["/run/rig/quell"] = self.given.scan.absolute()
        namespace.furnish(self.given.inside, shared, self.host.name)
        self.furnish()
        world = self.stage()
        world.play()
        self.dovecot.forget_jumps()
        for place in ("/home", "/var/log", "/var/spool", "/etc/apache2/logs", "/usr/local/cpanel"):
            world.clock.stamp(place, self.begun)
        facts = truth.describe(world, self.given.selectors, world.exim.version())
        if self.given.scan:
            self.scan(world)
        self.export(world, facts)
        print(f"seed {self.given.seed} {self.given.layout} {self.given.selectors}: {facts['totals']} in "
              f"{time.time() - self.begun:.0f} s")
        for failure in world.failures:
            print(f"  {failure}", file=sys.stderr)
        return 1 if world.failures else 0

    def furnish(self):
        """Accounts, names, resolver: what the machine needs before any server starts."""
        users = [u for u in Path("/etc/passwd").read_text().splitlines() if int(u.split(":")[2]) <= SYSTEM_UID_MAX or
                 int(u.split(":")[2]) == NOBODY]
        groups = [g for g in Path("/etc/group").read_text().splitlines() if int(g.split(":")[2]) <= SYSTEM_UID_MAX or
                  int(g.split(":")[2]) == NOBODY]
        name, uid, gid = self.layout.exim_user
        extra = [(WEBMAIL_USER[0], WEBMAIL_USER[1], "/usr/local/webmail", "/usr/sbin/nologin")]
        if uid and not any(u.startswith(f"{name}:") for u in users):
            extra.insert(0, (name, uid, "/var/spool/mqueue", "/sbin/nologin"))
        extra += [(a.name, a.uid, a.home, a.shell) for a in self.host.accounts]
        users += [f"{n}:x:{u}:{u}::{home}:{shell}" for n, u, home, shell in extra]
        groups += [f"{n}:x:{u}:" for n, u, _, _ in extra]
        write("/etc/passwd", "\n".join(users) + "\n")
        write("/etc/group", "\n".join(groups) + "\n")
        write("/etc/hostname", self.host.name + "\n")
        write("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{namespace.HOST_IP} {self.host.name} {self.host.short}\n")
        Path("/etc/resolv.conf").unlink(missing_ok=True)
        write("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
        for account in self.host.accounts:
            write(f"{account.home}/.bash_history", "ls -la\ncd public_html\nvi index.php\n", 0o600, (account.uid, account.uid))
            os.chown(account.home, account.uid, account.uid)
            os.chmod(account.home, 0o711)
        os.chmod("/var/mail", 0o2775)
        os.chown("/var/mail", 0, 8)

    def stage(self):
        start = FIRST_DAY + self.random.randrange(130) * DAY
        clock = Clock(start)
        world = World(self.host, clock, Internet(self.names, clock), Registry(clock), None, self.random, start,
                      start + self.random.uniform(46, 52) * HOUR)
        busy = world.start + self.random.uniform(6, 30) * HOUR
        world.internet.busy = (busy, busy + 8 * HOUR)
        os.chmod("/run/rig/registry", 0o666)
        for domain in self.host.domains:
            build(domain, self.random, lambda: start - self.random.uniform(20, 400) * DAY)
        self.played = [STORIES[name](world) for name in self.stories()]
        for story in self.played:
            story.plan()
        if self.given.hostile:
            Hostile(world).plan()
        self.layout.write_maps(self.host)
        self.layout.prepare(self.host)
        world.internet.start(self.host.name, namespace.HOST_IP)
        log = Syslog(self.host, self.given.syslog)
        world.exim = Exim(self.host, self.given.selectors)
        self.dovecot = dovecot = Dovecot(self.host)
        Web(self.host, self.layout.name == "cpanel" and self.random.random() < 0.5)
        Daily(world, self.given.scale).plan()
        Rotation(world, self.layout, self.given.compression, (dovecot.forget_jumps,), (log.reopen, dovecot.reopen_log)).plan()
        return world

    def stories(self):
        if self.given.stories:
            return self.given.stories.split(",")
        return self.random.sample(list(CULPRITS), 4) + self.random.sample(list(TWINS), 3)

    def scan(self, world):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(world.clock.now()))
        done = subprocess.run(["/run/rig/quell", "--now", moment, "-o", "json", "scan", "--all-ids"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=SCAN_SECONDS, check=False)
        Path("/run/rig/export/live.json").write_bytes(done.stdout)
        if done.returncode not in (0, 1, 3):
            world.failures.append(f"scan ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")

    def export(self, world, facts):
        folder = "/run/rig/export"
        Image(folder, self.layout).write()
        text = json.dumps(facts, indent=1)
        if self.given.long_ids:
            transcript = longids.Transcript([m.id for m in world.registry.messages], self.given.seed)
            transcript.image(folder)
            text = transcript.text(text.encode()).decode()
        Path(folder, "truth.json").write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
