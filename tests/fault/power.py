#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts: an ext4 on a loop device is shut down without flushing its log, after an acknowledged action and at random
moments. What was acknowledged is in force after the next mount; what was not is whole one way or the other.

    power.py ACTOR [--cuts N] [--seed N]      needs root and loop devices
"""
import argparse
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sweep import ENV, Broken, Trial, actions, check, demand
from small_host import Host

EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, struct.pack("I", 2)
IMAGE_BYTES = 64 << 20
ACTION_SECONDS = 0.15       # of one run on this kind of machine: cuts fall within


class Disk:
    def __init__(self, folder):
        self.image, self.at = folder / "image", folder / "disk"
        self.at.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(IMAGE_BYTES)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.at], check=True)

    def unmount(self):
        subprocess.run(["umount", self.at], check=True)

    def cut(self):
        fd = os.open(self.at, os.O_RDONLY)
        fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH)
        os.close(fd)

    def again(self):
        self.unmount()
        self.mount()


def trial(program, disk, name, chance):
    """One action with a cut behind or within it."""
    after_it = chance.random() < 0.5
    played = Trial(program, disk.at / "trial", name, False)
    os.sync()
    run = subprocess.Popen(played.actor.argv("apply", played.plan), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           env={**os.environ, **ENV})
    if not after_it:
        time.sleep(chance.random() * ACTION_SECONDS)
    code = run.wait() if after_it else None
    disk.cut()
    code = run.wait() if code is None else code
    run.stdout.close()
    disk.again()
    if code == 0 and after_it:
        demand(played.in_force() >= 1, "acknowledged, but the journal does not have it")
    check(played, "apply", 4, None)
    return after_it and code == 0


def alone():
    """In a mount namespace of its own: a copy of the mount elsewhere would keep the cut disk alive."""
    return subprocess.run(["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv, "--alone"],
                          check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("actor")
    parser.add_argument("--cuts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4") or not Path("/dev/loop-control").exists():
        print("skipped: needs root, mkfs.ext4 and loop devices")
        return 77
    if not options.alone:
        return alone()
    chance, failed, acknowledged = random.Random(options.seed), 0, 0
    with tempfile.TemporaryDirectory(prefix="quell-power.") as folder:
        names = [name for name in sorted(actions(Host(f"{folder}/names"))) if name != "disable-immutable"]
        disk = Disk(Path(folder))
        for number in range(options.cuts):
            name = chance.choice(names)
            try:
                acknowledged += trial(options.actor, disk, name, chance)
            except Broken as broken:
                failed += 1
                print(f"cut {number} {name}: {broken}", flush=True)
            shutil.rmtree(disk.at / "trial")
        disk.unmount()
    print(f"seed {options.seed}: {acknowledged} of {options.cuts} cuts behind an acknowledged action")
    print(f"{options.cuts - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
