# SPDX-License-Identifier: Apache-2.0
"""The rsyslog of the test host: Dovecot's, cron's and, where asked, Exim's lines.

Programs stamp their syslog lines with the C library's clock, which the rig cannot move: rsyslog ignores that stamp.
"""
import os
import signal
import socket

from daemon import Daemon
from layout import write

CONFIG = "/run/rig/rsyslog.conf"
PID = "/run/rig/rsyslog.pid"
FORMATS = {"traditional": "RSYSLOG_TraditionalFileFormat", "rfc3339": "RSYSLOG_FileFormat"}

MAIN = """\
module(load="imuxsock" SysSock.IgnoreTimestamp="on" SysSock.UseSysTimeStamp="off" SysSock.RateLimit.Interval="0")
module(load="builtin:omfile" Template="{template}")
global(localHostname="{short}" preserveFQDN="off" workDirectory="/run/rig")
if $msg contains "Time moved" or $msg contains "Time jumped" then stop
mail.* action(type="omfile" file="{maillog}")
cron.* action(type="omfile" file="{cronlog}")
*.info;mail.none;cron.none action(type="omfile" file="{other}")
"""


class Syslog:
    def __init__(self, host, form):
        layout = host.layout
        other = layout.cronlog if layout.cronlog.endswith("syslog") else "/var/log/messages"
        write(CONFIG, MAIN.format(template=FORMATS[form], short=host.short, maillog=layout.syslog_mail,
                                  cronlog=layout.cronlog, other=other))
        self._daemon = Daemon("rsyslogd", ["rsyslogd", "-n", "-f", CONFIG, "-i", PID],
                              lambda: os.path.exists("/dev/log"))

    def reopen(self):
        self._daemon.signal(signal.SIGHUP)


def say(program, pid, text, priority=78):
    """One line as a program would send it; 78 = cron.info."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect("/dev/log")
        sock.send(f"<{priority}>Jan  1 00:00:00 {program}[{pid}]: {text}".encode())
