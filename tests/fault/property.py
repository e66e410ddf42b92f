#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random sequences of actions and undos; after undo of everything nothing differs: content, owner, mode, ACL, extended
attributes, flags, times, queue.

    property.py ACTOR [--sequences N] [--seed N]      needs root
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

from small_host import SCRIPT, UID, Actor, Host
from sweep import ENV, actions, difference, remove

LENGTH_MAX = 8


def disturb(host, chance):
    """Modes, ACLs and attributes that a customer may have set."""
    path = host.root / SCRIPT
    path.chmod(chance.choice((0o644, 0o600, 0o755, 0o4755, 0o000, 0o666)))
    if chance.random() < 0.5:
        subprocess.run(["setfacl", "-m", f"u:{chance.randrange(100)}:rw,m::{chance.choice(('r', 'rwx', '-'))}", path], check=True)
    if chance.random() < 0.5:
        os.setxattr(path, "user.k", bytes(chance.randrange(256) for _ in range(chance.randrange(40))))
    if chance.random() < 0.3:
        subprocess.run(["chattr", chance.choice(("+i", "+a", "+d")), path], check=True)
    if chance.random() < 0.5:
        host.put("home/anna/own", "x", 0o640, UID)


def play(program, base, chance):
    host = Host(base)
    host.put("etc/list", "one\ntwo")
    menu = actions(host)
    disturb(host, chance)
    before, actor, done, plans = host.snapshot(), Actor(program, host), [], []
    for _ in range(chance.randint(2, LENGTH_MAX)):
        if plans and chance.random() < 0.3:
            actor.run("undo", plans.pop(chance.randrange(len(plans))), env=ENV)
            continue
        name = chance.choice(sorted(menu))
        actor.now += 1
        planned = actor.run("plan", steps=menu[name])
        if planned.returncode == 0 and actor.run("apply", planned.stdout.strip(), env=ENV).returncode == 0:
            done.append(name)
            plans.append(planned.stdout.strip())
    actor.run("undo", env=ENV)
    left = difference(host.snapshot(), before)
    return done, left


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("actor")
    parser.add_argument("--sequences", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: needs root")
        return 77
    chance, failed, count = random.Random(options.seed), 0, 0
    for number in range(options.sequences):
        with tempfile.TemporaryDirectory(prefix="quell-property.") as folder:
            done, left = play(options.actor, f"{folder}/host", chance)
            remove(f"{folder}/host")
        count += len(done)
        if left:
            failed += 1
            print(f"sequence {number} {done}: {left}", flush=True)
    print(f"seed {options.seed}: {count} actions")
    print(f"{options.sequences - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
