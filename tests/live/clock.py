# SPDX-License-Identifier: Apache-2.0
"""The wall clock of the test host: real time plus an offset that only grows.

The offset (and its growth, for the monotonic clock) lies in a file that clock.c maps into every process of the host.
The rig itself runs on real time and asks here. Steps of the offset are remembered, so that a file's real time of change
can be told in simulated time afterwards.
"""
import bisect
import mmap
import os
import struct
import subprocess
import time
from pathlib import Path

FILE = "/run/rig/clock"
LIBRARY = "/run/rig/clock.so"
SOURCE = Path(__file__).with_name("clock.c").read_bytes()      # read before the view of the rig hides this folder


class Clock:
    def __init__(self, start):
        """Begins at `start` (epoch seconds) and switches the preload on for every program started from now on."""
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", f'-DCLOCK_FILE="{FILE}"', "-o", LIBRARY, "-x", "c", "-"], input=SOURCE,
                       check=True)
        Path(FILE).write_bytes(bytes(16))
        with open(FILE, "r+b") as file:
            self._page = mmap.mmap(file.fileno(), 16)
        self._steps = []
        self._set(start)
        Path("/etc/ld.so.preload").write_text(LIBRARY + "\n")

    def now(self):
        return time.time() + self._offset

    def advance(self, until):
        """Moves forward to `until`; a moment that is past already changes nothing."""
        if until > self.now():
            self._set(until)

    def _set(self, moment):
        real = time.time()
        self._offset = moment - real
        self._steps.append((real, self._offset))
        self._page[:] = struct.pack("=2q", int(self._offset * 1e9), int((self._offset - self._steps[0][1]) * 1e9))

    def simulated(self, real):
        """The simulated time of a real moment during the run."""
        at = bisect.bisect_right(self._steps, (real, float("inf"))) - 1
        return real + self._steps[max(at, 0)][1]

    def stamp(self, top, since):
        """Gives everything below `top` that changed after the real moment `since` its simulated time of change."""
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                path = os.path.join(folder, name)
                state = os.lstat(path)
                if since <= state.st_mtime <= time.time():
                    moment = self.simulated(state.st_mtime)
                    os.utime(path, (moment, moment), follow_symlinks=False)
