#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same host told in other ways must give the same verdict.

    tests/variants.py BINARY IMAGE...

Each image is copied and its logs are rewritten: packed by other programs, sent through syslog or the journal, in
another time zone, with ids of the other generation, named one by one. Where something is taken away instead (web logs,
Dovecot's log, the queue), nobody innocent may be blamed. Prints a line per image and variant.
"""
import bz2
import calendar
import datetime
import gzip
import json
import lzma
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MAINLOGS = ["var/log/exim_mainlog*", "var/log/exim4/mainlog*", "var/log/exim/mainlog*"]
STAMP = re.compile(rb"^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")
SHORT_ID = re.compile(rb"(?<![0-9A-Za-z-])([0-9A-Za-z]{6})-([0-9A-Za-z]{6})-([0-9A-Za-z]{2})(?![0-9A-Za-z-])")


def read(path):
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def files(root, patterns):
    return sorted(path for pattern in patterns for path in root.glob(pattern) if path.is_file())


def mainlog_lines(root):
    """All main log lines in the order of the files, oldest first."""
    texts = sorted((read(path) for path in files(root, MAINLOGS)), key=lambda text: text[:19])
    return [line for text in texts for line in text.splitlines()]


def replace_mainlogs(root, name, text):
    for path in files(root, MAINLOGS):
        path.unlink()
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("ab") as out:
        out.write(text)


def seconds(line):
    found = STAMP.match(line)
    return calendar.timegm(tuple(int(part) for part in found.groups()) + (0, 0, 0)) if found else None


def stamped(root):
    """(epoch, text without stamp) of each line; a continuation goes with the line before it."""
    now = 0
    for line in mainlog_lines(root):
        at = seconds(line)
        now = at if at is not None else now
        yield now, line[20:] if at is not None else line, line


def pack(open_packed, ending):
    def change(root):
        for path in files(root, MAINLOGS):
            text = read(path)
            path.unlink()
            name = path.name.removesuffix(".gz")
            (path.parent / (name if name.endswith("log") and ending == "" else name + ending)).write_bytes(
                open_packed(text))
    return change


def zstd(text):
    return subprocess.run(["zstd", "-q", "-c"], input=text, stdout=subprocess.PIPE, check=True).stdout


def mail_log(root):
    return "var/log/maillog" if (root / "var/log/maillog").exists() else "var/log/mail.log"


def syslog_stamp(at):
    return datetime.datetime.utcfromtimestamp(at).strftime("%b %e %H:%M:%S").encode()


def syslog_traditional(root):
    lines = [syslog_stamp(at) + b" host exim[77]: " + full for at, _, full in stamped(root)]
    replace_mainlogs(root, mail_log(root), b"\n".join(lines) + b"\n")


def syslog_rfc3339(root):
    lines = [datetime.datetime.utcfromtimestamp(at).strftime("%Y-%m-%dT%H:%M:%S.000000+00:00").encode() +
             b" host exim[77]: " + text for at, text, _ in stamped(root)]
    replace_mainlogs(root, mail_log(root), b"\n".join(lines) + b"\n")


def journal(root):
    records = [b"__REALTIME_TIMESTAMP=%d\n_HOSTNAME=host\nSYSLOG_IDENTIFIER=exim\nSYSLOG_PID=77\nMESSAGE=%s\n\n" %
               (at * 1000000, full) for at, _, full in stamped(root)]
    replace_mainlogs(root, "var/log/journal.export", b"".join(records))


def zone_field(root):
    """+log_timezone at two hours east."""
    lines = []
    for at, text, full in stamped(root):
        local = datetime.datetime.utcfromtimestamp(at + 7200).strftime("%Y-%m-%d %H:%M:%S")
        lines.append(local.encode() + b" +0200 " + text if seconds(full) is not None else full)
    replace_mainlogs(root, str(files(root, MAINLOGS)[-1].relative_to(root)).removesuffix(".gz"), b"\n".join(lines) + b"\n")


def long_ids(root):
    """16-character ids become 23-character ones, in logs, queue and truth."""
    def longer(found):
        return b"%s-00000%s-00%s" % found.groups()
    for path in files(root, MAINLOGS):
        data = read(path)
        text = SHORT_ID.sub(longer, data)
        path.write_bytes(gzip.compress(text) if path.name.endswith(".gz") else text)
    for path in sorted(root.glob("var/spool/exim*/input/**/*")):
        found = re.fullmatch(r"(.{6})-(.{6})-(.{2})-([HDJ])", path.name)
        if found:
            path.write_bytes(SHORT_ID.sub(longer, path.read_bytes()))
            path.rename(path.parent / "{}-00000{}-00{}-{}".format(*found.groups()))


def without(patterns):
    def change(root):
        for path in files(root, patterns):
            path.unlink()
    return change


def rename_directories(old, new):
    """Calls of sendmail are logged with another name of the same directory."""
    def change(root):
        for path in files(root, MAINLOGS):
            data = read(path)
            text = re.sub(b"cwd=" + old, b"cwd=" + new, data)
            path.write_bytes(gzip.compress(text) if path.name.endswith(".gz") else text)
    return change


def linked_homes(root):
    """/home is a link, so the kernel names directories by what it points to."""
    (root / "data").mkdir()
    (root / "home").rename(root / "data/home")
    (root / "home").symlink_to("/data/home")
    rename_directories(b"/home/", b"/data/home/")(root)


def moved_homes(root):
    """Each account was moved to another disk and left a link behind."""
    (root / "home2").mkdir()
    for home in list((root / "home").iterdir()):
        home.rename(root / "home2" / home.name)
        home.symlink_to("/home2/" + home.name)
    rename_directories(b"/home/", b"/home2/")(root)


CRON_LINE = re.compile(rb"^.* (CRON|crond?|CROND|/USR/SBIN/CRON)\[\d+\]: .*\n", re.M)


def without_cron_log(root):
    """What cron logged is gone, from files of its own and from those of everything; crontabs stay."""
    for path in files(root, ["var/log/cron*", "var/log/syslog*", "var/log/messages*", "var/log/maillog*", "var/log/mail.log*"]):
        text = CRON_LINE.sub(b"", read(path))
        path.write_bytes(gzip.compress(text) if path.name.endswith(".gz") else text)


WEB = ["etc/apache2/logs/domlogs/*", "etc/apache2/logs/domlogs/*/*", "var/log/apache2/*", "var/log/apache2/domains/*",
       "var/log/httpd/*", "var/log/httpd/domains/*", "usr/local/cpanel/logs/*"]
DOVECOT = ["var/log/maillog*", "var/log/mail.log*", "var/log/dovecot.log*"]
SPOOL = ["var/spool/exim*/input/*", "var/spool/exim*/input/*/*"]

SAME = {
    "xz": pack(lzma.compress, ".xz"), "bzip2": pack(bz2.compress, ".bz2"), "zstd": pack(zstd, ".zst"),
    "syslog": syslog_traditional, "syslog-rfc3339": syslog_rfc3339, "journal": journal, "zone-field": zone_field,
    "long-ids": long_ids, "linked-homes": linked_homes, "moved-homes": moved_homes,
    "caged-homes": rename_directories(rb"/home/([^/\s]+)", rb"/home/virtfs/\1/home/\1"),
}
# without cron's log: the same accounts, by a job of their crontab or by a program that is not known
UNSURE = {"script_cron", "shell"}
LESS = {"no-web-logs": without(WEB), "no-dovecot": without(DOVECOT), "no-queue": without(SPOOL)}


def scan(binary, root):
    done = subprocess.run([binary, "--root", root, "-o", "json", "scan", "--all-ids"], stdout=subprocess.PIPE, timeout=60)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"{binary} ended with {done.returncode}")
    return json.loads(done.stdout)


def essence(report, ids=True):
    """What must not change: who, how, and which messages."""
    short = re.compile(r"(.{6})-00000(.{6})-00(.{2})")
    return sorted([row["vector"], row["account"], row["mailbox"], row["script"], row["blame"],
                   sorted(ip["ip"] for ip in row["ips"])] +
                  ([sorted(short.sub(r"\1-\2-\3", one) for one in row["messages"]["ids"])] if ids else [])
                  for row in report["incidents"])


def actors(report):
    return {(row["account"], row["mailbox"]) for row in report["incidents"] if row["blame"]}


def guilty(image):
    truth = json.loads((image / "truth.json").read_text())
    return {(row["account"], row["mailbox"]) for row in truth["incidents"] if row["blame"]}


def blurred(report):
    """Who and how, where a job and another program of the account cannot be told apart."""
    return sorted(["own program" if row["vector"] in UNSURE else row["vector"], row["account"], row["mailbox"]]
                  for row in report["incidents"] if row["blame"])


def cron_unseen(report, wanted):
    if blurred(report) != wanted:
        return f"another verdict: {blurred(report)}, not {wanted}"
    sure = [row["script"] for row in report["incidents"] if row["vector"] == "script_cron" and row["grade"] != "C"]
    return f"a hint is called more: {sure}" if sure else ""


def try_variant(binary, image, name, change, check):
    with tempfile.TemporaryDirectory(prefix="quell-variant-") as folder:
        root = pathlib.Path(folder) / "root"
        shutil.copytree(image / "root", root, symlinks=True, copy_function=shutil.copy)
        subprocess.run(["chmod", "-R", "u+rwX", root], check=True)
        change(root)
        problem = check(scan(binary, root))
    print(f"{'ok  ' if not problem else 'FAIL'} {image.name} {name}{': ' + problem if problem else ''}", flush=True)
    return not problem


def main():
    binary, images = sys.argv[1], [pathlib.Path(name) for name in sys.argv[2:]]
    results = []
    for image in images:
        whole = scan(binary, image / "root")
        plain, wanted = essence(whole), blurred(whole)
        culprits = guilty(image)
        for name, change in SAME.items():
            results.append(try_variant(binary, image, name, change, lambda report: "" if essence(report) == plain else
                                       "another verdict: " + str([row[:5] for row in essence(report)])))
        for name, change in LESS.items():
            results.append(try_variant(binary, image, name, change, lambda report: "" if actors(report) <= culprits else
                                       "innocent blamed: " + str(actors(report) - culprits)))
        results.append(try_variant(binary, image, "no-cron-log", without_cron_log, lambda report: cron_unseen(report, wanted)))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
