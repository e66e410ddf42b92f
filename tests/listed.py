#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host that is on a block list, or cut off, must not make its honest senders look like spammers.

    tests/listed.py BINARY IMAGE...

Each image (that logs to files) is copied and part of what remote hosts accepted is refused instead, from some moment on, whoever sent it.
Nobody innocent may be blamed for it, and no culprit may get away. Prints a line per image and variant.
"""
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import score
import variants

DELIVERED = re.compile(rb"^(\S+ \S+ (?:\[\d+\] )?\S+) (?:=>|->) ([^<\n]*?)( <[^>]*>)? (R=\S+ T=\S+) .*?H=(\S+ \[[^\]]+\])")
LISTED = b" H=%s: SMTP error from remote mail server after RCPT TO:<%s>: 550 5.7.1 client [192.0.2.10] blocked using dnsbl.example"
REPUTATION = b" H=%s: SMTP error from remote mail server after end of data: 554 5.7.1 %s: spam from a host of poor reputation"
# name: what remote hosts say, the part of the log before it begins, the share of deliveries it hits; b"" = they cannot be reached
WAYS = {
    "listed": (LISTED, 0.0, 0.3), "listed-of-late": (LISTED, 0.6, 1.0), "some-lists": (LISTED, 0.4, 0.5),
    "reputation": (REPUTATION, 0.0, 0.8), "cut-off": (b"", 0.6, 0.9),
}


def refuse(root, answer, after, share):
    lines = variants.mainlog_lines(root)
    begin = lines[int(len(lines) * after)][:19]

    def told(line):
        found = DELIVERED.match(line)
        if not found or line[:19] < begin or hashlib.md5(found[1] + found[2]).digest()[0] >= 256 * share:
            return line
        text = answer % (found[5], found[2]) if answer else b": retry timeout exceeded"
        return b"%s ** %s%s %s%s" % (found[1], found[2], found[3] or b"", found[4], text)
    name = str(variants.files(root, variants.MAINLOGS)[-1].relative_to(root)).removesuffix(".gz")
    variants.replace_mainlogs(root, name, b"".join(told(line) + b"\n" for line in lines))


def main():
    binary = sys.argv[1]
    images = [image for image in map(pathlib.Path, sys.argv[2:]) if variants.mainlog_lines(image / "root")]
    failed = 0
    for image in images:
        truth = json.loads((image / "truth.json").read_text())
        for name, way in WAYS.items():
            with tempfile.TemporaryDirectory(prefix="quell-listed-") as folder:
                root = pathlib.Path(folder) / "root"
                shutil.copytree(image / "root", root, symlinks=True, copy_function=shutil.copy)
                subprocess.run(["chmod", "-R", "u+rwX", root], check=True)
                refuse(root, *way)
                result = score.judge(score.scan(binary, root.parent), truth)
            wrong = result.innocents or result.purged or result.exact < result.incidents
            failed += bool(wrong)
            print(f"{'FAIL' if wrong else 'ok  '} {image.name} {name}: {result.summary()}", flush=True)
            if wrong:
                print("\n".join(result.lines))
    print(f"{len(images) * len(WAYS) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
