#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays mail hosts of the live rig, scans each while it runs and once more as an image, and scores both.

usage: live_scan.py BINARY [--seed N] [--hosts N]

Host number i is played with seed N + i, which also draws its layout, log selectors, stories and traffic.
"""
import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS / "live"))
from layout import LAYOUTS, SELECTORS  # noqa: E402

RIG_SECONDS = 280


def tool(script, *arguments):
    return subprocess.run([sys.executable, TESTS / script, *arguments], check=False).returncode


def play(binary, seed, folder):
    """One host; True when everything went well and was found."""
    drawn = random.Random(seed)
    layout, selectors = drawn.choice(list(LAYOUTS)), drawn.choice(list(SELECTORS))
    if tool("live/rig.py", "--export", folder, "--seed", str(seed), "--layout", layout, "--selectors", selectors,
            "--scale", "0.5", "--seconds", str(RIG_SECONDS), "--scan", binary):
        return False
    running = tool("score.py", binary, "--summary", "--json", Path(folder, "live.json"), folder)
    image = tool("score.py", binary, "--summary", folder)
    return not running and not image


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binary", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--hosts", type=int, default=1)
    given = options.parse_args()
    well = 0
    for seed in range(given.seed, given.seed + given.hosts):
        with tempfile.TemporaryDirectory(prefix="quell-live-") as folder:
            well += play(given.binary.resolve(), seed, folder)
    print(f"{well} of {given.hosts} hosts without a fault")
    return well < given.hosts


if __name__ == "__main__":
    sys.exit(main())
