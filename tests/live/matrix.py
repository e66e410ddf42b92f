#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every vector in every layout, with default and full log selectors and both forms of message ids: a table of verdicts.

usage: matrix.py BINARY [--seed N] [--keep DIR] [--layouts L,...] [--selectors S,...] [--groups N,...] [--sample]

The live rig plays each group of stories on each kind of host; the image with 23-character ids is transcribed from the one
with the old ids. An image that lies in DIR already is not played again. --sample takes one host of the matrix and two stories,
drawn by the seed, with little other traffic. A cell says `ok`, or what is wrong with the verdict; exit code 0 when every cell is right and the thresholds of
score.py are met.
"""
import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent))

import longids
import namespace
import packages
import score

SKIPPED = 77
LAYOUTS = ("cpanel", "directadmin", "hestia", "debian")
SELECTORS = ("default", "all")
IDS = ("old", "long")
# No two stories of a group have the same vector, so a verdict finds its story; each has honest twins of its own kind.
GROUPS = (
    ("script_http", "script_cron", "smtp_auth", "form", "mailing_list", "inbound", "shop", "office", "busy_form"),
    ("script_http_careful", "shell", "smtp_auth_careful", "newsletter", "mailing_list_managed", "opt_in", "backup", "road"),
    ("script_http_routed", "webmail", "local_smtp", "forwarder", "backscatter", "plugin", "private_forward", "invoices"),
)


def story_of(vector, group):
    return next((story for story in group if story == vector or story.startswith(f"{vector}_")), vector)


class Matrix:
    def __init__(self, given, work):
        self.given, self.work = given, work
        self.cells, self.total, self.notes = {}, score.Score(), []

    def stories(self, group):
        return random.Random(f"stories {self.given.seed}").sample(GROUPS[group], 2) if self.given.sample else GROUPS[group]

    def play(self, folder, layout, selectors, group):
        """Once more when it did not come to its end: on a busy machine a client of the rig may give up."""
        rig = Path(__file__).with_name("rig.py")
        for _ in range(2):
            done = subprocess.run([sys.executable, str(rig), "--export", str(folder), "--seed", str(self.given.seed),
                                   "--layout", layout, "--selectors", selectors, "--stories", ",".join(self.stories(group)),
                                   "--accounts", "20", "--scale", str(0.02 if self.given.sample else self.given.scale), "--seconds", "1500"],
                                  stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, check=False)
            if not done.returncode:
                return
            shutil.rmtree(folder, ignore_errors=True)
        raise SystemExit(f"{folder.name}: {done.stderr.decode(errors='replace')[-2000:]}")

    def image(self, layout, selectors, group, ids):
        """The folder of that image, made when it is not there yet."""
        folder = self.work / f"{layout}-{selectors}-{group + 1}-{ids}-{self.given.seed}"
        if (folder / "truth.json").exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        if ids == "long":
            longids.copy(self.image(layout, selectors, group, "old"), folder, self.given.seed)
        else:
            self.play(folder, layout, selectors, group)
        return folder

    def measure(self, layout, selectors, group, ids):
        folder = self.image(layout, selectors, group, ids)
        result = score.judge(score.scan(self.given.binary, folder), json.loads((folder / "truth.json").read_text()))
        for incident, faults in result.verdicts:
            self.cells[story_of(incident["vector"], GROUPS[group]), layout, selectors, ids] = "; ".join(faults) or "ok"
        self.total.add(result)
        print(f"{folder.name}: {result.summary()}", flush=True)
        if result.failures():
            print("\n".join(result.lines), flush=True)

    def table(self):
        """Rows are stories, columns hosts; what is wrong stands below, numbered."""
        columns = sorted({cell[1:] for cell in self.cells})
        notes = []
        print("\n" + " " * 22 + " ".join(f"{layout[:6]:>7}" for layout, _, _ in columns))
        print(" " * 22 + " ".join(f"{selectors[:3] + ' ' + ids[:3]:>7}" for _, selectors, ids in columns))
        for story in (s for group in GROUPS for s in group):
            row = [self.cells.get((story, *column)) for column in columns]
            if not any(row):
                continue
            shown = []
            for column, verdict in zip(columns, row):
                if verdict not in (None, "ok"):
                    notes.append(f"{story} {' '.join(column)}: {verdict}")
                shown.append("" if verdict is None else verdict if verdict == "ok" else f"[{len(notes)}]")
            print(f"{story:22}" + " ".join(f"{word:>7}" for word in shown))
        for number, note in enumerate(notes, 1):
            print(f"[{number}] {note}")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binary", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--scale", type=float, default=0.3, help="amount of ordinary traffic")
    options.add_argument("--keep", type=Path, help="images stay here")
    options.add_argument("--layouts", default=",".join(LAYOUTS))
    options.add_argument("--selectors", default=",".join(SELECTORS))
    options.add_argument("--groups", default=",".join(str(n + 1) for n in range(len(GROUPS))))
    options.add_argument("--sample", action="store_true", help="one host of the matrix, drawn by the seed")
    given = options.parse_args()
    for reason in (namespace.available(), packages.missing()):
        if reason:
            print(f"skipped: {reason}")
            return SKIPPED
    given.binary = given.binary.absolute()
    hosts = [(layout, selectors, int(group) - 1) for group in given.groups.split(",")
             for layout in given.layouts.split(",") for selectors in given.selectors.split(",")]
    if given.sample:
        hosts = [random.Random(f"matrix {given.seed}").choice(hosts)]
    with tempfile.TemporaryDirectory(prefix="quell-matrix-") as work:
        matrix = Matrix(given, given.keep or Path(work))
        for host in hosts:
            for ids in IDS:
                matrix.measure(*host, ids)
    matrix.table()
    failures = matrix.total.failures()
    print(f"total matrix: {matrix.total.summary()}")
    print("\n".join(f"FAILED {failure}" for failure in failures) or "all thresholds met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
