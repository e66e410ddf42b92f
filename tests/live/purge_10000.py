#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A queue of 10,000 with look-alike senders, forged senders and bounces, purged while real Exim delivers from it: none of
the others missing, none of the spam left that was not under way, and restore brings back the very bytes.

    purge_10000.py QUELL [N]     needs root and Exim
"""
import os
import random
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "fault"))
sys.dont_write_bytecode = True

import namespace
import acting
import small_host as host
from acting import QUELL, Server, Sink, run

SPAM = "tina@shop.test"
LOOKALIKES = (("Debian-exim", "bob@shop.test", "tina@shop.test"), ("Debian-exim", "xtina@shop.test", "xtina@shop.test"),
              ("Debian-exim", "tina@shop.test.au", "tina@shop.test.au"), ("anna", "", "tina@shop.test"),
              ("Debian-exim", "", ""), ("Debian-exim", "atina@shop.test", "x tina@shop.test"), ("tina", "", "tina@shop.test"))


def exim_uid():
    return next(int(line.split(":")[2]) for line in Path("/etc/passwd").read_text().splitlines()
                if line.startswith("Debian-exim:"))


def write_queue(count, chance):
    spool, uid = Path("/var/spool/exim4"), exim_uid()
    for folder in ("input", "msglog"):
        (spool / folder).mkdir(exist_ok=True)
        os.chown(spool / folder, uid, uid)
    spam, others = set(), set()
    for number in range(1, count + 1):
        is_spam = chance.random() < 0.4
        login, auth, sender = ("Debian-exim", SPAM, f"r{number}@far.test") if is_spam else chance.choice(LOOKALIKES)
        identity = host.message_id(number)
        acl = "x\n-auth_id tina@shop.test" if chance.random() < 0.1 else ""
        text = host.head(identity, login, sender, auth, acl).replace(f" {host.EXIM} {host.EXIM}\n", f" {uid} {uid}\n")
        for suffix, content in (("-H", text), ("-D", f"{identity}-D\nbody {number}\n")):
            path = spool / "input" / (identity + suffix)
            path.write_text(content)
            path.chmod(0o640)
            os.chown(path, uid, uid)
        (spam if is_spam else others).add(identity)
    return spam, others


def files_of(ids):
    found = {}
    for path in Path("/var/spool/exim4/input").iterdir():
        if path.name[:16] in ids:
            status = path.stat()
            found[path.name] = (path.read_bytes(), status.st_mode, status.st_uid, status.st_mtime_ns)
    return found


def deliveries():
    log = Path("/var/log/exim4/mainlog").read_text() if Path("/var/log/exim4/mainlog").exists() else ""
    return {line.split()[2] for line in log.splitlines() if len(line.split()) > 3 and line.split()[3] == "=>"}


def play(count):
    chance = random.Random(count)
    spam, others = write_queue(count, chance)
    before = files_of(spam)
    runners = [subprocess.Popen(["exim4", "-qf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    done = run(QUELL, "purge", "--login", SPAM, "--apply", "--yes")
    for runner in runners:
        runner.kill()
    run("pkill", "exim4")
    left = {path.name[:16] for path in Path("/var/spool/exim4/input").glob("*-H")}
    gone_others = others - left - deliveries()
    undone = run(QUELL, "undo")
    restored = files_of(spam)
    purged = spam - left - deliveries()
    wrong = [name for name in restored if name[:16] in purged and restored[name] != before[name]]
    print(f"{count} queued, {len(spam)} spam: {len(purged)} purged, {len(spam & deliveries())} delivered meanwhile, "
          f"{len(spam & left)} left over; others missing: {len(gone_others)}; not restored: "
          f"{len([i for i in purged if i + '-H' not in restored])}; different after restore: {len(wrong)}")
    print("exit codes", done.returncode, undone.returncode, undone.stdout[-300:] if undone.returncode else "")
    again = run("exim4", "-bpc").stdout.strip()
    print(f"exim counts {again} in the queue")
    return bool(gone_others or wrong or [i for i in purged if i + "-H" not in restored])


def main():
    if namespace.available():
        print("skipped: needs namespaces")
        return 77
    if sys.argv[1] == "--inside":
        acting.furnish(*sys.argv[2:5])
        server = Server(("127.0.0.1", 2525), Sink)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return play(int(sys.argv[5]))
    with tempfile.TemporaryDirectory(prefix="quell-purge-") as work:
        return namespace.enter([sys.executable, __file__, "--inside", work, str(Path(sys.argv[1]).absolute()),
                                str(HERE.parent.parent / "etc"), sys.argv[2] if len(sys.argv) > 2 else "10000"], 500)


if __name__ == "__main__":
    sys.exit(main())
