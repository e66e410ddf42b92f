#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a scan costs in instructions, held below stated ceilings: unlike times, counts do not depend on the machine's load.

usage: cost.py BUILD [--renew]

BUILD is a release build with tests. Scans of fixed inputs are counted by callgrind, with the string functions of libc held
to the least x86-64 processor, and compared with tests/cost.ceilings; the sum is that of the reader and of its parent. Skipped
without valgrind, and on other processors.
"""
import argparse
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
CEILINGS = TOP / "tests" / "cost.ceilings"
SKIPPED = 77
MARGIN = 1.05      # of a renewed ceiling over what was counted: compilers and libc of the same release differ by less
STALE = 0.75       # counts below this part of a ceiling ask for a new one
PORTABLE = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX,-ERMS,-FSRM,-BMI2,-SSE4_2,-SSSE3"
GENERATED = {"log": ("1", "2", "50", "50", "0"), "queue": ("1", "0.05", "50", "1", "2000")}  # arguments of hostgen
ABOUT = """# Instructions that a scan of each input may take; tests/cost.py fails above. A change that needs more says why in its
# commit and writes new ceilings, as does one that needs far less:
#     tests/cost.py BUILD --renew      (BUILD: meson setup BUILD --buildtype=release -Dtests=enabled)
"""


def built(build, name):
    subprocess.run(["ninja", "-C", build, name], check=True, stdout=subprocess.DEVNULL)
    return str(build / name)


def inputs(build, folder):
    """Names and root folders of what is scanned."""
    yield "sample", TOP / "samples" / "host" / "root"
    hostgen = built(build, "bench/hostgen")
    for name, sizes in GENERATED.items():
        subprocess.run([hostgen, folder / name, *sizes], check=True)
        yield name, folder / name / "root"


def count(program, root):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "--root", root, "--now", "2026-12-01T00:00:00Z",
               "-o", "json", "scan"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          env={"PATH": os.environ["PATH"], "GLIBC_TUNABLES": PORTABLE})
    collected = re.findall(rb"Collected : (\d+)", done.stderr)
    if done.returncode not in (0, 1, 3) or len(collected) != 2 or not done.stdout:
        sys.exit(f"the scan of {root} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")
    return sum(map(int, collected))


def read_ceilings():
    lines = (line.split() for line in CEILINGS.read_text().splitlines() if line and line[0] != "#")
    return {name: int(number) for name, number in lines}


def write_ceilings(counts):
    rows = [f"{name} {int(number * MARGIN)}" for name, number in counts.items()]
    CEILINGS.write_text(ABOUT + "\n".join(rows) + "\n")


def judge(counts):
    """Prints a line for each input; how many are above their ceilings."""
    ceilings, failed = read_ceilings(), 0
    for name, number in counts.items():
        above = number > ceilings[name]
        failed += above
        hint = " (far below: renew)" if number < ceilings[name] * STALE else ""
        print(f"{'FAIL' if above else 'ok  '} {name}: {number / 1e6:.1f} of {ceilings[name] / 1e6:.1f} million instructions{hint}")
    print(f"{len(counts) - failed} passed, {failed} failed")
    return failed


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--renew", action="store_true", help="write what is counted now as the new ceilings")
    given = options.parse_args()
    if not shutil.which("valgrind") or platform.machine() != "x86_64":
        print("skipped: needs valgrind and x86-64")
        sys.exit(SKIPPED)
    program = built(given.build.resolve(), "tests/tools/quell_counted")
    with tempfile.TemporaryDirectory(prefix="quell-cost-") as folder:
        counts = {name: count(program, root) for name, root in inputs(given.build.resolve(), pathlib.Path(folder))}
    if given.renew:
        write_ceilings(counts)
    sys.exit(judge(counts) > 0)


if __name__ == "__main__":
    main()
