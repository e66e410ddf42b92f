# SPDX-License-Identifier: Apache-2.0
"""The customers of the test host: accounts, their domains, mailboxes and files. Plain data, invented from a seed."""
import subprocess
from dataclasses import dataclass, field

OWNER_CONTACT = "owner@mailzone.example"


@dataclass
class Mailbox:
    address: str
    password: str
    hash: str
    maildir: str
    domain: object
    networks: list          # addresses its owner writes and reads from

    @property
    def local(self):
        return self.address.split("@")[0]

    @property
    def account(self):
        return self.domain.account


@dataclass
class Domain:
    name: str
    account: object
    docroot: str = ""
    boxes: list = field(default_factory=list)
    aliases: dict = field(default_factory=dict)     # local part or * -> target
    front: str = ""                                 # "", path or query: how a front controller is addressed
    proxies: list = field(default_factory=list)     # addresses of the CDN before the site


@dataclass
class Account:
    name: str
    uid: int
    home: str
    shell: str
    domains: list = field(default_factory=list)
    mail_log: bool = False                          # PHP writes mail.log
    busy: bool = False                              # a story plays here: no other may

    @property
    def mailboxes(self):
        return [box for domain in self.domains for box in domain.boxes]


class Host:
    def __init__(self, layout, names, accounts):
        random = names.random
        self.layout, self.names = layout, names
        self.name = f"{random.choice(('shared', 'web', 'srv'))}{random.randrange(2, 60)}.{random.choice(HOSTERS)}.example"
        self.accounts = []
        uid = 1001
        for _ in range(accounts):
            uid += random.randrange(1, 4)
            self.accounts.append(self._account(uid))
        self._hash_passwords()

    def _account(self, uid):
        random, names = self.names.random, self.names
        main = names.domain()
        letters = "".join(c for c in main.split(".")[0] if c.isalnum())
        name = names.unique(lambda: letters[:random.choice((8, 8, 8, 16))] + random.choice(("", "", "", "2", "3", "4")))
        account = Account(name, uid, f"/home/{name}", random.choice(("/bin/bash", "/bin/bash", "/usr/sbin/nologin")),
                          mail_log=random.random() < 0.3)
        for domain_name in [main] + ([names.twin(main)] if random.random() < 0.4 else []):
            domain = Domain(domain_name, account, front=random.choice(("", "", "path", "query")))
            domain.docroot = self.layout.docroot(account, domain_name, domain_name == main)
            account.domains.append(domain)
            for local in names.boxes(random.randrange(3, 6)):
                networks = [names.ip() for _ in range(random.choice((1, 1, 2, 3)))]
                maildir = f"{account.home}/{self.layout.mail_folder}/{domain_name}/{local}"
                domain.boxes.append(Mailbox(f"{local}@{domain_name}", names.hex(12), "", maildir, domain, networks))
            domain.aliases["postmaster"] = domain.boxes[0].address
            if random.random() < 0.3:
                domain.aliases["webmaster"] = domain.boxes[-1].address
        return account

    def _hash_passwords(self):
        for box in self.mailboxes:
            made = subprocess.run(["openssl", "passwd", "-6", "-salt", self.names.hex(8), "-stdin"], check=True,
                                  input=box.password.encode(), stdout=subprocess.PIPE)
            box.hash = made.stdout.decode().strip()

    @property
    def short(self):
        return self.name.split(".")[0]

    @property
    def domains(self):
        return [domain for account in self.accounts for domain in account.domains]

    @property
    def mailboxes(self):
        return [box for domain in self.domains for box in domain.boxes]


HOSTERS = ("stackhaus", "webnest", "hostco", "serverpark", "rackfield")
