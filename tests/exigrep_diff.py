#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`quell trace -E` against exigrep on the main logs of a host image: the same lines for the same pattern, over rotated
and packed files. exigrep also groups lines that hold no id; those are left out here.

usage: exigrep_diff.py QUELL ROOT
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

EXIGREP = "/usr/sbin/exigrep"
PATTERNS = ("tina@", r"198\.51\.100\.16", r" \*\* ", "frozen", r"Invest and double", "U=pinestud", "retry time", r"<= <>", "^2026-11-04 09:3")
ENTRY = re.compile(r"[0-9-]{10} [0-9:]{8} (\w{6}-\w{6}-\w{2}) ")


def theirs(pattern, logs):
    run = subprocess.run([EXIGREP, pattern, *logs], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return sorted(line for line in run.stdout.decode("utf-8", "replace").split("\n") if ENTRY.match(line))


def ours(quell, root, pattern):
    run = subprocess.run([quell, "--root", root, "-o", "jsonl", "trace", "-E", pattern], stdout=subprocess.PIPE, check=False)
    events = [json.loads(line) for line in run.stdout.splitlines()]
    return sorted(e["text"] for e in events if e["kind"] == "main")


def main():
    quell, root = sys.argv[1:3]
    if not os.path.exists(EXIGREP):
        print("skipped: exim4-base is not installed")
        return 77
    # in the order of time: exigrep loses what a rotated file that comes later says of a message
    logs = sorted(map(str, Path(root).glob("var/log/exim_mainlog-*"))) + [f"{root}/var/log/exim_mainlog"]
    failed = 0
    for pattern in PATTERNS:
        mine, other = ours(quell, root, pattern), theirs(pattern, logs)
        failed += mine != other or not mine
        print(f"{pattern!r}: {len(mine)} lines, exigrep {len(other)}")
        for line in sorted(set(mine) ^ set(other))[:5]:
            print("  only", "quell" if line in mine else "exigrep", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
