# SPDX-License-Identifier: Apache-2.0
"""Invented people, domains, subjects and addresses. Everything comes from the given random generator."""

WORDS = ("alpine amber birch blue cedar club coral delta dune falcon finch fjord grove harbor hazel indigo jasper kite "
         "ledger lunar maple nova oak olive opal pine pixel quartz raven river sage shell tidal umber verde vista willow "
         "yarrow zen zephyr").split()
TRADES = ("art books cafe clinic club craft cycle dental farm finance foods garden gym hotel inn legal mail media motors "
          "music school shop studio travel works yoga").split()
PEOPLE = ("anna ben carla dave emma frank gina hugo ines jack kara liam lucy maria mark nils olga paul peter rosa susan "
          "sven tina victor wendy yann zoe").split()
ROLES = "admin billing contact hello info jobs office sales support team".split()

HONEST_SUBJECTS = ("Minutes", "Lunch?", "Holiday plan", "Fwd: photos", "Re: Re: contract draft", "Appointment confirmation",
                   "Meeting on {day}", "Invoice {n} attached", "Re: offer {n}", "Report week {n}", "Question about order {n}",
                   "Grüße aus {city}", "Während des Sales {n}", "Re: your invoice {n}", "long " * 40)
SPAM_SUBJECTS = ("Final notice", "Claim your prize today", "Invest and double in 30 days",
                 "Your parcel {n} could not be delivered", "Urgent: account verification required", "You have (1) new voice message",
                 "RE: Payment advice #{n}",
                 "DHL shipment {n} on hold", "Quarterly bonus update", "Cheap pills, fast delivery", "Re: your invoice {n}",
                 "Exclusive offer for you", "Crypto profits while you sleep")
ODD_SUBJECTS = ('x <= boss@bank.example U=root P=local', 'A=dovecot_login:ceo@bank.example',
                '=> you@bigmail.test R=x T=y "quoted" \\ slash', 'from <root@localhost> for everybody',
                'cwd=/home/other/public_html 3 args: /usr/sbin/sendmail -t -i',
                '1xAAAA-000001-00 Completed', 'tab\there', "it's 50% off & more")
AGENTS = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
          "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
          "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Version/17.6 Mobile Safari/604.1")
ROBOTS = ("curl/7.88.1", "python-requests/2.31.0", "Go-http-client/1.1")
TEXT = ("thank you for your message and the kind words", "please find the details below", "we meet at the usual place",
        "the numbers for last month are ready", "let me know whether this suits you", "see you soon and best regards")


class Names:
    def __init__(self, random):
        self.random = random
        self._used = set()

    def unique(self, make):
        while True:
            made = make()
            if made not in self._used:
                self._used.add(made)
                return made

    def domain(self):
        pick = self.random.choice

        def make():
            first, second = pick(WORDS), pick(TRADES)
            return f"{first}{pick(('', '-'))}{second}.{pick(('example', 'example', 'test'))}"
        return self.unique(make)

    def twin(self, domain):
        """A second domain of the same owner."""
        name, ending = domain.rsplit(".", 1)
        return self.unique(lambda: f"{self.random.choice(WORDS)}-{name.replace('-', '')}.{ending}")

    def boxes(self, count):
        return sorted(self.random.sample(PEOPLE + ROLES, count))

    def address(self, domain):
        """A person elsewhere, never the same twice."""
        pick = self.random.choice
        return self.unique(lambda: f"{pick(PEOPLE + ROLES)}{pick(('', '.', '_'))}{pick(WORDS)}"
                                   f"{self.random.randrange(100, 99999)}@{domain}")

    def person(self):
        return f"{self.random.choice(PEOPLE)} {self.random.choice(WORDS)}".title()

    def subject(self, spam=False, odd=0.0):
        if self.random.random() < odd:
            return self.random.choice(ODD_SUBJECTS)
        text = self.random.choice(SPAM_SUBJECTS if spam else HONEST_SUBJECTS)
        return text.format(n=self.random.randrange(10000, 99999), day=self.random.choice(("Monday", "Friday")),
                           city=self.random.choice(("Berlin", "Lyon", "Porto"))).strip()

    def text(self, lines=None):
        count = lines or self.random.randrange(1, 9)
        return "\n".join(self.random.choice(TEXT) for _ in range(count)) + "\n"

    def ip(self):
        """A client's address, never the same twice, from one of the documentation networks."""
        r = self.random

        def make():
            kind = r.random()
            if kind < 0.15:
                return f"192.0.2.{r.randrange(20, 255)}"
            if kind < 0.35:
                return f"203.0.113.{r.randrange(2, 255)}"
            if kind < 0.45:
                return f"2001:db8:{r.randrange(0x100, 0xffff):x}:{r.randrange(0x100, 0xffff):x}::{r.randrange(0x10, 0xffff):x}"
            return f"198.{r.choice((18, 19))}.{r.randrange(1, 255)}.{r.randrange(2, 255)}"
        return self.unique(make)

    def helo(self, ip):
        r = self.random
        return r.choice((f"DESKTOP-{r.randrange(0x10000, 0xfffff):05X}", f"[192.168.{r.randrange(10)}.{r.randrange(2, 255)}]",
                         f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]", "iPhone", f"{r.choice(PEOPLE)}s-mbp"))

    def hex(self, digits):
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"
