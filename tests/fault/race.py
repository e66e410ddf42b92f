#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A customer swaps path components, by renameat2 in a loop, while root disables and enables his file. Whatever comes out of
it, root's files, another customer's file and the customer's other file are as they were.

    race.py ACTOR SWAP [--trials N] [--slow]    --slow delays system calls, which widens the window
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from small_host import Actor, Host, UID, disable

OTHER = 60002
SCRIPT = "home/anna/public_html/blog/x.php"


def furnish(base):
    host = Host(base)
    root = host.root
    for folder in ("home/zoe", "srv"):
        (root / folder).mkdir(parents=True)
    os.chown(root / "home/zoe", OTHER, OTHER)
    host.put("srv/x.php", "root's canary\n", 0o644, 0)
    host.put("home/zoe/x.php", "another customer's\n", 0o644, OTHER)
    blog = root / "home/anna/public_html"
    (blog / "link").symlink_to("../../../srv")
    (blog / "zoe").symlink_to("../../zoe")
    (blog / "file").symlink_to("../../../srv/x.php")
    os.link(root / "srv/x.php", blog / "hard")
    (blog / "real").mkdir()
    os.chown(blog / "real", UID, UID)
    host.put("home/anna/public_html/real/x.php", "<?php other(); ?>\n", 0o644, UID)
    return host


SWAPS = (("blog", "link"), ("blog", "zoe"), ("blog/x.php", "file"), ("blog/x.php", "hard"), ("blog", "real"))


def canaries(host):
    """What root must never change. The customer's other file may be named by his own swapping, so only its content counts."""
    seen = []
    for name in ("srv/x.php", "home/zoe/x.php", "srv", "home/zoe", "etc/passwd"):
        status = (host.root / name).lstat()
        seen.append((name, status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns))
    return seen


def trial(options, base, chance):
    host = furnish(base)
    actor = Actor(options.actor, host)
    plan = actor.plan([disable(SCRIPT)])
    before = canaries(host)
    folder = host.root / "home/anna/public_html"
    names = [str(folder / name) for name in chance.choice(SWAPS)]
    swapper = subprocess.Popen([options.swap, *names])
    wrap = ()
    if options.slow:
        calls = "fchown,fchmod,openat2,newfstatat,fsync,ioctl"
        wrap = ("strace", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:delay_enter=2000")
    try:
        applied = actor.run("apply", plan, wrap=wrap).returncode
        during = canaries(host)
        actor.run("undo", plan, wrap=wrap)
    finally:
        swapper.kill()
        swapper.wait()
    return applied == 0, before != during or before != canaries(host)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("actor")
    parser.add_argument("swap")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: needs root")
        return 77
    chance, done, hits = random.Random(options.seed), 0, 0
    for number in range(options.trials):
        with tempfile.TemporaryDirectory(prefix="quell-race.") as folder:
            applied, hit = trial(options, Path(folder), chance)
            done, hits = done + applied, hits + hit
            if hit:
                print(f"trial {number}: a canary changed", flush=True)
    print(f"seed {options.seed}: {options.trials} trials, {done} came through, {hits} canaries hit")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
