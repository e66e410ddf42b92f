#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The acting commands on a copy of the sample host: plans and what is printed keep to their schemas, every incident that
blames somebody is stopped as far as files and queue go, honest messages stay, and undo leaves the tree as it was.

    acting_image.py QUELL [IMAGE...]      needs root
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jsonschema

TOP = Path(__file__).resolve().parent.parent
QUELL = Path(sys.argv.pop(1)).absolute()
IMAGES = [Path(name).absolute() for name in sys.argv[1:]] or [TOP / "samples/host"]
del sys.argv[1:]


def tree(root):
    seen = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        plain = path.is_file() and not path.is_symlink()
        seen[str(path)] = (status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns if plain else 0,
                           hashlib.sha256(path.read_bytes()).hexdigest() if plain else "")
    return seen


class Image(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="quell-image-")
        self.addCleanup(folder.cleanup)
        self.base = Path(folder.name)

    def use(self, image):
        self.root, self.state, self.truth = self.base / image.name, self.base / f"{image.name}.state", image / "truth.json"
        shutil.copytree(image / "root", self.root, symlinks=True)
        self.own(image)

    def own(self, image):
        """An image in git has no owners: homes belong to their accounts, the spool to Exim."""
        for line in (self.root / "etc/passwd").read_text().splitlines():
            name, _, uid, gid, _, home = line.split(":")[:6]
            places = [self.root / home.lstrip("/")] if int(uid) >= 500 and home.startswith("/home") else []
            if name in ("mailnull", "mail", "Debian-exim", "exim"):
                places = [path for path in (self.root / "var/spool/exim", self.root / "var/spool/exim4") if path.is_dir()]
            for place in places:
                for path in [place, *place.rglob("*")] if place.is_dir() else []:
                    os.chown(path, int(uid), int(gid), follow_symlinks=False)

    def run_json(self, name, *words, codes=(0,)):
        done = subprocess.run([QUELL, "--root", self.root, "--state", self.state, "-o", "json", *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        self.assertIn(done.returncode, codes, done.stderr)
        if not done.stdout:
            return None, done.stderr
        document = json.loads(done.stdout)
        if name:
            schema = json.loads((TOP / f"schema/quell.{name}.schema.json").read_text())
            jsonschema.validate(document, schema)
        return document, done.stderr

    def spam_and_honest(self):
        """Ids in the queue, and those of incidents by the truth."""
        queued = {path.name[:-2] for path in self.root.glob("var/spool/exim*/input/**/*-H")}
        truth = json.loads(self.truth.read_text())
        spam = {one for incident in truth["incidents"] for key in ("messages", "derived")
                for one in incident.get(key, [])}
        return queued, spam

    def play(self, image):
        self.use(image)
        scan, _ = self.run_json("scan-1", "scan", codes=(0, 1))
        before, (queued, spam) = tree(self.root), self.spam_and_honest()
        applied = 0
        for incident in scan["incidents"]:
            plan, said = self.run_json("plan-1", "stop", incident["id"], codes=(0, 4))
            if not incident["blame"]:
                self.assertIsNone(plan)
                self.assertIn("blames nobody", said)
                continue
            self.assertEqual(tree(self.root), before if not applied else tree(self.root))
            if plan:
                self.run_json("verify-1", "apply", plan["id"], "--yes", codes=(0, 4))
                applied += 1
        self.assertGreater(applied, 0)
        left, _ = self.spam_and_honest()
        self.assertEqual((queued - spam) - left, set(), "honest messages stay")
        state, _ = self.run_json("verify-1", "verify")
        self.assertEqual(state["undone"], 0)
        journal, _ = self.run_json("journal-1", "journal")
        self.assertEqual([record["n"] for record in journal["records"]], list(range(1, len(journal["records"]) + 1)))
        self.run_json("verify-1", "undo", "--all", "--restore-old-password")
        self.assertEqual(tree(self.root), before)
        self.run_json(None, "recover")

    def test_images(self):
        for image in IMAGES:
            with self.subTest(image=image.name):
                self.play(image)

    def log(self, moment, number, web_status, delivered):
        """The sample's mailer is called at that moment, and, when it still can, mails."""
        folder = "/home/pinestud/public_html/wp-content/uploads/2026/11/.cache"
        identity = f"1xPFJ{'ABCDEFGHIJ'[number]}-0004Eo-0P"
        stamp = f"2026-11-06 {moment}"
        web = self.root / "etc/apache2/logs/domlogs/pinestudio.test"
        with open(web, "a", encoding="ascii") as out:
            out.write(f'192.0.2.232 - - [06/Nov/2026:{moment} +0000] "POST {folder[26:]}/class-wp2.php HTTP/1.1" {web_status} 188 '
                      '"-" "Go-http-client/1.1"\n')
        with open(self.root / "var/log/exim_mainlog", "a", encoding="ascii") as out:
            if delivered:
                out.write(f"{stamp} cwd={folder} 3 args: /usr/sbin/sendmail -t -i\n"
                          f"{stamp} {identity} <= office@pinestudio.test U=pinestud P=local S=1107 T=\"Cheap pills\" "
                          f"from <office@pinestudio.test> for a{number}@bigmail.test\n"
                          f"{stamp} {identity} => a{number}@bigmail.test R=lookuphost T=remote_smtp H=mx16.mail.example "
                          "[198.51.100.16]:25 C=\"250 OK\"\n" f"{stamp} {identity} Completed\n")

    def test_measured(self):
        self.use(TOP / "samples/host")
        scan, _ = self.run_json("scan-1", "scan", codes=(1,))
        wanted = next(one for one in scan["incidents"] if one["script"] and one["script"].endswith("class-wp2.php"))
        done, _ = self.run_json("plan-1", "--now", "2026-11-06T04:30:00Z", "stop", wanted["id"], codes=(4,))
        state, _ = self.run_json("verify-1", "--now", "2026-11-06T04:30:00Z", "apply", done["id"], "--yes")
        self.assertEqual([(row["who"], row["ongoing"]) for row in state["measured"]], [(wanted["script"], False)])
        for number in range(4):
            self.log(f"04:4{number}:00", number, 403, False)
        state, _ = self.run_json("verify-1", "--now", "2026-11-06T05:30:00Z", "verify")
        row = state["measured"][0]
        self.assertEqual((row["sent"], row["taken"], row["refused"], row["ongoing"], row["next"]), (0, 0, 4, False, None))
        self.assertGreater(row["before_per_hour"], 10)
        for number in range(4, 9):
            self.log(f"04:4{number}:30", number, 200, True)
        state, _ = self.run_json("verify-1", "--now", "2026-11-06T05:30:00Z", "verify", codes=(1,))
        row = state["measured"][0]
        self.assertEqual((row["sent"], row["taken"], row["refused"], row["ongoing"]), (5, 5, 4, True))
        self.assertEqual((row["last"], row["now_per_hour"]), ("2026-11-06T04:48:30Z", 5))
        self.assertIn("quell suspend", row["next"])
        said = subprocess.run([QUELL, "--root", self.root, "--state", self.state, "--now", "2026-11-06T05:30:00Z", "verify"],
                              stdout=subprocess.PIPE, text=True, check=False).stdout
        self.assertIn(f"STILL SENDING {wanted['script']}: 5 left in 60m, 5.0 an hour; 4 calls refused", said)

    def test_refusals(self):
        self.use(IMAGES[0])
        before = tree(self.root)
        for words, said in ((("block", "198.51.100.9"), "beneath --root"), (("suspend", "root"), "refused"),
                            (("hold", "nobody"), "refused"), (("disable", "/etc/passwd"), "in no account's home"),
                            (("disable", "/home/../etc/passwd"), "refused"), (("rootpw",), "no terminal"),
                            (("purge", "--all"), "no terminal"), (("undo",), "nothing is in force"),
                            (("apply", "0123456789ab", "--yes"), "No such file"), (("enable", "/x"), "nothing of it")):
            with self.subTest(words=words):
                self.assertIn(said, self.run_json(None, *words, codes=(4,))[1])
        for words in (("purge",), ("purge", "--all", "--frozen", "--sender", "x"), ("stop",), ("stop", "99"), ("apply",),
                      ("disable",), ("archive", "eat"), ("apply", "../../x", "--yes")):
            with self.subTest(words=words):
                self.run_json(None, *words, codes=(2,))
        self.assertEqual(tree(self.root), before)
        done = subprocess.run([QUELL, "--root", self.root, "disable", "/x"], stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, "need --state" in done.stderr), (2, True))


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(77)
    unittest.main()
