#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reading child of a real scan: what it is allowed to, what it holds open, and that older kernels' ways give the same
report. What the jail refuses is tried by tests/unit/jail_test.c.

usage: jail.py QUELL
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

QUELL = str(Path(sys.argv.pop(1)).resolve()) if len(sys.argv) > 1 else ""
IMAGE = Path(__file__).resolve().parent.parent / "samples" / "host"
SCAN = [QUELL, "--root", str(IMAGE), "-o", "json", "scan"]
CAP_DAC_READ_SEARCH = 1 << 2
SECONDS = 60
SKIPPED = 77


def status_of(pid):
    return dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())


def children(pid):
    """Those of its children that run QUELL."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if os.readlink(f"/proc/{child}/exe") == QUELL]


def wait_for(ask):
    """The first answer of ask() that is not empty."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            answer = ask()
        except FileNotFoundError:
            answer = None
        if answer:
            return answer
        time.sleep(0.01)
    raise AssertionError("waited in vain")


class Reader(unittest.TestCase):
    """The child stands still at its end, while strace delays its last call."""

    def setUp(self):
        self.tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=exit_group", "-e",
                                        "inject=exit_group:delay_enter=5000000", *SCAN], stdout=subprocess.DEVNULL)
        self.addCleanup(self.tracer.wait)
        self.addCleanup(self.tracer.kill)
        parent = wait_for(lambda: children(self.tracer.pid))[0]
        self.addCleanup(os.kill, parent, 9)
        self.child = wait_for(lambda: children(parent))[0]
        wait_for(lambda: status_of(self.child)["Seccomp"].strip() == "2")
        self.status = {name: value.strip() for name, value in status_of(self.child).items()}

    def test_holds_no_rights(self):
        self.assertEqual((self.status["Seccomp"], self.status["NoNewPrivs"]), ("2", "1"))
        for name in ("CapEff", "CapPrm"):
            self.assertEqual(int(self.status[name], 16) & ~CAP_DAC_READ_SEARCH, 0, name)
        for name in ("CapInh", "CapAmb", "CapBnd"):
            self.assertEqual(int(self.status[name], 16), 0, name)

    def test_holds_no_file_open_for_writing(self):
        for descriptor in Path(f"/proc/{self.child}/fd").iterdir():
            info = Path(f"/proc/{self.child}/fdinfo/{descriptor.name}").read_text()
            flags = next(int(line.split()[1], 8) for line in info.splitlines() if line.startswith("flags:"))
            target = os.readlink(descriptor)
            if flags & os.O_ACCMODE != os.O_RDONLY and int(descriptor.name) > 2:
                self.assertTrue(target.startswith("pipe:"), f"{descriptor.name} -> {target}")
            self.assertFalse(target.startswith("socket:"), target)


class OlderKernels(unittest.TestCase):
    """The same report where calls that the reader would like are missing."""

    @classmethod
    def setUpClass(cls):
        cls.report = subprocess.run(SCAN, stdout=subprocess.PIPE, timeout=SECONDS, check=False).stdout

    def scan_without(self, *calls):
        with tempfile.NamedTemporaryFile() as trace:
            wanted = [word for call in calls for word in ("-e", f"inject={call}:error=ENOSYS")]
            done = subprocess.run(["strace", "-f", "-qq", "-o", trace.name, "-e", f"trace={','.join(calls)}", *wanted, *SCAN],
                                  stdout=subprocess.PIPE, timeout=SECONDS, check=False)
            met = Path(trace.name).read_text()
        for call in calls:
            self.assertIn(f"{call}(", met, "was never called")
        self.assertEqual(done.stdout, self.report)

    def test_without_openat2(self):
        self.scan_without("openat2")

    def test_without_landlock(self):
        self.scan_without("landlock_create_ruleset")

    def test_without_both(self):
        self.scan_without("openat2", "landlock_create_ruleset")


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("strace"):
        print("skipped: needs root and strace")
        sys.exit(SKIPPED)
    unittest.main()
