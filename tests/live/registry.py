# SPDX-License-Identifier: Apache-2.0
"""What really happened: every message the host accepts is reported here by an Exim ACL over a socket, before it is
logged. The stories claim their messages by what they sent; bounces find their cause by the References they carry.
"""
import base64
import re
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass

SOCKET = "/run/rig/registry"
FIELDS = ("message_exim_id", "sender_address", "recipients", "sender_ident", "authenticated_id", "sender_host_address",
          "h_message-id:", "h_references:", "h_x-failed-recipients:")
REPORT = "${readsocket{%s}{${base64:%s}\\n}{10s}}" % (SOCKET, "\\n".join(f"${{tr{{${f}}}{{\\n}}{{ }}}}" for f in FIELDS))


@dataclass
class Message:
    id: str
    sender: str
    recipients: list
    login: str          # account of a local submission
    auth: str           # mailbox of SMTP AUTH
    ip: str
    message_id: str
    references: list
    failed: list        # recipients a bounce reports
    time: float
    label: object = None

    @property
    def bounce(self):
        return not self.sender


class Registry:
    def __init__(self, clock):
        self._clock = clock
        self._lock = threading.Lock()
        self._watchers = []
        self.messages = []
        registry = self

        class Report(socketserver.StreamRequestHandler):
            def handle(self):
                registry.add(base64.b64decode(self.rfile.readline()).decode(errors="replace").split("\n"))
                self.wfile.write(b"noted\n")

        server = socketserver.ThreadingUnixStreamServer(SOCKET, Report)
        server.request_queue_size = 64
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def add(self, fields):
        id_, sender, recipients, login, auth, ip, message_id, references, failed = fields
        message = Message(id_, sender, [r.strip() for r in recipients.split(",")], "" if ip else login, auth, ip,
                          message_id.strip("<> "), re.findall(r"<([^>]+)>", references),
                          [r.strip() for r in failed.split(",") if r.strip()], self._clock.now())
        with self._lock:
            self.messages.append(message)
            for wanted, caught in self._watchers:
                if wanted(message):
                    caught.append(message)

    @contextmanager
    def watch(self, wanted):
        """The messages for which `wanted` holds and which arrive while the block runs."""
        watcher = (wanted, [])
        with self._lock:
            self._watchers.append(watcher)
        try:
            yield watcher[1]
        finally:
            with self._lock:
                self._watchers.remove(watcher)

    def causes(self):
        """Bounce -> the message that caused it, for every bounce whose cause is known here."""
        by_id = {m.id: m for m in self.messages}
        by_message_id = {m.message_id: m for m in self.messages if m.message_id and not m.bounce}
        by_recipient = {r: m for m in self.messages if not m.bounce for r in m.recipients}
        causes = {}
        for bounce in (m for m in self.messages if m.bounce):
            last = bounce.references[-1] if bounce.references else ""
            exim_made = re.match(r"E(\w+-\w+-\w+)@", last)
            cause = (by_id.get(exim_made.group(1)) if exim_made else by_message_id.get(last)) or next(
                (by_recipient[r] for r in bounce.failed if r in by_recipient), None)
            if cause:
                causes[bounce.id] = cause
        return causes
