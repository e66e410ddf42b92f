#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`quell remote` as the forced command of a real sshd on loopback: typed verbs answer JSON, whatever else a client asks
for is refused, and nothing it asks for is ever run.

usage: remote_ssh.py QUELL SAMPLE

Needs root, namespaces and OpenSSH.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "live"))
import namespace  # noqa: E402
import sshd  # noqa: E402

QUELL, SAMPLE, SSHD, PORT = "/run/rig/quell", "/run/rig/sample", "/usr/sbin/sshd", "2222"
MARK = "/tmp/was-run"
GOOD = {
    "queue count": ("quell.queue/1", 0),
    "queue list --newest 2": ("quell.queue/1", 0),
    "top --by account -n 3": ("quell.top/1", 0),
    "trace 1xOtOO-0002Je-2a": ("quell.trace/1", 0),
    "trace holiday plan": ("quell.trace/1", 0),
    "doctor": ("quell.doctor/1", 0),
    "scan": ("quell.scan/1", 1),
    "why pinestud": ("quell.why/1", None),
}
HOSTILE = (
    f"touch {MARK}", f"scan; touch {MARK}", f"scan && touch {MARK}", f"queue count\ntouch {MARK}", f"$(touch {MARK})",
    f"`touch {MARK}`", f"queue count | tee {MARK}", f"queue count > {MARK}", "scan --root /", "scan --config /etc/shadow",
    "-o text scan", "scan --state /tmp", "queue show ../../../etc/shadow", "queue show -h", "why -E", "trace", "purge --all",
    "stop 0123456789ab", "apply 0123456789ab", "undo --all", "remote scan", "queue  count", "queue\tcount", "scan --since",
    "top --by log\u202ein", "trace \x1b]0;owned\x07", "trace " + "a" * 5000, "scp -t /tmp", "/bin/sh", "sh -i", "%n%n%n",
    "queue -E -f (a+)+$", "trace \udcff",
)


def ssh(line, stdin=None, key="read"):
    argv = ["ssh", "-F", "none", "-p", PORT, "-i", f"/run/ssh/{key}", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "--", "127.0.0.1", *([line] if line is not None else [])]
    return subprocess.run(argv, input=stdin or b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)


def serve():
    Path("/run/sshd").mkdir(mode=0o755)
    Path("/run/ssh").mkdir(mode=0o700)
    for name in ("host", "read", "act"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"/run/ssh/{name}"], check=True)
    words = {"read": "remote", "act": "remote --allow-act"}
    lines = (f'restrict,command="{QUELL} --root {SAMPLE}/root --state /tmp/state {verb}" {Path(f"/run/ssh/{key}.pub").read_text()}'
             for key, verb in words.items())
    Path("/run/ssh/authorized").write_text("".join(lines))
    Path("/run/ssh/config").write_text(sshd.config("127.0.0.1", PORT))
    daemon = subprocess.Popen([SSHD, "-D", "-e", "-f", "/run/ssh/config"], stderr=subprocess.DEVNULL)
    for _ in range(50):
        if ssh("doctor").returncode != 255:
            return daemon
        time.sleep(0.1)
    raise SystemExit("sshd does not answer")


def check():
    failures = []
    def expect(what, holds):
        if not holds:
            failures.append(what)
    for line, (schema, code) in GOOD.items():
        done = ssh(line)
        answer = json.loads(done.stdout or b"{}")
        expect(f"{line}: {done.returncode} {answer.get('schema')} {done.stderr[:200]}",
               answer.get("schema") == schema and code in (None, done.returncode))
    done = ssh(None, stdin=b"queue count\n")
    expect(f"from stdin: {done}", json.loads(done.stdout)["total"] == 98)
    for line in HOSTILE:
        done = ssh(line)
        answer = json.loads(done.stdout)
        expect(f"{line[:60]!r}: {done.returncode} {answer}", done.returncode == 2 and answer["schema"] == "quell.error/1")
        expect(f"{line[:60]!r} prints raw control bytes", not any(b < 32 and b != 10 for b in done.stdout + done.stderr))
    expect("a command of the client was run", not os.path.exists(MARK))
    done = ssh("apply 0123456789ab", key="act")
    expect(f"acting verb with the acting key: {done}", done.returncode == 4 and b"quell.error/1" in done.stdout)
    print(f"{len(GOOD) + 2} verbs, {len(HOSTILE)} hostile lines, {len(failures)} failures", *failures, sep="\n")
    return 1 if failures else 0


def play(given):
    namespace.furnish(given.inside, {QUELL: given.quell.absolute(), SAMPLE: given.sample.absolute()}, "host.example")
    daemon = serve()
    try:
        return check()
    finally:
        daemon.terminate()


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("quell", type=Path)
    given.add_argument("sample", type=Path)
    given.add_argument("--inside", help=argparse.SUPPRESS)
    given = given.parse_args()
    if given.inside:
        return play(given)
    reason = namespace.available() or (None if os.path.exists(SSHD) and shutil.which("ssh") else "no OpenSSH here")
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory(prefix="quell-ssh-") as work:
        return namespace.enter([sys.executable, __file__, *sys.argv[1:], "--inside", work], 500)


if __name__ == "__main__":
    sys.exit(main())
