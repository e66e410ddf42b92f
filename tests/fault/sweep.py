#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill and error sweep over every op: SIGKILL before, or an error from, each system call of apply, undo and recover.

    sweep.py ACTOR [--full] [--seed N] [--only NAME] [--what kill|error] [--jobs N]

Ops that run programs or end sessions are swept in a namespace of their own (machine.py).

The system calls of a clean run are listed with strace; each is one fault point (sampled without --full; calls that change
something are always taken). After each fault:
  - a world that differs from before has its intent in the journal;
  - an exit code 0 means in force and recorded;
  - recover leaves the world as before or as after, nothing between, and the journal knows which;
  - what is in force can be undone to the very bytes, owners, modes and times of before.
"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "live"))
sys.dont_write_bytecode = True

import machine
import namespace
from small_host import Actor, Host, create, disable, edit, on_queue

ERRORS = ("ENOSPC", "EIO", "EINTR", "EMFILE", "ENOMEM", "EACCES", "EDQUOT")
CHANGING = ("open", "openat", "write", "pwrite64", "rename", "renameat", "renameat2", "unlink", "unlinkat", "fchown",
            "fchownat", "fchmod", "fchmodat", "ftruncate", "fsync", "syncfs", "utimensat", "ioctl", "mkdirat", "fsetxattr",
            "flock", "fcntl", "exit_group")
SAMPLE = 0.12
SECONDS = 4 * 3600
ONCE = ("hangup",)
NEVER_BACK = ("keyed",)
NO_NAP = ("-e", "inject=clock_nanosleep:retval=0")
IGNORED_ERRORS = ("close", "exit_group", "munmap", "exit", "rt_sigreturn", "brk")


def actions(host):
    """name -> steps; the host has what they need."""
    ids = [host.queue(n) for n in (1, 2, 3)]
    frozen = host.queue(9)
    path = host.root / f"var/spool/exim4/input/{frozen}-H"
    host.put(str(path.relative_to(host.root)), path.read_text().replace("XX\n", "-frozen 1699999999\nXX\n"), 0o640, 60025)
    return {
        "disable": [disable()],
        "disable-immutable": [disable(immutable="yes")],
        "lock": [edit("/etc/users", "lock", key="tina@shop.test")],
        "password": [edit("/etc/users", "password", key="tina@shop.test", scheme="{SHA512-CRYPT}")],
        "expire": [edit("/etc/shadow", "expire", key="anna", lock="/etc/.pwd.lock")],
        "add": [edit("/etc/list", "add", line="a/tina@shop.test")],
        "add-head": [edit("/etc/list", "add", line="first", place="head")],
        "comment": [edit("/etc/list", "comment", line="two")],
        "create": [create("/etc/quell", "folder"), create("/etc/quell/list", content="one\n")],
        "freeze": [on_queue("freeze", ids)],
        "thaw": [on_queue("thaw", [frozen])],
        "purge": [on_queue("purge", ids)],
        "several": [disable(), on_queue("purge", ids), edit("/etc/users", "lock", key="tina@shop.test")],
    }


ENV = {"ACTOR_PASSWORD": "new-password", "ACTOR_RESTORE": "1"}


class Broken(AssertionError):
    pass


def demand(condition, *words):
    if not condition:
        raise Broken(" ".join(str(word) for word in words))


def strace(*options, output="/dev/null"):
    """Naps are skipped: what they wait for is not here."""
    naps = () if any("inject=clock_nanosleep" in option for option in options) else NO_NAP
    return ("strace", "-qq", "-o", str(output), *naps, *options)


class Trial:
    """A fresh host with the plan made, and, for undo, applied."""

    def __init__(self, program, base, name, applied):
        self.name, self.is_machine = name, name in machine.actions(None)
        self.host = machine.Machine(base) if self.is_machine else Host(base)
        self.actor = Actor(program, self.host)
        if name in ONCE:
            self.host.needs_session()
        if not self.is_machine:
            self.host.put("etc/list", "one\ntwo\n")
        steps = (machine.actions if self.is_machine else actions)(self.host)[name]
        self.before = self.host.snapshot()
        self.plan = self.actor.plan(steps)
        if applied:
            done = self.actor.run("apply", self.plan, env=ENV, wrap=strace("-e", "trace=none"))
            demand(done.returncode == 0, "apply failed:", done.stdout, done.stderr)
        self.start = self.host.snapshot()

    def done(self):
        if self.is_machine:
            self.host.done()

    def in_force(self):
        """Number of steps that the journal calls in force."""
        state = {}
        for record in self.host.journal():
            if record["kind"] == "outcome":
                state[record["step"]] = record["result"] == "changed"
            if record["kind"] == "undone" and record["result"] in ("changed", "already"):
                state[record["step"]] = False
        return sum(state.values())

    def intents(self):
        return [record["kind"] for record in self.host.journal() if record["kind"] in ("intent", "undo")]


def known(world, before):
    """A world without what differs by chance: a new hash and the times of rewritten files."""
    if "etc/users" not in world:
        return world
    return {path: (*entry[:3], entry[4], entry[5] if path != "etc/users" or entry == before[path] else "changed")
            for path, entry in world.items()}


def check(trial, verb, code, after, is_removal=False):
    """is_removal: it was the removal of a file that failed, which may then stay behind."""
    host, actor = trial.host, trial.actor
    world = host.snapshot()
    kinds = trial.intents()
    if world != trial.start:
        demand(kinds and (verb == "apply" or "undo" in kinds), "changed without a journaled intent")
    if code == 0:
        wanted = after if verb == "apply" or trial.name in ONCE else trial.before
        demand(known(world, trial.before) == known(wanted, trial.before), "success reported, but it is not so")
    recovered = actor.run("recover", env=ENV, wrap=strace("-e", "trace=none") if trial.is_machine else ())
    demand(recovered.returncode == 0, "recover failed:", recovered.stdout, recovered.stderr)
    world, count = host.snapshot(), trial.in_force()
    if trial.is_machine and not is_removal:
        demand(not host.left_behind(), "left behind:", host.left_behind())
    if count == 0 and trial.name in ONCE:
        return
    if count == 0:
        demand(world == trial.before, "nothing is in force, but the world differs:", difference(world, trial.before))
        return
    verified = actor.run("verify")
    demand(verified.returncode == 0, "in force by the journal, not by the world:", verified.stdout, verified.stderr)
    if trial.name in NEVER_BACK:
        return
    undone = actor.run("undo", trial.plan, env=ENV, wrap=strace("-e", "trace=none") if trial.is_machine else ())
    demand(undone.returncode == 0, "cannot be undone:", undone.stdout, undone.stderr)
    demand(trial.name in ONCE or host.snapshot() == trial.before, "undo left a difference:", difference(host.snapshot(), trial.before))


def remove(folder):
    subprocess.run(["chattr", "-R", "-ia", str(folder)], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def difference(one, other):
    return sorted(path for path in set(one) | set(other) if one.get(path) != other.get(path))[:4]


def system_calls(program, base, name, verb):
    """[(call, nth of that call)] of a clean run, and the world after it."""
    trial = Trial(program, base / "clean", name, verb == "undo")
    trace = base / "trace"
    done = trial.actor.run(verb, trial.plan, wrap=strace(output=trace), env=ENV)
    after = trial.host.snapshot()
    trial.done()
    demand(done.returncode == 0, "clean run failed:", done.stdout, done.stderr)
    seen, calls = {}, []
    for line in trace.read_text(errors="replace").splitlines():
        match = re.match(r"(\w+)\(", line)
        if match:
            seen[match[1]] = seen.get(match[1], 0) + 1
            calls.append((match[1], seen[match[1]]))
    remove(base / "clean")
    return calls[1:], after


def fault(program, base, name, verb, call, nth, what, after):
    folder, trial = Path(tempfile.mkdtemp(dir=base)) / "host", None
    try:
        trial = Trial(program, folder, name, verb == "undo")
        done = trial.actor.run(verb, trial.plan, wrap=strace("-e", f"inject={call}:{what}:when={nth}"), env=ENV)
        check(trial, verb, done.returncode, after, call == "unlinkat" and what.startswith("error"))
        return None
    except Broken as broken:
        return f"{name} {verb} {call}#{nth} {what}: {broken}"
    finally:
        if trial:
            trial.done()
        remove(folder.parent)


def points(calls, full, what, chance):
    for call, nth in calls:
        is_changing = call in CHANGING
        if what == "error":
            pass
        elif full or is_changing and chance.random() < 0.5 or chance.random() < SAMPLE:
            yield call, nth, "signal=KILL"
        if call in IGNORED_ERRORS or what == "kill":
            continue
        for error in ERRORS if full else (chance.choice(ERRORS),):
            if call == "fcntl" and error == "EACCES":
                continue  # that is how a lock says that it is taken
            if full or chance.random() < (0.4 if is_changing else SAMPLE):
                yield call, nth, f"error={error}"


def sweep(options, base, names):
    chance, count, broken = random.Random(options.seed), 0, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name in names:
            for verb in ("apply",) if name in NEVER_BACK else ("apply", "undo"):
                calls, after = system_calls(options.actor, base, name, verb)
                trials = [pool.submit(fault, options.actor, base, name, verb, *point, after)
                          for point in points(calls, options.full, options.what, chance)]
                problems = [problem for problem in (trial.result() for trial in trials) if problem]
                count += len(trials)
                broken += problems
                print(f"{name} {verb}: {len(calls)} calls, {len(trials)} faults, {len(problems)} broken", *problems, sep="\n", flush=True)
    print(f"{count} faults, {len(broken)} broken")
    return 1 if broken else 0


def inside(options, work):
    """One machine, so one trial at a time."""
    namespace.furnish(work, {"/run/actor": options.actor}, "host.test")
    machine.furnish()
    options.actor, options.jobs = "/run/actor", 1
    names = list(machine.actions(None))
    return sweep(options, Path("/run"), [options.only] if options.only else names)


def in_namespace(options):
    reason = namespace.available()
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory(prefix="quell-sweep.") as work:
        return namespace.enter([sys.executable, __file__, *sys.argv[1:], "--seed", str(options.seed), "--inside", work], SECONDS)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("actor", type=os.path.abspath)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--only")
    parser.add_argument("--what", choices=("kill", "error"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("strace"):
        print("skipped: needs root and strace")
        return 77
    if options.inside:
        return inside(options, options.inside)
    print(f"seed {options.seed}", flush=True)
    code = 0
    with tempfile.TemporaryDirectory(prefix="quell-sweep.") as folder:
        names = list(actions(Host(Path(folder) / "names")))
        if options.only not in machine.actions(None):
            code = sweep(options, Path(folder), [options.only] if options.only else names)
    if options.only is None or options.only in machine.actions(None):
        code = in_namespace(options) or code
    return code


if __name__ == "__main__":
    sys.exit(main())
