#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reader of Exim's queue against Exim itself: real -H files with hostile contents, read by spool_print, compared with
what `exim -Mvh` prints (decoded here, slowly and separately), with Exim's own variables (`-Mset ... -be`), with
`exim -bpr` and with exipick.

usage: spool_diff.py SPOOL_PRINT [--messages N] [--seed N]

Needs root and namespaces; the machine's own spool is not touched.
"""
import argparse
import base64
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "live"))
import namespace  # noqa: E402

EXIM, EXIPICK, SPOOL = "/usr/sbin/exim4", "/usr/sbin/exipick", "/var/spool/exim4"
PRINT, CONFIG = "/run/rig/spool_print", "/etc/exim4/exim4.conf"
LOCAL_UID, LOCAL_GID = 65534, 65534
BATCH = 20                     # messages of one SMTP session
CONFIGURATION = """\
primary_hostname = host.example
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
split_spool_directory = SPLIT
queue_only
untrusted_set_sender = *
local_from_check = false
helo_accept_junk_hosts = *
helo_allow_chars = _
smtp_accept_max_per_connection = 0
smtp_max_unknown_commands = 1000
smtp_max_synprot_errors = 1000
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
spool_wireformat
allow_domain_literals
keep_environment =
acl_smtp_rcpt = accept
acl_smtp_data = noted
acl_not_smtp = noted

begin acl
noted:
  warn set acl_m_note = $rh_x-note:
       set acl_c0 = $sender_address
       set acl_m1 =
       add_header = X-Added: $acl_m_note
       remove_header = X-Remove
  warn condition = ${if match{$h_subject:}{freeze}}
       control = freeze
  accept

begin routers
done:
  driver = redirect
  domains = done.example
  data = :blackhole:
once:
  driver = redirect
  domains = once.example
  data = first-${quote_local_part:$local_part}@late.example, \\
         second@done.example
  one_time
  errors_to = owner@lists.example
late:
  driver = redirect
  data = :defer: not now
  allow_defer

begin retry
* * F,1d,1h

begin rewrite
*@rewrite.example new-$1@rewritten.example h
"""
LOCAL_PARTS = (
    b"anna", b"Anna.Smith+tag", b'"two words"', b'"q\\"uote>"', b'"x <= root@h U=root P=local"', b'"owner 3,1#1"',
    b'"ends 5"', b'"a, b"', b"x" * 60, b'"<>"', b'"-auth_id victim"', b'"tab\there"', b'"NN x"', b"o'hara", b"a=b",
)
DOMAINS = (b"example.net", b"done.example", b"once.example", b"Mixed.Example", b"[192.0.2.77]", b"xn--caf-dma.example",
           b"rewrite.example")
HELOS = (b"pc.example", b"[198.51.100.9]", b"pc) [198.51.100.9] P=local", b"user_pc", b"caf\xc3\xa9 \xff", b"-auth_id x",
         b"h" * 200, b"two  blanks")
HEADERS = (
    b"Subject: hello", b"Subject: please freeze", b"Subject: folded\n one\n\ttwo", b"Subject: \xff\xfe raw bytes",
    b"Subject: 024P Received: from nowhere\n 020  To: x", b"To: anna@rewrite.example, b@example.net", b"X-Empty:",
    b"From: \"Anna\" <anna@rewrite.example>", b"From: plain@example.net", b"Cc: c@example.net", b"Bcc: d@example.net",
    b"X-Note: one\n -auth_id victim\n XX\n 1\n v@victim.example", b"X-Note:", b"X-Note: \xe2\x82\xac",
    b"X-Long: " + b"long " * 3000, b"Received: from forged ([192.0.2.9])\n\tby h with esmtp id 1xHx96-0002pc-0n",
    b"X-PHP-Script: victim.example/x.php for 198.51.100.9", b"Message-Id: <a b@c>", b"Reply-To: r@example.net",
    b"Sender: s@rewrite.example", b"X-Remove: me", b"X-Blank:  \n ", b"Date: Thu, 05 Nov 2026 08:47:25 +0000",
    b"1xHx96-0002pc-0n-H: odd name", b"X-Control: \x01\x07\x1b[31m", b"X-" + b"n" * 300 + b": v",
)
TRUSTED = (
    (), ("-oMa", "203.0.113.7.4711"), ("-oMa", "[2001:db8::7]:25", "-oMs", "client.example"),
    ("-oMa", "203.0.113.7", "-oMt", "ident with blanks"), ("-oMa", "203.0.113.8.25", "-oMt", "a\n-auth_id victim"),
    ("-oMa", "203.0.113.9.1", "-oMaa", "dovecot_login", "-oMai", "box@shop.example"),
    ("-oMa", "2001:db8::9.587", "-oMaa", "plain", "-oMai", "two words <x>", "-oMr", "esmtpsa"),
    ("-oMaa", "login", "-oMai", "caf\u00e9", "-oMas", "sender@shop.example"),
    ("-oMi", "192.0.2.10.25", "-oMa", "198.51.100.5.1"),
)


class Writer:
    """Fills the queue."""

    def __init__(self, chance):
        self.random = chance

    def address(self):
        return self.random.choice(LOCAL_PARTS) + b"@" + self.random.choice(DOMAINS)

    def headers(self):
        return self.random.choices(HEADERS, k=self.random.randrange(1, 9))

    def recipients(self):
        count = self.random.choice((1, 1, 1, 2, 3, 7, 60))
        return [b"%d%s" % (i, self.address()) if self.random.random() < 0.1 else self.address() for i in range(count)]

    def recipient_command(self, address):
        extra = self.random.choice((b"", b"", b"", b" NOTIFY=SUCCESS,FAILURE", b" NOTIFY=NEVER",
                                    b" ORCPT=rfc822;first+20last@example.net", b" NOTIFY=DELAY ORCPT=rfc822;x"))
        return b"RCPT TO:<" + address + b">" + extra

    def sender_command(self):
        sender = self.random.choice((b"", self.address(), self.address(), self.address()))
        return b"MAIL FROM:<" + sender + b">" + self.random.choice((b"", b"", b" RET=HDRS ENVID=e+20nv", b" SIZE=9"))

    def smtp_message(self):
        lines = [self.sender_command(), *map(self.recipient_command, self.recipients()), b"DATA"]
        text = b"\n".join((*self.headers(), b"", b"body", b"..", b"."))
        return b"\r\n".join((*lines, text.replace(b"\n", b"\r\n"), b""))

    def chunked_message(self):
        text = b"\n".join((*self.headers(), b"", b"body", b"")).replace(b"\n", b"\r\n")
        return b"\r\n".join((self.sender_command(), self.recipient_command(self.address()), b"BDAT %d LAST" % len(text), text))

    def smtp_session(self, count):
        messages = [self.random.choice((self.smtp_message, self.smtp_message, self.chunked_message))() for _ in range(count)]
        talk = b"EHLO " + self.random.choice(HELOS) + b"\r\n" + b"".join(messages) + b"QUIT\r\n"
        feed([EXIM, *self.random.choice(TRUSTED), "-bs"], talk)

    def local_message(self):
        """As PHP and shell users do: any line ends, any sender, recipients from the headers."""
        ends = self.random.choice((b"\n", b"\r\n"))
        lines = [h.replace(b"\n", ends) + ends for h in self.headers() + [b"To: " + self.address()]]
        lines.insert(1, self.random.choice((b"", b"X-Other-End: lf\n", b"X-Other-End: crlf\r\n")))
        sender = self.random.choice(([], ["-f", "<>"], ["-f", "any@sender.example"], ["-f", '"a b"@sender.example']))
        feed([EXIM, "-i", "-t", *sender], b"".join(lines) + ends + b"body\n", user=LOCAL_UID, group=LOCAL_GID)

    def fill(self, count):
        local = count // 8
        for _ in range(local):
            self.local_message()
        for done in range(0, count - local, BATCH):
            self.smtp_session(min(BATCH, count - local - done))

    def change(self, ids):
        """Handled addresses in every way: marked by hand, delivered, one_time children, a journal of a crashed delivery."""
        for name in self.random.sample(ids, len(ids) // 8):
            addresses = [r["address"] for r in decode(print_header(name))["recipients"]]
            marked = self.random.sample(addresses, self.random.randrange(1, len(addresses) + 1))
            quiet([EXIM, "-Mmad", name, *marked[1:]])
        for name in self.random.sample(ids, len(ids) // 8):
            quiet([EXIM, "-Mc", name])
        for name in self.random.sample(sorted(queue()), len(ids) // 20):
            addresses = [r["address"] for r in decode(print_header(name))["recipients"]]
            journal = "".join(f"{a}\n" for a in self.random.sample(addresses, self.random.randrange(len(addresses) + 1)))
            queue()[name].with_name(f"{name}-J").write_bytes(journal.encode("utf-8", "surrogateescape"))


def feed(argv, text, **identity):
    subprocess.run(argv, input=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **identity)


def quiet(argv):
    feed([a.encode("utf-8", "surrogateescape") for a in argv], b"")


def output(argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def queue():
    """id -> its -H file"""
    return {path.name[:-2]: path for path in Path(SPOOL, "input").rglob("*-H")}


def print_header(name):
    return output([EXIM, "-Mvh", name])


# --- the file as -Mvh prints it, decoded line by line ---------------------------------------------------------------

OPTIONS = {"helo_name": "helo", "host_name": "host_name", "host_auth": "host_auth", "auth_id": "auth_id",
           "auth_sender": "auth_sender", "ident": "ident", "received_protocol": "protocol"}
FLAGS = {"local": "local", "localerror": "local_error", "sender_set_untrusted": "sender_set_untrusted",
         "manual_thaw": "manual_thaw", "spool_file_wireformat": "spool_wireformat"}


def text(raw):
    return raw.decode("utf-8", "surrogateescape")


def decode(raw):
    rest = raw
    def line():
        nonlocal rest
        found, _, rest = rest.partition(b"\n")
        return found
    out = {"id": text(line()[:-2])}
    login, uid, gid = line().rsplit(b" ", 2)
    out |= {"login": text(login), "uid": int(uid) % 2**32, "gid": int(gid) % 2**32}
    out["sender"] = text(line()[1:-1])
    seconds, warnings = line().split()
    out |= {"received": int(seconds) * 10**6, "warnings": int(warnings)}
    while rest.startswith(b"-"):
        name, _, value = re.sub(rb"^--?(\(\w+\))?", b"", line()).partition(b" ")
        name = text(name)
        if name in ("aclm", "aclc"):
            rest = rest[int(value.split()[-1]) + 1:]
        elif name in OPTIONS:
            out[OPTIONS[name]] = text(value)
        elif name in FLAGS:
            out[FLAGS[name]] = True
        elif name == "host_address":
            out["ip"] = text(re.fullmatch(rb"\[(.*)\]:\d+", value)[1])
        elif name == "received_time_usec":
            out["received"] += int(value[1:])
        elif name == "frozen":
            out["frozen"] = int(value) * 10**6
    tree = [line()]
    while not rest.split(b"\n", 1)[0].isdigit():
        tree.append(line())
    done = {node[3:] for node in tree if node != b"XX"}
    addresses = [recipient(line()) for _ in range(int(line()))]
    out["recipients"] = [{"address": text(a), **({"done": True} if a in done else {})} for a in addresses]
    line()
    out["headers"] = []
    while rest:
        size, kind = re.match(rb"(\d+)(.) ", rest).groups()
        start = len(size) + 2
        out["headers"].append({"type": text(kind), "text": text(rest[start:start + int(size)])})
        rest = rest[start + int(size):]
    return out


def recipient(line):
    """Tries every place where the trailing data may begin, and takes the one whose lengths fit."""
    if not re.search(rb"#[13]$", line):
        return line
    for at in [m.start() for m in re.finditer(rb" ", line)]:
        new = re.fullmatch(rb" (.*) (\d+),\d+ (.*) (\d+),-?\d+#3", line[at:])
        old = re.fullmatch(rb" (.*) (\d+),-?\d+#1", line[at:])
        if new and len(new[1]) == int(new[2]) and len(new[3]) == int(new[4]) or old and len(old[1]) == int(old[2]):
            return line[:at]
    raise ValueError(line)


# --- what Exim's own programs say --------------------------------------------------------------------------------------

VARIABLES = {
    "id": "$message_exim_id", "sender": "$sender_address", "uid": "$originator_uid", "gid": "$originator_gid",
    "helo": "$sender_helo_name", "host_name": "$sender_host_name", "host_auth": "$sender_host_authenticated",
    "auth_id": "$authenticated_id", "auth_sender": "$authenticated_sender", "ident": "$sender_ident",
    "protocol": "$received_protocol", "ip": "$sender_host_address", "recipients": "$recipients_count",
    "headers": "$message_headers_raw",
}


def exim_variables(name):
    """Exim loads the message and expands its variables, one a line."""
    lines = output([EXIM, "-Mset", name, "-be", *(f"${{base64:{v}}}" for v in VARIABLES.values())]).split(b"\n")
    return dict(zip(VARIABLES, (text(base64.b64decode(line)) for line in lines)))


def as_variables(message):
    live = (h["text"] for h in message["headers"] if h["type"] != "*")
    return {key: str(message.get(key, "")) for key in VARIABLES} | {
        "recipients": str(len(message["recipients"])), "headers": "".join(live)}


def exim_listing():
    """id -> recipients with their D, as `exim -bpr` shows them, the journal included."""
    found, current = {}, None
    for line in text(output([EXIM, "-bpr"])).split("\n"):
        head = re.match(r"\s*\d+[mhd]\s+\S+ (\S+) <", line)
        if head:
            current = found.setdefault(head[1], [])
        elif line:
            current.append(line)
    return found


def as_listing(message):
    return [f"        {'D' if r.get('done') else ' '} {r['address']}" for r in message["recipients"]]


PICKED = {"sender": "sender_address", "login": "originator_login", "uid": "originator_uid", "gid": "originator_gid",
          "helo": "sender_helo_name", "host_name": "sender_host_name", "host_auth": "sender_host_authenticated",
          "auth_id": "authenticated_id", "ident": "sender_ident", "protocol": "received_protocol",
          "warnings": "warning_count", "frozen": "deliver_frozen_at"}


def exipick():
    """id -> variables"""
    argv = [EXIPICK, "-spool", SPOOL, "-unsorted", "-i", "--show-vars", ",".join(PICKED.values())]
    pattern = re.compile(r"(\S+)" + "".join(f" {name}='(.*)'" for name in PICKED.values()))
    lines = filter(None, text(output(argv)).split("\n"))
    return {m[1]: dict(zip(PICKED, m.groups()[1:])) for m in map(pattern.fullmatch, lines)}


def as_picked(message):
    return {key: str(message.get(key, "")) for key in PICKED} | {
        "warnings": str(message.get("warnings", 0)), "frozen": str(message["frozen"] // 10**6) if "frozen" in message else ""}


# --- comparison ----------------------------------------------------------------------------------------------------------

class Comparison:
    def __init__(self):
        self.compared, self.differences, self.seen = collections.Counter(), 0, {}

    def check(self, against, name, ours, theirs):
        self.compared[against] += 1
        if ours != theirs:
            self.differences += 1
            print(f"{name}: {against}\n  ours   {ours!r}\n  theirs {theirs!r}", file=sys.stderr)


def shown(value):
    """As the JSON printer shows bytes that are no UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if isinstance(value, list):
        return [shown(v) for v in value]
    return {k: shown(v) for k, v in value.items()} if isinstance(value, dict) else value


def read_ours():
    lines = output([PRINT, f"{SPOOL}/input"]).decode().splitlines()
    return {message["id"]: message for message in map(json.loads, lines)}


FEATURES = {
    "handled recipient": lambda m: any(r.get("done") for r in m["recipients"]),
    "quoted sender": lambda m: m["sender"].startswith('"'),
    "quoted recipient": lambda m: any(r["address"].startswith('"') for r in m["recipients"]),
    "one_time child": lambda m: any(r["address"].endswith("@late.example") for r in m["recipients"]),
    "many recipients": lambda m: len(m["recipients"]) > 50,
    "bounce": lambda m: not m["sender"],
    "frozen": lambda m: "frozen" in m,
    "login by SMTP": lambda m: "host_auth" in m and "auth_id" in m,
    "local": lambda m: m.get("local"),
    "IPv6": lambda m: ":" in m.get("ip", ""),
    "ident of several words": lambda m: " " in m.get("ident", ""),
    "body as received": lambda m: m.get("spool_wireformat"),
    "replaced header": lambda m: any(h["type"] == "*" for h in m["headers"]),
    "fused headers": lambda m: any("X-Other-End: lf\n " in h["text"] for h in m["headers"]),
    "long header": lambda m: any(len(h["text"]) > 9999 for h in m["headers"]),
    "8-bit header": lambda m: any("\\xff" in h["text"] for h in m["headers"]),
}


def features(messages):
    """How often each thing worth comparing occurred, so that no comparison passes for want of it."""
    return {name: sum(map(bool, map(holds, messages))) for name, holds in FEATURES.items()}


def compare():
    result, ours = Comparison(), read_ours()
    listing, picked = exim_listing(), exipick()
    names = queue()
    result.check("ids", "queue", sorted(ours), sorted(names))
    for name in sorted(ours):
        message = ours[name]
        message["sender"] = message.get("sender", "")
        message.setdefault("warnings", 0)
        theirs = shown(decode(print_header(name)))
        journal = names[name].with_name(f"{name}-J")
        if not journal.exists():
            result.check("-Mvh", name, message, theirs)
        result.check("-Mset -be", name, as_variables(message), shown(exim_variables(name)))
        result.check("-bpr", name, as_listing(message), shown(listing.get(name)))
        result.check("exipick", name, as_picked(message), shown(picked.get(name)))
    result.seen = features(ours.values())
    return result


def furnish(split):
    for folder in (SPOOL, "/var/log/exim4"):
        Path(folder).mkdir(parents=True)
        subprocess.run(["chown", "Debian-exim:Debian-exim", folder], check=True)
    Path(CONFIG).write_text(CONFIGURATION.replace("SPLIT", split), encoding="ascii")
    os.chmod(CONFIG, 0o644)


def play(given):
    namespace.furnish(given.inside, {PRINT: given.spool_print.absolute()}, "host.example")
    chance = random.Random(given.seed)
    furnish(chance.choice(("true", "false")))
    writer = Writer(chance)
    writer.fill(given.messages)
    writer.change(sorted(queue()))
    result = compare()
    print(f"seed {given.seed}: {dict(result.compared)}, {result.differences} differences; with {result.seen}")
    return 1 if result.differences or not all(result.seen.values()) else 0


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("spool_print", type=Path)
    given.add_argument("--messages", type=int, default=300)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--seconds", type=int, default=900, help="the run is stopped after this time")
    given.add_argument("--inside", help=argparse.SUPPRESS)
    given = given.parse_args()
    if given.inside:
        return play(given)
    reason = namespace.available() or (None if os.path.exists(EXIM) else "exim4 is not installed")
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory(prefix="quell-spool-") as work:
        return namespace.enter([sys.executable, __file__, *sys.argv[1:], "--inside", work], given.seconds)


if __name__ == "__main__":
    sys.exit(main())
