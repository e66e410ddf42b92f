#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile inputs that must cost no more than their size: each is scanned within a bound far above linear work and far
below quadratic work.

    tests/growth.py BINARY

A main log, a Dovecot log or an access log is made of one kind of line that an outsider can repeat at will. Quadratic
work on any of them would take minutes to hours; the bound only has to tell the two apart, so a slow machine passes.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

COUNT = 200_000
BOUND_SECONDS = 60
STAMP = "2026-11-06 01:09:40"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def message_id(number):
    text = ""
    for _ in range(6):
        text = DIGITS[number % 62] + text
        number //= 62
    return f"1xPA3T-{text}-1X"


def giant_line():
    yield f"{STAMP} {message_id(1)} <= a@b.test H=(x) [203.0.113.7] P=esmtp S=1 T=\"" + "x \\\" " * (COUNT * 10)


def never_completed():
    for n in range(COUNT):
        yield f"{STAMP} {message_id(n)} <= a{n}@b.test H=(x) [203.0.113.7] P=esmtp S=1 for info@dom.example"


def many_recipients():
    addresses = [f"a{n}@b.test" for n in range(COUNT // 2)]
    for n in range(0, len(addresses), 1000):
        yield f"{STAMP} {message_id(1)} <= a@b.test U=user P=local S=1 for {' '.join(addresses[n:n + 1000])}"
    for address in addresses:
        yield f"{STAMP} {message_id(1)} => {address} R=lookuphost T=remote_smtp H=mx [198.51.100.1]"


def calls_without_mail():
    for n in range(COUNT):
        yield f"{STAMP} cwd=/home/user/public_html/{n} 3 args: /usr/sbin/sendmail -t -i"


def second_hosts():
    for n in range(COUNT // 100):
        yield f"{STAMP} {message_id(n)} <= a@b.test H=(x) [203.0.113.7] P=esmtp S=1 id=" + ") [203.0.113.9]x" * 500


def torn_directories():
    for n in range(COUNT):
        yield f"{STAMP} cwd=/home/user/{n}"


def bounces_of_bounces():
    for n in range(1, COUNT):
        yield f"{STAMP} {message_id(n)} <= <> R={message_id(n - 1)} U=mailnull P=local S=1 for a{n}@b.test"


def one_login():
    for n in range(COUNT):
        yield f"{STAMP} dovecot_login authenticator failed for (x) [203.0.{n >> 8 & 255}.{n & 255}]:9: 535 Incorrect " \
              f"authentication data (set_id=info{n % 7}@dom.example)"


KINDS = [giant_line, never_completed, many_recipients, calls_without_mail, second_hosts, torn_directories, bounces_of_bounces,
         one_login]


def scan(binary, folder, kind):
    log = folder / kind.__name__
    with log.open("w") as out:
        for line in kind():
            out.write(line + "\n")
    (folder / "passwd").write_text("user:x:1001:1001::/home/user:/bin/sh\n")
    try:
        done = subprocess.run([binary, "-o", "json", "scan", "--log", log, "--passwd", folder / "passwd"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=BOUND_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"took longer than {BOUND_SECONDS} s"
    if done.returncode not in (0, 1, 3):
        return f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[-200:]}"
    lines = json.loads(done.stdout)["inputs"][0]["lines"]
    written = sum(1 for _ in log.open())
    return "" if lines == written else f"read {lines} of {written} lines"


def main():
    failures = 0
    with tempfile.TemporaryDirectory(prefix="quell-growth-") as folder:
        for kind in KINDS:
            problem = scan(sys.argv[1], pathlib.Path(folder), kind)
            failures += bool(problem)
            print(f"{'FAIL' if problem else 'ok  '} {kind.__name__}{': ' + problem if problem else ''}", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
