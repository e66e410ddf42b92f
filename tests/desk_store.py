#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cases and intake of quell-desk on SQLite and on a real PostgreSQL.

usage: desk_store.py QUELL-DESK [FLOOD]

PostgreSQL runs in a temporary folder, on a unix socket only, as an unprivileged user, and is ended here; without its programs
that half is skipped. FLOOD: how many complaints on one address the throughput test files (default 1000).
"""
import contextlib
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import jsonschema

SCHEMA = json.loads((pathlib.Path(__file__).parent.parent / "schema" / "quell.case-1.schema.json").read_text())
NOW = "2026-11-01T00:00:00Z"
CONFIG = """[desk]
state = {state}
border = mx.desk.example
address = abuse@desk.example
{database}
[network web1.example]
range = 192.0.2.0/26
[network web2.example]
range = 198.51.100.0/26
"""


class Desk:
    """One installation in a folder of its own."""

    def __init__(self, program, folder, database):
        self.program, self.folder = program, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state = self.folder / "state"
        self.config = self.folder / "desk.conf"
        self.config.write_text(CONFIG.format(state=self.state, database=f"database = {database}" if database else ""))

    def run(self, *args, now=NOW, data=None, expect=0):
        run = subprocess.run([self.program, "--config", self.config, "--now", now, *map(str, args)], input=data,
                             capture_output=True, check=False)
        if run.returncode != expect:
            raise AssertionError(f"{' '.join(map(str, args))}: exit {run.returncode}, expected {expect}: "
                                 f"{run.stderr.decode().strip()}")
        return run.stdout.decode()

    def intake(self, *mails, now=NOW):
        with tempfile.TemporaryDirectory() as folder:
            for i, mail in enumerate(mails):
                (pathlib.Path(folder) / f"{i:05d}").write_bytes(mail)
            return json.loads(self.run("-o", "json", "intake", folder, now=now))

    def cases(self, *args):
        lines = self.run("-o", "json", "case", "list", "--state", "all", *args).splitlines()
        cases = [json.loads(line) for line in lines]
        for case in cases:
            jsonschema.validate(case, SCHEMA)
        return {case["name"]: case for case in cases}

    def show(self, name):
        case = json.loads(self.run("-o", "json", "case", "show", name))
        jsonschema.validate(case, SCHEMA)
        return case


def complaint(number, ip="192.0.2.10", reporter="bob@reader.test", hour=5, day=25, external=None, head="", client="web1.example"):
    body = f"""From: {reporter}
To: abuse@desk.example
Subject: spam {number}
Message-ID: <c{number}@reader.test>
{head}MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Gen/1
Version: 1
Source-IP: {ip}

--b
Content-Type: message/rfc822

Received: from {client} ({client} [{ip}]) by mx.reader.test (Postfix) with ESMTP id {number};
 {"Sun" if day == 25 else "Mon"}, {day} Oct 2026 {hour:02d}:00:00 +0000
From: shop@web1.example
To: u{number}@reader.test
Subject: Cheap watches {number}
Message-ID: <m{number}@web1.example>

Buy.
--b--
"""
    if external:
        body = f"""From: {external}@reports.spamcop.net
Subject: [SpamCop ({ip}) id:{external}]x
Message-ID: <rid_{external}@msgid.spamcop.net>

[ SpamCop V4 ]
Email from {ip} / Sun, 25 Oct 2026 05:00:00 +0000
seen by {number}
"""
    return body.encode()


def only(cases):
    assert len(cases) == 1, cases
    return next(iter(cases.values()))


def test_merging_is_automatic(desk):
    counts = desk.intake(*[complaint(i, reporter=f"r{i % 3}@reader.test") for i in range(10)])
    assert counts == {"filed": 10, "seen_again": 0, "unread": 0}, counts
    case = only(desk.cases())
    assert (case["complaints"], case["reporters"], case["weight"], case["state"]) == (10, 3, 10, "open"), case


def test_duplicates_are_seen_again(desk):
    desk.intake(complaint(1), complaint(1), complaint(2, external=77), complaint(3, external=77))
    assert desk.intake(complaint(1)) == {"filed": 0, "seen_again": 1, "unread": 0}
    assert only(desk.cases())["complaints"] == 2


def test_what_opens_no_case(desk):
    away = b"From: ann@web1.example\nAuto-Submitted: auto-replied\nSubject: Re: web1.example -- Spam\n\nBack on Monday. 192.0.2.10\n"
    desk.intake(complaint(2, ip="203.0.113.7", client="bot.test"), away,
                complaint(3).replace(b"Feedback-Type: abuse", b"Feedback-Type: not-spam"))
    assert not desk.cases(), desk.cases()
    assert "0 unread" in desk.run("check")


def test_merge_and_take_it_back(desk):
    desk.intake(*[complaint(i) for i in range(3)], *[complaint(i + 10, ip="192.0.2.11") for i in range(2)])
    first, second = sorted(desk.cases())
    desk.run("case", "merge", second, first)
    assert desk.cases()[first]["complaints"] == 5 and desk.cases()[second]["merged_into"] == first
    desk.intake(complaint(20, ip="192.0.2.11"))
    assert desk.cases()[first]["complaints"] == 6 and len(desk.cases()) == 2
    desk.run("case", "split", second)
    assert (desk.cases()[first]["complaints"], desk.cases()[second]["complaints"]) == (4, 2), desk.cases()
    assert desk.cases()[second]["state"] == "open"
    desk.run("case", "merge", first, first, expect=2)
    desk.run("db", "check")


BLOCKLIST = b"""From: sbl@lists.test
To: abuse@desk.example
Subject: SBL Notify: 192.0.2.11/32 listed as SBL123456

192.0.2.11 is listed.
"""


def test_merging_keeps_severity(desk):
    desk.intake(complaint(1), BLOCKLIST)
    high = next(name for name, case in desk.cases().items() if case["class"] == "blocklist")
    low = next(name for name in desk.cases() if name != high)
    assert (desk.cases()[high]["severity"], desk.cases()[low]["severity"]) == ("high", "low"), desk.cases()
    desk.run("case", "merge", high, low)
    assert desk.cases()[low]["severity"] == "high"
    desk.run("case", "split", high)
    assert (desk.cases()[high]["severity"], desk.cases()[low]["severity"]) == ("high", "low"), desk.cases()


def test_merged_twice_and_closed(desk):
    """New complaints go to where their case was merged in the end, and to a new case when that is closed."""
    desk.intake(*[complaint(i, ip=f"192.0.2.{10 + i}") for i in range(3)])
    a, b, c = sorted(desk.cases())
    desk.run("case", "merge", a, b)
    desk.run("case", "merge", b, c)
    desk.intake(complaint(10, ip="192.0.2.10"))
    assert {name: case["complaints"] for name, case in desk.cases().items()} == {a: 0, b: 0, c: 4}, desk.cases()
    desk.run("case", "close", c)
    desk.intake(complaint(11, ip="192.0.2.10"))
    new = next(case for name, case in desk.cases().items() if name not in (a, b, c))
    assert (new["complaints"], new["predecessor"], new["state"]) == (1, c, "open"), desk.cases()
    desk.run("db", "check")


def test_split_offers_merging(desk):
    desk.intake(*[complaint(i) for i in range(4)])
    name = next(iter(desk.cases()))
    item = desk.show(name)["items"][0]["id"]
    new = desk.run("case", "split", name, item).strip()
    assert desk.show(new)["same_key"] == [name] and desk.cases()[name]["complaints"] == 3
    assert desk.cases()[new]["predecessor"] == name
    desk.run("case", "split", name, item, expect=2)


def test_late_reports_and_reopening(desk):
    desk.intake(complaint(1))
    name = next(iter(desk.cases()))
    desk.run("case", "close", name, "--resolved", now="2026-10-25T12:00:00Z")
    desk.intake(complaint(2, hour=6))
    case = desk.cases()[name]
    assert (case["state"], case["late"], case["complaints"]) == ("resolved", 1, 2), case
    desk.intake(complaint(3, hour=18))
    case = desk.cases()[name]
    assert (case["state"], case["reopened"], case["complaints"]) == ("open", 1, 3), case
    desk.run("case", "close", name)
    desk.intake(complaint(4, hour=19))
    new = [case for case in desk.cases().values() if case["name"] != name]
    assert len(new) == 1 and new[0]["predecessor"] == name and new[0]["state"] == "open"
    desk.run("case", "reopen", name)
    assert desk.show(name)["same_key"] == [new[0]["name"]]
    desk.run("case", "reopen", name, expect=4)


def test_people_work_on_cases(desk):
    desk.intake(complaint(1), complaint(2, ip="192.0.2.11"))
    first, second = sorted(desk.cases())
    desk.run("case", "note", first, "=cmd() <b>\u202e asked the customer", "--as", "ann")
    desk.run("case", "assign", first, "ann", "--as", "ben")
    shown = desk.show(first)
    assert shown["owner"] == "ann" and shown["notes"][0]["who"] == "ann", shown
    assert {timer["kind"] for timer in shown["timers"]} == {"triage", "acknowledge"}
    assert list(desk.cases("--owner", "ann")) == [first] and list(desk.cases("192.0.2.11")) == [second]
    assert len(desk.cases("watches 1")) == 1 and not desk.cases("100%")
    text = desk.run("case", "show", first)
    assert "\u202e" not in text and "asked the customer" in text
    desk.run("case", "show", "C-1", expect=2)
    desk.run("case", "note", first, expect=2)


def test_backlog_is_watched(desk):
    assert "0 unread" in desk.run("check")
    desk.run("intake", "-", data=b"From: a@b.test\n\nhello\n", now="2026-10-31T00:00:00Z")
    spooled = next((desk.state / "spool" / "new").iterdir())
    os.utime(spooled, (1000000000, 1000000000))
    desk.run("check", expect=1)
    assert json.loads(desk.run("-o", "json", "intake"))["unread"] == 1 and not spooled.exists()
    listed = desk.run("-o", "json", "check", now="2026-11-02T00:00:00Z", expect=1).splitlines()
    assert json.loads(listed[1])["reporter"] == "a@b.test" and (desk.state / json.loads(listed[1])["raw"]).exists()


def test_unread_complaints_are_settled_with_their_case(desk):
    desk.intake(b"From: a@b.test\n\nhello\n", b"From: c@d.test\n\nhi\n", complaint(1))
    listed = [json.loads(line) for line in desk.run("-o", "json", "check").splitlines()[1:]]
    assert [row["reporter"] for row in listed] == ["a@b.test", "c@d.test"], listed
    case = desk.show(listed[0]["case"])
    assert (case["state"], case["complaints"]) == ("new", 2) and list(desk.cases("unread")) == [case["name"]], case
    other = desk.run("case", "split", case["name"], case["items"][0]["id"]).strip()
    desk.run("case", "close", case["name"])
    listed = [json.loads(line) for line in desk.run("-o", "json", "check").splitlines()[1:]]
    assert [row["case"] for row in listed] == [other], listed
    desk.run("case", "close", other)
    assert "0 unread" in desk.run("check", now="2026-11-03T00:00:00Z")
    desk.intake(b"From: e@f.test\n\nhey\n")
    assert "1 unread" in desk.run("check")


def test_quality_of_reporters(desk):
    desk.intake(complaint(1), complaint(2), complaint(3, reporter="ann@reader.test"))
    name = next(iter(desk.cases()))
    desk.run("case", "close", name, "--rejected")
    refuted = {row["reporter"]: (row["complaints"], row["refuted"]) for row in desk.show(name)["by"]}
    assert refuted == {"bob@reader.test": (2, 2), "ann@reader.test": (1, 1)}, refuted
    desk.run("case", "reopen", name)
    assert not any(row["refuted"] for row in desk.show(name)["by"]) and desk.cases()[name]["state"] == "open"


def test_a_flood_is_looked_at_soon(desk):
    flooding = [complaint(number, reporter=f"r{number % 7}@reader.test") for number in range(120)]
    desk.intake(*flooding[:3])
    desk.intake(complaint(500, ip="192.0.2.77"))
    desk.intake(*flooding[3:], now="2026-11-01T01:00:00Z")
    desk.intake(complaint(600), now="2026-11-01T01:10:00Z")
    case = next(case for case in desk.cases().values() if case["severity"] == "high")
    checked = desk.run("check", now="2026-11-01T02:00:00Z")
    assert f"1 timers due\n{case['name']}: triage was due 2026-11-01T01:30:00Z\n" in checked, checked


def test_timers_that_are_due_are_named(desk):
    desk.intake(complaint(1))
    name = next(iter(desk.cases()))
    assert "0 timers due\n" == desk.run("check").split(", ")[-1]
    assert f"1 timers due\n{name}: triage was due 2026-11-01T04:00:00Z\n" in desk.run("check", now="2026-11-01T05:00:00Z")
    lines = desk.run("-o", "json", "check", now="2026-11-03T00:00:00Z").splitlines()
    assert [json.loads(line)["timer"] for line in lines[1:]] == ["triage", "acknowledge"], lines
    desk.run("case", "close", name)
    assert "0 timers due" in desk.run("check", now="2026-11-03T00:00:00Z")


def test_pipe_says_try_later(desk):
    desk.folder.chmod(0o755)
    desk.state.write_text("in the way")
    desk.run("intake", "-", data=complaint(1), expect=75)
    if "database" not in desk.config.read_text():  # the database of its own lies in that folder
        desk.run("check", expect=3)
    desk.state.unlink()
    desk.run("intake", "-", data=complaint(1))
    assert json.loads(desk.run("-o", "json", "intake"))["filed"] == 1


def fill_maildir(folder, mails):
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for i, mail in enumerate(mails):
        (folder / "new" / f"{1700000000 + i}.M{i}.host").write_bytes(mail)


def run_until_done(desk, chance, longest, *args, data=None):
    """Runs a command until it ends by itself with 0; each time before it is killed at any moment. How often it was."""
    command = [desk.program, "--config", desk.config, "--now", NOW, *map(str, args)]
    for kills in range(1000):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _, error = process.communicate(data, timeout=chance.random() * longest)
            if process.returncode == 0:
                return kills
            assert b"database is locked" in error, error  # the server has not yet seen that its client is gone
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        longest *= 1.15
    raise AssertionError("never done")


def all_filed(desk, count, kills):
    case = only(desk.cases())
    assert (case["complaints"], case["reporters"]) == (count, 7), case
    desk.run("db", "check")
    print(f"  killed {kills} times, {count} filed once each")


def complaints_of_seven(count):
    return [complaint(i, reporter=f"r{i % 7}@reader.test") for i in range(count)]


def test_kill_intake_of_a_maildir(desk):
    maildir = desk.folder / "maildir"
    fill_maildir(maildir, complaints_of_seven(300))
    desk.run("db", "init")
    kills = run_until_done(desk, random.Random(1), 0.3, "intake", maildir)
    assert len(list((maildir / "cur").iterdir())) == 300 and not list((maildir / "new").iterdir())
    all_filed(desk, 300, kills)


def test_kill_intake_of_a_folder(desk):
    folder = desk.folder / "batch"
    folder.mkdir()
    for i, mail in enumerate(complaints_of_seven(300)):
        (folder / f"{i:05d}").write_bytes(mail)
    desk.run("db", "init")
    all_filed(desk, 300, run_until_done(desk, random.Random(2), 0.3, "intake", folder))


def test_kill_pipe_and_spool(desk):
    """A mail server tries again until the pipe says 0; what it then holds twice is seen again, never lost."""
    chance, kills = random.Random(3), 0
    for mail in complaints_of_seven(8):
        kills += run_until_done(desk, chance, 0.1, "intake", "-", data=mail)
    desk.run("db", "init")
    kills += run_until_done(desk, chance, 0.1, "intake")
    assert not list((desk.state / "spool" / "new").iterdir())
    all_filed(desk, 8, kills)


def test_backup_and_restore(desk):
    desk.intake(*[complaint(i, ip=f"192.0.2.{i + 1}") for i in range(5)])
    name = next(iter(desk.cases()))
    desk.run("case", "note", name, "remember")
    backup = desk.folder / "backup.jsonl"
    desk.run("db", "backup", backup)
    desk.run("db", "restore", backup, expect=4)
    other = Desk(desk.program, desk.folder / "other", None)
    other.run("db", "restore", backup)
    assert other.cases() == desk.cases() and other.show(name) == desk.show(name)
    other.run("db", "check")
    cut = desk.folder / "cut.jsonl"
    cut.write_bytes(b"".join(backup.read_bytes().splitlines(True)[:-2]))
    third = Desk(desk.program, desk.folder / "third", None)
    third.run("db", "restore", cut, expect=4)
    assert not third.cases()


def test_audit_shows_tampering(desk):
    desk.intake(complaint(1), complaint(2, ip="192.0.2.11"))
    desk.run("db", "check")
    database = desk.state / "desk.db"
    if not database.exists():
        return
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE audit SET detail = 'spam/192.0.2.9' WHERE id = 1")
        connection.commit()
    desk.run("db", "check", expect=4)


def test_configuration_is_strict(desk):
    desk.config.write_text(desk.config.read_text() + "[desk]\nbackl_max = 1h\n")
    desk.run("check", expect=2)


def flood(desk, count):
    maildir = desk.folder / "maildir"
    fill_maildir(maildir, [complaint(i, reporter=f"r{i % 31}@reader.test") for i in range(count)])
    began = time.monotonic()
    desk.run("intake", maildir)
    seconds = time.monotonic() - began
    case = only(desk.cases())
    assert (case["complaints"], case["reporters"], case["severity"]) == (count, min(count, 31), "high"), case
    raw = len(list((desk.state / "raw").iterdir()))
    assert raw <= 200 + count // 100 + 1, raw
    print(f"  {count} complaints on one address in {seconds:.1f} s = {count / seconds * 60:.0f} a minute, {raw} kept whole")


@contextlib.contextmanager
def postgres(folder):
    """A server of our own below folder; yields a function that makes a database and tells its location."""
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        yield None
        return
    user = pwd.getpwnam("nobody")
    home = pathlib.Path(folder) / "postgres"
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}

    def run(name, *args, **more):
        return subprocess.run([programs[-1] / name, *args], env=environment, user=user.pw_uid, group=user.pw_gid, cwd=home,
                              capture_output=True, check=True, **more)

    run("initdb", "-D", home / "data", "-U", "desk", "-A", "trust", "-E", "UTF8", "--no-sync")
    server = subprocess.Popen([programs[-1] / "postgres", "-D", home / "data", "-k", home, "-c", "listen_addresses="],
                              env=environment, user=user.pw_uid, group=user.pw_gid, cwd=home, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)

    def make(name):
        run("createdb", "-h", home, "-U", "desk", name)
        return f"postgresql:host={home} user=desk dbname={name}"

    try:
        for _ in range(100):
            if (home / ".s.PGSQL.5432").exists():
                break
            time.sleep(0.1)
        yield make
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def run_tests(program, folder, kind, make_database, flood_count):
    passed = failed = 0
    tests = [(name, value) for name, value in globals().items() if name.startswith("test_")]
    tests.append(("flood", lambda desk: flood(desk, flood_count)))
    for name, test in tests:
        location = make_database(name) if make_database else None
        try:
            test(Desk(program, pathlib.Path(folder) / kind / name, location))
            passed += 1
        except (AssertionError, OSError, ValueError, KeyError, StopIteration) as error:
            failed += 1
            print(f"{kind}: {name}: {type(error).__name__}: {error}")
    print(f"{kind}: {passed} passed, {failed} failed")
    return passed, failed


def test_moving(program, folder, make):
    """From SQLite to PostgreSQL and back, with nothing lost."""
    sqlite = Desk(program, pathlib.Path(folder) / "move", None)
    sqlite.intake(*[complaint(i, ip=f"192.0.2.{i + 1}") for i in range(5)])
    location = make("moved")
    sqlite.run("db", "move", location)
    server = Desk(program, pathlib.Path(folder) / "moved", location)
    assert server.cases() == sqlite.cases()
    server.intake(complaint(9, ip="192.0.2.1"))
    server.run("db", "move", pathlib.Path(folder) / "back.db")
    back = Desk(program, pathlib.Path(folder) / "back", pathlib.Path(folder) / "back.db")
    assert back.cases() == server.cases()
    back.run("db", "check")


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    moving = globals().pop("test_moving")
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    try:
        passed, failed = run_tests(program, folder, "sqlite", None, count)
        with postgres(folder) as make:
            if make:
                more = run_tests(program, folder, "postgresql", make, count)
                passed, failed = passed + more[0], failed + more[1]
                moving(program, folder, make)
                passed += 1
            else:
                print("postgresql: skipped: its programs are not installed")
    finally:
        shutil.rmtree(folder)
    print(f"{passed} passed, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
