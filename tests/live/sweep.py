#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a quell binary on hosts nobody tuned to: one live host for each seed, scanned while it runs and as an image.

usage: sweep.py BINARY [--first SEED] [--count N] [--keep DIR] [--scale X] [--layout L]

The seed decides layout, selectors, log transport, form of message ids and stories, so a seed that went wrong can be
played again. Prints a line for each host and the totals; exit code 0 when the thresholds of score.py are met.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent))

import namespace
import packages
import score

SKIPPED = 77                        # the exit code by which test runners know a skip
LAYOUTS = ("cpanel", "debian", "hestia", "directadmin")
SELECTORS = ("default", "default", "cpanel", "all")
WAYS = ([], [], ["--long-ids"], ["--hostile"], ["--transport", "syslog"], ["--transport", "syslog", "--syslog", "rfc3339"],
        ["--transport", "syslog-bare"], ["--compression", "xz"], ["--compression", "bz2"])


def draw(seed, layout):
    """The rig's options for a seed."""
    chance = random.Random(f"sweep {seed}")
    drawn = ["--layout", chance.choice(LAYOUTS), "--selectors", chance.choice(SELECTORS), *chance.choice(WAYS)]
    if layout:
        drawn[1] = layout
    return drawn


def play(binary, seed, drawn, scale, folder):
    rig = Path(__file__).with_name("rig.py")
    done = subprocess.run([sys.executable, str(rig), "--export", str(folder), "--seed", str(seed), "--scale", str(scale),
                           "--accounts", "14", "--scan", str(binary), *drawn], stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SystemExit(f"seed {seed} {' '.join(drawn)}: {done.stderr.decode(errors='replace')[-2000:]}")


def measure(binary, folder):
    """Scores of the live scan and of the image; message ids of the live host are the old ones."""
    truth = json.loads((folder / "truth.json").read_text())
    return {"live": score.judge(json.loads((folder / "live.json").read_text()), truth),
            "image": score.judge(score.scan(binary, folder), truth)}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binary", type=Path)
    options.add_argument("--first", type=int, help="first seed; default: drawn")
    options.add_argument("--count", type=int, default=1)
    options.add_argument("--scale", type=float, default=0.3)
    options.add_argument("--layout", choices=LAYOUTS)
    options.add_argument("--keep", type=Path, help="images stay here")
    given = options.parse_args()
    for reason in (namespace.available(), packages.missing()):
        if reason:
            print(f"skipped: {reason}")
            return SKIPPED
    first = random.SystemRandom().randrange(100000) if given.first is None else given.first
    totals = {"live": score.Score(), "image": score.Score()}
    with tempfile.TemporaryDirectory(prefix="quell-sweep-") as work:
        for seed in range(first, first + given.count):
            drawn = draw(seed, given.layout)
            folder = (given.keep or Path(work)) / f"seed-{seed}"
            play(given.binary.absolute(), seed, drawn, given.scale, folder)
            for kind, result in measure(given.binary, folder).items():
                if kind == "live" and "--long-ids" in drawn:
                    continue
                print(f"seed {seed} {' '.join(drawn)} {kind}: {result.summary()}", flush=True)
                if result.failures():
                    print("\n".join(result.lines), flush=True)
                totals[kind].add(result)
    for kind, total in totals.items():
        print(f"total {kind}: {total.summary()}")
    failures = [f"{kind}: {failure}" for kind, total in totals.items() for failure in total.failures()]
    print("\n".join(f"FAILED {failure}" for failure in failures) or "all thresholds met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
