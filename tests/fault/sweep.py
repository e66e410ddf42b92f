#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill and error sweep over every op: SIGKILL before, or an error from, each system call of apply, undo and recover.

    sweep.py ACTOR [--full] [--seed N] [--only NAME]

The system calls of a clean run are listed with strace; each is one fault point (sampled without --full; calls that change
something are always taken). After each fault:
  - a world that differs from before has its intent in the journal;
  - an exit code 0 means in force and recorded;
  - recover leaves the world as before or as after, nothing between, and the journal knows which;
  - what is in force can be undone to the very bytes, owners, modes and times of before.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from small_host import Actor, Host, create, disable, edit, on_queue

ERRORS = ("ENOSPC", "EIO", "EINTR", "EMFILE", "ENOMEM", "EACCES", "EDQUOT")
CHANGING = ("open", "openat", "write", "pwrite64", "rename", "renameat", "renameat2", "unlink", "unlinkat", "fchown",
            "fchownat", "fchmod", "fchmodat", "ftruncate", "fsync", "syncfs", "utimensat", "ioctl", "mkdirat", "fsetxattr",
            "flock", "fcntl", "exit_group")
SAMPLE = 0.12
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


class Trial:
    """A fresh host with the plan made, and, for undo, applied."""

    def __init__(self, program, base, name, applied):
        self.host = Host(base)
        self.actor = Actor(program, self.host)
        self.host.put("etc/list", "one\ntwo\n")
        steps = actions(self.host)[name]
        self.before = self.host.snapshot()
        self.plan = self.actor.plan(steps)
        if applied:
            demand(self.actor.run("apply", self.plan, env=ENV).returncode == 0, "apply failed")
        self.start = self.host.snapshot()

    def in_force(self):
        """Number of steps that the journal calls in force."""
        state = {}
        for record in self.host.journal():
            if record["kind"] == "outcome":
                state[record["step"]] = record["result"] == "changed"
            if record["kind"] == "undone" and record["result"] == "changed":
                state[record["step"]] = False
        return sum(state.values())

    def intents(self):
        return [record["kind"] for record in self.host.journal() if record["kind"] in ("intent", "undo")]


def known(world, before):
    """A world without what differs by chance: a new hash and the times of rewritten files."""
    return {path: (*entry[:3], entry[4], entry[5] if path != "etc/users" or entry == before[path] else "changed")
            for path, entry in world.items()}


def check(trial, verb, code, after):
    host, actor = trial.host, trial.actor
    world = host.snapshot()
    kinds = trial.intents()
    if world != trial.start:
        demand(kinds and (verb == "apply" or "undo" in kinds), "changed without a journaled intent")
    if code == 0:
        wanted = after if verb == "apply" else trial.before
        demand(known(world, trial.before) == known(wanted, trial.before), "success reported, but it is not so")
    recovered = actor.run("recover", env=ENV)
    demand(recovered.returncode == 0, "recover failed:", recovered.stdout, recovered.stderr)
    world, count = host.snapshot(), trial.in_force()
    if count == 0:
        demand(world == trial.before, "nothing is in force, but the world differs:", difference(world, trial.before))
        return
    verified = actor.run("verify")
    demand(verified.returncode == 0, "in force by the journal, not by the world:", verified.stdout, verified.stderr)
    undone = actor.run("undo", trial.plan, env=ENV)
    demand(undone.returncode == 0, "cannot be undone:", undone.stdout, undone.stderr)
    demand(host.snapshot() == trial.before, "undo left a difference:", difference(host.snapshot(), trial.before))


def remove(folder):
    subprocess.run(["chattr", "-R", "-ia", str(folder)], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def difference(one, other):
    return sorted(path for path in set(one) | set(other) if one.get(path) != other.get(path))[:4]


def system_calls(program, base, name, verb):
    """[(call, nth of that call)] of a clean run, and the world after it."""
    trial = Trial(program, base / "clean", name, verb == "undo")
    trace = base / "trace"
    done = trial.actor.run(verb, trial.plan, wrap=("strace", "-qq", "-o", str(trace)), env=ENV)
    demand(done.returncode == 0, "clean run failed:", done.stdout, done.stderr)
    seen, calls = {}, []
    for line in trace.read_text(errors="replace").splitlines():
        match = re.match(r"(\w+)\(", line)
        if match:
            seen[match[1]] = seen.get(match[1], 0) + 1
            calls.append((match[1], seen[match[1]]))
    after = trial.host.snapshot()
    remove(base / "clean")
    return calls[1:], after


def fault(program, base, name, verb, call, nth, what, after):
    folder = base / "trial"
    try:
        trial = Trial(program, folder, name, verb == "undo")
        wrap = ("strace", "-qq", "-o", "/dev/null", "-e", f"inject={call}:{what}:when={nth}")
        done = trial.actor.run(verb, trial.plan, wrap=wrap, env=ENV)
        check(trial, verb, done.returncode, after)
        return None
    except Broken as broken:
        return f"{name} {verb} {call}#{nth} {what}: {broken}"
    finally:
        remove(folder)


def points(calls, full, chance):
    for call, nth in calls:
        is_changing = call in CHANGING
        if full or is_changing and chance.random() < 0.5 or chance.random() < SAMPLE:
            yield call, nth, "signal=KILL"
        if call in IGNORED_ERRORS:
            continue
        for error in ERRORS if full else (chance.choice(ERRORS),):
            if call == "fcntl" and error == "EACCES":
                continue  # that is how a lock says that it is taken
            if full or chance.random() < (0.4 if is_changing else SAMPLE):
                yield call, nth, f"error={error}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("actor")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--only")
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("strace"):
        print("skipped: needs root and strace")
        return 77
    chance, count, broken = random.Random(options.seed), 0, []
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="quell-sweep.") as folder:
        base = Path(folder)
        names = list(actions(Host(base / "names")))
        for name in [options.only] if options.only else names:
            for verb in ("apply", "undo"):
                calls, after = system_calls(options.actor, base, name, verb)
                for point in points(calls, options.full, chance):
                    problem = fault(options.actor, base, name, verb, *point, after)
                    count += 1
                    if problem:
                        broken.append(problem)
                        print(problem, flush=True)
    print(f"{count} faults, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
