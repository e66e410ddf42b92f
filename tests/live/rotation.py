# SPDX-License-Identifier: Apache-2.0
"""Nightly log rotation in the panel's manner, while messages are under way: their lines end up in two files."""
import bz2
import datetime
import gzip
import lzma
import os
import shutil
from pathlib import Path

from world import DAY

OPENERS = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


class Rotation:
    def __init__(self, world, layout, compression, before, after):
        """`compression`: a key of OPENERS. `before` and `after`: what servers have to do when their logs are moved."""
        self.world, self.layout, self.compression = world, layout, compression
        self.before, self.after = before, after

    def plan(self):
        midnight = self.world.start - self.world.start % DAY + DAY
        while midnight < self.world.end:
            self.world.at(midnight + self.world.random.uniform(5, 1500), self.rotate)
            midnight += DAY

    def rotate(self):
        for prepare in self.before:
            prepare()
        for log in sorted(self.layout.rotated):
            if Path(log).exists() and Path(log).stat().st_size:
                self.rotate_file(Path(log))
        for reopen in self.after:
            reopen()

    def rotate_file(self, log):
        state = log.stat()
        if self.layout.dated_rotation:
            day = datetime.datetime.fromtimestamp(self.world.clock.now(), datetime.timezone.utc)
            aside = log.with_name(f"{log.name}-{day:%Y%m%d}")
            log.rename(aside)
            self.compress(aside, aside)
        else:
            first, second = log.with_name(log.name + ".1"), log.with_name(log.name + ".2")
            if first.exists():
                self.compress(first, second)
            log.rename(first)
        log.touch(0o640)
        log.chmod(state.st_mode & 0o777)
        os.chown(log, state.st_uid, state.st_gid)

    def compress(self, source, name):
        state, target = source.stat(), name.with_name(f"{name.name}.{self.compression}")
        with open(source, "rb") as plain, OPENERS[self.compression](target, "wb") as packed:
            shutil.copyfileobj(plain, packed)
        target.chmod(state.st_mode & 0o777)
        os.chown(target, state.st_uid, state.st_gid)
        os.utime(target, (state.st_mtime, state.st_mtime))
        source.unlink()
