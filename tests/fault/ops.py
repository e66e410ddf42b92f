#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each op once: does what it says, says what is in force, and undo leaves the very bytes, owners, modes and times.

    ops.py ACTOR        path of the actor program; needs root
"""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from small_host import EXIM, NOW, SCRIPT, UID, Actor, Host, create, disable, edit, on_queue

ACTOR = sys.argv.pop(1)


class Ops(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="quell-ops.")
        self.addCleanup(self._folder.cleanup)
        self.host = Host(self._folder.name)
        self.actor = Actor(ACTOR, self.host)

    def there_and_back(self, steps, check, env=None):
        """Plan, apply, verify, undo; check() looks at the world in between."""
        before = self.host.snapshot()
        plan = self.actor.plan(steps)
        self.assertEqual(before, self.host.snapshot(), "a plan changes nothing")
        done = self.actor.run("apply", plan, env=env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        check()
        self.assertEqual(self.actor.run("verify", plan).returncode, 0)
        again = self.actor.run("apply", plan, env=env)
        self.assertEqual(again.returncode, 4)
        self.assertIn("applied before", again.stderr)
        undone = self.actor.run("undo", plan, env=env)
        self.assertEqual(undone.returncode, 0, undone.stdout + undone.stderr)
        self.assertEqual(before, self.host.snapshot())

    def path(self, name):
        return self.host.root / name

    def test_disable(self):
        subprocess.run(["setfacl", "-m", "u:33:rwx,g:33:r", self.path(SCRIPT)], check=True)
        os.setxattr(self.path(SCRIPT), "user.note", b"a\0b")

        def check():
            status = self.path(SCRIPT).stat()
            self.assertEqual((status.st_uid, status.st_mode & 0o7777), (0, 0))
        self.there_and_back([disable()], check)

    def test_disable_immutable(self):
        def check():
            flags = subprocess.run(["lsattr", self.path(SCRIPT)], stdout=subprocess.PIPE, check=True, text=True).stdout
            self.assertIn("i", flags.split()[0])
        self.there_and_back([disable(immutable="yes")], check)

    def test_disable_what_comes_back_is_noticed(self):
        plan = self.actor.plan([disable()])
        self.assertEqual(self.actor.run("apply", plan).returncode, 0)
        self.path(SCRIPT).unlink()
        self.host.put(SCRIPT, "<?php mail(); ?>\n", 0o644, UID)
        seen = self.actor.run("verify", plan)
        self.assertEqual(seen.returncode, 1)
        self.assertIn("another file stands at its path", seen.stdout)
        before = self.host.snapshot()
        self.assertEqual(self.actor.run("undo", plan).returncode, 4)
        self.assertEqual(before, self.host.snapshot(), "what the customer put there is not touched")

    def test_disable_moves_the_time_that_opcache_looks_at(self):
        before = self.path(SCRIPT).stat().st_mtime_ns
        self.there_and_back([disable()], lambda: self.assertEqual(self.path(SCRIPT).stat().st_mtime_ns, before + 10**9))

    def test_create(self):
        def check():
            status = self.path("etc/quell/list").stat()
            self.assertEqual((status.st_uid, status.st_mode & 0o7777, self.path("etc/quell/list").read_text()), (0, 0o644, "one\n"))
        steps = [create("/etc/quell", "folder"), create("/etc/quell/list", content="one\n")]
        self.there_and_back(steps, check)

    def test_create_takes_away_only_what_it_made(self):
        plan = self.actor.plan([create("/etc/quell", "folder"), create("/etc/quell/list", content="one\n")])
        self.assertEqual(self.actor.run("apply", plan).returncode, 0)
        self.path("etc/quell/list").write_text("one\ntwo\n")
        before = self.host.snapshot()
        self.assertEqual(self.actor.run("verify", plan).returncode, 1)
        self.assertEqual(self.actor.run("undo", plan).returncode, 4)
        self.assertEqual(before, self.host.snapshot())
        for step in (create("/etc/passwd", content="x"), create("/none/x", content="x")):
            plan = self.actor.run("plan", steps=[step])
            if plan.returncode == 0:
                self.assertEqual(self.actor.run("apply", plan.stdout.strip()).returncode, 4, step)
        self.assertEqual(before, self.host.snapshot())

    def test_add_at_the_head(self):
        self.host.put("etc/list", "one\ntwo\n")
        self.there_and_back([edit("/etc/list", "add", line="first", place="head")],
                            lambda: self.assertEqual(self.path("etc/list").read_text(), "first\none\ntwo\n"))

    def test_programs_are_not_told_beneath_a_root(self):
        self.host.put("etc/list", "one\n")
        for key in ("then", "check"):
            done = self.actor.run("plan", steps=[edit("/etc/list", "add", line="x", **{key: ["/usr/sbin/exim4"]})])
            self.assertEqual((done.returncode, "beneath --root" in done.stderr), (4, True), done.stderr)

    def test_disable_refused(self):
        other = self.path("home/anna/public_html/other.php")
        self.path("home/anna/public_html/link.php").symlink_to(other)
        other.hardlink_to(self.path(SCRIPT))
        for step in (disable("home/anna/public_html/link.php"), disable(), disable("home/anna/none.php"),
                     disable("etc/shadow"), disable("home/anna/../../etc/shadow"), disable("home/anna/public_html")):
            done = self.actor.run("plan", steps=[step])
            self.assertEqual(done.returncode, 4, step["target"])
        other.unlink()
        os.chown(self.path("home/anna/public_html/blog"), EXIM, EXIM)
        self.assertEqual(self.actor.run("plan", steps=[disable()]).returncode, 4, "a folder of another user on the way")

    def test_the_world_moved(self):
        plan = self.actor.plan([disable()])
        self.host.put(SCRIPT, "<?php good(); ?>\n", 0o644, UID)
        before = self.host.snapshot()
        done = self.actor.run("apply", plan)
        self.assertEqual(done.returncode, 4)
        self.assertIn("world has moved", done.stderr)
        self.assertEqual(before, self.host.snapshot())

    def test_plans_expire(self):
        plan = self.actor.plan([disable()])
        late = Actor(ACTOR, self.host, NOW + 24 * 3600 + 1).run("apply", plan)
        self.assertEqual(late.returncode, 4)
        self.assertIn("expired", late.stderr)

    def test_mailbox_lock(self):
        def check():
            self.assertIn("tina@shop.test:!{PLAIN}secret:", self.path("etc/users").read_text())
            self.assertIn("bob@shop.test:{PLAIN}other:", self.path("etc/users").read_text())
        self.there_and_back([edit("/etc/users", "lock", key="tina@shop.test")], check)

    def test_mailbox_password(self):
        step = edit("/etc/users", "password", key="tina@shop.test", scheme="{SHA512-CRYPT}")

        def check():
            self.assertIn("tina@shop.test:{SHA512-CRYPT}$6$", self.path("etc/users").read_text())
            for path in list(self.host.state.glob("journal*")) + list(self.host.state.glob("plans/*")):
                text = path.read_text()
                self.assertNotIn("secret", text)
                self.assertNotIn("new-password", text)
                self.assertNotIn("$6$", text)
        env = {"ACTOR_PASSWORD": "new-password", "ACTOR_RESTORE": "1"}
        self.there_and_back([step], check, env)

    def test_stolen_password_stays_away(self):
        plan = self.actor.plan([edit("/etc/users", "password", key="tina@shop.test", scheme="{SHA512-CRYPT}")])
        self.assertEqual(self.actor.run("apply", plan, env={"ACTOR_PASSWORD": "x"}).returncode, 0)
        after = self.host.snapshot()
        done = self.actor.run("undo", plan)
        self.assertEqual(done.returncode, 4)
        self.assertIn("stolen", done.stdout)
        self.assertEqual(after, self.host.snapshot())

    def test_account_expires(self):
        step = edit("/etc/shadow", "expire", key="anna", lock="/etc/.pwd.lock")

        def check():
            self.assertIn("anna:!$6$salt$hash:19000:0:99999:7::0:\n", self.path("etc/shadow").read_text())
        self.there_and_back([step], check)
        self.assertEqual(self.actor.run("plan", steps=[edit("/etc/shadow", "expire", key="root")]).returncode, 4)

    def test_lines_added_and_commented(self):
        self.host.put("etc/list", "one\ntwo\nthree")
        self.there_and_back([edit("/etc/list", "add", line="a/tina@shop.test: freeze"),
                             edit("/etc/list", "comment", line="two")],
                            lambda: self.assertEqual(self.path("etc/list").read_text(),
                                                     "one\n#quell# two\nthree\na/tina@shop.test: freeze\n"))

    def test_whichever_is_undone_first(self):
        self.host.put("etc/list", "one\ntwo")
        before = self.host.snapshot()
        plans = []
        for step in (edit("/etc/list", "comment", line="two"), edit("/etc/list", "add", line="first", place="head"),
                     edit("/etc/list", "add", line="last")):
            plans.append(self.actor.plan([step]))
            self.assertEqual(self.actor.run("apply", plans[-1]).returncode, 0)
        for plan in plans:
            self.assertEqual(self.actor.run("undo", plan).returncode, 0)
        self.assertEqual(before, self.host.snapshot())

    def test_queue(self):
        ids = [self.host.queue(n, acl="x\n-auth_id forged@shop.test") for n in range(1, 8)]
        spool = self.path("var/spool/exim4/input")
        self.there_and_back([on_queue("freeze", ids)],
                            lambda: self.assertTrue(all(f"-frozen {NOW}\n" in (spool / f"{i}-H").read_text() for i in ids)))
        self.there_and_back([on_queue("purge", ids)], lambda: self.assertEqual(list(spool.iterdir()), []))

    def test_thaw(self):
        identity = self.host.queue(1)
        path = f"var/spool/exim4/input/{identity}-H"
        text = self.path(path).read_text().replace("-deliver_firsttime\n", "-deliver_firsttime\n-frozen 1699999999\n")
        self.host.put(path, text, 0o640, EXIM)
        self.there_and_back([on_queue("thaw", [identity])], lambda: self.assertNotIn("-frozen", self.path(path).read_text()))

    def test_choice_is_checked_again(self):
        tina = self.host.queue(1, "Debian-exim", "tina@shop.test", "tina@shop.test")
        others = [self.host.queue(2, "Debian-exim", "tina@shop.test", "bob@shop.test"),
                  self.host.queue(3, "anna", "tina@shop.test"),
                  self.host.queue(4, "Debian-exim", "tina@shop.test", "tina@shop.test.au"),
                  self.host.queue(5, "anna", "tina@shop.test", acl="x\n-auth_id tina@shop.test"),
                  self.host.queue(6, "anna", "x\nX", acl="-auth_id tina@shop.test\n")]
        plan = self.actor.plan([on_queue("purge", [tina, *others], "auth_id", "tina@shop.test")])
        self.assertEqual(self.actor.run("apply", plan).returncode, 0)
        left = {p.name[:16] for p in self.path("var/spool/exim4/input").glob("*-H")}
        self.assertEqual(left, set(others))

    def test_a_message_under_way_is_left(self):
        ids = [self.host.queue(n) for n in (1, 2)]
        plan = self.actor.plan([on_queue("purge", ids)])
        holder = subprocess.Popen([sys.executable, "-c", (
            "import fcntl,sys,struct\nf=open(sys.argv[1],'r+b')\nfcntl.lockf(f,fcntl.LOCK_EX,19)\nprint('ok',flush=True)\n"
            "sys.stdin.read()"), str(self.path(f"var/spool/exim4/input/{ids[0]}-D"))], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        holder.stdout.readline()
        done = self.actor.run("apply", plan)
        holder.communicate()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"1 messages; 1 left over, the first: {ids[0]} is being delivered", done.stdout)
        self.assertTrue(self.path(f"var/spool/exim4/input/{ids[0]}-H").exists())

    def test_forged_files_of_a_queue(self):
        """What Exim's user could put there: links to root's files, a fifo, a folder. The others go; nothing of root's is touched."""
        ids = [self.host.queue(n) for n in (1, 2, 3, 4)]
        spool, shadow = self.path("var/spool/exim4/input"), self.path("etc/shadow")
        os.link(shadow, spool / f"{ids[0]}-J")
        self.path(f"var/spool/exim4/msglog/{ids[1]}").unlink()
        self.path(f"var/spool/exim4/msglog/{ids[1]}").symlink_to("/etc/shadow")
        (spool / f"{ids[2]}-J").unlink(missing_ok=True)
        os.mkfifo(spool / f"{ids[2]}-J")
        before = (shadow.read_bytes(), shadow.stat().st_mode, shadow.stat().st_uid)
        plan = self.actor.plan([on_queue("purge", ids)])
        done = self.actor.run("apply", plan)
        self.assertEqual((done.returncode, "3 left over" in done.stdout), (0, True), done.stdout + done.stderr)
        self.assertEqual({path.name[:16] for path in spool.iterdir()}, set(ids[:3]))
        self.assertEqual(self.actor.run("undo", plan).returncode, 0)
        self.assertTrue((spool / f"{ids[3]}-H").exists())
        self.assertEqual((shadow.read_bytes(), shadow.stat().st_mode, shadow.stat().st_uid), before)

    def test_restore_never_overwrites(self):
        ids = [self.host.queue(n) for n in (1, 2)]
        plan = self.actor.plan([on_queue("purge", ids)])
        self.assertEqual(self.actor.run("apply", plan).returncode, 0)
        self.host.queue(1, sender="somebody@else.test")
        before = self.path(f"var/spool/exim4/input/{ids[0]}-H").read_bytes()
        self.assertEqual(self.actor.run("undo", plan).returncode, 0)
        self.assertEqual(before, self.path(f"var/spool/exim4/input/{ids[0]}-H").read_bytes())
        self.assertTrue(self.path(f"var/spool/exim4/input/{ids[1]}-H").exists())

    def test_switches_are_refused_below_a_root(self):
        step = {"op": "switch", "target": "x", "account": "", "facts": {"do": ["/usr/bin/true"], "how": "exit",
                                                                        "read": ["/usr/bin/true"], "goal": "on"}}
        self.assertIn("beneath --root", self.actor.run("plan", steps=[step]).stderr)

    def test_parallel_runs_act_once(self):
        plan = self.actor.plan([disable()])
        runs = [subprocess.Popen(self.actor.argv("apply", plan), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for _ in range(20)]
        codes = [run.wait() for run in runs]
        for run in runs:
            run.stdout.close()
            run.stderr.close()
        self.assertEqual(sorted(codes), [0] + [4] * 19)
        self.assertEqual([r["kind"] for r in self.host.journal()], ["intent", "outcome"])


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(77)
    sys.path.insert(0, str(Path(__file__).parent))
    unittest.main()
