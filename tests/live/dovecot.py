# SPDX-License-Identifier: Apache-2.0
"""The Dovecot of the test host: IMAP and POP3 for the owners, password checks for Exim."""
import signal
from pathlib import Path

from daemon import Daemon
from exim import CERTIFICATE, listening
from layout import write
from namespace import HOST_IP, HOST_IP6

CONFIG = "/etc/dovecot/dovecot.conf"
USERS = "/run/rig/mailusers"

MAIN = """\
protocols = imap pop3
listen = 127.0.0.1, ::1, {ip}, {ip6}
base_dir = /run/dovecot
{log}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
mail_location = maildir:%h
first_valid_uid = 1000
import_environment = TZ
passdb {{
  driver = passwd-file
  args = scheme=SHA512-CRYPT username_format=%u {users}
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {users}
}}
service auth {{
  unix_listener exim-auth {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-reader {{
    mode = 0666
  }}
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Dovecot:
    def __init__(self, host):
        self._own_log = host.layout.maillog if host.layout.dovecot_own_log else None
        log = f"log_path = {self._own_log}" if self._own_log else "log_path = syslog\nsyslog_facility = mail"
        write(CONFIG, MAIN.format(ip=HOST_IP, ip6=HOST_IP6, log=log, certificate=CERTIFICATE, users=USERS))
        write(USERS, "".join(f"{b.address}:{b.hash}:{b.account.uid}:{b.account.uid}::{b.maildir}\n"
                             for b in host.mailboxes), 0o644)
        self._daemon = Daemon("dovecot", ["dovecot", "-F", "-c", CONFIG], lambda: listening("127.0.0.1", 143))

    def forget_jumps(self):
        """Takes Dovecot's complaints about the rig's clock out of its own log."""
        if self._own_log:
            log = Path(self._own_log)
            lines = [line for line in log.read_text().splitlines(True) if "Time moved" not in line]
            log.write_text("".join(lines))

    def reopen_log(self):
        self._daemon.signal(signal.SIGUSR1)
