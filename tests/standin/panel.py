#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for the programs of cPanel, HestiaCP, DirectAdmin, csf and apf, told apart by the name in $STANDIN. They keep their state
in files as the real ones do, answer in the same shapes, and fail as oddly: exit code 0 with a refusal, a non-empty reason on
success, numbers as strings, `Error:` on stdout, half-done work with exit code 2.

STATE (/var/lib/standin.json): {"accounts":{U:{...}},"mailboxes":{ADDRESS:{...}},"odd":[...]}; "odd" switches failures on.
"""
import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

STATE = Path("/var/lib/standin.json")
TEMPBAN, BANS = Path("/var/lib/csf/csf.tempban"), Path("/usr/local/hestia/data/firewall/banlist.conf")
NAME = os.environ["STANDIN"]


def load():
    return json.loads(STATE.read_text())


def save(state):
    STATE.write_text(json.dumps(state))


def log(words):
    with open("/var/lib/standin.log", "a", encoding="utf-8") as out:
        out.write(json.dumps([NAME, *words]) + "\n")


def key_values(words):
    return dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("--"))


def whm(result, reason, data=None):
    print(json.dumps({"metadata": {"command": "x", "version": 1, "result": result, "reason": reason}, "data": data or {}}))


def whmapi1(words, state):
    function = next(word for word in words if not word.startswith("--"))
    values = key_values(words)
    if function == "api_token_create":
        state.setdefault("keys", {})["whm"] = secrets.token_hex(16)
        save(state)
        return whm(1, "OK", {"name": values["token_name"], "token": state["keys"]["whm"]})
    if function == "api_token_revoke":
        state.get("keys", {}).pop("whm", None)
        save(state)
        return whm(1, "OK")
    account = state["accounts"].get(values.get("user", ""))
    if account is None:
        return whm(0, "Account does not exist.")
    if function == "accountsummary":
        return whm(1, "OK", {"acct": [{"user": values["user"], **account}]})
    changes = {"hold_outgoing_email": ("outgoing_mail_hold", 1), "release_outgoing_email": ("outgoing_mail_hold", 0),
               "suspendacct": ("suspended", 1), "unsuspendacct": ("suspended", "0")}
    if "whm-refuses" in state["odd"]:
        return whm(0, "You do not have permission.")
    if function in changes and "whm-lies" not in state["odd"]:
        account[changes[function][0]] = changes[function][1]
        save(state)
    return whm(1, "Account updated; see the log.")


def uapi_answer(status, data, errors=None):
    print(json.dumps({"apiversion": 3, "func": "x", "module": "Email", "result": {
        "status": status, "data": data, "errors": errors, "messages": None, "warnings": None, "metadata": {}}}))


def uapi(words, state):
    function = [word for word in words if not word.startswith("--")][1]
    values = key_values(words)
    wanted = values.get("api.filter.a.arg0") or values.get("email", "")
    box = state["mailboxes"].get(wanted)
    if box is None:
        return uapi_answer(1, [])
    if function in ("list_pops", "list_pops_with_disk"):
        return uapi_answer(1, [{"email": wanted, "login": wanted, **box}])
    changes = {"suspend_login": ("suspended_login", 1), "unsuspend_login": ("suspended_login", 0),
               "hold_outgoing": ("hold_outgoing", 1), "release_outgoing": ("hold_outgoing", 0)}
    box[changes[function][0]] = changes[function][1]
    save(state)
    return uapi_answer(1, 1)


def hestia_box(words, state):
    user, domain, local = words[:3]
    box = state["mailboxes"].get(f"{local}@{domain}")
    if box is None or user not in state["accounts"]:
        print(f"Error: mail account {local} doesn't exist")
        sys.exit(3)
    return box, local, Path(f"/home/{user}/conf/mail/{domain}/passwd")


def rewrite(path, local, hash_text):
    path.write_text(re.sub(rf"(?m)^{re.escape(local)}:[^:]*", f"{local}:{hash_text}", path.read_text()))


def hestia(words, state):
    if NAME == "v-list-user":
        account = state["accounts"][words[0]]
        print(json.dumps({words[0]: {"SUSPENDED": account.get("SUSPENDED", "no"), "ROLE": account.get("ROLE", "user")}}))
    elif NAME in ("v-suspend-user", "v-unsuspend-user"):
        wanted = "yes" if NAME == "v-suspend-user" else "no"
        if state["accounts"][words[0]].get("SUSPENDED", "no") == wanted:
            print("Error: user is suspended" if wanted == "yes" else "Error: user is not suspended")
            sys.exit(5 if wanted == "yes" else 6)
        if "hestia-silent" not in state["odd"]:
            state["accounts"][words[0]]["SUSPENDED"] = wanted
            save(state)
    elif NAME == "v-list-mail-account":
        box, local, _ = hestia_box(words, state)
        print(json.dumps({local: {"SUSPENDED": box.get("SUSPENDED", "no"), "RATE_LIMIT": ""}}))
    elif NAME in ("v-suspend-mail-account", "v-unsuspend-mail-account"):
        box, local, passwd = hestia_box(words, state)
        wanted = "yes" if NAME == "v-suspend-mail-account" else "no"
        rewrite(passwd, local, "SUSPENDED" if wanted == "yes" else "{BLF-CRYPT}$2y$old")
        box["SUSPENDED"] = wanted
        save(state)
    elif NAME == "v-change-mail-account-password":
        box, local, passwd = hestia_box(words, state)
        if box.get("SUSPENDED") == "yes":
            print("Error: mail account is suspended")
            sys.exit(5)
        secret = Path(words[3])
        if not words[3].startswith("/tmp/") or secret.stat().st_mode & 0o077 or len(secret.read_text().split("\n")[0]) < 24:
            sys.exit(2)
        conf = Path(f"/usr/local/hestia/data/users/{words[0]}/mail/{words[1]}.conf")
        if "hestia-half" in state["odd"]:
            rewrite(passwd, local, "{BLF-CRYPT}Error\nCould not open input file")
            conf.write_text("")
            sys.exit(2)
        hashed = f"{{BLF-CRYPT}}$2y$new{time.time_ns()}"
        rewrite(passwd, local, hashed)
        conf.write_text(re.sub("MD5='[^']*'", f"MD5='{hashed}'", conf.read_text()))
    elif NAME == "v-list-firewall-ban":
        print(json.dumps({ip: {"IP": ip, "CHAIN": chain, "TIME": "", "DATE": ""}
                          for ip, chain in (line.split() for line in BANS.read_text().splitlines())}))
    elif NAME == "v-add-firewall-ban":
        if words[0] not in ("127.0.0.1", "192.0.2.10"):
            BANS.write_text(BANS.read_text() + f"{words[0]} {words[1]}\n")
    elif NAME == "v-delete-firewall-ban":
        BANS.write_text("".join(line + "\n" for line in BANS.read_text().splitlines() if line.split()[0] != words[0]))


def directadmin(words, state):
    if words != ["api-url"]:
        sys.exit(1)
    state.setdefault("keys", {})["directadmin"] = secrets.token_hex(16)
    save(state)
    print(f"https://admin:{state['keys']['directadmin']}@host.test:2222")


def csf(words, state):
    lines = TEMPBAN.read_text().splitlines()
    if words[0] == "-td":
        if "csf-refuses" in state["odd"]:
            print(f"deny failed: {words[1]} is one of this servers addresses!")
            return
        lines.append(f"{int(time.time())}|{words[1]}|*|in|{words[2]}|{' '.join(words[3:])}")
        print(f"csf: {words[1]} blocked on port * for {words[2]} seconds inbound")
    elif words[0] == "-trd":
        lines = [line for line in lines if line.split("|")[1] != words[1]]
    TEMPBAN.write_text("".join(line + "\n" for line in lines))


def apf(words, state):
    """-e fills the chain TDENY from the list; it ends with 0 in any case."""
    if words != ["-e"] or "apf-lies" in state["odd"]:
        return
    tool = ["/usr/sbin/iptables", "-w", "5"]
    subprocess.run([*tool, "-N", "TDENY"], stderr=subprocess.DEVNULL, check=False)
    subprocess.run([*tool, "-F", "TDENY"], check=True)
    for line in Path("/etc/apf-firewall/deny_hosts.rules").read_text().splitlines():
        if line and not line.startswith("#"):
            subprocess.run([*tool, "-A", "TDENY", "-s", line, "-j", "DROP"], check=True)


def main():
    words, state = sys.argv[1:], load()
    log(words)
    for program, answer in (("whmapi1", whmapi1), ("uapi", uapi), ("directadmin", directadmin), ("csf", csf), ("apf", apf)):
        if NAME == program:
            answer(words, state)
            return
    hestia(words, state)
    if NAME in state["odd"]:
        print("Error: parsing")
        sys.exit(12)


if __name__ == "__main__":
    main()
