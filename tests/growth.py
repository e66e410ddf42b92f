#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile inputs that must cost no more than their size: each is scanned within a bound far above linear work and far
below quadratic work.

    tests/growth.py BINARY

A log is made of one kind of line that an outsider can repeat at will, a queue of messages that one can send. Quadratic work
on any of them would take minutes to hours; the bound only has to tell the two apart, so a slow machine passes. Keys of equal
hash need the hash's inverse and are made in tests/unit/base_test.c.
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


def long_lines():
    for n in range(COUNT // 2000):
        yield f"{STAMP} {message_id(n)} <= a@b.test H=(x) [203.0.113.7] P=esmtp S=1 T=\"x\" for " + f"a{n}@b.test " * 5000


def logins():
    for n in range(COUNT):
        yield f"Nov  6 01:09:40 web8 dovecot: imap-login: Login: user=<info{n % 1000}@dom.example>, method=PLAIN, " \
              f"rip=203.0.{n >> 8 & 255}.{n & 255}, lip=192.0.2.10, mpid={n}, TLS, session=<s{n}>"


def visitors():
    for n in range(COUNT):
        yield f'10.{n >> 16}.{n >> 8 & 255}.{n & 255} - - [06/Nov/2026:01:09:40 +0000] "POST /{n}.php HTTP/1.1" 200 1 "-" "agent{n}"'


def head(number, headers, recipients=("a@b.test",), tree="XX\n"):
    listed = "".join(f"{address}\n" for address in recipients)
    text = "".join(f"{len(header) + 1:03}  {header}\n" for header in headers)
    return f"{message_id(number)}-H\nuser 1001 1001\n<a@b.test>\n1793927380 0\n-ident user\n-local\n{tree}{len(recipients)}\n{listed}\n{text}"


def folded_headers():
    for n in range(10):
        yield head(n, ["X-PHP-Script: dom.example/a.php" + "\n\tx" * COUNT, "Subject: " + "\n " * COUNT])


def many_headers():
    for n in range(10):
        yield head(n, [f"X-PHP-Script{m}: x" for m in range(COUNT // 4)])


def many_queued_recipients():
    yield head(1, [], [f"a{n}@b.test" for n in range(COUNT)])


def deep_tree():
    nodes = [f"a{n}@b.test" for n in range(COUNT)]
    yield head(1, [], nodes, "".join(f"YN {address}\n" for address in nodes[:-1]) + f"NN {nodes[-1]}\n")


# Kinds of lines by the option that names their file; queues are kinds of -H files.
LOGS = {"--log": [giant_line, long_lines, never_completed, many_recipients, calls_without_mail, second_hosts, torn_directories,
                  bounces_of_bounces, one_login],
        "--dovecot": [logins], "--access": [visitors]}
QUEUES = [folded_headers, many_headers, many_queued_recipients, deep_tree]


def write_log(path, kind):
    with path.open("w") as out:
        for line in kind():
            out.write(line + "\n")
    return sum(1 for _ in path.open())


def write_queue(path, kind):
    path.mkdir()
    for number, text in enumerate(kind(), 1):
        (path / text.split("\n", 1)[0]).write_text(text)
    return number


def scan(binary, folder, option, kind):
    """What is wrong with the scan of one input, "" when nothing is."""
    path = folder / kind.__name__
    written = (write_queue if option == "--spool" else write_log)(path, kind)
    (folder / "passwd").write_text("user:x:1001:1001::/home/user:/bin/sh\n")
    try:
        done = subprocess.run([binary, "-o", "json", "scan", option, path, "--passwd", folder / "passwd"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=BOUND_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"took longer than {BOUND_SECONDS} s"
    if done.returncode not in (0, 1, 3):
        return f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[-200:]}"
    read = json.loads(done.stdout)["inputs"][0]
    understood = option == "--log" or not read["unparsed"]
    if read["lines"] != written or not understood:
        return f"read {read['lines']} of {written}, {read['unparsed']} not understood"
    return ""


def main():
    failures = 0
    kinds = [(option, kind) for option, list_of in {**LOGS, "--spool": QUEUES}.items() for kind in list_of]
    with tempfile.TemporaryDirectory(prefix="quell-growth-") as folder:
        for option, kind in kinds:
            problem = scan(sys.argv[1], pathlib.Path(folder), option, kind)
            failures += bool(problem)
            print(f"{'FAIL' if problem else 'ok  '} {kind.__name__}{': ' + problem if problem else ''}", flush=True)
    print(f"{len(kinds) - failures} passed, {failures} failed")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
