#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real output of the reading commands against schema/, on every host image named.

usage: schemas.py QUELL ROOT...
"""
import json
import subprocess
import sys
from pathlib import Path

SCHEMAS = Path(__file__).resolve().parent.parent / "schema"
KEYS = {"top": "login account script dir sender ip subject domain host hour".split(),
        "queue": "sender login account script domain host age state".split()}
COMMANDS = ([["top", "--by", k] for k in KEYS["top"]] + [["queue", "--by", k] for k in KEYS["queue"]] +
            [["queue"], ["queue", "count"], ["trace", "<>"], ["trace", "re:"], ["trace", "127.0.0.1"], ["doctor"], ["scan"]])


def output(quell, root, words):
    run = subprocess.run([quell, "--root", root, "-o", "json", *words], stdout=subprocess.PIPE, check=False)
    return json.loads(run.stdout)


def main():
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    quell, failed, count = sys.argv[1], 0, 0
    for root in sys.argv[2:]:
        listed = output(quell, root, ["queue", "--newest", "3"]).get("messages", [])
        for words in COMMANDS + [["queue", "show", m["id"]] for m in listed]:
            report = output(quell, root, words)
            name = report["schema"].replace("/", "-") + ".schema.json"
            for fault in Draft202012Validator(json.loads((SCHEMAS / name).read_text())).iter_errors(report):
                failed += 1
                print(f"{root}: {words}: {fault.json_path}: {fault.message[:200]}")
            count += 1
    print(f"{count} reports, {failed} faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
