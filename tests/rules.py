#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule of the judge on two small hosts: one where it must hold, and its honest twin where it must be silent.

    tests/rules.py BINARY

A host is written line by line in the layout of plain Debian: one account "shop" with the site shop.example, mailboxes in
that domain, and remote hosts that answer as the case says.
"""
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

START = 1794009600                  # 2026-11-07T00:00:00Z
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SPAM = "550 5.7.1 likely unsolicited mail"
DEAD = "550 5.1.1 user unknown"
POLICY = "550 5.7.1 sender address rejected by policy"
BROWSER = "Mozilla/5.0"


def base62(value, width):
    text = ""
    for _ in range(width):
        text, value = BASE62[value % 62] + text, value // 62
    return text


class Host:
    def __init__(self):
        self.exim, self.web, self.dovecot, self.cron, self.crontab, self.count = [], [], [], [], [], 0
        self.queue = {}
        self.login("anna@shop.example", "203.0.113.250", START - 3600)   # Dovecot's log is there

    @staticmethod
    def time(at, form):
        return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime(form)

    def line(self, at, text):
        self.exim.append((at, self.time(at, "%Y-%m-%d %H:%M:%S ") + text))

    def mail(self, at, origin, sender, to, answer=None):
        """One message; to is a list, answer a remote reply that refuses all of them."""
        self.count += 1
        one = f"{base62(at, 6)}-{base62(5000 + self.count, 6)}-{base62(self.count % 62, 2)}"
        self.line(at, f"{one} <= {sender} {origin} S=700 from <{sender}> for {' '.join(to)}")
        for address in to:
            if address.endswith("@shop.example"):
                self.line(at, f"{one} => {address.split('@')[0]} <{address}> R=virtual_user T=virtual_userdelivery")
            elif answer:
                self.line(at, f"{one} ** {address} R=dnslookup T=remote_smtp H=mx.example [198.51.100.9]: SMTP error from remote mail "
                              f"server after RCPT TO:<{address}>: {answer}")
            else:
                self.line(at, f"{one} => {address} R=dnslookup T=remote_smtp H=mx.example [198.51.100.9] C=\"250 ok\"")
        self.line(at, f"{one} Completed")
        return one

    def local(self, at, to, sender="web@shop.example", answer=None):
        return self.mail(at, "U=shop P=local", sender, to, answer)

    def queued(self, at, to, headers, answer=SPAM):
        """A message of the account that waits in the queue, its first recipient refused."""
        self.count += 1
        one = f"{base62(at, 6)}-{base62(5000 + self.count, 6)}-{base62(self.count % 62, 2)}"
        self.line(at, f"{one} <= web@shop.example U=shop P=local S=700 from <web@shop.example> for {' '.join(to)}")
        self.line(at, f"{one} ** {to[0]} R=dnslookup T=remote_smtp H=mx.example [198.51.100.9]: SMTP error from remote mail server after "
                      f"end of data: {answer}")
        self.queue[one] = (f"{one}-H\nshop 1001 1001\n<web@shop.example>\n{at} 0\n-ident shop\n-received_protocol local\n-auth_id shop\n"
                           f"-local\nNN {to[0]}\n{len(to)}\n" + "".join(address + "\n" for address in to) + "\n" +
                           "".join(f"{len(text) + 1:03d}  {text}\n" for text in headers))

    def smtp(self, at, ip, to, sender="anna@shop.example", login="anna@shop.example", answer=None):
        return self.mail(at, f"H=(pc) [{ip}] P=esmtpsa A=dovecot_plain:{login}", sender, to, answer)

    def inbound(self, at, ip, sender, to):
        return self.mail(at, f"H=mx.remote.test [{ip}] P=esmtp", sender, to)

    def request(self, at, ip, target, method="POST", referer="-", agent=BROWSER):
        stamp = self.time(at, "%d/%b/%Y:%H:%M:%S +0000")
        self.web.append(f'shop.example:80 {ip} - - [{stamp}] "{method} {target} HTTP/1.1" 200 9 "{referer}" "{agent}"')

    def call(self, at, ip, target, to, **more):
        """A request and the mail it makes."""
        self.request(at, ip, target)
        self.local(at + 1, to, **more)

    def login(self, mailbox, ip, at, failed=False):
        stamp = self.time(at, "%b %e %H:%M:%S")
        what = "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs)" if failed else "Login"
        self.dovecot.append(f"{stamp} host dovecot: imap-login: {what}: user=<{mailbox}>, method=PLAIN, rip={ip}, lip=192.0.2.10,"
                            " session=<x>")

    def job(self, at, command):
        self.cron.append(f"{self.time(at, '%b %e %H:%M:%S')} host CRON[77]: (shop) CMD ({command})")

    def write(self, root):
        def put(name, lines):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(line + "\n" for line in lines))
        put("etc/passwd", ["root:x:0:0::/root:/bin/sh", "shop:x:1001:1001::/home/shop:/bin/sh"])
        put("etc/apache2/sites-enabled/shop.conf", ["<VirtualHost *:80>", "ServerName shop.example",
                                                    "DocumentRoot /home/shop/public_html", "</VirtualHost>"])
        (root / "home/shop/public_html").mkdir(parents=True)
        (root / "var/spool/exim4/input").mkdir(parents=True)
        for one, text in self.queue.items():
            put(f"var/spool/exim4/input/{one}-H", text.splitlines())
        put("var/log/exim4/mainlog", [text for _, text in sorted(self.exim, key=lambda row: row[0])])
        put("var/log/apache2/other_vhosts_access.log", self.web)
        put("var/log/mail.log", self.dovecot)
        put("var/log/syslog", self.cron)
        put("var/spool/cron/crontabs/shop", self.crontab)


def people(n, start=0):
    return [f"p{start + k}@bigmail.test" for k in range(n)]


def mailer(h, script="/mailer.php", answers=lambda n: None, clients=3, n=30):
    for k in range(n):
        h.call(START + k * 60, f"203.0.113.{k % clients + 1}", script, people(1, k), answer=answers(k))


def called_spam(h):
    mailer(h, answers=lambda k: SPAM if k % 3 == 0 else None)


def not_called_spam(h):
    mailer(h, answers=lambda k: SPAM if k == 0 else POLICY if k % 3 == 0 else None)


def dead_addresses(h):
    mailer(h, answers=lambda k: DEAD if k % 3 == 0 else None)


def few_dead_addresses(h):
    mailer(h, answers=lambda k: DEAD if k % 10 == 0 else POLICY if k % 3 == 0 else None)


def shop(h):
    """Every customer looks around, orders once, from an address of his own."""
    for k in range(40):
        ip = f"198.18.{k}.7"
        h.request(START + k * 60 - 5, ip, "/", "GET")
        h.call(START + k * 60, ip, "/order.php", people(1, k))


def payments(h, n=40, every=400):
    """Customers look around and order; a payment provider then calls the shop, which thanks them."""
    for k in range(n):
        ip, at = f"198.18.{k}.7", START + k * every
        h.request(at - 90, ip, "/", "GET")
        h.request(at - 80, ip, "/shop.php?id=7", "GET", "http://shop.example/")
        h.request(at - 30, ip, "/checkout.php", referer="http://shop.example/shop.php?id=7")
        h.call(at, f"203.0.113.{k % 3 + 1}", "/paid.php", people(1, k))


def payments_behind_proxy(h):
    """The same customers, all behind three addresses."""
    for k in range(60):
        ip, at, agent = f"198.51.100.{k % 3 + 60}", START + k * 500, f"Browser {k % 9}"
        h.request(at - 400, ip, "/", "GET", agent=agent)
        h.request(at - 390, ip, "/style.css", "GET", "http://shop.example/", agent)
        h.request(at - 300, ip, "/checkout.php", referer="http://shop.example/cart", agent=agent)
        h.call(at, f"203.0.113.{k % 3 + 1}", "/paid.php", people(1, k))


def mailer_in_shop(h):
    """Orders answer for one mail each, not for all that is sent beside them."""
    payments(h)
    mailer(h, "/inc/m.php", n=200)


def newsletter(h):
    """One call, many mails."""
    h.request(START, "203.0.113.9", "/newsletter/send.php")
    for k in range(40):
        h.local(START + 1 + k // 4, people(1, k))


def botnet(h):
    for k in range(40):
        h.call(START + k * 60, f"198.18.{k}.9", "/wp-content/uploads/x.php", people(1, k))


def newsletter_beside(h):
    """What is called below uploads/ brings nothing in."""
    botnet(h)
    newsletter(h)


def uploaded(h):
    h.request(START - 900, "203.0.113.99", "/plugins/gallery/upload.php")
    mailer(h)


def upload_by_the_owner(h):
    for k in range(6):
        h.request(START - 900 + k, "203.0.113.99", "/admin/", "GET", "http://shop.example/admin/")
    h.request(START - 890, "203.0.113.99", "/plugins/gallery/upload.php", referer="http://shop.example/admin/")
    mailer(h)


def hidden_place(h):
    mailer(h, "/wp-content/uploads/.cache/a.php")


def odd_directory(h):
    for k in range(30):
        at = START + k * 60
        h.line(at, "cwd=/home/shop/tmp/.x 3 args: /usr/sbin/sendmail -t -i")
        h.local(at, people(1, k))


def usual_directory(h):
    for k in range(30):
        at = START + k * 60
        h.line(at, "cwd=/home/shop 3 args: /usr/sbin/sendmail -t -i")
        h.local(at, people(1, k))


def rotating_senders(h):
    for k in range(30):
        h.call(START + k * 60, f"203.0.113.{k % 3 + 1}", "/m.php", people(1, k), sender=f"a{k}@elsewhere.test")


def job_to_strangers(h):
    for run in range(6):
        h.job(START + run * 3600, "/usr/bin/php /home/shop/bin/j.php")
        for k in range(5):
            h.local(START + run * 3600 + 2, people(1, run * 5 + k))


def report_by_job(h):
    for run in range(12):
        h.job(START + run * 3600, "/usr/bin/php /home/shop/bin/j.php")
        h.local(START + run * 3600 + 2, people(3))


def silent_networks(h):
    for k in range(24):
        h.smtp(START + k * 60, f"203.0.113.{k % 6 + 1}", people(1, k), answer=DEAD if k % 4 == 0 else None)


def intruders_who_read(h):
    """Four networks that log in as an owner would; some mail bears other people's names."""
    for k in range(24):
        ip = f"203.0.113.{k % 4 + 1}"
        h.login("anna@shop.example", ip, START + k * 60 - 20)
        h.smtp(START + k * 60, ip, people(3, 3 * k), sender=f"s{k}@elsewhere.test" if k % 4 == 0 else "anna@shop.example")


def lone_network(answers):
    """One network sends to strangers and never reads, while the owner reads from another."""
    def make(h):
        for k in range(10):
            h.login("anna@shop.example", "198.51.100.20", START - 40000 + k * 3600)
        for k in range(60):
            h.smtp(START + k * 20, "203.0.113.77", people(1, k), answer=answers(k))
    return make


def owner_on_the_road(h):
    for k in range(24):
        ip = f"203.0.113.{k % 6 + 1}"
        h.login("anna@shop.example", ip, START + k * 60 - 7200)
        h.login("anna@shop.example", ip, START + k * 60 + 7200)
        h.smtp(START + k * 60, ip, people(1, k))


def unmapped_domain(h):
    """The same of somebody whose domain no map names yet."""
    eva = "eva@new.example"
    for k in range(24):
        ip = f"203.0.113.{k % 6 + 1}"
        h.login(eva, ip, START + k * 60 - 7200)
        h.login(eva, ip, START + k * 60 + 7200)
        h.smtp(START + k * 60, ip, people(1, k), sender=eva, login=eva)


def webmail(h, clients, at_once, answer):
    for k in range(12):
        at, ip = START + k * 600, f"203.0.113.{k % clients + 1}"
        stamp = h.time(at, "%d/%b/%Y:%H:%M:%S +0000")
        h.web.append(f'webmail.host.test:80 {ip} - - [{stamp}] "POST /roundcube/?_task=mail&_action=send HTTP/1.1" 200 9 "-" "x"')
        h.mail(at + 1, "H=(localhost) [127.0.0.1] P=esmtpa A=dovecot_plain:anna@shop.example", "anna@shop.example",
               people(at_once, k * at_once), answer if k % 2 else None)


def secretary(h):
    """One client, letters to the same members again and again, who also write."""
    for k in range(12):
        h.inbound(START - 7200 + k, "198.51.100.77", f"p{k}@bigmail.test", ["anna@shop.example"])
    webmail(h, 1, 6, None)


def guessed(h):
    for k in range(6):
        h.login("anna@shop.example", f"203.0.113.{k + 1}", START - 600 + k, failed=True)
    silent_networks(h)


def mistyped(h):
    for k in range(6):
        h.login("anna@shop.example", f"203.0.113.{k + 1}", START - 600 + k, failed=True)
    owner_on_the_road(h)


def forwarded(h, refused):
    for k in range(30):
        h.count += 1
        at = START + k * 60
        one = f"{base62(at, 6)}-{base62(5000 + h.count, 6)}-0A"
        h.line(at, f"{one} <= s{k}@spam.test H=mx.spam.test [203.0.113.{k % 5 + 1}] P=esmtp S=700")
        end = f": SMTP error from remote mail server after end of data: {SPAM}" if refused(k) else " C=\"250 ok\""
        h.line(at, f"{one} {'**' if refused(k) else '=>'} me@bigmail.test <fwd@shop.example> R=dnslookup T=remote_smtp H=mx.example"
                   f" [198.51.100.9]{end}")
        h.line(at, f"{one} Completed")


def posted(h, refused):
    """An address that goes to 20 members: a fifth of what is posted is a member's, the rest comes from strangers."""
    for k in range(10):
        h.count += 1
        at = START + k * 600
        one = f"{base62(at, 6)}-{base62(5000 + h.count, 6)}-0A"
        h.line(at, f"{one} <= {'m1@member.test' if k % 5 == 0 else f's{k}@far{k}.test'} H=mx [203.0.113.{1 if k % 5 == 0 else k + 5}]"
                   " P=esmtp S=700")
        for member in range(20):
            spam = k % 5 and refused(k * 20 + member)
            h.line(at, f"{one} {'**' if spam else '=>'} m{member}@member{member}.test <club@shop.example> R=dnslookup T=remote_smtp"
                       f" H=mx.member{member}.test [198.51.100.9]"
                       + (f": SMTP error from remote mail server after end of data: {SPAM}" if spam else ' C="250 ok"'))
        h.line(at, f"{one} Completed")


def bounces(h, n):
    for k in range(n):
        h.count += 1
        at = START + k * 30
        one, two = (f"{base62(at, 6)}-{base62(5000 + h.count, 6)}-0{c}" for c in "AB")
        h.line(at, f"{one} <= s{k}@victim{k}.test H=(x) [203.0.113.{k % 4 + 1}] P=esmtp S=700")
        h.line(at, f"{one} ** |/home/shop/bin/t.sh <n{k}@shop.example> R=catch_all T=address_pipe: Child process returned 67")
        h.line(at + 1, f"{two} <= <> R={one} U=Debian-exim P=local S=900")
        h.line(at + 1, f"{two} => s{k}@victim{k}.test R=dnslookup T=remote_smtp H=mx.example [198.51.100.9] C=\"250 ok\"")
        h.line(at + 1, f"{one} Completed")
        h.line(at + 1, f"{two} Completed")


def wave(h, fresh):
    for k in range(30):
        if not fresh:
            h.inbound(START - 80000 + k * 600, f"203.0.113.{k % 5 + 1}", f"old{k}@remote.test", ["anna@shop.example"])
        h.inbound(START + k * 60, f"203.0.113.{k % 5 + 1}", f"s{k}@spam.test", ["anna@shop.example"])


# rule, the host on which it must hold, the host on which it must not
RULES = [
    ("called-spam", called_spam, not_called_spam), ("dead-addresses", dead_addresses, few_dead_addresses),
    ("few-clients", mailer, shop), ("calls-again", mailer, newsletter), ("calls-again", mailer_in_shop, payments), ("only-callers", botnet, shop),
    ("came-by-upload", uploaded, upload_by_the_owner), ("came-by-upload", uploaded, newsletter_beside),
    ("odd-place", hidden_place, mailer), ("odd-directory", odd_directory, usual_directory),
    ("foreign-senders", rotating_senders, mailer), ("new-strangers", job_to_strangers, report_by_job),
    ("foreign-senders", intruders_who_read, owner_on_the_road),
    ("silent-networks", silent_networks, owner_on_the_road), ("only-strangers", silent_networks, owner_on_the_road),
    ("webmail-strangers", lambda h: webmail(h, 4, 4, SPAM), secretary),
    ("several-recipients", lambda h: webmail(h, 4, 4, SPAM), secretary), ("guessed-password", guessed, mistyped),
    ("called-spam", lambda h: forwarded(h, lambda k: k % 2 == 0), lambda h: forwarded(h, lambda k: k % 10 == 0)),
    ("called-spam", lambda h: posted(h, lambda k: k % 3 == 0), lambda h: posted(h, lambda k: k % 20 == 4)),
    ("unread-network", lone_network(lambda k: SPAM if k % 2 else DEAD if k % 3 == 0 else None),
     lone_network(lambda k: DEAD if k % 10 == 0 else SPAM if k % 20 == 5 else POLICY if k % 3 == 0 else None)),
    ("bounces-strangers", lambda h: bounces(h, 20), lambda h: bounces(h, 3)),
    ("scattered-senders", lambda h: bounces(h, 20), lambda h: bounces(h, 3)),
    ("new-sources", lambda h: wave(h, True), lambda h: wave(h, False)),
]
def headers(*lines):
    """No web log: what PHP or the application wrote into the queued mail names the script."""
    def make(h):
        for k in range(20):
            h.queued(START + k * 60, people(2, 2 * k), lines, SPAM if k % 2 else DEAD)
    return make


def neighbours(h):
    """The header of what still waits names the script of all that was sent from its directory."""
    headers("X-PHP-Script: shop.example/a/m.php for 203.0.113.5")(h)
    for k in range(20, 40):
        h.line(START + k * 60, "cwd=/home/shop/public_html/a 3 args: /usr/sbin/sendmail -t -i")
        h.local(START + k * 60, people(2, 2 * k), answer=SPAM if k % 2 else DEAD)


# What a queued message's own headers may name: host, vector, script.
NAMED = [
    (headers("X-PHP-Script: www.shop.example/a/m.php for 203.0.113.5"), "script_http", "/home/shop/public_html/a/m.php"),
    (headers("X-phpBB-Origin: phpbb://shop.example/forum/ucp.php"), "script_http", "/home/shop/public_html/forum/ucp.php"),
    (headers("X-PHP-Script: other.example/a/m.php for 203.0.113.5"), "shell", None),
    (headers("X-PHP-Script: shop.example/../../other/m.php for 203.0.113.5"), "shell", None),
    (headers("X-PHP-Originating-Script: 1002:m.php"), "shell", None),
    (neighbours, "script_http", "/home/shop/public_html/a/m.php"),
]
def system_user(h):
    """Plain Debian, and cPanel's default mailbox: the login is the account's name."""
    for k in range(24):
        h.smtp(START + k * 60, f"203.0.113.{k % 6 + 1}", people(1, k), login="shop", answer=DEAD if k % 4 == 0 else None)


def crontab(*lines):
    """Cron logs nothing; a job sends at ten past each hour, something else at odd times of the day."""
    def make(h):
        h.crontab += lines
        for run in range(8):
            for k in range(5):
                h.local(START + run * 3600 + 602, people(1, run * 5 + k), answer=DEAD if k % 3 == 0 else None)
    return make


def crontab_beside_log(h):
    """What cron logs counts more than what the crontab holds now."""
    h.job(START + 600, "/usr/bin/php /home/shop/bin/other.php")
    crontab("10 * * * * php -q ~/bin/j.php")(h)


def robots(h):
    """Robots call xmlrpc.php every other second, while customers order."""
    for k in range(1200):
        h.request(START + k * 2, f"203.0.113.{k % 5 + 1}", "/xmlrpc.php")
    shop(h)


# Jobs that a crontab alone tells of: host, vector, script, grade.
HINTED = [
    (crontab("MAILTO=x", "10 * * * * php -q ~/bin/j.php"), "script_cron", "/home/shop/bin/j.php", "C"),
    (crontab("*/10 * * * * php -q ~/bin/wp-cron.php", "10 * * * * php -q ~/bin/j.php"), "script_cron", "/home/shop/bin/j.php", "C"),
    (crontab("*/5 * * * * php -q ~/bin/wp-cron.php"), "shell", None, "B"),
    (crontab("0 * * * * php -q ~/bin/hour.php"), "shell", None, "B"),
    (crontab_beside_log, "shell", None, "B"),
]

# Honest hosts on which nobody may be blamed.
HONEST = [lambda h: posted(h, lambda k: k % 20 == 4), shop, robots, payments, payments_behind_proxy, newsletter, report_by_job,
          owner_on_the_road, unmapped_domain, secretary, usual_directory, lone_network(lambda k: DEAD if k % 6 == 0 else None),
          lambda h: forwarded(h, lambda k: k % 10 == 0), lambda h: bounces(h, 3)]


def scan(binary, make):
    with tempfile.TemporaryDirectory(prefix="quell-rules-") as folder:
        root, host = pathlib.Path(folder) / "root", Host()
        root.mkdir()
        make(host)
        host.write(root)
        done = subprocess.run([binary, "--root", root, "-o", "json", "scan"], stdout=subprocess.PIPE, timeout=60)
        return json.loads(done.stdout)


def rules_of(report):
    """Rules behind incidents, and those whose sentence stands beside a cleared actor."""
    return {reason["rule"] for row in report["incidents"] for reason in row["reasons"]}


def says(report):
    return " ".join(row["looked_like"] for row in report["cleared"])


SENTENCES = {"odd-directory": "sendmail was called from", "few-clients": "calling address", "calls-again": "again and again",
             "new-strangers": "runs it wrote"}


def main():
    binary, failed, count = sys.argv[1], 0, 0
    for rule, yes, no in RULES:
        for make, wanted in ((yes, True), (no, False)):
            report = scan(binary, make)
            held = rule in rules_of(report) or (rule in SENTENCES and SENTENCES[rule] in says(report))
            count += 1
            if held != wanted:
                failed += 1
                print(f"FAIL {rule} {'must hold' if wanted else 'must be silent'} on {make.__name__}: "
                      f"{[(row['vector'], sorted(rules_of({'incidents': [row]}))) for row in report['incidents']]} {says(report)}")
    for number, (make, vector, script) in enumerate(NAMED):
        found = [(row["vector"], row["script"]) for row in scan(binary, make)["incidents"]]
        count += 1
        if found != [(vector, script)]:
            failed += 1
            print(f"FAIL headers {number}: {found}")
    for number, (make, *wanted) in enumerate(HINTED):
        found = [[row["vector"], row["script"], row["grade"]] for row in scan(binary, make)["incidents"]]
        count += 1
        if found != [wanted]:
            failed += 1
            print(f"FAIL crontab {number}: {found}")
    found = [(row["vector"], row["account"], row["mailbox"]) for row in scan(binary, system_user)["incidents"]]
    count += 1
    if found != [("smtp_auth", "shop", "shop")]:
        failed += 1
        print(f"FAIL system user: {found}")
    for make in HONEST:
        blamed = [row["vector"] for row in scan(binary, make)["incidents"] if row["blame"]]
        count += 1
        if blamed:
            failed += 1
            print(f"FAIL blamed on {make.__name__}: {blamed}")
    print(f"{count - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
