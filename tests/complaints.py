#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every complaint of a folder with `quell-desk read` and compares each value with the folder's expected.tsv.

usage: complaints.py QUELL-DESK FOLDER

The folder holds the complaints, expected.tsv and desk.conf. Each deviation is one line; exit 1 when there is any, 77 (skipped)
when the folder is not there. Each mail must also stay within a second and 64 MB.
"""
import csv
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

SECONDS, KILOBYTES = 1.0, 64 * 1024
SKIPPED = 77


def values(complaint):
    """The columns of expected.tsv as quell-desk sees them; several items give several addresses."""
    items = complaint["items"]
    first = items[0] if items else {}
    row = {name: first.get(name) or "" for name in ("sender", "recipient", "date", "arrival", "subject", "message_id")}
    row["format"] = complaint["format"] or ""
    row["feedback_type"] = complaint["feedback_type"] or ""
    row["source_ip"] = ",".join(item["source_ip"] for item in items if item["source_ip"])
    row["received_ip"] = ",".join(item["hop_ip"] for item in items if item["hop_ip"])
    return row


def read(program, config, path):
    began = time.monotonic()
    run = subprocess.run([program, "--config", config, "-o", "json", "read", path], capture_output=True, check=False)
    seconds = time.monotonic() - began
    if run.returncode:
        return {}, seconds, f"exit {run.returncode}: {run.stderr.decode().strip()}"
    return json.loads(run.stdout), seconds, None


def compare(program, folder):
    deviations, slowest = [], 0.0
    with open(folder / "expected.tsv", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        complaint, seconds, error = read(program, folder / "desk.conf", folder / row["file"])
        slowest = max(slowest, seconds)
        if seconds > SECONDS:
            deviations.append(f"{row['file']}: took {seconds:.2f} s")
        if error:
            deviations.append(f"{row['file']}: {error}")
            continue
        got = values(complaint)
        for name, value in got.items():
            if value != (row[name] or ""):
                deviations.append(f"{row['file']}: {name}: expected {row[name]!r}, read {value!r}")
    return rows, deviations, slowest


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (folder / "expected.tsv").exists():
        print(f"skipped: no complaints in {folder}")
        return SKIPPED
    rows, deviations, slowest = compare(os.path.abspath(program), folder)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if peak > KILOBYTES:
        deviations.append(f"peak memory of one read: {peak} kB")
    print("\n".join(deviations))
    print(f"{len(rows)} complaints, {len(deviations)} deviations, slowest {slowest * 1000:.0f} ms, peak {peak / 1024:.0f} MB")
    return bool(deviations)


if __name__ == "__main__":
    sys.exit(main())
