#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a quell binary against host images whose truth is known.

usage: score.py BINARY [--summary] [--json FILE] IMAGE...

IMAGE holds root/ (the host's `/`) and truth.json (schema host-truth-1, known from the sending side). Each image is
scanned; every reported incident is laid beside the true incident with which it shares most messages, else beside the
one with the same actor. Printed: what was found, messages and addresses found and missed, who was blamed wrongly and
which honest queued mail would be purged. Exit code 0 only when every threshold below is met over all images.
--json FILE scores an output that exists already (one image only), such as that of a scan of a live host.
"""
import argparse
import ipaddress
import json
import subprocess
import sys
from pathlib import Path

THRESHOLDS = {"ids": (0.99, 0.97), "addresses": (0.95, 0.95)}   # least precision, least recall
SCAN_SECONDS = 120
ACTOR = ("vector", "account", "mailbox", "script")


class Tally:
    """Counts of right, wrong and missed items of one kind."""

    def __init__(self):
        self.right = self.wrong = self.missed = 0

    def compare(self, reported, true):
        self.right += len(reported & true)
        self.wrong += len(reported - true)
        self.missed += len(true - reported)
        return self

    def add(self, other):
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed

    @property
    def precision(self):
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self):
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def __str__(self):
        return f"P {self.precision:.3f} R {self.recall:.3f} (+{self.right} !{self.wrong} -{self.missed})"


class Reported:
    """One incident as quell printed it, reduced to sets."""

    def __init__(self, incident):
        messages = incident["messages"]
        self.actor = {key: incident.get(key) for key in ACTOR}
        self.blame = incident["blame"]
        self.called_script = incident.get("called_script")
        self.ids = set(messages.get("ids") or ())
        self.derived = set(messages.get("derived_ids") or ())
        self.ips = addresses(i["ip"] for i in incident["ips"] if i["role"] != "entry")
        self.entry_ips = addresses(i["ip"] for i in incident["ips"] if i["role"] == "entry")

    def __str__(self):
        return " ".join(f"{key}={value}" for key, value in self.actor.items() if value)


class Actual:
    """One incident as it really was, with the reported ones that were laid beside it."""

    def __init__(self, incident):
        self.incident = incident
        self.actor = {key: incident.get(key) for key in ACTOR}
        self.honest = incident["vector"] == "legit_bulk"
        self.ids = set(incident["messages"])
        self.derived = set(incident["derived"])
        self.ips = addresses(incident["ips"])
        self.entry_ips = addresses(incident["entry_ips"])
        self.reported = []

    def has_actor(self, other):
        return (self.actor["account"] == other.actor["account"]
                and (self.actor["mailbox"] or self.actor["script"]) is not None
                and any(self.actor[key] and self.actor[key] == other.actor[key] for key in ("mailbox", "script")))

    def harmed_by(self, other):
        """True when `other` blames somebody who is not this incident's actor."""
        mailboxes = self.actor["mailbox"], other.actor["mailbox"]
        return (self.actor["account"] != other.actor["account"]
                or all(mailboxes) and mailboxes[0] != mailboxes[1])

    def faults(self):
        """What is wrong with the verdict, as words; empty = right."""
        if not self.reported:
            return ["missed"]
        best = max(self.reported, key=lambda r: len(r.ids & self.ids))
        faults = [f"{key} is {best.actor[key]}" for key in ("vector", "account") if best.actor[key] != self.actor[key]]
        named = [key for key in ("mailbox", "script") if self.actor[key]]
        # behind a front controller both are named: the page that is called and the file it includes, which mails
        both = best.called_script == self.actor["script"] and self.incident.get("included")
        right = {key: (self.actor[key], both if key == "script" else None) for key in named}
        if named and not any(best.actor[key] in right[key] for key in named if best.actor[key]):
            faults += [f"{key} is {best.actor[key]}" for key in named]
        if best.blame != self.incident["blame"]:
            faults.append(f"blame is {best.blame}")
        if len(self.reported) > 1:
            faults.append(f"split in {len(self.reported)}")
        return faults

    def union(self, name):
        return set().union(*(getattr(r, name) for r in self.reported))


class Score:
    """The comparison of one image, or the sum over several."""

    def __init__(self):
        self.tallies = {name: Tally() for name in ("ids", "derived", "addresses")}
        self.incidents = self.found = self.exact = 0
        self.innocents, self.purged, self.lines = [], [], []
        self.verdicts = []      # (true incident, what is wrong with its verdict)

    def add(self, other):
        for name, tally in other.tallies.items():
            self.tallies[name].add(tally)
        for name in ("incidents", "found", "exact", "innocents", "purged"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def failures(self):
        out = [f"{name}: {kind} {got:.3f} below {least}"
               for name, leasts in THRESHOLDS.items()
               for kind, got, least in zip(("precision", "recall"),
                                           (self.tallies[name].precision, self.tallies[name].recall), leasts)
               if got < least]
        if self.exact < self.incidents:
            out.append(f"{self.incidents - self.exact} of {self.incidents} incidents missed or named wrongly")
        if self.innocents:
            out.append(f"{len(self.innocents)} innocents blamed")
        if self.purged:
            out.append(f"{len(self.purged)} honest queued messages inside an incident")
        return out

    def summary(self):
        return (f"found {self.found}/{self.incidents} exact {self.exact} innocents {len(self.innocents)} "
                f"honest-queued {len(self.purged)} ids {self.tallies['ids']} addresses {self.tallies['addresses']} "
                f"derived {self.tallies['derived']}")


def addresses(texts):
    return {ipaddress.ip_address(text) for text in texts}


def scan(binary, image):
    run = subprocess.run([binary, "--root", str(image / "root"), "-o", "json", "scan", "--all-ids"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SCAN_SECONDS, check=False)
    if run.returncode not in (0, 1, 3):
        sys.exit(f"{binary} ended with {run.returncode} on {image}: {run.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(run.stdout)


def assign(reported, truths):
    """Lays each reported incident beside a true one; returns those that fit none."""
    strays = []
    for report in reported:
        best = max(truths, key=lambda t: len(report.ids & t.ids), default=None)
        if best is None or not report.ids & best.ids:
            best = next((t for t in truths if t.has_actor(report)), None)
        if best is None:
            strays.append(report)
        else:
            best.reported.append(report)
    return strays


def judge(output, truth):
    score = Score()
    truths = [Actual(i) for i in truth["incidents"]]
    reported = [Reported(i) for i in output["incidents"]]
    strays = assign(reported, truths)
    for true in truths:
        if true.honest:
            strays += true.reported
        else:
            weigh(true, score)
    for stray in (s for s in strays if s.blame):
        score.innocents.append(stray)
        score.tallies["ids"].wrong += len(stray.ids)
        score.tallies["addresses"].wrong += len(stray.ips | stray.entry_ips)
        score.lines.append(f"  innocent blamed: {stray} ({len(stray.ids)} messages)")
    weigh_queue(reported, truth, score)
    return score


def weigh(true, score):
    faults = true.faults()
    score.incidents += 1
    score.verdicts.append((true.incident, faults))
    score.found += bool(true.reported)
    score.exact += not faults
    score.innocents += [r for r in true.reported if r.blame and true.harmed_by(r)]
    ids = Tally().compare(true.union("ids"), true.ids)
    derived = Tally().compare(true.union("derived"), true.derived)
    ips = Tally().compare(true.union("ips"), true.ips)
    ips.add(Tally().compare(true.union("entry_ips"), true.entry_ips))
    for name, tally in zip(("ids", "derived", "addresses"), (ids, derived, ips)):
        score.tallies[name].add(tally)
    actor = " ".join(f"{value}" for value in true.actor.values() if value)
    score.lines.append(f"  {true.incident['id']} {actor}: {'; '.join(faults) or 'right'}\n"
                       f"     ids {ids}  derived {derived}  addresses {ips}")


def weigh_queue(reported, truth, score):
    honest = {"legit"} | {i["id"] for i in truth["incidents"] if i["vector"] == "legit_bulk"}
    innocent = {i for i, entry in truth["queue"].items() if entry["label"].split("/")[0] in honest}
    for report in (r for r in reported if r.blame):
        caught = innocent & (report.ids | report.derived)
        score.purged += sorted(caught)
        if caught:
            score.lines.append(f"  honest queued mail in {report}: {' '.join(sorted(caught)[:5])}")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("binary")
    options.add_argument("images", nargs="+", type=Path)
    options.add_argument("--summary", action="store_true", help="one line per image, details only of what is wrong")
    options.add_argument("--json", type=Path, help="score this output instead of running the binary")
    given = options.parse_args()
    total = Score()
    for image in given.images:
        truth = json.loads((image / "truth.json").read_text())
        output = json.loads(given.json.read_text()) if given.json else scan(given.binary, image)
        score = judge(output, truth)
        print(f"{image}: {score.summary()}")
        if not given.summary or score.failures():
            print("\n".join(score.lines))
        total.add(score)
    print(f"total of {len(given.images)} images: {total.summary()}")
    failures = total.failures()
    print("\n".join(f"FAILED {failure}" for failure in failures) or "all thresholds met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
