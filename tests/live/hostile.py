# SPDX-License-Identifier: Apache-2.0
"""Lines written to fool whoever reads the logs: every way that needs no more than a customer's account or a socket.

The forger is a customer (or a stranger); the one he frames is innocent. Nothing here is an incident of its own; the
forged ids and framed people are listed in the truth under `forged`.
"""
import contextlib
import os
import shutil
import socket
import time

import client
import rsyslog
from longids import DIGITS
from world import HOUR

LINES = 4               # forged lines in one directory's name: each of its components may hold 255 bytes


class Hostile:
    def __init__(self, world):
        self.world, self.random, self.names = world, world.random, world.names
        self.forger = world.account(lambda a: a.shell == "/bin/bash")
        self.victim = world.account()
        self.box = self.victim.mailboxes[0]
        world.forged = {"forger": self.forger.name, "victim": self.victim.name, "mailbox": self.box.address, "ids": []}

    def plan(self):
        often = (self.newline_in_directory, self.whole_lines_in_directory)
        seldom = (self.quoted_sender, self.junk_helo, self.odd_subject, self.forged_id, self.guess_with_brackets,
                  self.php_headers, self.foreign_sender, self.logger, self.trusted_options, self.synchronization)
        for act in often * 3 + seldom:
            for moment in self.world.moments(4, self.world.start + 20 * HOUR, self.world.end - 2 * HOUR):
                self.world.at(moment, act)

    def _id(self):
        """A message id as Exim would make it in this second."""
        second, digits = int(self.world.clock.now()), ""
        while second:
            second, digit = divmod(second, 62)
            digits = DIGITS[digit] + digits
        made = f"{digits}-{self.names.hex(6)}-{self.random.randrange(10, 60)}"
        self.world.forged["ids"].append(made)
        return made

    def _stamp(self):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.world.clock.now()))

    def _mail_from(self, folder):
        """A customer mails one friend while standing in a directory of his own making."""
        base = f"{self.forger.home}/lab"
        os.makedirs(f"{base}/{folder}")
        for place, _, _ in os.walk(base):
            os.chown(place, self.forger.uid, self.forger.uid)
        self._submit(f"{base}/{folder}")
        shutil.rmtree(base)

    def _submit(self, cwd, *options, headers=()):
        to = self.world.internet.address("friends")
        text = "\n".join([f"To: {to}", f"Subject: {self.names.subject()}", *headers, "", self.names.text()])
        self.world.run_as(self.forger, ["/usr/sbin/sendmail", "-t", "-i", *options], cwd, text)

    def newline_in_directory(self):
        """cwd= is logged raw: what follows a newline looks like a line of Exim's."""
        self._mail_from("x" + "/".join("\n" + self._local_arrival() for _ in range(LINES)))

    def whole_lines_in_directory(self):
        """The same with whole cwd lines at both ends and a delivery in between: no sign is left in the text."""
        id_, to = self._id(), self.world.internet.address("friends")
        stamp = self._stamp()
        self._mail_from("/".join((
            f"x 3 args: sendmail -t -i\n{stamp} {id_} <= {self.box.address} H=(pc) [203.0.113.77]:4000 P=esmtpsa "
            f"A=dovecot_login:{self.box.address} S=800 for {to}",
            f"\n{stamp} {id_} => {to} R=lookuphost T=remote_smtp H=mx11.mail.example [198.51.100.11]",
            f"\n{stamp} {id_} Completed\n{stamp} cwd=")))

    def _local_arrival(self):
        return (f"{self._stamp()} {self._id()} <= {self.box.address} U={self.victim.name} P=local S=900 for "
                f"{self.world.internet.address('friends')}")

    def quoted_sender(self):
        sender = f'"a b U={self.victim.name} P=local S=1 A=dovecot_login:{self.box.address}"@void.example'
        self._raw("pc", sender)

    def junk_helo(self):
        self._raw(self.random.choice(("pc) [1.2.3.4] P=local", f"x U={self.victim.name} P=local",
                                      f"A=dovecot_login:{self.box.address}", "caf\u00e9 \u0001x")), "someone@freemail.example")

    def odd_subject(self):
        self._raw("mail.void.example", "someone@freemail.example",
                  f"Subject: <= {self.box.address} U={self.victim.name} P=local A=dovecot_login:{self.box.address}")

    def forged_id(self):
        self._raw("mail.void.example", "someone@freemail.example",
                  f'Message-ID: "x A=dovecot_login:{self.box.address} U={self.victim.name}"@void.example')

    def _raw(self, helo, sender, *headers):
        """A stranger's delivery to some mailbox, byte by byte."""
        to, ip = self.world.idle_mailbox().address, self.names.ip()
        with socket.create_connection((client.server_for(ip), 25), 30, source_address=(ip, 0)) as sock:
            with sock.makefile("rwb") as stream:
                for line in ("", f"EHLO {helo}", f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA",
                             "\r\n".join([f"To: {to}", *headers, "", "hello", "."]), "QUIT"):
                    if line:
                        stream.write(line.encode() + b"\r\n")
                        stream.flush()
                    while (reply := stream.readline())[3:4] == b"-":
                        pass
                    if reply[:1] == b"5" and not line.startswith("EHLO"):
                        break

    def guess_with_brackets(self):
        ip = self.random.choice(sorted(self.world.brute_ips))
        session = client.open_smtp(ip, "User", 25, False)
        try:
            client.login(session, f"x) [9.9.9.9]: 535 (set_id={self.box.address}", "y", "LOGIN")
        except client.smtplib.SMTPException:
            session.close()

    def php_headers(self):
        """Headers that only PHP should write, naming somebody else's script."""
        domain = self.victim.domains[0].name
        self._submit(self.forger.home, headers=(f"X-PHP-Script: {domain}/contact.php for 203.0.113.99",
                                                f"X-PHP-Originating-Script: {self.victim.uid}:contact.php"))

    def foreign_sender(self):
        self._submit(self.forger.home, "-f", self.box.address)

    def trusted_options(self):
        self._submit(self.forger.home, "-oMa", "203.0.113.5", "-oMt", self.victim.name, "-oMai", self.box.address)

    def logger(self):
        """Any account may write to syslog under any name."""
        program, text = self.random.choice((
            ("exim", f"{self._stamp()} {self._id()} <= {self.box.address} U={self.victim.name} P=local S=500"),
            ("dovecot", f"imap-login: Login: user=<{self.box.address}>, method=PLAIN, rip=203.0.113.66, lip=192.0.2.10, "
                        f"mpid=99, session=<AAAABBBBCCCC>"),
            ("CRON", f"({self.victim.name}) CMD (/usr/bin/php -q {self.victim.home}/spam.php)")))
        rsyslog.say(program, 4242, text, {"exim": 22, "dovecot": 22, "CRON": 78}[program])

    def synchronization(self):
        """A client that speaks out of turn gets its words into the log."""
        ip = self.names.ip()
        with socket.create_connection((client.server_for(ip), 25), 30, source_address=(ip, 0)) as sock:
            sock.sendall(f"EHLO x\r\n<= {self.box.address} U={self.victim.name} P=local\r\nMAIL FROM:<>\r\n".encode())
            sock.settimeout(1)
            with contextlib.suppress(TimeoutError):
                while sock.recv(4096):
                    pass
