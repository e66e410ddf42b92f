#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`quell queue` against the programs it replaces, on queues that a real Exim wrote: exim -bp, -bpc, -bpu, -bpa, -bpr,
-bpru, -Mvh, -Mvb, -Mvl, exiqgrep and exipick, with hostile addresses, ages from seconds to weeks, and damaged files.

usage: exim_diff.py QUELL [--messages N] [--seed N]

Needs root and namespaces; the machine's own spool is not touched.
"""
import argparse
import collections
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import spool_diff
from spool_diff import EXIM, EXIPICK, SPOOL, namespace, output, queue

EXIQGREP, INSIDE = "/usr/sbin/exiqgrep", "/run/rig/quell"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
AGES = (30, 45 * 60 + 30, 90 * 60 + 30, 91 * 60 + 30, 10 * 3600, 72 * 3600 + 60, 73 * 3600, 20 * 86400)
BLIND = 3
SHOWN = 60                     # messages that are looked at one by one


# --- a queue with a past --------------------------------------------------------------------------------------------------

def base62(number, width):
    text = ""
    for _ in range(width):
        text, number = DIGITS[number % 62] + text, number // 62
    return text


def age(path, seconds):
    """Makes the message of this -H file that many seconds older: in its id, its names and its time of arrival."""
    old = path.name[:-2]
    received = int(time.time()) - seconds
    new = base62(received, 6) + old[6:]
    folder = path.parent
    if len(folder.name) == 1:
        folder = folder.parent / new[5]
        folder.mkdir(exist_ok=True)
    for kind in "HDJ":
        file = path.with_name(f"{old}-{kind}")
        if not file.exists():
            continue
        raw = file.read_bytes()
        if kind != "J":
            raw = raw.replace(old.encode(), new.encode(), 1)
        if kind == "H":
            raw = re.sub(rb"\n\d+ (\d+)\n-", b"\n%d \\1\n-" % received, raw, count=1)
        (folder / f"{new}-{kind}").write_bytes(raw)
        os.chown(folder / f"{new}-{kind}", file.stat().st_uid, file.stat().st_gid)
        file.unlink()


def damage(chance, names):
    """Cuts some -H files in the envelope, others in the headers, others behind their lengths' first zeros, the rest
    before the blank line between the two."""
    for number, name in enumerate(names):
        raw = queue()[name].read_bytes()
        envelope = raw.index(b"\n\n") + 2
        zeros = [m.end() for m in re.finditer(rb"\n0+(?=\d+[ PFTIRSBC*] )", raw) if m.end() > envelope]
        cuts = (lambda: chance.randrange(1, envelope - 2), lambda: chance.randrange(envelope + 6, len(raw) - 1),
                lambda: chance.choice(zeros or [envelope]), lambda: envelope - 1)
        queue()[name].write_bytes(raw[:cuts[number % len(cuts)]()])


# --- both sides -------------------------------------------------------------------------------------------------------------

def printable(raw):
    """As quell shows bytes on a terminal: invalid ones by the JSON in between, then nothing that moves a cursor."""
    shown = raw.decode("utf-8", "backslashreplace").replace("\\", "\\\\")
    short = {"\t": "\\t", "\r": "\\r"}
    hidden = ("Cc", "Cf", "Zl", "Zp")
    def one(char):
        if char == "\n" or unicodedata.category(char) not in hidden:
            return char
        return short.get(char) or (f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{{{ord(char):04x}}}")
    return "".join(map(one, shown))


class Diff:
    def __init__(self):
        self.compared, self.differences, self.found = collections.Counter(), 0, collections.Counter()

    def ours(self, *words, expect=(0,), now=None):
        run = subprocess.run([INSIDE, "--now", f"@{now or int(time.time())}", "queue", *words], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=False)
        if run.returncode not in expect:
            self.note(f"exit code of {words}", run.returncode, expect)
        return run.stdout.decode()

    def note(self, what, ours, theirs):
        self.differences += 1
        print(f"{what}\n  ours   {ours!r}\n  theirs {theirs!r}", file=sys.stderr)

    def same(self, what, ours, theirs):
        self.compared[what] += 1
        self.found[what] += len(theirs)
        if ours == theirs:
            return
        if isinstance(ours, list) and len(ours) == len(theirs):
            pair = next((o, t) for o, t in zip(ours, theirs) if o != t)
        elif isinstance(ours, list):
            pair = ([o for o in ours if o not in theirs], [t for t in theirs if t not in ours])
        else:
            pair = (ours, theirs)
        self.note(what, *pair)


def blocks(text):
    """Messages. Exim counts the length that a damaged header claims, not what is there: that size is left out."""
    return re.sub(r"^(...)......( .* <.*\n    \*\*\* spool format)", r"\1\2", text, flags=re.MULTILINE).split("\n\n")


def arrival(block):
    """What Exim sorts by: second and fraction. Messages of the same moment come as the folder is read."""
    found = re.search(r"\b(\w{6})-\w{6}-(\w\w)\b", block)
    return found.groups() if found else ("", "")


def ordered(text):
    return [block for _, same in itertools.groupby(blocks(text), arrival) for block in sorted(same)]


def compare_list(diff, letter, words, form, expect):
    """Exim took its time for the ages at one of these seconds."""
    begun = int(time.time())
    theirs = form(printable(output([EXIM, letter])))
    for now in range(begun, int(time.time()) + 1):
        ours = form(diff.ours("list", *words, expect=expect, now=now))
        if ours == theirs:
            break
    diff.same(f"exim {letter}", ours, theirs)


def lists(diff, expect=(0,)):
    for letter, words in {"-bp": (), "-bpu": ("-u",), "-bpa": ("-a",)}.items():
        compare_list(diff, letter, words, ordered, expect)
    for letter, words in {"-bpr": (), "-bpru": ("-u",), "-bpra": ("-a",)}.items():
        compare_list(diff, letter, words, lambda text: sorted(blocks(text)), expect)
    diff.same("exim -bpc", diff.ours("count"), output([EXIM, "-bpc"]).decode())


def lines(text):
    return sorted(filter(None, text.split("\n")))


SELECTIONS = (
    ("-z",), ("-x",), ("-f", "^<>$"), ("-f", "anna@"), ("-f", "rewrit"), ("-r", "done\\.example$"), ("-r", "anna"),
    ("-r", "[\"']"), ("-o", "3600"), ("-y", "3600"), ("-o", "300", "-y", "90000"), ("-s", "^...$"), ("-s", "K$"), ("-z", "-o", "7200"),
    ("-f", "@", "-r", "@", "-x"),
)


def exiqgrep(*words):
    """Its lines, and whether it lived: with -b it dies on the first message that waits for nobody."""
    run = subprocess.run([EXIQGREP, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return lines(printable(run.stdout)), run.returncode == 0


def selections(diff):
    for words in SELECTIONS:
        name = "exiqgrep " + " ".join(words)
        diff.same(f"{name} -i", lines(diff.ours("-E", *words, "-i")), exiqgrep("-i", *words)[0])
        ours, (theirs, lived) = lines(diff.ours("-E", *words, "-b")), exiqgrep("-b", *words)
        diff.same(f"{name} -b", ours if lived else [line for line in ours if line in theirs], theirs)
        theirs = lines(printable(re.sub(rb"(To: |;)D ", rb"\1", output([EXIQGREP, "-a", "-b", *words]))))
        diff.same(f"{name} -a -b", lines(diff.ours("-E", *words, "-a", "-b")), theirs)
        diff.same(f"{name} -c", diff.ours("-E", *words, "-c"), output([EXIQGREP, "-c", *words]).decode())


def pick(*criteria):
    return lines(output([EXIPICK, "-spool", SPOOL, "-i", *criteria]).decode())


def picks(diff, messages):
    diff.same("exipick -i", lines(diff.ours("-i")), pick())
    diff.same("exipick -z", lines(diff.ours("-z", "-i")), pick("-z"))
    diff.same("exipick -x", lines(diff.ours("-x", "-i")), pick("-x"))
    for sender in ("anna@example.net", "Anna.Smith+tag@Mixed.Example", "o'hara@done.example"):
        diff.same("exipick sender", lines(diff.ours("-f", sender, "-i")), pick("-i", f"$sender_address eq {sender}"))
    for login in {m["auth_id"] for m in messages.values() if "host_auth" in m and m.get("auth_id", "").isascii()}:
        diff.same("exipick login", lines(diff.ours("--login", login, "-i")),
                  pick(f"$authenticated_id eq {login}", "$sender_host_authenticated"))
    wanted = collections.Counter(m["sender"] for m in messages.values())
    for sender, _ in wanted.most_common(5):
        words = ("-f", sender.encode("utf-8", "surrogateescape") if sender else "<>")
        exact = sorted(name for name, m in messages.items() if m["sender"].lower() == sender.lower())
        diff.same("exact sender", lines(diff.ours(*words, "-i")), exact)


def shows(diff, names):
    """One message, as -Mvh, -Mvb and -Mvl print it."""
    for name in names:
        run = subprocess.run([INSIDE, "-o", "json", "queue", "show", name], stdout=subprocess.PIPE, check=False)
        ours = json.loads(run.stdout)["messages"][0]
        theirs = spool_diff.shown(spool_diff.decode(spool_diff.print_header(name)))
        diff.same("exim -Mvh", [{"type": h["type"] or " ", "text": h["text"]} for h in ours["headers"]], theirs["headers"])
        body = output([EXIM, "-Mvb", name]).split(b"\n", 1)[1]
        diff.same("exim -Mvb", ours["body"], body.decode("utf-8", "backslashreplace"))
        log = output([EXIM, "-Mvl", name]).decode("utf-8", "backslashreplace")
        diff.same("exim -Mvl", ours["log"], [line for line in log.splitlines() if not line.startswith("Failed to open msglog")])


def compare(given, chance):
    diff = Diff()
    for path in queue().values():
        age(path, chance.choice(AGES))
    messages = {name: spool_diff.decode(spool_diff.print_header(name)) for name in queue()}
    lists(diff)
    picks(diff, messages)
    # exiqgrep cuts a sender at its first ">" and then takes it for another
    cut = [name for name, m in messages.items() if ">" in m["sender"]]
    diff.found["sender with >"] = len(cut)
    for path in [queue()[name] for name in cut]:
        for file in path.parent.glob(f"{path.name[:-1]}*"):
            file.unlink()
    selections(diff)
    shows(diff, chance.sample(sorted(queue()), min(SHOWN, len(queue()))))
    damage(chance, chance.sample(sorted(queue()), max(4, given.messages // 20)))
    lists(diff, expect=(BLIND,))
    return diff


def play(given):
    namespace.furnish(given.inside, {INSIDE: given.quell.absolute()}, "host.example")
    chance = random.Random(given.seed)
    spool_diff.furnish(chance.choice(("true", "false")))
    writer = spool_diff.Writer(chance)
    writer.fill(given.messages)
    writer.change(sorted(queue()))
    diff = compare(given, chance)
    empty = [what for what in diff.compared if not diff.found[what]]
    print(f"seed {given.seed}: {sum(diff.compared.values())} comparisons of {len(diff.compared)} kinds, "
          f"{sum(diff.found.values())} rows, {diff.differences} differences; without any row: {empty}")
    return 1 if diff.differences else 0


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("quell", type=Path)
    given.add_argument("--messages", type=int, default=300)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--seconds", type=int, default=500, help="the run is stopped after this time")
    given.add_argument("--inside", help=argparse.SUPPRESS)
    given = given.parse_args()
    if given.inside:
        return play(given)
    reason = namespace.available() or (None if os.path.exists(EXIM) else "exim4 is not installed")
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory(prefix="quell-exim-") as work:
        return namespace.enter([sys.executable, __file__, *sys.argv[1:], "--inside", work], given.seconds)


if __name__ == "__main__":
    sys.exit(main())
