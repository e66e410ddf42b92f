# SPDX-License-Identifier: Apache-2.0
"""Programs of people elsewhere: mail, mailbox and web clients that call the host from an address of their own."""
import http.client
import re
import smtplib
import socket
import ssl
import urllib.parse
from email.header import Header

from namespace import HOST_IP, HOST_IP6

SECONDS = 120
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


class Refused(Exception):
    """The host said no; args[0] is its reply."""


def server_for(ip):
    return HOST_IP6 if ":" in ip else ("127.0.0.1" if ip.startswith("127.") else HOST_IP)


def compose(sender, recipients, subject, body, message_id, date, headers=()):
    lines = [f"Message-ID: <{message_id}>"] if message_id else []
    lines += [f"Date: {date}", f"From: {sender}", f"To: {', '.join(recipients)}"]
    lines.append("Subject: " + (subject if subject.isascii() else Header(subject, "utf-8", maxlinelen=72).encode()))
    text = "\n".join([*lines, *headers, "", body])
    return text.replace("\n", "\r\n").encode()


def open_smtp(ip, helo, port, tls):
    """tls: "" none, "start" STARTTLS; port 465 is always under TLS."""
    where = {"local_hostname": helo, "source_address": (ip, 0), "timeout": SECONDS}
    if port == 465:
        return smtplib.SMTP_SSL(server_for(ip), port, context=TLS, **where)
    session = smtplib.SMTP(server_for(ip), port, **where)
    if tls:
        session.starttls(context=TLS)
    return session


def send(session, sender, recipients, data):
    """One message; returns the id the host gave it."""
    session.ehlo_or_helo_if_needed()
    code, reply = session.mail(sender)
    refused = [r for r in recipients if session.rcpt(r)[0] >= 300] if code < 300 else recipients
    if len(refused) == len(recipients):
        session.rset()
        raise Refused(reply.decode(errors="replace"))
    code, reply = session.data(data)
    if code >= 300:
        raise Refused(reply.decode(errors="replace"))
    return re.search(r"id=(\S+)", reply.decode()).group(1)


def login(session, user, password, mechanism):
    session.ehlo_or_helo_if_needed()
    session.user, session.password = user, password
    session.auth(mechanism, getattr(session, f"auth_{mechanism.lower()}"))


def read_mail(ip, user, password, protocol="imap", tls=True):
    """Logs in to the mailbox and out again; True when the password was right."""
    port = {("imap", True): 993, ("imap", False): 143, ("pop3", True): 995, ("pop3", False): 110}[protocol, tls]
    sock = socket.create_connection((server_for(ip), port), timeout=SECONDS, source_address=(ip, 0))
    sock = TLS.wrap_socket(sock) if tls else sock
    with sock, sock.makefile("rwb") as stream:
        def say(line, last):
            stream.write(line.encode() + b"\r\n")
            stream.flush()
            while (reply := stream.readline()) and not reply.startswith(last):
                pass
            return reply
        stream.readline()
        if protocol == "imap":
            good = say(f"a LOGIN {user} {password}", b"a ").startswith(b"a OK")
            if good:                            # a guesser just hangs up
                say("b LOGOUT", b"b ")
        else:
            say(f"USER {user}", (b"+", b"-"))
            good = say(f"PASS {password}", (b"+", b"-")).startswith(b"+")
            say("QUIT", (b"+", b"-"))
        return good


def request(ip, site, path, form=None, agent="", referer="", headers=None):
    """One web request; returns the status."""
    connection = http.client.HTTPConnection(server_for(ip), 80, timeout=SECONDS, source_address=(ip, 0))
    fields = {"Host": site, "User-Agent": agent, **({"Referer": referer} if referer else {}), **(headers or {})}
    body = None
    if form is not None:
        body = urllib.parse.urlencode(form, doseq=True)
        fields["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("GET" if form is None else "POST", path, body, fields)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status
