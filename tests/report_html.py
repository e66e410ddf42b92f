#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTML report of a scan in a real browser: see web/report.mjs. What it drives is installed by the lock file into a
folder of its own, outside the tree.

usage: report_html.py QUELL ROOT [--keep FOLDER]     FOLDER keeps the report, screenshots and the installed modules
"""
import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WEB = Path(__file__).resolve().parent / "web"


def install(folder):
    for name in ("package.json", "package-lock.json", "report.mjs"):
        shutil.copy(WEB / name, folder)
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)


def check(given, browser, folder):
    install(folder)
    report = folder / "report.html"
    with report.open("wb") as out:
        subprocess.run([given.quell.absolute(), "--root", given.root, "-o", "html", "scan"], stdout=out, check=False)
    return subprocess.run(["node", "report.mjs", report, browser, folder / "report.png"], cwd=folder, timeout=120,
                          check=False).returncode


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("quell", type=Path)
    given.add_argument("root", type=Path)
    given.add_argument("--keep", type=Path)
    given = given.parse_args()
    browser = shutil.which("chromium")
    if not (browser and shutil.which("node") and shutil.which("npm")):
        print("skipped: chromium, node or npm is not installed")
        return 77
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
        return check(given, browser, given.keep.absolute())
    with tempfile.TemporaryDirectory(prefix="quell-web-") as folder:
        return check(given, browser, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
