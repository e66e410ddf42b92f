# SPDX-License-Identifier: Apache-2.0
"""A machine of its own for fault tests of ops that run programs or end sessions: the root of a private namespace, with
stand-ins for update-exim4.conf, exim4, service and a panel's verbs.

`told` is what the mail server has read; it has to be what stands in the file whenever nothing is under way."""
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from small_host import Host, create, edit

MACROS, TOLD, ACCOUNT = (Path(path) for path in ("/etc/exim4/macros", "/var/lib/standin/told", "/var/lib/standin/account"))
BOXES, ACCOUNTS, KEY = Path("/etc/boxes"), Path("/usr/local/hestia/data/accounts"), Path("/var/lib/standin/key")
DA = "/usr/local/directadmin/directadmin"
LIST, SERVER, THIEF = Path("/etc/list"), Path("/run/standin/exim4"), "203.0.113.9"
UPDATE, EXIM, SERVICE, PANEL = ("/usr/sbin/update-exim4.conf", "/usr/sbin/exim4", "/usr/sbin/service", "/usr/local/hestia/bin/v-")
PROGRAMS = {
    UPDATE: f"cp {MACROS} {TOLD}.new && mv {TOLD}.new {TOLD}",
    EXIM: f'case "$*" in "-bP acl") cat {TOLD};; *-bV) ! grep -qs broken "$2";; esac',
    SERVICE: "exit 0",
    f"{PANEL}suspend-user": f"echo yes > {ACCOUNT}",
    f"{PANEL}unsuspend-user": f"echo no > {ACCOUNT}",
    f"{PANEL}change-mail-account-password": f"sed -i 's/^tina:.*/tina:$6$new/' {BOXES}; sed -i 's/old/new/' {ACCOUNTS}",
    DA: f'case $1 in end) rm -f {KEY};; *) echo https://admin:key@host.test | tee {KEY};; esac',
    f"{PANEL}list-user": f'printf \'{{"anna":{{"SUSPENDED":"%s"}}}}\' "$(cat {ACCOUNT})"',
}
SERVE = ("import socket,sys\ns=socket.create_server(('192.0.2.10',25))\nprint(flush=True)\nc,_=s.accept()\ns.close()\n"
         "print(flush=True)\nc.recv(1)\n")


def furnish():
    """Once, inside the namespace."""
    for path, text in PROGRAMS.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).unlink(missing_ok=True)
        Path(path).write_text(f"#!/bin/sh\n{text}\n")
        os.chmod(path, 0o755)
    SERVER.parent.mkdir(parents=True)
    shutil.copy(os.path.realpath(sys.executable), SERVER)


class Session:
    """A client of the thief's address, served by a process of its own that calls itself exim4."""

    def __init__(self):
        self.server = subprocess.Popen([SERVER, "-c", SERVE], stdout=subprocess.PIPE)
        self.server.stdout.readline()
        self.client = socket.create_connection(("192.0.2.10", 25), source_address=(THIEF, 0))
        self.server.stdout.readline()

    def is_open(self):
        try:
            return bool(self.client.recv(1, socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True

    def close(self):
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()
        self.client.close()


class Machine(Host):
    FILES = (MACROS, TOLD, ACCOUNT, LIST, Path("/etc/quell/acl"), BOXES, ACCOUNTS)

    def __init__(self, base):
        self.root, self.state, self.session = Path("/"), Path(base) / "state", None
        shutil.rmtree("/etc/quell", ignore_errors=True)
        for path in (*self.FILES, self.state):
            path.parent.mkdir(parents=True, exist_ok=True)
        Path("/etc/quell").rmdir()
        for path, text in ((MACROS, "ONE = 1\n"), (TOLD, "ONE = 1\n"), (ACCOUNT, "no\n"), (LIST, "one\n"),
                           (BOXES, "bob:$6$bob:x\ntina:$6$tina:x\n"), (ACCOUNTS, "ACCOUNT='tina' old\n")):
            self.put(path, text)

    def needs_session(self):
        self.session = Session()

    def snapshot(self):
        """Content, owner, mode; what programs have written has the time of its writing."""
        seen = {str(path): path.lstat().st_mode for path in (Path("/etc/quell"),) if path.exists()}
        for path in self.FILES:
            if path.exists():
                status = path.lstat()
                seen[str(path)] = (status.st_mode, status.st_uid, status.st_gid, path.read_text())
        if self.session:
            seen["session"] = self.session.is_open()
        return seen

    def left_behind(self):
        """Files that only an unfinished run may leave, and whether the mail server has read what stands there."""
        strange = [str(path) for folder in ("/etc/exim4", "/etc/quell", "/etc") if Path(folder).exists()
                   for path in Path(folder).iterdir() if path.name.endswith((".new", ".quell", ".check"))]
        strange += [str(path) for path in (KEY, *Path("/tmp").glob("quell.*")) if path.exists()]
        return strange + ([] if TOLD.read_text() == MACROS.read_text() else ["not told"])

    def done(self):
        if self.session:
            self.session.close()


def actions(machine):
    told = {"then": [UPDATE, ";", EXIM, "-bV", ";", SERVICE, "exim4", "reload"], "read": [EXIM, "-bP", "acl"], "on": "/etc/quell/acl"}
    option = edit(str(MACROS), "add", line="ACL = /etc/quell/acl", place="end", **told)
    switch = {"op": "switch", "target": "anna", "account": "", "facts": {
        "do": [f"{PANEL}suspend-user", "anna"], "undo": [f"{PANEL}unsuspend-user", "anna"], "how": "json", "goal": "on",
        "read": [f"{PANEL}list-user", "anna", "json"], "at": "anna/SUSPENDED", "on": "yes"}}
    return {
        "hold-acl": [create("/etc/quell", "folder"), create("/etc/quell/acl", content="accept\n"), option],
        "then": [option],
        "check": [edit(str(LIST), "add", line="two", place="head", check=[EXIM, "-C", "{new}", "-bV"])],
        "switch": [switch],
        "keyed": [{"op": "switch", "target": "tina", "account": "", "facts": {
            "do": [f"{PANEL}change-mail-account-password", "{password_file}"], "input": "{api}", "api": [DA, "api-url"], "api_end": [DA, "end"],
            "how": "line", "file": str(BOXES), "key": "tina", "goal": "on", "keep": [str(BOXES), "tina:", str(ACCOUNTS), "ACCOUNT='tina'"]}}],
        "hangup": [{"op": "hangup", "target": "sessions", "account": "", "facts": {"peers": [THIEF]}}],
    }
