# SPDX-License-Identifier: Apache-2.0
"""The abuse that the rig plays. Each story picks its actor, leaves its files, schedules its acts and claims exactly the
messages it caused; what it claims is the truth that a verdict is measured against.
"""
import names
import site_files
from layout import write
from world import HOUR

CACHE_DIRS = ("wp-content/uploads/2026/{m:02}/.cache", "wp-content/uploads/.tmp", "wp-includes/css/.well", "images/.thumbs",
              "wp-content/cache/.sess")
LOUD_FILES = "class-wp{n}.php option{n}.php wp-tmp{n}.php db{n}.php".split()
PLAIN_FILES = "settings helper session render options legacy".split()
HOME_DIRS = (".local/share", ".cache/fontconfig", "tmp/.x", ".config/dconf", "bin")


class Story:
    """A story begins on the second day, when the host has a history."""
    vector = ""
    size = 40

    def __init__(self, world, size=None):
        self.world, self.random, self.names, self.internet = world, world.random, world.names, world.internet
        self.size = size or self.size
        self.begin = world.start + self.random.uniform(19, 34) * HOUR

    def plan(self):
        raise NotImplementedError

    def subject(self):
        return self.names.subject(spam=True)

    def spam_host(self):
        return f"mx.{self.random.choice(names.WORDS)}.void.example"

    def ips(self, count):
        return [self.names.ip() for _ in range(count)]

    def shares(self, things, largest):
        """Cuts a list into pieces of 1 to `largest`."""
        things = list(things)
        while things:
            count = self.random.randrange(1, largest + 1)
            yield things[:count]
            things = things[count:]

    def habit(self, box):
        """The owner's mail program looks into his mailbox now and then, also before and after the story."""
        for moment in self.world.moments(5, self.world.start + HOUR, self.world.end - HOUR):
            self.world.at(moment, self.world.read, box, self.random.choice(box.networks))

    def spread(self, count, hours):
        """Moments within some hours of the story's time, whatever the time of day."""
        return self.world.burst(count, self.begin, hours * HOUR)


class LoudScript(Story):
    """A mailer in a hidden directory, brought in through an upload form, called by many clients in two waves."""
    vector = "script_http"
    size = 90

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        folder = self.random.choice(CACHE_DIRS).format(m=self.random.randrange(1, 12))
        file = self.random.choice(LOUD_FILES).format(n=self.random.randrange(2, 9))
        self.domain, self.url = domain, f"/{folder}/{file}"
        self.key, self.callers = self.random.choice("qzdm"), self.ips(self.random.randrange(4, 9))
        upload = "wp-content/plugins/gallery/upload.php"
        self.incident = self.world.incident(
            self.vector, account=domain.account.name, script=f"{domain.docroot}{self.url}",
            more={"entry_script": f"{domain.docroot}/{upload}"})
        self.world.at(self.begin - self.random.uniform(1, 6) * HOUR, self.upload, upload, folder, file)
        recipients = self.internet.addresses("bought", self.size)
        half = len(recipients) // 2
        for wave, gap in ((recipients[:half], 0), (recipients[half:], self.random.uniform(600, 3600))):
            pieces = list(self.shares(wave, 4))
            for moment, piece in zip(self.world.burst(len(pieces), self.begin + gap, self.random.uniform(60, 600)), pieces):
                self.world.at(moment, self.call, piece)

    def upload(self, page, folder, file):
        ip = self.names.ip()
        self.incident.entry_ips.add(ip)
        self.incident.more["uploaded"] = int(self.world.clock.now())
        code = self.random.choice(site_files.HTTP_MAILERS).format(key=self.key)
        inside = folder.removeprefix("wp-content/") if folder.startswith("wp-content/") else f"../{folder}"
        self.world.browse(ip, self.domain, f"/{page}", {"name": file, "folder": inside, "data": site_files.base64.b64encode(
            code.encode()).decode()}, self.random.choice(names.ROBOTS))

    def call(self, recipients):
        ip = self.random.choice(self.callers)
        sender = f"no-reply@{self.domain.name}"
        name = self.random.choice(("Bank", "Support", "Billing"))
        order = site_files.pack(to=recipients, s=self.subject(), b=self.names.text(), p=self.random.choice(("", f"-f{sender}")),
                                h=f'From: "{name}" <{sender}>\r\nX-Mailer: PHP/8.2')
        sent = self.world.browse(ip, self.domain, self.url, {self.key: order}, self.random.choice(names.AGENTS + names.ROBOTS))
        self.incident.claim(sent)
        if sent:
            self.incident.ips.add(ip)


class CarefulScript(Story):
    """A mailer with an ordinary name in an ordinary plugin, few checked recipients an hour."""
    vector = "script_http"
    size = 38

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        plugin, part = self.random.choice(site_files.PLUGINS), self.random.choice(PLAIN_FILES)
        self.domain, self.url = domain, f"/wp-content/plugins/{plugin}/lib/class-{part}.php"
        self.key, self.callers = self.random.choice("qzdm"), self.ips(self.random.randrange(4, 8))
        script = f"{domain.docroot}{self.url}"
        backdated = self.random.random() < 0.5
        self.incident = self.world.incident(self.vector, account=domain.account.name, script=script,
                                            note="mailer in an ordinary looking place, checked addresses",
                                            more={"backdated": backdated})
        site_files.put(script, site_files.HTTP_MAILERS[0].format(key=self.key), domain.account.uid,
                       self.world.start - 200 * 86400 if backdated else self.begin - 3 * HOUR)
        pieces = list(self.shares(self.internet.addresses("checked", self.size), 3))
        for moment, piece in zip(self.spread(len(pieces), self.random.uniform(5, 10)), pieces):
            self.world.at(moment, self.call, piece)

    call = LoudScript.call


class RoutedScript(CarefulScript):
    """The same behind the site's front controller: the URL names no file, index.php includes the mailer."""

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain = domain
        self.key, self.callers = self.random.choice("qzdm"), self.ips(self.random.randrange(4, 8))
        part, page = self.random.choice(PLAIN_FILES), self.random.choice(("status", "feed", "ajax"))
        domain.front = domain.front or "query"
        self.url = f"/{page}/" if domain.front == "path" else f"/index.php?route={page}"
        inner = f"wp-content/plugins/{self.random.choice(site_files.PLUGINS)}/{part}.php"
        script = f"{domain.docroot}/{inner}"
        site_files.put(script, site_files.HTTP_MAILERS[0].format(key=self.key), domain.account.uid, self.begin - 3 * HOUR)
        front = site_files.FRONT.format(domain=domain.name, more=f", '{page}' => '{inner}'")
        site_files.put(f"{domain.docroot}/index.php", front, domain.account.uid, self.begin - 3 * HOUR)
        self.incident = self.world.incident(self.vector, account=domain.account.name, script=f"{domain.docroot}/index.php",
                                            note="mailer behind the front controller: index.php runs, it includes the mailer",
                                            more={"included": script})
        pieces = list(self.shares(self.internet.addresses("bought", self.size), 3))
        for moment, piece in zip(self.spread(len(pieces), self.random.uniform(2, 6)), pieces):
            self.world.at(moment, self.call, piece)


class CronScript(Story):
    """A mailer in the home, started by the account's crontab every few minutes; no web request."""
    vector = "script_cron"

    def plan(self):
        account = self.world.account()
        folder = f"{account.home}/{self.random.choice(HOME_DIRS[:4])}"
        self.account, self.script = account, f"{folder}/{self.random.choice(('job', 'sess', 'update', 'gc'))}.php"
        minutes = self.random.choice((20, 30, 40))
        batch = self.random.randrange(4, 8)
        recipients = self.internet.addresses("bought", self.size)
        table = f"/var/spool/cron/crontabs/{account.name}"
        self.command = f"/usr/bin/php -q {self.script} >/dev/null 2>&1"
        site_files.put(self.script, site_files.CRON_MAILER.format(list="l.txt", batch=batch, domain=account.domains[0].name),
                       account.uid, self.begin - HOUR)
        site_files.put(f"{folder}/l.txt", "\n".join(recipients), account.uid)
        site_files.put(table, f"*/{minutes} * * * * {self.command}\n", account.uid, self.begin - HOUR, 0o600)
        self.incident = self.world.incident(self.vector, account=account.name, script=self.script, more={"crontab": table},
                                            note="no web request; started by the account's crontab every few minutes")
        first = self.begin - self.begin % (minutes * 60)
        for number in range(-(-len(recipients) // batch)):
            self.world.at(first + number * minutes * 60 + self.random.uniform(0.5, 3), self.run)

    def run(self):
        argv = ["/usr/bin/php", "-q", self.script]
        self.incident.claim(self.world.cron(self.account, self.command, argv, mails_output=False))


class Shell(Story):
    """A program in the home, started by hand: neither the web nor cron."""
    vector = "shell"

    def plan(self):
        account = self.world.account(lambda a: a.shell == "/bin/bash")
        folder = f"{account.home}/{self.random.choice(HOME_DIRS)}"
        self.account, self.program = account, f"{folder}/{self.random.choice(('upd', 'sync', 'm', 'kworker'))}"
        sender = self.random.choice((f"info@{self.names.domain()}", account.domains[0].boxes[0].address))
        site_files.put(self.program, '#!/bin/sh\nwhile read to; do printf "From: %s\\nTo: %s\\nSubject: %s\\n\\n%s\\n" '
                       '"$1" "$to" "$2" "http://void.example/" | /usr/sbin/sendmail -t -i -f "$1"; done\n',
                       account.uid, self.begin - HOUR, 0o755)
        self.incident = self.world.incident(self.vector, account=account.name, more={"program": self.program},
                                            note="a program of the account, run by hand")
        pieces = list(self.shares(self.internet.addresses("bought", self.size), 12))
        for moment, piece in zip(self.spread(len(pieces), self.random.uniform(1, 4)), pieces):
            self.world.at(moment, self.run, piece, sender, folder)

    def run(self, recipients, sender, folder):
        sent, _ = self.world.run_as(self.account, [self.program, sender, self.subject()], folder, "\n".join(recipients) + "\n")
        self.incident.claim(sent)


class StolenLogin(Story):
    """A mailbox password in foreign hands: many networks, one or two messages each; the owner works on meanwhile."""
    vector = "smtp_auth"
    count_ips = (14, 22)
    quality = "bought"
    largest = 2                                 # recipients of a message
    reading = 0.1                               # share of the callers that look into the mailbox before they send
    hours = (6, 12)

    def plan(self):
        box = self.world.mailbox()
        self.box = box
        self.incident = self.world.incident(self.vector, account=box.account.name, mailbox=box.address)
        callers = self.ips(self.random.randrange(*self.count_ips))
        self.readers = {ip for ip in callers if self.random.random() < self.reading}
        guessed = self.random.sample(callers, 2)
        for ip in guessed:
            self.world.at(self.begin - self.random.uniform(60, 3000), self.world.read, box, ip, "password1")
        pieces = list(self.shares(self.internet.addresses(self.quality, self.size), self.largest))
        for number, moment in enumerate(self.spread(len(pieces), self.random.uniform(*self.hours))):
            ip = callers[number] if number < len(callers) else self.random.choice(callers)
            self.world.at(moment, self.send, ip, pieces[number])
        self.habit(box)
        for moment in self.spread(5, 10):
            self.world.at(moment, self.owner)

    def send(self, ip, recipients):
        if ip in self.readers:
            self.world.read(self.box, ip)
        sender = self.box.address if self.random.random() < 0.8 else self.internet.names.address("freemail.example")
        self.incident.claim(self.world.submit(self.box, ip, recipients, self.subject(), sender=sender))
        self.incident.ips.add(ip)

    def owner(self):
        ip = self.random.choice(self.box.networks)
        self.world.read(self.box, ip)
        self.world.submit(self.box, ip, self.internet.addresses("friends", 1), self.names.subject())


class CarefulLogin(StolenLogin):
    """The same from few networks to checked addresses, with several recipients each."""
    count_ips = (4, 7)
    quality = "checked"
    largest = 4
    reading = 0.4
    size = 60
    hours = (4, 9)


class StolenWebmail(Story):
    """A webmail login in foreign hands: SMTP AUTH from loopback, the clients only in the webmail's log."""
    vector = "webmail"
    size = 70

    def plan(self):
        box = self.world.mailbox()
        self.box, self.callers = box, self.ips(self.random.randrange(3, 6))
        self.incident = self.world.incident(
            self.vector, account=box.account.name, mailbox=box.address,
            note="SMTP AUTH from loopback; real addresses only in the webmail access log")
        pieces = list(self.shares(self.internet.addresses("bought", self.size), 5))
        for moment, piece in zip(self.spread(len(pieces), self.random.uniform(3, 6)), pieces):
            self.world.at(moment, self.send, piece)
        self.habit(box)
        for moment in self.spread(3, 8):
            self.world.at(moment, self.owner)

    def send(self, recipients):
        ip = self.random.choice(self.callers)
        self.incident.claim(self.world.webmail(self.box, ip, recipients, self.subject()))
        self.incident.ips.add(ip)

    def owner(self):
        self.world.webmail(self.box, self.random.choice(self.box.networks), self.internet.addresses("friends", 1), self.names.subject())


class Form(Story):
    """A contact form that sends copies: strangers' addresses are entered, the copy carries the spam."""
    vector = "form"
    size = 24

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain, self.callers = domain, self.ips(self.random.randrange(4, 9))
        self.incident = self.world.incident(
            self.vector, account=domain.account.name, script=f"{domain.docroot}/contact.php",
            note="copies go to addresses the abuser enters; the owner's notices are derived")
        for moment in self.spread(self.size, self.random.uniform(2, 6)):
            self.world.at(moment, self.submit)

    def submit(self):
        ip, victim = self.random.choice(self.callers), self.internet.address("bought")
        sent = self.world.browse(ip, self.domain, "/contact.php", {
            "name": self.random.choice(("You won, see below", "Anna", "Crypto desk")), "email": victim, "copy": "1",
            "subject": self.subject(), "message": f"{self.subject()} http://void.example/{self.names.hex(6)}"},
            self.random.choice(names.AGENTS + names.ROBOTS), f"http://{self.domain.name}/contact.php")
        self.incident.claim([m for m in sent if victim in m.recipients])
        self.incident.claim_derived([m for m in sent if victim not in m.recipients])
        self.incident.ips.add(ip)


class Newsletter(Story):
    """A customer mails a bought list through his newsletter script: one call, many messages."""
    vector = "newsletter"
    size = 60
    quality = "bought"

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain, self.caller = domain, domain.boxes[0].networks[0]
        self.incident = self.world.incident(
            self.vector, account=domain.account.name, script=f"{domain.docroot}/newsletter/send.php",
            note="a bought list through the newsletter script; few requests, many messages")
        site_files.put(f"{domain.docroot}/newsletter/lists/all.txt", "\n".join(
            self.internet.addresses(self.quality, self.size)) + "\n", domain.account.uid, self.begin - HOUR)
        self.world.at(self.begin, self.send)

    def send(self):
        sent = self.world.browse(self.caller, self.domain, "/newsletter/send.php",
                                 {"list": "all.txt", "subject": self.subject(), "text": self.names.text()})
        self.incident.claim(sent)
        self.incident.ips.add(self.caller)


class MailingList(Story):
    """A list address that anybody may write to, used by strangers; its members get their spam."""
    vector = "mailing_list"
    size = 8                                    # posts

    def plan(self):
        account = self.world.account()
        domain = account.domains[0]
        members = f"{account.home}/lists/members.txt"
        domain.aliases["members"] = f":include:{members}"
        self.list = f"members@{domain.name}"
        self.members = self.internet.addresses("customers", 25)
        site_files.put(members, "\n".join(self.members) + "\n", account.uid, self.world.start - 90 * 86400)
        self.incident = self.world.incident(self.vector, account=account.name, mailbox=self.list,
                                            note="strangers post to an open list", more={"members": len(self.members)})
        for moment in self.world.moments(2, self.world.start + HOUR, self.begin):
            self.world.at(moment, self.honest_post)
        for moment in self.spread(self.size, 3):
            self.world.at(moment, self.post)

    def honest_post(self):
        member = next(m for m in self.members if m not in self.internet.fates)
        self.world.deliver("198.51.100.41", "out1.mail.example", [(member, [self.list], self.names.subject())])

    def post(self):
        ip = self.names.ip()
        with self.internet.suspicious(self.members, 0.3):
            sent = self.world.deliver(ip, self.spam_host(), [(self.names.address("void.example"), [self.list], self.subject())])
            self.world.exim.settle()
        self.incident.claim(sent, self.members)
        self.incident.ips.add(ip)


class ManagedList(MailingList):
    """The same with a list manager: posts go to its pipe, it mails the members over loopback in portions."""

    def plan(self):
        super().plan()
        domain, (local, _) = self.incident_domain(), self.list.split("@")
        program = "/usr/local/mailman/mail/mailman"
        members = domain.aliases.pop(local).removeprefix(":include:")
        domain.aliases[local] = f"|{program} post {local} {members} {domain.name}"
        domain.aliases[f"{local}-bounces"] = f"|{program} bounces {local}"
        write(program, site_files.LIST_MANAGER, 0o755)

    def incident_domain(self):
        return next(d for d in self.world.host.domains if d.name == self.list.split("@")[1])

    def post(self):
        ip = self.names.ip()
        with self.internet.suspicious(self.members, 0.3), self.world.registry.watch(
                lambda m: m.sender == self.list.replace("@", "-bounces@")) as portions:
            posts = self.world.deliver(ip, self.spam_host(), [(self.names.address("void.example"), [self.list], self.subject())])
            self.world.exim.settle()
            self.world.exim.settle()
        self.incident.claim(posts, [])
        self.incident.claim(list(portions))
        self.incident.ips.add(ip)


class LocalSmtp(Story):
    """A script speaks SMTP to the host over loopback without a login: no account in the log, no directory."""
    vector = "local_smtp"
    size = 45

    def plan(self):
        domain = self.random.choice(self.world.account().domains)
        self.domain, self.url = domain, f"/wp-content/plugins/gallery/{self.random.choice(('fx', 'th', 'img'))}.php"
        self.key, self.callers = self.random.choice("qzdm"), self.ips(self.random.randrange(2, 5))
        script = f"{domain.docroot}{self.url}"
        site_files.put(script, site_files.SMTP_MAILER.format(key=self.key), domain.account.uid, self.begin - 3 * HOUR)
        self.incident = self.world.incident(self.vector, account=domain.account.name, script=script,
                                            note="SMTP to loopback without a login: only the web log points at the script")
        pieces = list(self.shares(self.internet.addresses("bought", self.size), 6))
        for moment, piece in zip(self.spread(len(pieces), self.random.uniform(0.2, 2)), pieces):
            self.world.at(moment, self.call, piece)

    def call(self, recipients):
        ip = self.random.choice(self.callers)
        sender = self.random.choice((f"info@{self.domain.name}", self.names.address("freemail.example")))
        order = site_files.pack(to=recipients, s=self.subject(), b=self.names.text(), f=sender, helo=self.domain.name)
        sent = self.world.browse(ip, self.domain, self.url, {self.key: order}, self.random.choice(names.AGENTS + names.ROBOTS))
        self.incident.claim(sent)
        if sent:
            self.incident.ips.add(ip)


class Forwarder(Story):
    """Spam comes in for an address that is forwarded to a big provider; there it counts against this host."""
    vector = "forwarder"
    size = 30
    spam_share = 0.75

    def plan(self):
        account = self.world.account()
        domain = account.domains[0]
        local = f"{self.random.choice(names.ROLES)}{self.random.randrange(2, 9)}"
        target = self.names.address("bigmail.test")
        domain.aliases[local] = target
        self.address, self.target, self.callers = f"{local}@{domain.name}", target, self.ips(self.random.randrange(5, 9))
        self.incident = self.world.incident(self.vector, account=account.name, mailbox=self.address,
                                            note="inbound spam leaves again through a forwarder", more={"forward_to": target})
        for moment in self.spread(self.size, self.random.uniform(4, 7)):
            self.world.at(moment, self.pass_on)

    def pass_on(self):
        ip = self.random.choice(self.callers)
        bad = self.random.random() < self.spam_share
        self.internet.fates[self.target] = "spam" if bad else ""
        sender = self.names.address(self.random.choice(("freemail.example", "void.example", "mailzone.example")))
        sent = self.world.deliver(ip, self.spam_host(), [(sender, [self.address], self.subject())])
        self.world.exim.settle()
        self.incident.claim(sent)
        self.incident.ips.add(ip)


class Backscatter(Story):
    """A catch-all pipe fails after acceptance: bounces go to forged senders."""
    vector = "backscatter"
    size = 50

    def plan(self):
        account = self.world.account()
        domain = account.domains[0]
        script = f"{account.home}/bin/{self.random.choice(('ticket', 'intake', 'crm'))}.sh"
        domain.aliases["*"] = f"|{script}"
        site_files.put(script, "#!/bin/sh\ncat >/dev/null\necho 'unknown customer'\nexit 67\n", account.uid,
                       self.world.start - 90 * 86400, 0o755)
        self.domain, self.callers = domain, self.ips(self.random.randrange(8, 16))
        self.incident = self.world.incident(
            self.vector, account=account.name, mailbox=f"*@{domain.name}", script=script,
            note="a catch-all pipe fails after acceptance; bounces go to forged senders")
        pieces = list(self.shares(range(self.size), 3))
        for moment, piece in zip(self.spread(len(pieces), self.random.uniform(0.5, 2)), pieces):
            self.world.at(moment, self.arrive, len(piece))

    def arrive(self, count):
        ip = self.random.choice(self.callers)
        mails = [(self.internet.address("bought"), [f"{self.names.hex(6)}@{self.domain.name}"], self.subject())
                 for _ in range(count)]
        self.incident.claim(self.world.deliver(ip, self.spam_host(), mails))
        self.incident.ips.add(ip)


class Inbound(Story):
    """Spam comes in for one customer; nobody on the host is to blame."""
    vector = "inbound"
    size = 25

    def plan(self):
        account = self.world.account()
        self.boxes, self.callers = account.domains[0].boxes, self.ips(self.random.randrange(5, 9))
        self.incident = self.world.incident(self.vector, blame=False, direction="inbound", more={"target": account.name},
                                            note="spam coming in; nobody on the host to blame")
        pieces = list(self.shares(range(self.size), 3))
        for moment, piece in zip(self.world.burst(len(pieces), self.begin, self.random.uniform(600, 2400)), pieces):
            self.world.at(moment, self.arrive, len(piece))

    def arrive(self, count):
        ip = self.random.choice(self.callers)
        mails = []
        for _ in range(count):
            box = self.random.choice(self.boxes)
            sender = self.names.address(self.random.choice(("freemail.example", "void.example", "bigmail.test")))
            mails.append((sender, [box.address], self.subject()))
            if self.random.random() < 0.3:
                mails.append((sender, [f"nobody{self.random.randrange(99)}@{box.domain.name}"], self.subject()))
        sent = self.world.deliver(ip, self.spam_host(), mails)
        self.incident.claim(sent)
        if sent:
            self.incident.ips.add(ip)


CULPRITS = {
    "script_http": LoudScript, "script_http_careful": CarefulScript, "script_http_routed": RoutedScript,
    "script_cron": CronScript, "shell": Shell, "smtp_auth": StolenLogin, "smtp_auth_careful": CarefulLogin,
    "webmail": StolenWebmail, "form": Form, "newsletter": Newsletter, "mailing_list": MailingList, "mailing_list_managed": ManagedList,
    "local_smtp": LocalSmtp,
    "forwarder": Forwarder, "backscatter": Backscatter, "inbound": Inbound,
}
