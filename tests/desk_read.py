#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs `quell-desk read` on each made complaint of tests/case/desk-read and on bombs made here.

usage: desk_read.py QUELL-DESK CASES

A case is NAME.eml with NAME.json: what must be in the answer. Of an object the named fields are compared, of a list every
member. A bomb must be answered within its limits and name the limit that it hit.
"""
import base64
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import jsonschema

NOW = "2026-11-01T00:00:00Z"
SCHEMA = json.loads((pathlib.Path(__file__).parent.parent / "schema" / "quell.complaint-1.schema.json").read_text())
SECONDS, MEGABYTES = 1.0, 64


class Answer:
    """What one read gave: the complaint or an error, its processor time (the wall clock would measure the machine's other work),
    and the larger peak of memory of the program and its child."""

    def __init__(self, program, cases, path):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([program, "--config", cases / "desk.conf", "--now", NOW, "-o", "json", "read", path],
                                       stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.seconds = usage.ru_utime + usage.ru_stime
            self.megabytes = usage.ru_maxrss / 1024
            out.seek(0)
            err.seek(0)
            self.error = f"exit {process.returncode}: {err.read().decode().strip()}" if process.returncode else None
            self.complaint = json.loads(out.read()) if not self.error else {}
            if not self.error:
                jsonschema.validate(self.complaint, SCHEMA)


def differences(want, got, where=""):
    if isinstance(want, dict) and isinstance(got, dict):
        return [text for key in want for text in differences(want[key], got.get(key), f"{where}.{key}")]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        return [text for i, pair in enumerate(zip(want, got)) for text in differences(*pair, f"{where}[{i}]")]
    return [] if want == got else [f"{where}: expected {want!r}, read {got!r}"]


def mail(head, body=b""):
    return b"From: x@reader.test\nTo: abuse@desk.example\nSubject: spam\nMIME-Version: 1.0\n" + head + b"\n" + body


def nested_multiparts(depth):
    levels = [b"--%d\nContent-Type: multipart/mixed; boundary=\"%d\"\n\n" % (i, i + 1) for i in range(depth)]
    return mail(b"Content-Type: multipart/mixed; boundary=\"0\"\n", b"".join(levels) + b"text\n")


def nested_mails(depth):
    return mail(b"Content-Type: message/rfc822\n", b"Subject: Fwd: x\nContent-Type: message/rfc822\n\n" * depth + b"text\n")


def many_parts(count, boundary=b"boundary=x"):
    return mail(b"Content-Type: multipart/mixed; " + boundary + b"\n", b"--x\n\n.\n" * count)


def base64_of(size):
    return base64.encodebytes(b"A" * size)


def zip_bomb():
    """Rows of a feed, twenty times 20 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for i in range(20):
            file.writestr(f"{i}.csv", "ip\n192.0.2.10\n" + "x" * 20000000)
    return mail(b"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n", base64.encodebytes(packed.getvalue()))


LINE = b"Received: from a (a [192.0.2.10]) by b; Sun, 25 Oct 2026 10:05:00 +0000\n"
BOMBS = {
    # name: (its bytes, limit that must be named)
    "20,000 multiparts deep": (lambda: nested_multiparts(20000), "depth"),
    "20,000 mails deep": (lambda: nested_mails(20000), "depth"),
    "a million parts": (lambda: many_parts(1000000), "parts"),
    "a million parts, boundary in RFC 2231": (lambda: many_parts(1000000, b"boundary*=utf-8''x"), "parts"),
    "a million headers": (lambda: mail(b"X-A: b\n" * 1000000), "headers"),
    "a million Received fields": (lambda: mail(LINE * 1000000), "headers"),
    "one header of 20 MB": (lambda: mail(b"X-A: " + b"b" * 20000000 + b"\n"), "headers"),
    "31 MB": (lambda: mail(b"", b"x" * 77 + b"\n") * (31 * 1024 * 1024 // 150), "size"),
    "31 MB of base64": (lambda: mail(b"Content-Transfer-Encoding: base64\n", base64_of(23 * 1024 * 1024)), "size"),
    "29 MB of base64 text": (lambda: mail(b"Content-Transfer-Encoding: base64\n", base64_of(21 * 1024 * 1024)), "decoded"),
    "29 MB enclosed": (lambda: mail(b"Content-Type: message/rfc822\n", LINE + b"\n" + b"x\n" * 14500000), None),
    "100,000 JSON values": (lambda: b'{"xarf_version":"4","evidence":[' + b"1," * 100000 + b"1]}", "json"),
    "100,000 JSON brackets": (lambda: b'{"xarf_version":' + b"[" * 100000, "json"),
    "4 million addresses": (lambda: mail(b"", b"192.0.2.10 203.0.113.7\n" * 1000000), "decoded"),
    "a line of a million quotes": (lambda: mail(b"", b">" * 1000000 + b"\n"), None),
    "a million open tags": (lambda: mail(b"Content-Type: text/html\n", b"<div>" * 200000 + b"<" * 40000), None),
    "a million open comments": (lambda: mail(b"Received: from a " + b"(" * 400000 + b"\n"), None),
    "200 mails enclosed": (lambda: mail(b"Content-Type: multipart/mixed; boundary=x\n",
                                (b"--x\nContent-Type: message/rfc822\n\n" + LINE + b"Subject: s\n\nb\n") * 200), "items"),
    "400 MB zipped": (zip_bomb, "decoded"),
    "NUL bytes": (lambda: mail(b"X-A: \0\0\n", b"\0" * 100000), None),
}


def write_bomb(make, path):
    """In a child, since what this process once held would be counted as the reader's peak (it is inherited by exec)."""
    child = os.fork()
    if child == 0:
        path.write_bytes(make())
        os._exit(0)
    os.waitpid(child, 0)


def run_cases(program, cases):
    failures = []
    paths = sorted(cases.glob("*.eml"))
    for path in paths:
        want = json.loads(path.with_suffix(".json").read_text())
        got = Answer(program, cases, path)
        failures += [f"{path.stem}{text}" for text in [f": {got.error}"] * bool(got.error) or differences(want, got.complaint)]
    return len(paths), failures


def bomb_failures(got, limit):
    if got.error:
        yield got.error
    limits = got.complaint.get("limits", [])
    if limit and limit not in limits or "reader" in limits:
        yield f"limits {limits}, expected {limit}"
    if got.seconds > SECONDS:
        yield f"{got.seconds:.2f} s"
    if got.megabytes > MEGABYTES:
        yield f"{got.megabytes:.0f} MB"


def run_bombs(program, cases):
    failures, slowest, largest = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "bomb.eml"
        for name, (make, limit) in BOMBS.items():
            write_bomb(make, path)
            got = Answer(program, cases, path)
            failures += [f"{name}: {text}" for text in bomb_failures(got, limit)]
            slowest, largest = max(slowest, got.seconds), max(largest, got.megabytes)
    print(f"bombs: slowest {slowest * 1000:.0f} ms, largest {largest:.0f} MB")
    return len(BOMBS), failures


def main():
    program, cases = sys.argv[1], pathlib.Path(sys.argv[2])
    case_count, failures = run_cases(program, cases)
    bomb_count, more = run_bombs(program, cases)
    print("\n".join(failures + more))
    failed = len({text.split(".")[0].split(":")[0] for text in failures + more})
    print(f"{case_count + bomb_count - failed} passed, {failed} failed")
    return bool(failures or more)


if __name__ == "__main__":
    sys.exit(main())
