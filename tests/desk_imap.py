#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Polling a mailbox of a real Dovecot on loopback.

usage: desk_imap.py QUELL-DESK       (root; skipped without Dovecot)
"""
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from desk_store import Desk, complaint

DOVECOT, PORT, SKIPPED = "/usr/sbin/dovecot", 41143, 77
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mail
first_valid_uid = 1
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
mail_uid = {uid}
mail_gid = {gid}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def start(home):
    user = pwd.getpwnam("nobody")
    for name in ("new", "cur", "tmp"):
        (home / "mail" / name).mkdir(parents=True)
    config = home / "dovecot.conf"
    config.write_text(CONFIG.format(home=home, port=PORT, uid=user.pw_uid, gid=user.pw_gid))
    for path in [home, *home.rglob("*")]:
        os.chown(path, user.pw_uid, user.pw_gid)
    server = subprocess.Popen([DOVECOT, "-F", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return server, user
        if server.poll() is not None:
            raise SystemExit(f"dovecot ended: {server.stderr.read().decode()}")
        time.sleep(0.1)
    raise SystemExit(f"dovecot does not listen: {(home / 'log').read_text()[-2000:]}")


def deliver(home, user, number):
    path = home / "mail" / "new" / f"{1700000000 + number}.M{number}.host"
    path.write_bytes(complaint(number))
    os.chown(path, user.pw_uid, user.pw_gid)


def check(program, home):
    server, user = start(home)
    try:
        desk = Desk(program, home / "desk", None)
        (home / "password").write_text("secret\n")
        desk.config.write_text(desk.config.read_text() + f"[imap abuse]\nurl = imap://127.0.0.1:{PORT}/INBOX\nuser = abuse\n"
                               f"password_file = {home}/password\n")
        for i in range(3):
            deliver(home, user, i)
        first = json.loads(desk.run("-o", "json", "intake"))
        assert first == {"filed": 3, "seen_again": 0, "unread": 0}, first
        deliver(home, user, 3)
        second = json.loads(desk.run("-o", "json", "intake"))
        assert second["filed"] == 1 and second["seen_again"] == 0, second
        case = next(iter(desk.cases().values()))
        assert case["complaints"] == 4, case
        (home / "password").write_text("wrong\n")
        desk.run("intake", "-", data=complaint(9))
        desk.run("intake", expect=75)
        assert next(iter(desk.cases().values()))["complaints"] == 5, "the spool waits for the mailbox"
    finally:
        server.terminate()
        server.wait()


def main():
    if not os.path.exists(DOVECOT) or os.getuid():
        print("skipped: needs Dovecot and root")
        return SKIPPED
    home = pathlib.Path(tempfile.mkdtemp())
    try:
        check(os.path.abspath(sys.argv[1]), home)
    finally:
        shutil.rmtree(home)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
