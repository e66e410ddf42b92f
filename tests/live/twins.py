# SPDX-License-Identifier: Apache-2.0
"""The honest twin of each abuse: as loud, as many networks, as strange a place, and nobody to blame.

Each is recorded as an incident of the vector legit_bulk, so that a verdict that blames it is seen.
"""
import names
import site_files
from culprits import Forwarder, Story
from world import DAY, HOUR


class Twin(Story):
    note = ""

    def honest(self, account, **facts):
        self.incident = self.world.incident("legit_bulk", blame=False, account=account.name, note=self.note, **facts)

    def subject(self):
        return self.names.subject()

    def daily_hours(self, count):
        return self.world.moments(count, self.world.start + 2 * HOUR, self.world.end - 2 * HOUR)


class BusyShop(Twin):
    """One confirmation per order, every customer from an address of his own."""
    note = "busy shop: one confirmation per order"
    proxies = 0

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain = domain
        domain.proxies = self.ips(self.proxies)
        self.honest(domain.account, script=f"{domain.docroot}/shop/order.php")
        for moment in self.daily_hours(45):
            self.world.at(moment, self.order)

    def order(self):
        ip, agent = self.names.ip(), self.random.choice(names.AGENTS)
        for page in range(self.random.randrange(1, 4)):
            self.world.browse(ip, self.domain, f"/index.php?product={page}", agent=agent)
        self.incident.claim(self.world.browse(
            ip, self.domain, "/shop/order.php", {"order": self.random.randrange(10000, 99999),
                                                 "email": self.internet.address("customers")},
            agent, f"http://{self.domain.name}/shop/"))


class ProxiedShop(BusyShop):
    """The same behind a CDN: all visitors share two addresses."""
    note = "busy shop behind a CDN: all visitors share two addresses"
    proxies = 2


class BusyForm(Twin):
    """A contact form with copies that visitors really use, each from his own address to himself."""
    note = "busy contact form with copies to the visitors themselves"

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain = domain
        self.honest(domain.account, script=f"{domain.docroot}/contact.php")
        for moment in self.daily_hours(25):
            self.world.at(moment, self.enquire)

    def enquire(self):
        ip, agent, visitor = self.names.ip(), self.random.choice(names.AGENTS), self.internet.address("customers")
        self.world.browse(ip, self.domain, "/contact.php", agent=agent)
        self.incident.claim(self.world.browse(ip, self.domain, "/contact.php", {
            "name": self.names.person(), "email": visitor, "copy": "1", "subject": self.subject(),
            "message": self.names.text()}, agent, f"http://{self.domain.name}/contact.php"))


class OptInNewsletter(Twin):
    """Subscribers, few failures, an unsubscribe link."""
    note = "opt-in newsletter: subscribers, few failures"

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain, self.caller = domain, domain.boxes[0].networks[0]
        self.honest(domain.account, script=f"{domain.docroot}/newsletter/send.php")
        site_files.put(f"{domain.docroot}/newsletter/lists/subscribers.txt", "\n".join(
            self.internet.addresses("customers", 60)) + "\n", domain.account.uid, self.begin - DAY)
        self.world.at(self.begin, self.send)

    def send(self):
        self.incident.claim(self.world.browse(self.caller, self.domain, "/newsletter/send.php", {
            "list": "subscribers.txt", "subject": self.subject(), "text": self.names.text()}))
        self.incident.ips.add(self.caller)


class InvoiceRun(Twin):
    """The accounting program of an office sends invoices through SMTP AUTH, in one go from one address."""
    note = "invoice run from the office accounting program through SMTP AUTH"
    size = 40

    def plan(self):
        box = self.world.mailbox()
        self.box, self.ip = box, self.names.ip()
        self.honest(box.account, mailbox=box.address)
        for moment in self.world.burst(self.size, self.begin, 900):
            self.world.at(moment, self.send)

    def send(self):
        self.incident.claim(self.world.submit(self.box, self.ip, self.internet.addresses("customers", 1),
                                              f"Invoice {self.random.randrange(10000, 99999)}", helo="BOOKS01", port=587))
        self.incident.ips.add(self.ip)


class BackupReports(Twin):
    """A job in the home mails its report to the same two people every hour."""
    note = "hourly backup reports to the same two people"

    def plan(self):
        account = self.world.account()
        script = f"{account.home}/.backup/report.php"
        people = self.internet.addresses("customers", 2)
        site_files.put(script, "<?php foreach (['%s', '%s'] as $to)\n"
                       "  mail($to, 'Backup of ' . date('H:i'), \"12 files saved\\n\", 'From: backup@%s');\n"
                       % (*people, account.domains[0].name), account.uid, self.world.start - 60 * DAY)
        table, command = f"/var/spool/cron/crontabs/{account.name}", f"/usr/bin/php -q {script}"
        site_files.put(table, f"7 * * * * {command}\n", account.uid, self.world.start - 60 * DAY, 0o600)
        self.honest(account, script=script)
        for hour in range(1, 40):
            moment = self.world.start + hour * HOUR + 420 + self.random.uniform(0.5, 2)
            self.world.at(moment, self.report, account, command, script)

    def report(self, account, command, script):
        self.incident.claim(self.world.cron(account, command, ["/usr/bin/php", "-q", script]))


class HolidayReplies(Twin):
    """A mailbox answers everybody who writes to it: a pipe in the alias, a program of the account."""
    note = "holiday replies: every recipient wrote to this mailbox moments before"

    def plan(self):
        account = self.world.account()
        domain = account.domains[0]
        program = f"{account.home}/bin/holiday"
        person = f"{self.random.choice(names.PEOPLE)}.{self.random.choice(names.WORDS)}"
        self.address = f"{person}@{domain.name}"
        domain.aliases[person] = f"|{program}"
        site_files.put(program, "#!/bin/sh\ncat >/dev/null\n[ -n \"$SENDER\" ] || exit 0\n"
                       f"printf 'From: {self.address}\\nTo: %s\\nSubject: I am on holiday\\nAuto-Submitted: auto-replied\\n\\n"
                       "Back on Monday.\\n' \"$SENDER\" "
                       f"| /usr/sbin/sendmail -t -i -f {self.address}\n", account.uid, self.world.start - 30 * DAY, 0o755)
        self.account = account
        self.honest(account, mailbox=self.address)
        for moment in self.daily_hours(30):
            self.world.at(moment, self.receive)

    def receive(self):
        with self.world.registry.watch(lambda m: m.login == self.account.name and m.sender == self.address) as replies:
            self.world.deliver("198.51.100.44", "out4.mail.example",
                               [(self.internet.address("friends"), [self.address], self.subject())])
            self.world.exim.settle()
        self.incident.claim(list(replies))


class ClubSecretary(Twin):
    """A secretary writes to all members of her club from the webmail, from her own address."""
    note = "club secretary on webmail: one client, many members"

    def plan(self):
        box = self.world.mailbox()
        self.box, self.members = box, self.internet.addresses("customers", 45)
        self.honest(box.account, mailbox=box.address)
        for number, moment in enumerate(self.spread(9, 3)):
            self.world.at(moment, self.write, self.members[number * 5:number * 5 + 5])

    def write(self, members):
        ip = self.box.networks[0]
        self.world.webmail(self.box, ip)
        self.incident.claim(self.world.webmail(self.box, ip, members, self.subject()))
        self.incident.ips.add(ip)


class OnTheRoad(Twin):
    """An owner on the road: many networks, he reads where he writes, and mistypes his password now and then."""
    note = "owner on the road: many networks, reads where he writes, mistypes his password"

    def plan(self):
        box = self.world.mailbox()
        self.box = box
        self.honest(box.account, mailbox=box.address)
        for ip in self.ips(9):
            moment = self.world.moments(1, self.world.start + 6 * HOUR, self.world.end - 3 * HOUR)[0]
            self.world.at(moment, self.arrive, ip)
            for number in range(self.random.randrange(2, 5)):
                self.world.at(moment + 60 + number * self.random.uniform(60, 1500), self.write, ip)

    def arrive(self, ip):
        if self.random.random() < 0.5:
            self.world.read(self.box, ip, self.box.password[:-1])
        self.world.read(self.box, ip)

    def write(self, ip):
        if self.random.random() < 0.5:
            self.world.read(self.box, ip)
        self.incident.claim(self.world.submit(self.box, ip, self.internet.addresses("friends", 1), self.subject()))
        self.incident.ips.add(ip)


class MailPlugin(Twin):
    """A shop's plugin hands its mail to the host over loopback, without a login."""
    note = "mail plugin on loopback: parcel notices, each customer once"

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain = domain
        self.honest(domain.account, script=f"{domain.docroot}/wp-content/plugins/mail-queue/queue.php")
        for moment in self.daily_hours(30):
            self.world.at(moment, self.notice)

    def notice(self):
        ip, agent = self.names.ip(), self.random.choice(names.AGENTS)
        self.world.browse(ip, self.domain, "/index.php?product=4", agent=agent)
        self.incident.claim(self.world.browse(ip, self.domain, "/wp-content/plugins/mail-queue/queue.php", {
            "to[]": [self.internet.address("customers")], "subject": f"Parcel {self.random.randrange(10000, 99999)}"}, agent,
            f"http://{self.domain.name}/shop/"))


class PrivateForward(Forwarder):
    """Somebody forwards his mail to a big provider; now and then spam is among it."""
    spam_share = 0.07

    def plan(self):
        super().plan()
        incident = self.incident
        incident.vector, incident.blame, incident.note = "legit_bulk", False, "private forward that passes a little spam on"
        self.friends = self.internet.addresses("friends", 8)

    def subject(self):
        return self.names.subject()

    def pass_on(self):
        self.internet.fates[self.target] = "spam" if self.random.random() < self.spam_share else ""
        helo = f"out{self.random.randrange(1, 10)}.mail.example"
        sent = self.world.deliver(f"198.51.100.{40 + int(helo[3])}", helo,
                                  [(self.random.choice(self.friends), [self.address], self.subject())])
        self.world.exim.settle()
        self.incident.claim(sent)


class OfficeNat(Twin):
    """An office behind one address: four mailboxes, a shared envelope sender, one phone with an old password."""
    note = "office behind one address: several mailboxes, one stale password"

    def plan(self):
        account = self.world.account(lambda a: len(a.mailboxes) >= 4)
        self.boxes, self.ip = account.mailboxes[:4], self.names.ip()
        self.honest(account, mailbox=self.boxes[0].address)
        for moment in self.daily_hours(30):
            self.world.at(moment, self.write)
        for moment in self.daily_hours(20):
            self.world.at(moment, self.world.read, self.boxes[3], self.ip, "old-password")

    def write(self):
        box = self.random.choice(self.boxes[:3])
        if self.random.random() < 0.5:
            self.world.read(box, self.ip)
        sender = f"office@{box.domain.name}" if self.random.random() < 0.3 else box.address
        friends = self.internet.addresses("friends", 1)
        self.incident.claim(self.world.submit(box, self.ip, friends, self.subject(), sender=sender))
        self.incident.ips.add(self.ip)


class SelfCalls(Twin):
    """A site calls its own scheduler, which mails reminders: the only client is the host itself."""
    note = "reminders by the site's own scheduler, called from the host's address"

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain = domain
        self.people = self.internet.addresses("customers", 25)
        self.honest(domain.account, script=f"{domain.docroot}/wp-cron.php")
        for person, moment in zip(self.people, self.daily_hours(len(self.people))):
            self.world.at(moment, self.remind, person)

    def remind(self, person):
        self.incident.claim(self.world.self_call(self.domain, person, "reminder"))


TWINS = {
    "shop": BusyShop, "shop_cdn": ProxiedShop, "busy_form": BusyForm, "opt_in": OptInNewsletter, "invoices": InvoiceRun,
    "backup": BackupReports, "holiday": HolidayReplies, "secretary": ClubSecretary, "road": OnTheRoad,
    "plugin": MailPlugin, "private_forward": PrivateForward, "office": OfficeNat, "self_calls": SelfCalls,
}
