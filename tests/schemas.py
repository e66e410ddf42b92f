#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real output of the reading commands against schema/, on every host image named. Readers have to bear fields they do not
know; we print none that the schema does not declare.

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
            [["queue"], ["queue", "count"], ["trace", "<>"], ["trace", "re:"], ["trace", "127.0.0.1"], ["doctor"], ["scan"],
             ["scan", "--all-ids"], ["why", "1"], ["why", "nobody"], ["why", "203.0.113.57"]])


def closed(schema):
    """The schema with every object limited to the fields it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {"additionalProperties": False} if "properties" in schema and "additionalProperties" not in schema else {}
    return {key: closed(part) for key, part in schema.items()} | shut


def checks():
    """Name of a document ("quell.scan/1") -> what finds its faults."""
    import jsonschema
    found = {}
    for path in SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        found[path.name.removesuffix(".schema.json").replace("-1", "/1")] = closed(schema)
    store = {schema["$id"]: schema for schema in found.values() if "$id" in schema}
    return {name: jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver(schema.get("$id", ""), schema, store=store))
            for name, schema in found.items()}


def output(quell, root, words):
    run = subprocess.run([quell, "--root", root, "-o", "json", *words], stdout=subprocess.PIPE, check=False)
    return json.loads(run.stdout)


def faults(check, report):
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in check[report["schema"]].iter_errors(report)]


def objects(report):
    if isinstance(report, dict):
        yield report
    for part in report.values() if isinstance(report, dict) else report if isinstance(report, list) else ():
        yield from objects(part)


def strictness(check, report):
    """How many kinds of objects there are in a report, and those beside whose fields an undeclared one would pass."""
    kinds = {tuple(sorted(place)): place for place in objects(report)}
    lax = []
    for fields, place in kinds.items():
        place["undeclared"] = 1
        lax += [] if faults(check, report) else [fields]
        del place["undeclared"]
    return len(kinds), lax


def main():
    try:
        check = checks()
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    quell, failed, count = sys.argv[1], 0, 0
    for root in sys.argv[2:]:
        listed = output(quell, root, ["queue", "--newest", "3"]).get("messages", [])
        for words in COMMANDS + [["queue", "show", m["id"]] for m in listed]:
            found = faults(check, output(quell, root, words))
            failed += bool(found)
            count += 1
            for fault in found[:5]:
                print(f"{root}: {words}: {fault}")
    kinds, lax = strictness(check, output(quell, sys.argv[2], ["scan"]))
    for fields in lax:
        print(f"an undeclared field passes beside {fields}")
    failed, count = failed + len(lax), count + kinds
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
