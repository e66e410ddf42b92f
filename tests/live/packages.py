# SPDX-License-Identifier: Apache-2.0
"""The Debian packages whose programs make the test host."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
PROGRAMS = {
    "exim4": "exim4-daemon-heavy", "dovecot": "dovecot-imapd", "apache2": "apache2", "rsyslogd": "rsyslog",
    "ip": "iproute2", "openssl": "openssl", "cc": "gcc", "unshare": "util-linux",
}


def php_fpm():
    """Path of the newest php-fpm, or None."""
    return max(Path("/usr/sbin").glob("php-fpm[0-9]*"), default=None)


def missing():
    """Packages that have to be installed before the rig can run."""
    wanted = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    wanted += [] if Path("/usr/include/dlfcn.h").exists() else ["libc6-dev"]
    wanted += [] if Path("/usr/lib/dovecot/pop3").exists() else ["dovecot-pop3d"]
    wanted += [] if php_fpm() else ["php-fpm"]
    wanted += [] if shutil.which("php") else ["php-cli"]
    return wanted


def install():
    """Installs what is missing; nothing is started on this machine, now or by the packages' own scripts."""
    wanted = missing()
    if not wanted:
        return
    own_policy = not POLICY.exists()
    if own_policy:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *wanted], check=True,
                       env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"})
    finally:
        if own_policy:
            POLICY.unlink()


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"missing: {' '.join(missing())}" if missing() else 0)
    install()
