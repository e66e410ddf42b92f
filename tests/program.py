#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is promised of the program as a whole: one static file without name services, that starts in an empty chroot, prints
the same bytes for the same input, keeps to its schemas and its exit codes.

usage: program.py QUELL     QUELL lies at the top of its build folder
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import schemas

QUELL = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else Path()
TOP = Path(__file__).resolve().parent.parent
SAMPLE = TOP / "samples" / "host"
IMAGES = [SAMPLE, *sorted((TOP.parent / "shared" / "samples").glob("host*"))]
SIZE_MAX = 6 << 20
SECONDS = 60
# What a static program must not call: names from NSS, converters and libraries that glibc loads at run time, sockets, shells.
FORBIDDEN = set("""dlopen iconv_open setlocale getpwnam getpwnam_r getpwuid getpwuid_r getgrnam getgrnam_r getgrgid getgrgid_r
    getgrouplist initgroups getaddrinfo gethostbyname gethostbyaddr getservbyname getnameinfo socket connect bind listen
    accept system popen execlp execvp""".split())


def run(*arguments, **options):
    return subprocess.run([str(QUELL), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          timeout=SECONDS, check=False, **options)


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


class StaticFile(unittest.TestCase):
    def test_needs_no_other_file(self):
        headers = output("readelf", "-lW", QUELL)
        self.assertNotIn("INTERP", headers)
        self.assertNotIn("DYNAMIC", headers)

    def test_size(self):
        self.assertLessEqual(QUELL.stat().st_size, SIZE_MAX)

    def test_calls_nothing_that_loads_at_run_time(self):
        objects = [*QUELL.parent.glob("src/*.a"), *QUELL.parent.glob("quell.p/*.o")]
        self.assertTrue(objects)
        called = {line.split()[-1] for line in output("nm", "-u", *objects).splitlines() if " U " in line}
        self.assertEqual(called & FORBIDDEN, set())

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_empty_chroot(self):
        with tempfile.TemporaryDirectory(prefix="quell-chroot-") as folder:
            shutil.copy(QUELL, folder)
            self.assertEqual(subprocess.run(["chroot", folder, "/quell", "version"], stdout=subprocess.DEVNULL,
                                            check=False).returncode, 0)
            shutil.copytree(SAMPLE, Path(folder, "host"))
            inside = subprocess.run(["chroot", folder, "/quell", "--root", "/host", "-o", "json", "scan"],
                                    stdout=subprocess.PIPE, check=False)
        self.assertEqual(inside.stdout, run("--root", str(SAMPLE), "-o", "json", "scan").stdout)
        self.assertEqual(inside.returncode, 1)


class SameInputSameBytes(unittest.TestCase):
    def test_twice(self):
        for form in ("text", "json"):
            for image in IMAGES:
                arguments = ("--root", str(image), "-o", form, "scan")
                self.assertEqual(run(*arguments).stdout, run(*arguments).stdout, f"{image} {form}")

    def test_surroundings(self):
        plain = run("--root", str(SAMPLE), "-o", "json", "scan").stdout
        strange = {"TZ": "Asia/Kolkata", "LC_ALL": "tr_TR.UTF-8", "HOME": "/nowhere", "COLUMNS": "20", "TERM": "xterm"}
        self.assertEqual(run("--root", str(SAMPLE), "-o", "json", "scan", cwd="/", env=strange).stdout, plain)


class Contract(unittest.TestCase):
    """Exit codes; the schemas of all commands are checked by schemas.py, here on every image there is."""

    def keeps_to(self, *command):
        check = schemas.checks()
        for image in IMAGES:
            report = json.loads(run("--root", str(image), "-o", "json", *command).stdout)
            self.assertEqual(schemas.faults(check, report)[:5], [], f"{image} {command}")

    def test_scan(self):
        self.keeps_to("scan")
        self.keeps_to("scan", "--all-ids")

    def test_why(self):
        for word in ("1", "sven@alpine-hotel.test", "203.0.113.57", "nobody"):
            self.keeps_to("why", word)

    def test_exit_codes(self):
        self.assertEqual(run("--root", str(SAMPLE), "scan").returncode, 1)
        self.assertEqual(run("--help").returncode, 0)
        for wrong in (["--nonsense"], ["nonsense"], ["scan", "--nonsense"], ["-o", "nonsense", "scan"], ["--now", "never", "scan"]):
            done = run(*wrong)
            self.assertEqual((done.returncode, done.stdout), (2, b""), wrong)
            self.assertIn(b"quell: ", done.stderr)
        with tempfile.TemporaryDirectory() as empty:
            self.assertEqual(run("--root", empty, "scan").returncode, 3)


if __name__ == "__main__":
    unittest.main()
