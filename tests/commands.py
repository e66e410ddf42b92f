#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands on the sample host, byte for byte: each case is a file NAME.args (words of the command line, one a line; `@host`
stands for the sample's root, `@cases` for the folder of the cases) with NAME.out beside it, whose last line is the exit code.

usage: commands.py QUELL SAMPLE [--write] [NAME...]      --write makes the .out files anew, to be read before committing
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).resolve().parent / "case/commands"


def run(quell, sample, args):
    words = [word.replace("@host", str(sample / "root")).replace("@cases", str(CASES)) for word in args.read_text().splitlines()]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    if args.with_suffix(".env").exists():
        environment |= dict(line.split("=", 1) for line in args.with_suffix(".env").read_text().splitlines())
    done = subprocess.run([quell, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)
    return done.stdout.replace(os.fsencode(sample), b"SAMPLE").replace(os.fsencode(CASES), b"CASES") + b"exit %d\n" % done.returncode


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("quell", type=Path)
    given.add_argument("sample", type=Path)
    given.add_argument("--write", action="store_true")
    given.add_argument("names", nargs="*")
    given = given.parse_intermixed_args()
    failed, cases = 0, [a for a in sorted(CASES.glob("*.args")) if not given.names or a.stem in given.names]
    for args in cases:
        got, expected = run(given.quell.absolute(), given.sample.absolute(), args), args.with_suffix(".out")
        if given.write:
            expected.write_bytes(got)
        elif got != expected.read_bytes():
            failed += 1
            print(f"{args.stem} differs:", flush=True)
            subprocess.run(["diff", "-u", expected, "-"], input=got, check=False)
    print(f"{len(cases)} cases, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
