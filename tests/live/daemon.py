# SPDX-License-Identifier: Apache-2.0
"""A server program of the test host, kept in the foreground, with its complaints at hand."""
import os
import subprocess
import tempfile
import time

READY_SECONDS = 20


class Daemon:
    def __init__(self, name, argv, ready, env=None):
        """Starts `argv`; returns when `ready()` is true. A program that ends or stays silent gives an error with what
        it wrote."""
        self.name = name
        self._words = tempfile.TemporaryFile()
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self._words, stderr=subprocess.STDOUT,
                                         cwd="/", env={"PATH": os.environ["PATH"], **(env or {})})
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise SystemExit(f"{name} was not ready within {READY_SECONDS} s: {self.words()}")
            time.sleep(0.02)

    @property
    def pid(self):
        return self._process.pid

    def words(self):
        self._words.seek(0)
        return self._words.read().decode(errors="replace")[-4000:].strip() or "(it wrote nothing)"

    def check(self):
        code = self._process.poll()
        if code is not None:
            raise SystemExit(f"{self.name} ended with code {code}: {self.words()}")

    def signal(self, number):
        self._process.send_signal(number)
