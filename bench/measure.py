# SPDX-License-Identifier: Apache-2.0
"""What the measurements share: images, runs in turn, ratios, and whether the answer was right.

A measurement runs two command lines A and B in turn (A B A B ...) and prints CPU (user + system, of the whole tree of
processes) and wall as ratios A/B of neighbouring runs: only what was measured side by side may be compared.
"""
import json
import os
import pathlib
import subprocess
import sys
import time
from statistics import median

PAIRS = 7


class Bench:
    """Where the programs and images are, and how often pairs are run."""

    def __init__(self, build, folder, pairs=PAIRS, megabytes=100, queued=20000, seed=1):
        self.build, self.folder = pathlib.Path(build).resolve(), pathlib.Path(folder).resolve()
        self.quell = str(self.build / "quell")
        self.pairs, self.megabytes, self.queued, self.seed = pairs, megabytes, queued, seed

    def tool(self, name):
        """A program of this folder, built on demand."""
        subprocess.run(["ninja", "-C", self.build, f"bench/{name}"], check=True, stdout=subprocess.DEVNULL)
        return str(self.build / "bench" / name)

    def image(self, megabytes, accounts=3000, queued=1000, old=0):
        """Folder of a generated host; made once."""
        sizes = [str(number) for number in (self.seed, megabytes, accounts, queued, old)]
        folder = self.folder / ("host-" + "-".join(sizes))
        if not (folder / "planted.json").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            subprocess.run([self.tool("hostgen"), folder, *sizes], check=True)
        return folder

    def queue_image(self, queued):
        """A host with a short log whose queue is far older."""
        return self.image(4, 300, 100, queued - 100)

    def scan(self, image):
        return [self.quell, "--root", str(image / "root"), "-o", "json", "scan"]


def spool_of(image):
    return image / "root/var/spool/exim"


def logs_of(image):
    """All logs that a scan of the image reads."""
    root = image / "root"
    return sorted(map(str, [*(root / "var/log").iterdir(), *(root / "etc/apache2/logs/domlogs").iterdir()]))


def sum_of_files(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())


def check_verdict(image, text):
    """The planted culprits and their totals, no more and no fewer."""
    keys = ("vector", "account", "mailbox", "script")
    planted = json.loads((image / "planted.json").read_text())
    expected = sorted((*(str(row[key]) for key in keys), row["count"], row["queued"]) for row in planted)
    found = sorted((*(str(row[key]) for key in keys), row["messages"]["count"], row["messages"]["queued"])
                   for row in json.loads(text)["incidents"] if row["blame"])
    if found != expected:
        sys.exit(f"wrong answer on {image}:\n found    {found}\n expected {expected}")


class Run:
    """One run of a command line: cpu and wall in seconds, peak in KiB of the largest process; output of the answers that
    are checked, while yardsticks write to /dev/null."""

    def __init__(self, argv, good=(0,), keep=False):
        begin = time.monotonic()
        child = subprocess.Popen(argv, stdout=subprocess.PIPE if keep else subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.output = child.stdout.read() if keep else b""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in good:
            sys.exit(f"{argv[0]} ended with {child.returncode}")
        self.wall = time.monotonic() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss


class Ratio:
    """Ratios A/B of neighbouring runs."""

    def __init__(self, ones, others):
        self.cpu = [a.cpu / max(b.cpu, 1e-4) for a, b in zip(ones, others)]
        self.wall = [a.wall / max(b.wall, 1e-4) for a, b in zip(ones, others)]
        self.ones, self.others = ones, others


def pairs(count, one, other, good=(0,), check=None):
    """Runs both in turn; check is given the output of each run of the first."""
    Run(other)
    ones, others = [], []
    for _ in range(count):
        ones.append(Run(one, good, keep=check is not None))
        if check:
            check(ones[-1].output)
        others.append(Run(other))
    return Ratio(ones, others)


def many_times(count, words):
    """A command line that runs words so often, one after the other."""
    return ["sh", "-c", 'left=$1; shift; while [ "$left" -gt 0 ]; do "$@" >/dev/null; left=$((left - 1)); done', "sh", str(count), *words]


def scaled(runs, factor):
    """The runs, as if each had done factor times as much: a sample stands for the whole."""
    for run in runs:
        run.cpu *= factor
        run.wall *= factor
    return runs


def spread(values):
    return f"{min(values):.3g} / {median(values):.3g} / {max(values):.3g}"


def row(target, what, demand, met, cpu="", wall="", note=""):
    """A line of the table: ratios as min / median / max."""
    return {"target": target, "what": what, "cpu": cpu, "wall": wall, "demand": demand, "met": met, "note": note}


def row_of(target, what, demand, ratio, limit, by="cpu", note=""):
    """limit: of the median; None = nothing is demanded."""
    met = None if limit is None else median(getattr(ratio, by)) <= limit
    return row(target, what, demand, met, spread(ratio.cpu), spread(ratio.wall), note)
