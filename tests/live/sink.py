# SPDX-License-Identifier: Apache-2.0
"""The remote mail world: domains, their MX hosts and how each treats a recipient.

A recipient's fate is drawn when the rig invents the address, so the sending side knows it; the SMTP servers here only
look it up. Whole domains have habits of their own: one is overloaded for some hours, one refuses connections, one does
not exist.
"""
import re
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

from dns import Zone

MX_HOSTS = {"mx11": "198.51.100.11", "mx12": "198.51.100.12", "mx13": "198.51.100.13", "mx14": "198.51.100.14",
            "mx15": "198.51.100.15", "mx16": "198.51.100.16", "mx17": "198.51.100.17"}
DOMAINS = {"freemail.example": "mx11", "mailzone.example": "mx11", "unioffice.example": "mx11", "corpmail.test": "mx12",
           "ispnet.example": "mx13", "oldisp.example": "mx14", "deadhost.test": "mx15", "bigmail.test": "mx16",
           "quickbox.test": "mx16", "webpost.test": "mx17"}
NOWHERE = "nodomain.test"
OVERLOADED, REFUSING = "mx14", "mx15"
OUTGOING = {f"out{n}.mail.example": f"198.51.100.{40 + n}" for n in range(1, 10)}

UNKNOWN = ("550 5.1.1 <{a}>: Recipient address rejected: User unknown",
           "550 5.1.1 The email account that you tried to reach does not exist. ({a})",
           "550 No such user here: {a}", "550 5.1.1 <{a}>... mailbox unavailable")
SPAM = ("550 5.7.1 [192.0.2.10] Our system has detected that this message is likely unsolicited mail",
        "554 5.7.1 Message rejected as spam", "550 5.7.1 This message looks like bulk mail and was refused",
        "550 5.7.1 Service refused; client host 192.0.2.10 is on our block list")
POLICY = ("550 5.7.23 <{a}>: Message refused: sender policy of {d} does not permit 192.0.2.10",
          "550 5.7.1 {a}: Sender not authorised for this domain")
GREY_SECONDS, QUOTA_SHARE = 300, 0.5

# What becomes of a recipient: shares of each fate in lists of different origin; the rest is accepted.
LISTS = {
    "bought": {"unknown": 0.24, "spam": 0.14, "grey": 0.04, "quota": 0.04},
    "checked": {"unknown": 0.03, "spam": 0.03, "grey": 0.05},
    "customers": {"unknown": 0.015, "grey": 0.05, "quota": 0.01},
    "friends": {"unknown": 0.01, "grey": 0.03},
}
BAD_DOMAINS = {"bought": 0.18, "checked": 0.02, "customers": 0.04, "friends": 0.03}
GOOD = [d for d, mx in DOMAINS.items() if mx not in (OVERLOADED, REFUSING)]
BAD = [d for d, mx in DOMAINS.items() if mx in (OVERLOADED, REFUSING)] + [NOWHERE]


@dataclass
class Internet:
    """Everything that is not the test host."""
    names: object
    clock: object
    busy: tuple = (0, 0)                            # when the overloaded host is overloaded, from - to
    fates: dict = field(default_factory=dict)       # recipient -> unknown | spam | grey | quota
    disliked: set = field(default_factory=set)      # envelope senders whose own policy is broken
    seen: dict = field(default_factory=dict)        # recipient -> first attempt (greylisting)
    tried: list = field(default_factory=list)       # (sender, recipient) of every RCPT, in order

    def address(self, kind):
        """A new recipient whose fate is drawn as for a list of that kind."""
        random = self.names.random
        domain = random.choice(BAD if random.random() < BAD_DOMAINS[kind] else GOOD)
        address = self.names.address(domain)
        draw = random.random()
        for fate, share in LISTS[kind].items():
            if draw < share:
                self.fates[address] = fate
                break
            draw -= share
        return address

    def addresses(self, kind, count):
        return [self.address(kind) for _ in range(count)]

    @contextmanager
    def suspicious(self, recipients, share):
        """For a while some hosts call what these recipients get spam."""
        judges = [r for r in recipients if r not in self.fates and self.names.random.random() < share]
        self.fates |= dict.fromkeys(judges, "spam")
        yield
        for judge in judges:
            del self.fates[judge]

    def start(self, host, host_ip):
        zone = Zone()
        zone.add_host(host, host_ip)
        for name, ip in MX_HOSTS.items():
            zone.add_host(f"{name}.mail.example", ip)
        for number, (name, ip) in enumerate(OUTGOING.items()):
            zone.add_host(name, ip, reverse=number % 3 == 0)
        for domain, name in DOMAINS.items():
            zone.add_mx(domain, f"{name}.mail.example")
        zone.serve("127.0.0.1")
        for name, ip in MX_HOSTS.items():
            if name != REFUSING:
                server = Server((ip, 25), Session)
                server.name, server.internet = name, self
                threading.Thread(target=server.serve_forever, daemon=True).start()

    def overloaded(self, name):
        return name == OVERLOADED and self.busy[0] <= self.clock.now() < self.busy[1]

    def answer(self, sender, recipient):
        """The reply to RCPT TO; None = accepted."""
        fate = self.fates.get(recipient)
        pick = len(recipient)
        if fate == "unknown":
            return UNKNOWN[pick % len(UNKNOWN)].format(a=recipient)
        if sender in self.disliked:
            return POLICY[pick % len(POLICY)].format(a=recipient, d=sender.split("@")[-1])
        if fate == "quota":
            return f"452 4.2.2 <{recipient}>: mailbox over quota"
        if fate == "grey" and self.clock.now() - self.seen.setdefault(recipient, self.clock.now()) < GREY_SECONDS:
            return f"451 4.7.1 <{recipient}>: greylisted, please try again in {GREY_SECONDS} seconds"
        return None

    def verdict(self, recipients):
        """The reply after the message; None = accepted."""
        if any(self.fates.get(r) == "spam" for r in recipients):
            return SPAM[len(recipients[0]) % len(SPAM)]
        return None


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class Session(socketserver.StreamRequestHandler):
    """One SMTP dialogue; understands what Exim says and no more."""
    timeout = 30

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        internet, name = self.server.internet, self.server.name
        host = f"{name}.mail.example"
        if internet.overloaded(name):
            return self.say(f"421 4.7.0 {host} Service not available, try again later")
        self.say(f"220 {host} ESMTP")
        sender, recipients = "", []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.say(f"250-{host}\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 PIPELINING")
            elif verb == b"MAIL":
                sender, recipients = path(line), []
                self.say("250 2.1.0 Ok")
            elif verb == b"RCPT":
                internet.tried.append((sender, path(line)))
                refusal = internet.answer(sender, path(line))
                recipients += [] if refusal else [path(line)]
                self.say(refusal or "250 2.1.5 Ok")
            elif verb == b"DATA":
                self.data(internet, recipients)
            elif verb == b"QUIT":
                return self.say("221 2.0.0 Bye")
            else:
                self.say("250 2.0.0 Ok")
        return None

    def data(self, internet, recipients):
        if not recipients:
            return self.say("503 5.5.1 no valid recipients")
        self.say("354 End data with <CR><LF>.<CR><LF>")
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            pass
        queued = internet.names.hex(10).upper()
        return self.say(internet.verdict(recipients) or f"250 2.0.0 Ok: queued as {queued}")


def path(line):
    return re.search(r"<([^>]*)>", line.decode(errors="replace")).group(1).lower()
