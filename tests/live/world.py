# SPDX-License-Identifier: Apache-2.0
"""The stage: one host, its clients and the remote net, a schedule of acts in simulated time, and what came of them."""
import email.utils
import heapq
import itertools
import subprocess
from dataclasses import dataclass, field

import client
import names
import rsyslog
from namespace import HOST_IP
from site_files import put

HOUR, DAY = 3600, 86400


@dataclass
class Incident:
    """What one story really sent. `vector` legit_bulk = an honest twin."""
    vector: str
    blame: bool = True
    direction: str = "outbound"
    account: str = None
    mailbox: str = None
    script: str = None
    note: str = ""
    ips: set = field(default_factory=set)
    entry_ips: set = field(default_factory=set)
    messages: list = field(default_factory=list)
    derived: list = field(default_factory=list)
    recipients: set = field(default_factory=set)
    more: dict = field(default_factory=dict)
    id: str = ""

    def claim(self, messages, recipients=None):
        """Takes messages as the story's own; `recipients`: whom it meant, when not those of the envelope."""
        self.messages += messages
        for message in messages:
            message.label = self
            self.recipients |= {(message.id, r) for r in (message.recipients if recipients is None else recipients)}

    def claim_derived(self, messages):
        self.derived += messages
        for message in messages:
            message.label = self


class World:
    def __init__(self, host, clock, internet, registry, exim, random, start, end):
        self.host, self.clock, self.internet, self.registry, self.exim = host, clock, internet, registry, exim
        self.random, self.names, self.start, self.end = random, host.names, start, end
        self.incidents, self.brute_ips = [], set()
        self.forged = None                      # what the forger wrote, when there is one
        self.failures = []
        self._acts, self._order = [], itertools.count()

    # -- schedule

    def at(self, when, act, *args):
        heapq.heappush(self._acts, (when, next(self._order), act, args))

    def play(self):
        """All acts in order; the clock jumps from one to the next when the host has become quiet."""
        while self._acts and self._acts[0][0] < self.end:
            when, _, act, args = heapq.heappop(self._acts)
            self.exim.settle()
            self.clock.advance(when)
            act(*args)
        self.exim.settle()
        self.clock.advance(self.end)

    def moments(self, count, since, until):
        """Random moments in a span, more of them by day than by night."""
        out = []
        while len(out) < count:
            moment = self.random.uniform(since, until)
            if 7 <= moment % DAY / HOUR < 20 or self.random.random() < 0.3:
                out.append(moment)
        return sorted(out)

    def burst(self, count, begin, length):
        return sorted(begin + self.random.uniform(0, length) for _ in range(count))

    # -- actors

    def incident(self, vector, **facts):
        made = Incident(vector, **facts)
        self.incidents.append(made)
        return made

    def account(self, wanted=lambda account: True):
        """An account where no other story plays."""
        free = [a for a in self.host.accounts if not a.busy and wanted(a)]
        if not free:
            raise SystemExit("more stories than accounts: ask for more accounts or fewer stories")
        chosen = self.random.choice(free)
        chosen.busy = True
        return chosen

    def mailbox(self):
        return self.random.choice(self.account().mailboxes)

    def idle_mailbox(self):
        """A mailbox of an account without a story (or any, when every account has one)."""
        idle = [a for a in self.host.accounts if not a.busy] or self.host.accounts
        return self.random.choice(self.random.choice(idle).mailboxes)

    # -- acts: each returns the messages that the host accepted

    def _found(self, ids):
        by_id = {m.id: m for m in self.registry.messages}
        return [by_id[i] for i in ids]

    def _date(self):
        return email.utils.formatdate(self.clock.now())

    def submit(self, box, ip, recipients, subject, body="", sender=None, port=None, helo=None, headers=()):
        """A message over SMTP AUTH."""
        port = port or self.random.choice((587, 587, 465, 25))
        helo = helo or self.names.helo(ip)
        sender = sender or box.address
        data = client.compose(sender, recipients, subject, body or self.names.text(),
                              f"{self.names.hex(12)}.{self.names.hex(8)}@{sender.split('@')[1]}", self._date(), headers)
        session = client.open_smtp(ip, helo, port, self.random.random() < 0.6)
        client.login(session, box.address, box.password, self.random.choice(("PLAIN", "LOGIN")))
        id_ = client.send(session, sender, recipients, data)
        session.quit()
        return self._found([id_])

    def deliver(self, ip, helo, mails, port=25, tls=False):
        """Messages (sender, recipients, subject[, body]) from elsewhere in one session without a login; refused ones are left
        out."""
        session = client.open_smtp(ip, helo, port, tls)
        ids = []
        for sender, recipients, subject, *body in mails:
            try:
                ids.append(client.send(session, sender, recipients, client.compose(
                    sender, recipients, subject, body[0] if body else self.names.text(),
                    f"{self.names.hex(12)}@{sender.split('@')[-1] or 'void.example'}", self._date())))
            except client.Refused:
                continue
        session.quit()
        return self._found(ids)

    def browse(self, ip, domain, path, form=None, agent=None, referer="", headers=None):
        """A web request to a site; local mail of its account and unauthenticated mail over loopback belong to it."""
        if domain.proxies and ip != HOST_IP:
            ip = self.random.choice(domain.proxies)
        account = domain.account.name
        with self.registry.watch(lambda m: m.login == account or (m.ip in ("127.0.0.1", "::1") and not m.auth)) as caught:
            client.request(ip, domain.name, path, form, agent or self.random.choice(names.AGENTS), referer, headers)
        return [m for m in caught if not m.bounce]

    def self_call(self, domain, recipient, what):
        """The site's scheduler has something to mail; the site calls it from the host's own address."""
        put(f"{domain.docroot}/wp-content/cache/due.txt", f"{recipient}\n{what}", domain.account.uid)
        return self.browse(HOST_IP, domain, f"/wp-cron.php?doing_wp_cron={self.clock.now():.16f}", {},
                           f"WordPress/6.6.2; http://{domain.name}")

    def webmail(self, box, ip, recipients=None, subject=""):
        """A webmail session: looks into the mailbox, or sends when there are recipients."""
        form = {"_user": box.address, "_pass": box.password}
        site = f"webmail.{self.host.name}"
        agent = self.random.choice(names.AGENTS)
        if recipients is None:
            client.request(ip, site, "/index.php?_task=login", form, agent)
            return []
        form |= {"_to[]": recipients, "_subject": subject, "_message": self.names.text(), "_from": box.address}
        with self.registry.watch(lambda m: m.auth == box.address and m.ip == "127.0.0.1") as caught:
            client.request(ip, site, "/index.php?_task=mail&_action=send", form, agent)
        return list(caught)

    def read(self, box, ip, password=None, protocol="imap"):
        return client.read_mail(ip, box.address, password or box.password, protocol, self.random.random() < 0.6)

    def run_as(self, account, argv, cwd, text=""):
        """A program of the account, started neither by the web nor by cron."""
        with self.registry.watch(lambda m: m.login == account.name) as caught:
            done = subprocess.run(argv, cwd=cwd, user=account.uid, group=account.uid, extra_groups=[], input=text.encode(),
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
                                  env={"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": account.home, "LOGNAME": account.name})
        if done.returncode:
            self.failures.append(f"{argv} ended with {done.returncode}: {done.stdout.decode(errors='replace')[:300]}")
        return [m for m in caught if not m.bounce], done.stdout.decode(errors="replace")

    def cron(self, account, command, argv, mails_output=True):
        """One start by cron: its log line, the program, its output mailed to the account."""
        rsyslog.say("CRON", self.random.randrange(2000, 30000), f"({account.name}) CMD ({command})")
        sent, output = self.run_as(account, argv, account.home)
        if output and mails_output:
            text = (f"From: root (Cron Daemon)\nTo: {account.name}\n"
                    f"Subject: Cron <{account.name}@{self.host.short}> {command}\nAuto-Submitted: auto-generated\n\n{output}")
            self.run_as(account, ["/usr/sbin/sendmail", "-FCronDaemon", "-i", "-B8BITMIME", "-oem", account.name],
                        account.home, text)
        return sent
