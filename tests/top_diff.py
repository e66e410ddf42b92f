#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`quell top` against eximstats and against plain counting here, on the same main logs; a table says what is the same, and
where and why ours differs.

usage: top_diff.py QUELL ROOT
"""
import collections
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

EXIMSTATS = "/usr/sbin/eximstats"
ENTRY = re.compile(r"(\d{4}-\d\d-\d\d \d\d):\d\d:\d\d (\w{6}-\w{6}-\w\w) (<=|=>|->|\*\*|==) (.*)")
ARRIVAL = re.compile(r"(?P<sender>\S+) (?:R=(?P<parent>\S+) )?(?:H=.*?\[(?P<ip>[0-9a-f.:]+)\](?::\d+)? )?(?:I=\S+ )?(?:U=(?P<user>\S+) )?"
                     r"P=(?P<protocol>\S+) .*?(?:A=\w+:(?P<auth>\S+) )?S=")
SUBJECT = re.compile(r' T="((?:[^"\\]|\\.)*)" from ')
HOST = re.compile(r" T=\S+ (?:defer \S+ )?H=(\S+) \[")


def lines(logs):
    for log in logs:
        with (gzip.open if log.suffix == ".gz" else open)(log, "rt", encoding="utf-8", errors="replace") as text:
            yield from text


def unescape(text):
    """As Exim writes bytes that are no printable ASCII, and quotes and backslashes."""
    short = {"n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "v": b"\v", "f": b"\f"}
    def one(found):
        word = found[1]
        return bytes([int(word, 8)]) if word.isdigit() else short.get(word, word.encode())
    raw, at = b"", 0
    for found in re.finditer(r"\\(\d{3}|.)", text):
        raw, at = raw + text[at:found.start()].encode() + one(found), found.end()
    return (raw + text[at:].encode()).decode("utf-8", "backslashreplace")


class Plain:
    """Counts by reading line for line: messages, and recipients once for each (message, address)."""

    def __init__(self, logs):
        self.messages, self.people = ({by: collections.Counter() for by in ("sender", "login", "ip", "hour", "subject", "domain", "host")}
                                      for _ in range(2))
        self.arrived, self.people_of, self.handed = {}, collections.defaultdict(dict), {}
        for line in lines(logs):
            found = ENTRY.match(line)
            if found:
                self.take(*found.groups())
        self.count()

    def take(self, hour, name, arrow, text):
        if arrow == "<=":
            if name in self.arrived:
                return
            found = ARRIVAL.match(text)
            subject = SUBJECT.search(text)
            self.arrived[name] = {"sender": found["sender"].lower(), "ip": found["ip"], "hour": hour.replace(" ", "T") + ":00:00Z",
                                  "login": self.login(found), "subject": unescape(subject[1]) if subject and subject[1] else None}
            for address in text.rpartition(" for ")[2].split():
                self.people_of[name][address.lower()] = None
            return
        address, _, original = text.partition(" ")[0], 0, re.match(r"\S+ <(\S+)>", text)
        if original and "@" in address and original[1].lower() != address.lower():
            self.people_of[name].pop(original[1].lower(), None)         # an alias: its targets count
        elif original:
            address = original[1]
        self.people_of[name].setdefault(address.rstrip(":").lower(), None)
        host = HOST.search(text)
        if host:
            self.handed[name, address.rstrip(":").lower()] = host[1], arrow in ("=>", "->")

    @staticmethod
    def login(found):
        """Local users and SMTP logins; a bounce has none."""
        return found["auth"] and found["auth"].lower() or (found["protocol"] == "local" and found["sender"] != "<>" and found["user"] or None)

    def count(self):
        for name, message in self.arrived.items():
            for by, key in message.items():
                if key is not None:
                    self.messages[by][key] += 1
                    self.people[by][key] += len(self.people_of[name])
            domains = [address.rpartition("@")[2] for address in self.people_of[name] if "@" in address]
            self.people["domain"].update(domains)
            self.messages["domain"].update(set(domains))
        delivered = [(name, host) for (name, _), (host, done) in self.handed.items() if done]
        self.delivered = collections.Counter(host for _, host in delivered)
        self.people["host"].update(host for host, _ in self.handed.values())
        self.messages["host"].update(host for _, host in {(name, host) for (name, _), (host, _) in self.handed.items()})


def eximstats(logs):
    """Section -> first words of its rows."""
    text = subprocess.run([EXIMSTATS, "-nvr", "-nr", "-t100000", *map(str, logs)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout.decode(errors="replace")
    sections = re.findall(r"^Top \d+ (.*)\n-+\n.*\n((?:.+\n)+)", text, re.M)
    found = {name: [row.split() for row in rows.splitlines()] for name, rows in sections}
    return found, int(re.search(r"^\s+Received\s+\S+\s+(\d+)", text, re.M)[1])


class Table:
    def __init__(self):
        self.failed = self.count = 0

    def row(self, what, ours, theirs, note=""):
        same = ours == theirs
        self.count += 1
        self.failed += not same
        print(f"{what:34} {len(theirs):5} rows  {'same' if same else 'DIFFERENT'}  {note}")
        for key in sorted(k for k in set(ours) | set(theirs) if ours.get(k) != theirs.get(k))[:5] if not same else ():
            print(f"    {key!r}: quell {ours.get(key)}, they {theirs.get(key)}")


def top(quell, root, by):
    out = subprocess.run([quell, "--root", root, "-o", "json", "top", "--by", by, "-n", "100000"], stdout=subprocess.PIPE, check=False)
    return {row["key"]: row for row in json.loads(out.stdout)["rows"]}


def column(rows, name):
    return {key: row[name] for key, row in rows.items() if row[name]}


def main():
    quell, root = sys.argv[1], sys.argv[2]
    folder = Path(root, "var/log")
    logs = sorted(folder.glob("exim_mainlog-*")) + [folder / "exim_mainlog"]
    plain, table = Plain(logs), Table()
    ours = {by: top(quell, root, by) for by in plain.messages}
    for by in plain.messages:
        table.row(f"--by {by}: mails, plain", column(ours[by], "messages"), dict(plain.messages[by]))
        table.row(f"--by {by}: people, plain", column(ours[by], "recipients"), {k: n for k, n in plain.people[by].items() if n})
    table.row("--by host: delivered, plain", column(ours["host"], "delivered"), dict(plain.delivered))
    if os.path.exists(EXIMSTATS):
        theirs, received = eximstats(logs)
        senders = {row[-1]: int(row[0]) for row in theirs["local senders by message count"]}
        table.row("local senders, eximstats", {k: r["messages"] for k, r in ours["login"].items() if "@" not in k},
                  {k: n for k, n in senders.items() if k not in ("mailnull", "Debian-exim", "root")},
                  "ours leaves bounces out (Exim's own user), and adds SMTP logins")
        hosts = {row[-1]: int(row[1]) for row in theirs["host destinations by message count"]}
        table.row("host destinations, eximstats", column(ours["host"], "delivered"), {k: n for k, n in hosts.items() if k != "local"},
                  "ours also counts who was refused or waits")
        table.row("received, eximstats", {"all": sum(r["messages"] for r in ours["hour"].values())}, {"all": received})
    print(f"{table.count - table.failed} passed, {table.failed} failed")
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
