#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Inputs that are missing, damaged, forbidden or meant to break the reader never stop a scan.

    tests/bad_input.py BINARY IMAGE

Each case spoils a copy of the image in one way and says what must follow: the exit code, incidents that must still be
named, a blind[] row or a count that must name the file. The image must hold at least one blamed incident.
"""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

MAINLOG, SPOOL, WEB = "var/log/exim_mainlog", "var/spool/exim", "etc/apache2/logs/domlogs"
NOBODY = 65534
CLEAN, FOUND, BLIND = 0, 1, 3


class Case:
    def __init__(self, spoil, code, blind="", unparsed="", keeps=False, as_nobody=False):
        self.spoil, self.code, self.blind, self.unparsed = spoil, code, blind, unparsed
        self.keeps, self.as_nobody = keeps, as_nobody


def mainlogs(root):
    return sorted((root / "var/log").glob("exim_mainlog*"))


def remove_mainlog(root):
    for path in mainlogs(root):
        path.unlink()


def remove_spool(root):
    shutil.rmtree(root / SPOOL)


def empty_mainlog(root):
    remove_mainlog(root)
    (root / MAINLOG).touch()


def binary_mainlog(root):
    remove_mainlog(root)
    (root / MAINLOG).write_bytes(os.urandom(1) * 10 + bytes(range(256)) * 400)


def binary_beside(root):
    (root / (MAINLOG + ".9")).write_bytes(bytes(range(256)) * 4000)


def folder_as_log(root):
    (root / (MAINLOG + ".8")).mkdir()


def pipe_as_log(root):
    os.mkfifo(root / (MAINLOG + ".7"))


def device_as_log(root):
    (root / (MAINLOG + ".6")).symlink_to("/dev/zero")


def link_outside(root):
    """A link that leads out of the image must not be followed there."""
    (root / (MAINLOG + ".5")).symlink_to("/etc/passwd")


def cut_archive(root):
    path = mainlogs(root)[-1]
    path.write_bytes(path.read_bytes()[:-200])


def bomb(root):
    (root / (MAINLOG + "-20200101.gz")).write_bytes(gzip.compress(b"\0" * (64 << 20)))


def giant_line(root):
    with (root / MAINLOG).open("ab") as out:
        out.write(b"2026-11-06 04:00:00 1xP8Sg-0003Ti-03 <= a@b.example " + b"x" * (20 << 20) + b"\n")


def torn_end(root):
    with (root / MAINLOG).open("ab") as out:
        out.write(b"2026-11-06 04:24:29 1xP8Sg-0003Ti-0")


def noise(root):
    with (root / MAINLOG).open("ab") as out:
        out.write(b"".join(b"%d nonsense \x00\xff\n" % n for n in range(1000)))


def damaged_queue(root):
    for number, path in enumerate(sorted((root / SPOOL).rglob("*-H"))[:6]):
        data = path.read_bytes()
        path.write_bytes((b"", data[:60], data[:-30], data.replace(b"\n", b" "), b"\xff" * 900, data + b"x")[number])


def pipe_in_queue(root):
    os.mkfifo(root / SPOOL / "input/1" / "1xP8S1-0003Ti-03-H")


def forbidden_logs(root):
    for path in mainlogs(root):
        path.chmod(0)


def forbidden_queue(root):
    (root / SPOOL / "input").chmod(0)


def no_web_logs(root):
    shutil.rmtree(root / WEB)


def loop(root):
    (root / (MAINLOG + ".4")).symlink_to("exim_mainlog.4")


def nothing(root):
    remove_mainlog(root)
    remove_spool(root)


def strange_passwd(root):
    with (root / "etc/passwd").open("ab") as out:
        out.write(b":::::::\nx\n\xff\xfe:x:99999999999:1::/:\nlong:" + b"y" * 100000 + b"\n\n")


CASES = {
    "no main log": Case(remove_mainlog, FOUND, blind="Exim main log"),
    "no queue": Case(remove_spool, FOUND, blind="Exim spool", keeps=True),
    "empty main log": Case(empty_mainlog, FOUND, blind="Exim main log"),
    "binary main log": Case(binary_mainlog, FOUND, blind=MAINLOG, unparsed=MAINLOG),
    "binary file beside": Case(binary_beside, FOUND, blind=MAINLOG + ".9", keeps=True),
    "folder as log": Case(folder_as_log, FOUND, blind=MAINLOG + ".8", keeps=True),
    "pipe as log": Case(pipe_as_log, FOUND, blind=MAINLOG + ".7", keeps=True),
    "device as log": Case(device_as_log, FOUND, keeps=True),
    "link out of the image": Case(link_outside, FOUND, keeps=True),
    "link to itself": Case(loop, FOUND, blind=MAINLOG + ".4", keeps=True),
    "cut archive": Case(cut_archive, FOUND, blind="cut short"),
    "archive that expands": Case(bomb, FOUND, keeps=True),
    "giant line": Case(giant_line, FOUND, keeps=True),
    "torn last line": Case(torn_end, FOUND, keeps=True),
    "noise": Case(noise, FOUND, unparsed=MAINLOG, keeps=True),
    "damaged queue": Case(damaged_queue, FOUND, blind="-H", unparsed=SPOOL),
    "pipe in the queue": Case(pipe_in_queue, FOUND, keeps=True),
    "forbidden logs": Case(forbidden_logs, FOUND, blind="Permission denied", as_nobody=True),
    "neither log nor queue": Case(nothing, BLIND, blind="Exim main log"),
    "forbidden queue": Case(forbidden_queue, FOUND, blind="Permission denied", keeps=True, as_nobody=True),
    "no web logs": Case(no_web_logs, FOUND, blind="web access logs"),
    "strange passwd": Case(strange_passwd, FOUND, keeps=True),
}


def scan(binary, root, as_nobody):
    become = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_nobody else {}
    return subprocess.run([binary, "--root", root, "-o", "json", "scan", "--all-ids"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, **become)


def blamed(report):
    return {(row["vector"], row["account"], row["mailbox"]) for row in report["incidents"] if row["blame"]}


def judge(case, done, before):
    if done.returncode != case.code:
        return f"exit {done.returncode}, not {case.code}: {done.stderr.decode(errors='replace')[:300]}"
    report = json.loads(done.stdout)
    if case.blind and not any(case.blind in row["missing"] for row in report["blind"]):
        return f"blind[] does not name {case.blind}"
    if case.unparsed and not any(case.unparsed in row["path"] and row["unparsed"] for row in report["inputs"]):
        return f"unparsed lines of {case.unparsed} are not counted"
    if case.keeps and not before <= blamed(report):
        return f"no longer found: {before - blamed(report)}"
    return ""


def main():
    binary, image = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    before = blamed(json.loads(scan(binary, image / "root", False).stdout))
    results, skipped = [], 0
    for name, case in CASES.items():
        if case.as_nobody and os.geteuid():
            skipped += 1
            continue
        with tempfile.TemporaryDirectory(prefix="quell-bad-") as folder:
            root = pathlib.Path(folder) / "root"
            shutil.copytree(image / "root", root, symlinks=True, copy_function=shutil.copy)
            subprocess.run(["chmod", "-R", "u+rwX,go+rX", folder], check=True)
            case.spoil(root)
            problem = judge(case, scan(binary, root, case.as_nobody), before)
            subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)
        results.append(not problem)
        print(f"{'ok  ' if not problem else 'FAIL'} {name}{': ' + problem if problem else ''}", flush=True)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed, {skipped} skipped")
    sys.exit(not all(results))


main()
