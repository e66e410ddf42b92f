# SPDX-License-Identifier: Apache-2.0
"""A private machine: mount, network, pid, ipc and uts namespaces over a copy-on-write view of this machine.

`enter` starts the rig again inside; when that process ends, every program it started ends with it and nothing has
changed outside. `furnish` makes the view: an overlay over `/`, empty homes, logs and spools, a small /dev, a loopback
that owns the documentation networks, so that any of their addresses can be client, server or remote host.
"""
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

HOST_IP, HOST_IP6 = "192.0.2.10", "2001:db8::10"
NETWORKS = ("192.0.2.0/24", "198.18.0.0/15", "203.0.113.0/24", "198.51.100.0/24")
NETWORK6 = "2001:db8::/32"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
EMPTY = ("home", "run", "tmp", "var/log", "var/spool", "var/mail", "var/lib/dovecot", "dev")
INIT = ("sh", "-c", '"$@"; exit $?', "init")       # the first process: a shell, since it reaps orphaned deliveries
UNSHARE = ("unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc")


def available():
    """None when namespaces can be had, else the reason why not."""
    if os.geteuid() != 0:
        return "namespaces need root"
    probe = subprocess.run([*UNSHARE, "true"], stderr=subprocess.PIPE, check=False)
    return None if probe.returncode == 0 else f"no namespaces here: {probe.stderr.decode().strip()}"


def enter(argv, seconds):
    """Runs `argv` inside new namespaces, at most `seconds` long; returns its exit code. When this process is told to
    end, they end too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    try:
        return subprocess.run([*UNSHARE, *INIT, *argv], timeout=seconds, check=False).returncode
    except subprocess.TimeoutExpired:
        raise SystemExit(f"the rig did not end within {seconds} s and was stopped") from None


def run(*argv):
    subprocess.run(argv, check=True)


def furnish(work, shared, hostname):
    """Builds the view below the empty directory `work` and moves into it. `shared` (path inside -> path outside) stays
    reachable."""
    run("mount", "-t", "tmpfs", "tmpfs", work)
    upper, scratch, root = (Path(work, name) for name in ("upper", "scratch", "root"))
    for folder in (upper, scratch, root):
        folder.mkdir()
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={scratch}", str(root))
    for name in EMPTY:
        (root / name).mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(root / name))
    (root / "tmp").chmod(0o1777)
    run("mount", "-t", "proc", "proc", str(root / "proc"))
    devices(root / "dev")
    for inside, outside in shared.items():
        target = root / inside.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.mkdir() if Path(outside).is_dir() else target.touch()
        run("mount", "--bind", str(outside), str(target))
    os.chroot(root)
    os.chdir("/")
    socket.sethostname(hostname)
    network()


def devices(folder):
    for name in DEVICES:
        (folder / name).touch()
        run("mount", "--bind", f"/dev/{name}", str(folder / name))
    (folder / "shm").mkdir()
    (folder / "shm").chmod(0o1777)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (folder / name).symlink_to(target)


def network():
    """Every address of the documentation networks is local; packets to remote hosts leave from the host's own."""
    run("ip", "link", "set", "lo", "up")
    run("ip", "address", "add", f"{HOST_IP}/32", "dev", "lo")
    run("ip", "-6", "address", "add", f"{HOST_IP6}/128", "dev", "lo", "nodad")
    for net in NETWORKS:
        run("ip", "route", "add", "local", net, "dev", "lo", "src", HOST_IP)
    run("ip", "-6", "route", "add", "local", NETWORK6, "dev", "lo")
    Path("/proc/sys/net/ipv6/ip_nonlocal_bind").write_text("1")
