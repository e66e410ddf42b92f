# SPDX-License-Identifier: Apache-2.0
"""An ordinary day of a shared host: owners' mail, mail coming in, forms, orders, jobs, visitors, scanners and guessers.

None of it belongs to an incident. `scale` 1 gives some 400 messages over two days.
"""
import client
import names
from sink import GOOD, OUTGOING
from world import HOUR

SCAN_PATHS = ("/.env", "/xmlrpc.php", "/wp-login.php", "/shop/", "/robots.txt", "/wp-content/uploads/2026/11/a.jpg",
              "/index.php?page=7", "/contact.php", "/admin/")


class Daily:
    def __init__(self, world, scale=1.0):
        self.world, self.random, self.names, self.scale = world, world.random, world.names, scale
        self.guessers = [self.names.ip() for _ in range(12)]
        world.brute_ips |= set(self.guessers)
        self.friends = {}

    def plan(self):
        for count, act in ((120, self.write), (60, self.receive), (25, self.webmail), (40, self.enquire), (40, self.order),
                           (20, self.job), (90, self.read), (60, self.visit), (25, self.scan), (40, self.guess),
                           (12, self.self_call), (8, self.look), (6, self.mistype)):
            for moment in self.world.moments(int(count * self.scale), self.world.start + 60, self.world.end - 600):
                self.world.at(moment, act)
        moment = self.world.start + 1800
        while moment < self.world.end:
            self.world.at(moment, self.world.exim.run_queue)
            moment += 4 * HOUR

    def correspondents(self, box):
        """People this mailbox writes with again and again, and now and then somebody new."""
        known = self.friends.setdefault(box.address, self.world.internet.addresses("friends", 6))
        return known if self.random.random() < 0.8 else self.world.internet.addresses("friends", 2)

    def write(self):
        box = self.random.choice(self.world.host.mailboxes)
        if self.random.random() < 0.2:
            recipients = [self.random.choice(self.world.host.mailboxes).address]
        else:
            recipients = self.random.sample(self.correspondents(box), self.random.choice((1, 1, 1, 2)))
        ip = self.random.choice(box.networks)
        if self.random.random() < 0.5:
            self.world.read(box, ip)
        self.world.submit(box, ip, recipients, self.names.subject(odd=0.05))

    def receive(self):
        box = self.random.choice(self.world.host.mailboxes)
        if self.random.random() < 0.8:
            helo, ip = self.random.choice(list(OUTGOING.items()))
        else:
            ip = self.names.ip()
            office = f"EXCH{self.random.randrange(1, 20):02}.{self.random.choice(names.WORDS)}.local"
            helo = self.random.choice((office, f"[{ip}]"))
        mails = []
        for _ in range(self.random.choice((1, 1, 2, 3))):
            sender = (self.random.choice(self.correspondents(box)) if self.random.random() < 0.5
                      else self.names.address(self.random.choice(GOOD)))
            mails.append((sender, [box.address], self.names.subject(odd=0.03)))
        self.world.deliver(ip, helo, mails, tls=self.random.random() < 0.5)

    def webmail(self):
        box = self.random.choice(self.world.host.mailboxes)
        ip = self.random.choice(box.networks)
        if self.random.random() < 0.5:
            self.world.webmail(box, ip)
        self.world.webmail(box, ip, [self.random.choice(self.correspondents(box))], self.names.subject())

    def page(self, domain, file, route):
        """How a visitor addresses a page of the site."""
        if domain.front == "path" and self.random.random() < 0.7:
            return f"/{route}/"
        if domain.front == "query" and self.random.random() < 0.7:
            return f"/index.php?route={route}"
        return f"/{file}"

    def enquire(self):
        domain, ip = self.random.choice(self.world.host.domains), self.names.ip()
        path = self.page(domain, "contact.php", "contact")
        agent = self.random.choice(names.AGENTS)
        self.world.browse(ip, domain, "/", agent=agent)
        self.world.browse(ip, domain, path, {"name": self.names.person(), "email": self.world.internet.address("friends"),
                                             "message": self.names.text()}, agent, f"http://{domain.name}{path}")

    def order(self):
        domain, ip = self.random.choice(self.world.host.domains), self.names.ip()
        agent = self.random.choice(names.AGENTS)
        for number in range(self.random.randrange(1, 3)):
            self.world.browse(ip, domain, f"/index.php?product={number + self.random.randrange(90)}", agent=agent)
        self.world.browse(ip, domain, self.page(domain, "shop/order.php", "checkout"),
                          {"order": self.random.randrange(10000, 99999), "email": self.world.internet.address("customers")},
                          agent, f"http://{domain.name}/shop/")

    def job(self):
        account = self.random.choice(self.world.host.accounts)
        script = f"{account.domains[0].docroot}/cron.php"
        self.world.cron(account, f"php -q {script.replace(account.home, '~')}", ["php", "-q", script])

    def read(self):
        box = self.random.choice(self.world.host.mailboxes)
        self.world.read(box, self.random.choice(box.networks), protocol=self.random.choice(("imap", "imap", "imap", "pop3")))

    def mistype(self):
        box = self.random.choice(self.world.host.mailboxes)
        ip = self.random.choice(box.networks)
        self.world.read(box, ip, box.password.upper() + "x")
        self.world.read(box, ip)

    def visit(self):
        domain, ip, agent = self.random.choice(self.world.host.domains), self.names.ip(), self.random.choice(names.AGENTS)
        for path in self.random.sample(("/", "/contact.php", "/index.php?page=3", "/index.php?product=12"), 2):
            self.world.browse(ip, domain, path, agent=agent)

    def scan(self):
        domain, ip = self.random.choice(self.world.host.domains), self.names.ip()
        for path in self.random.sample(SCAN_PATHS, 3):
            self.world.browse(ip, domain, path, agent=self.random.choice(names.ROBOTS))

    def guess(self):
        box, ip = self.random.choice(self.world.host.mailboxes), self.random.choice(self.guessers)
        kind = self.random.random()
        if kind < 0.4:
            self.world.read(box, ip, "123456")
        elif kind < 0.75:
            guess_password(ip, self.random.choice((box.address, box.address, f"admin@{box.domain.name}", "x y) [9.9.9.9]")))
        else:
            recipient = "test@freemail.example"
            if self.random.random() < 0.5 and "*" not in box.domain.aliases:
                recipient = f"noone{self.random.randrange(99)}@{box.domain.name}"
            self.world.deliver(ip, self.random.choice(("win", "x x", "185.0.0.1")), [("a@void.example", [recipient], "x")])

    def self_call(self):
        domain = self.random.choice(self.world.host.domains)
        self.world.self_call(domain, domain.boxes[0].address, "daily")

    def look(self):
        self.world.exim.look()


def guess_password(ip, user):
    session = client.open_smtp(ip, "User", 25, False)
    try:
        client.login(session, user, "letmein", "LOGIN")
    except client.smtplib.SMTPException:
        session.close()
