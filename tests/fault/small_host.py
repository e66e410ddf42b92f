# SPDX-License-Identifier: Apache-2.0
"""A small host below a folder, and snapshots of it: what a fault test acts on and compares."""
import hashlib
import json
import os
import stat
import subprocess
from pathlib import Path

NOW = 1_700_000_000
UID, GID, EXIM = 60001, 60001, 60025
SCRIPT = "home/anna/public_html/blog/x.php"
PASSWD = ("root:x:0:0::/root:/bin/sh\nDebian-exim:x:%d:%d::/var/spool/exim4:/bin/false\n"
          "anna:x:%d:%d::/home/anna:/bin/sh\n" % (EXIM, EXIM, UID, GID))
SHADOW = "root:$6$a$b:19000:0:99999:7:::\nanna:$6$salt$hash:19000:0:99999:7:::\n"
USERS = "tina@shop.test:{PLAIN}secret:60001:60001::/home/anna::\nbob@shop.test:{PLAIN}other:60001:60001::/home/anna::\n"


def message_id(number):
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    text = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        text = digits[digit] + text
    return f"1pAbcd-{text}-7X"


def head(identity, login, sender, auth_id="", acl=""):
    uid = UID if login == "anna" else EXIM
    options = f"-received_time_usec .123456\n-aclm _x {len(acl)}\n{acl}\n-body_linecount 2\n-max_received_linelength 60\n"
    if auth_id:
        options += f"-auth_id {auth_id}\n-auth_sender {auth_id}\n"
    headers = "".join(f"{len(text):03}{kind} {text}" for kind, text in (("P", "Received: from here.test\n"),
                                                                         (" ", "Subject: hello\n")))
    return (f"{identity}-H\n{login} {uid} {uid}\n<{sender}>\n1699999000 0\n{options}-deliver_firsttime\nXX\n1\nrcpt@far.test\n\n"
            f"{headers}")


class Host:
    def __init__(self, base):
        self.base = Path(base)
        self.root, self.state = self.base / "root", self.base / "state"
        for folder, mode, owner in (("etc", 0o755, 0), ("home/anna/public_html/blog", 0o755, UID),
                                    ("var/spool/exim4/input", 0o750, EXIM), ("var/spool/exim4/msglog", 0o750, EXIM)):
            path = self.root / folder
            path.mkdir(parents=True)
            path.chmod(mode)
            os.chown(path, owner, owner)
        for folder in ("home/anna", "home/anna/public_html", "var/spool/exim4"):
            os.chown(self.root / folder, *([UID, GID] if "home" in folder else [EXIM, EXIM]))
        self.put("etc/passwd", PASSWD)
        self.put("etc/shadow", SHADOW, 0o640)
        self.put("etc/users", USERS, 0o640)
        self.put("etc/.pwd.lock", "", 0o600)
        self.put("etc/login.defs", "UID_MIN 1000\n")
        self.put(SCRIPT, "<?php mail(); ?>\n", 0o644, UID)

    def put(self, path, text, mode=0o644, owner=0):
        target = self.root / path
        target.write_text(text)
        target.chmod(mode)
        os.chown(target, owner, owner)
        os.utime(target, ns=(1_600_000_000_123456789, 1_600_000_000_987654321))

    def queue(self, number, login="anna", sender="anna@shop.test", auth_id="", acl=""):
        identity = message_id(number)
        self.put(f"var/spool/exim4/input/{identity}-H", head(identity, login, sender, auth_id, acl), 0o640, EXIM)
        self.put(f"var/spool/exim4/input/{identity}-D", f"{identity}-D\nbody of {number}\n", 0o640, EXIM)
        self.put(f"var/spool/exim4/msglog/{identity}", f"log of {number}\n", 0o640, EXIM)
        if number % 3 == 0:
            self.put(f"var/spool/exim4/input/{identity}-J", "done@far.test\n", 0o640, EXIM)
        return identity

    def snapshot(self):
        """Content, owner, mode, times, extended attributes of everything below the root."""
        seen = {}
        for path in sorted(self.root.rglob("*")):
            status = path.lstat()
            attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                          for name in os.listxattr(path, follow_symlinks=False)}
            plain = stat.S_ISREG(status.st_mode)
            seen[str(path.relative_to(self.root))] = (
                status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns if plain else 0, attributes,
                hashlib.sha256(path.read_bytes()).hexdigest() if plain else "")
        return seen

    def journal(self):
        records = []
        for path in sorted(self.state.glob("journal*.jsonl")):
            for line in path.read_text(errors="replace").splitlines():
                try:
                    records.append(json.loads(line)["rec"])
                except (ValueError, KeyError):
                    pass
        return records


class Actor:
    def __init__(self, program, host, now=NOW):
        self.program, self.host, self.now = program, host, now

    def argv(self, verb, *words, root=None):
        return [self.program, str(self.host.state), str(root or self.host.root), str(self.now), verb, *words]

    def run(self, verb, *words, steps=None, wrap=(), env=None, root=None):
        return subprocess.run([*wrap, *self.argv(verb, *words, root=root)], input=json.dumps(steps) if steps else "",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0", **(env or {})}, check=False, timeout=120)

    def plan(self, steps, root=None):
        done = self.run("plan", steps=steps, root=root)
        if done.returncode:
            raise AssertionError(f"no plan: {done.stderr}")
        return done.stdout.strip()


def disable(path=SCRIPT, **facts):
    return {"op": "disable", "target": "/" + path, "account": "anna",
            "facts": {"path": "/" + path, "home": "/home/anna", "uid": str(UID), **facts}}


def edit(file, change, **facts):
    return {"op": "edit_line", "target": f"{file} {change}", "account": "", "facts": {"file": file, "change": change, **facts}}


def create(file, kind="file", content=""):
    return {"op": "create", "target": file, "account": "", "facts": {"file": file, "kind": kind, "content": content}}


def on_queue(op, ids, by="id", value=""):
    return {"op": op, "target": f"{len(ids)} messages", "account": "",
            "facts": {"spool": "/var/spool/exim4", "by": by, "value": value, "ids": ids}}
