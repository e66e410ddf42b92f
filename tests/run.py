#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the suites of the table below over what ./test has built and counts their cases.

usage: run.py [--full] [--seed N] [SUITE...]

Without --full the long suites are sampled, by the seed that is printed. A suite that cannot run here (no root, no
namespaces, no shared samples) is skipped, and says why. The last line is `N passed, N failed, N skipped`; exit 1 when any failed.
"""
import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, NamedTuple

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests" / "live"))
import namespace  # noqa: E402
import packages  # noqa: E402

PYTHON = sys.executable
QUELL, DESK = "build/release/quell", "build/release/quell-desk"
ACTOR, SWAP, SPOOL_PRINT = (f"build/release/tests/{name}" for name in ("fault/actor", "fault/swap", "tools/spool_print"))
SHARED = TOP.parent / "shared" / "samples"
IMAGES = [str(path) for path in sorted(SHARED.glob("host*"))]
SAMPLE = "samples/host"
SKIPPED = 77
TAIL_LINES = 60

# --- what a suite may need: each answers None, or why it cannot run -------------------------


def root():
    return None if os.geteuid() == 0 else "needs root"


def live_host():
    missing = packages.missing()
    return namespace.available() or (f"needs {' '.join(missing)}" if missing else None)


def shared():
    return None if SHARED.is_dir() else f"{SHARED} is not there"


# --- the suites --------------------------------------------------------------------------------


class Suite(NamedTuple):
    name: str
    command: list             # {seed} stands for the seed
    minutes: float            # then it is stopped
    full: list = None         # command of --full; None = the same
    full_minutes: float = 0
    needs: Callable = None
    environment: dict = {}
    full_environment: dict = {}
    beside: bool = False      # runs on one processor beside the others, one after another


def python(script, *arguments):
    return [PYTHON, f"tests/{script}", *arguments]


def meson(folder, suite):
    return ["meson", "test", "-C", f"build/{folder}", "--no-rebuild", "--suite", suite]


SUITES = [
    Suite("layers", python("layers.py", "src"), 1),
    Suite("unit", meson("test", "unit"), 4),
    Suite("program", python("program.py", QUELL), 2),
    Suite("jail", python("jail.py", QUELL), 2),
    Suite("jail-attempts", ["build/release/tests/unit/jail_test"], 1),
    Suite("commands", python("commands.py", QUELL, SAMPLE), 2),
    Suite("trace", python("exigrep_diff.py", QUELL, f"{SAMPLE}/root"), 2),
    Suite("trace-forms", python("trace_forms.py", QUELL, SAMPLE), 3, python("trace_forms.py", QUELL, *(IMAGES[:1] or [SAMPLE])), 5),
    Suite("top", python("top_diff.py", QUELL, f"{SAMPLE}/root"), 1),
    Suite("schemas", python("schemas.py", QUELL, f"{SAMPLE}/root", "tests/case/commands/plain"), 2,
          python("schemas.py", QUELL, *(f"{image}/root" for image in IMAGES or [SAMPLE])), 5),
    Suite("docs", [PYTHON, "tools/docs.py", QUELL, "--check"], 1),
    Suite("completions", python("completions.py", "completions"), 2),
    Suite("remote", python("remote_ssh.py", QUELL, SAMPLE), 2),
    Suite("sample-sanitized", python("score.py", "build/test/quell", "--summary", SAMPLE), 2),
    Suite("sample", python("score.py", QUELL, "--summary", SAMPLE), 2),
    Suite("images", python("score.py", QUELL, "--summary", *IMAGES), 2, needs=shared),
    Suite("rules", python("rules.py", QUELL), 2),
    Suite("variants", python("variants.py", QUELL, SAMPLE), 2, python("variants.py", QUELL, SAMPLE, *IMAGES), 10),
    Suite("hostile", python("hostile.py", QUELL, SAMPLE), 2, python("hostile.py", QUELL, SAMPLE, *IMAGES), 10),
    Suite("listed", python("listed.py", QUELL, SAMPLE), 2, python("listed.py", QUELL, SAMPLE, *IMAGES), 10),
    Suite("bad-input", python("bad_input.py", QUELL, SAMPLE), 2),
    Suite("cost", python("cost.py", "build/release"), 3),
    Suite("growth", python("growth.py", QUELL), 5),
    Suite("desk-forms", python("desk_forms.py", DESK, "tests/case/desk-read", "--every", "6"), 2, python("desk_forms.py", DESK, "tests/case/desk-read"), 5),
    Suite("complaints", python("complaints.py", DESK, str(SHARED / "complaints")), 2, needs=shared),
    Suite("desk-hosts", python("desk_hosts.py", DESK), 2),
    Suite("desk-live", python("live/complaint.py", QUELL, DESK, "here", "over_ssh"), 3, python("live/complaint.py", QUELL, DESK), 8, needs=live_host),
    Suite("desk-imap", python("desk_imap.py", DESK), 2),
    Suite("actions", python("fault/ops.py", ACTOR), 2, needs=root),
    Suite("faults", python("fault/sweep.py", ACTOR, "--seed", "{seed}", "--only", "disable"), 3,
          python("fault/sweep.py", ACTOR, "--full"), 240, needs=root),
    Suite("undo-all", python("fault/property.py", ACTOR, "--sequences", "10", "--seed", "{seed}"), 2,
          python("fault/property.py", ACTOR, "--sequences", "10000", "--seed", "{seed}"), 120, needs=root),
    Suite("races", python("fault/race.py", ACTOR, SWAP, "--trials", "100"), 2,
          python("fault/race.py", ACTOR, SWAP, "--trials", "10000"), 60, needs=root),
    Suite("power-cuts", python("fault/power.py", ACTOR, "--cuts", "10", "--seed", "{seed}"), 2,
          python("fault/power.py", ACTOR, "--cuts", "1000", "--seed", "{seed}"), 60, needs=root),
    Suite("spool", python("spool_diff.py", SPOOL_PRINT, "--messages", "200"), 3,
          python("spool_diff.py", SPOOL_PRINT, "--messages", "3000"), 20, needs=live_host),
    Suite("queue", python("exim_diff.py", QUELL, "--messages", "120"), 4, python("exim_diff.py", QUELL, "--messages", "1000"), 10, needs=live_host),
    Suite("acting-images", python("acting_image.py", QUELL, SAMPLE), 2, python("acting_image.py", QUELL, *IMAGES), 5, needs=root),
    Suite("panels", python("live/panels.py", QUELL, "Panels"), 3, python("live/panels.py", QUELL), 5, needs=live_host),
    Suite("stopping", python("live/acting.py", QUELL), 8, needs=live_host),
    Suite("incidents", python("live/incidents.py", QUELL, "--scale", "0.02", "--stories", "script_http_careful", "--seed", "{seed}"), 6,
          python("live/incidents.py", QUELL, "--seed", "{seed}"), 60, needs=live_host),
    Suite("malware", python("live/malware.py", QUELL), 2),
    Suite("purge", python("live/purge_10000.py", QUELL, "1000"), 4, python("live/purge_10000.py", QUELL), 20, needs=live_host),
    Suite("matrix", python("live/matrix.py", QUELL, "--sample", "--seed", "{seed}"), 5,
          python("live/matrix.py", QUELL, "--seed", "{seed}"), 240, needs=live_host),
    Suite("live", python("live/sweep.py", QUELL, "--first", "{seed}"), 6,
          python("live/sweep.py", QUELL, "--first", "{seed}", "--count", "20"), 120, needs=live_host),
    Suite("report", python("report_html.py", QUELL, f"{SAMPLE}/root"), 3, beside=True),
    Suite("desk-read", python("desk_read.py", DESK, "tests/case/desk-read"), 2, beside=True),
    Suite("desk-store", python("desk_store.py", DESK, "200"), 4, python("desk_store.py", DESK), 8, beside=True),
    Suite("fuzz", [*meson("fuzz", "fuzz"), "--num-processes", "1"], 8, full_minutes=45, environment={"FUZZ_SECONDS": "10"},
          full_environment={"FUZZ_SECONDS": "60"}, beside=True),
]

# --- running and counting ------------------------------------------------------------------------


class Count(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(*(a + b for a, b in zip(self, other)))

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def of_unittest(match):
    detail = {name: int(number) for name, number in re.findall(r"(failures|errors|skipped)=(\d+)", match[2])}
    failed, skipped = detail.get("failures", 0) + detail.get("errors", 0), detail.get("skipped", 0)
    return Count(int(match[1]) - failed - skipped, failed, skipped)


def of_total(match):
    return Count(int(match[1]) - min(int(match[1]), int(match[2])), int(match[2]))


# Each form in which a test says how many cases it had.
COUNTS = [
    (re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M), lambda m: Count(*(int(n or 0) for n in m.groups()))),
    (re.compile(r"\[  PASSED  \] (\d+) test"), lambda m: Count(int(m[1]))),                                    # cmocka
    (re.compile(r"\[  FAILED  \] (\d+) test"), lambda m: Count(0, int(m[1]))),
    (re.compile(r"\[  SKIPPED \] (\d+) test"), lambda m: Count(0, 0, int(m[1]))),
    (re.compile(r"^Ran (\d+) tests? in .*\n\n(.*)$", re.M), of_unittest),
    (re.compile(r"^total [^:]+: found \d+/(\d+) exact (\d+)", re.M), lambda m: Count(int(m[2]), int(m[1]) - int(m[2]))),
    (re.compile(r"^(\d+) (?:complaints|faults|cases), (\d+) (?:deviations|broken|failed)", re.M), of_total),
    (re.compile(r"(\d+) trials, \d+ came through, (\d+) canaries hit", re.M), of_total),
    (re.compile(r"(\d+) comparisons of .* (\d+) differences", re.M), of_total),
]


def count(output, code):
    """The cases of one program: as its output counts them, else by its exit code."""
    if code == SKIPPED:
        return Count(skipped=1)
    total = sum((of(match) for form, of in COUNTS for match in form.finditer(output)), Count())
    if code and not total.failed:
        return total + Count(failed=1)
    return total if any(total) else Count(passed=1)


def meson_count(folder):
    """The cases of each program that meson ran, from its log."""
    total = Count()
    for line in Path(folder, "meson-logs", "testlog.json").read_text().splitlines():
        test = json.loads(line)
        total += count(test.get("stdout", "") + test.get("stderr", ""), test["returncode"])
    return total


def execute(command, environment, minutes):
    """Exit code and output; the whole process group is ended when the time is over."""
    process = subprocess.Popen(command, cwd=TOP, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=minutes * 60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        output += f"\nstopped after {minutes} minutes\n".encode()
    return process.returncode, output.decode(errors="replace")


def run(suite, full, seed):
    command = suite.full if full and suite.full else suite.command
    minutes = suite.full_minutes if full and suite.full_minutes else suite.minutes
    environment = suite.full_environment if full else suite.environment
    reason = suite.needs() if suite.needs else None
    if reason:
        return Count(skipped=1), reason
    code, output = execute([word.format(seed=seed) for word in command], environment, minutes)
    result = meson_count(TOP / command[command.index("-C") + 1]) if command[0] == "meson" else count(output, code)
    if code not in (0, SKIPPED) and not result.failed:
        result += Count(failed=1)
    shown = output.splitlines()[-TAIL_LINES:] if result.failed else re.findall(r"^.*skipped: .*$", output, re.M)
    return result, "\n".join(shown)


def timed(suite, full, seed):
    began = time.monotonic()
    return *run(suite, full, seed), time.monotonic() - began


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--full", action="store_true", help="everything whole, and a table at the end")
    options.add_argument("--seed", type=int, default=1, help="of what is drawn by chance (default 1)")
    options.add_argument("suites", nargs="*", metavar="SUITE", help=" ".join(suite.name for suite in SUITES))
    given = options.parse_args()
    unknown = set(given.suites) - {suite.name for suite in SUITES}
    if unknown:
        options.error(f"no such suite: {' '.join(sorted(unknown))}")
    print(f"seed {given.seed}", flush=True)
    table, total = [], Count()
    suites = [suite for suite in SUITES if not given.suites or suite.name in given.suites]
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=1)
    beside = {suite.name: pool.submit(timed, suite, given.full, given.seed) for suite in suites if suite.beside}
    for suite in suites:
        result, said, seconds = beside[suite.name].result() if suite.beside else timed(suite, given.full, given.seed)
        total += result
        table.append(f"{suite.name:18} {str(result):38} {seconds:6.1f} s")
        print(table[-1] + "".join(f"\n    {line}" for line in said.splitlines()), flush=True)
    if given.full:
        print("\n" + "\n".join(table))
    print(total)
    return bool(total.failed)


if __name__ == "__main__":
    sys.exit(main())
