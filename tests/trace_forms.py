#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`quell trace` finds the same life of a message however the logs are kept: plain or packed, in rotated files, through
syslog (whole and in pieces) or the journal, with ids of both generations; and it finds what only the queue knows.

usage: trace_forms.py QUELL IMAGE...       IMAGE holds root/
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import variants

sys.path.insert(0, str(Path(__file__).resolve().parent / "live"))
import longids  # noqa: E402

QUELL, IMAGES = sys.argv[1], [Path(name) for name in sys.argv[2:]]
LONG_ID = re.compile(r"\b(\w{6})-00000(\w{6})-(\w{4})\b")
PIECE_BYTES = 100


def trace(root, *words):
    done = subprocess.run([QUELL, "--root", root, "-o", "json", "trace", *words], stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def syslog_pieces(root):
    """As Exim cuts long entries for syslogs that bear no long lines (log.c)."""
    lines = []
    for at, text, full in variants.stamped(root):
        if variants.seconds(full) is None:
            continue
        parts = [text[i:i + PIECE_BYTES] for i in range(0, len(text), PIECE_BYTES)]
        marks = [b"[%d/%d] " % (n, len(parts)) if len(parts) > 1 else b"" for n in range(1, len(parts) + 1)]
        lines += [variants.syslog_stamp(at) + b" host exim[77]: " + full[:20] + mark + part for mark, part in zip(marks, parts)]
    variants.replace_mainlogs(root, variants.mail_log(root), b"\n".join(lines) + b"\n")


def transcript(root):
    return longids.Transcript(longids.ids_of(root), 1)


def long_ids(root):
    (root.parent / "MANIFEST.tsv").touch()
    transcript(root).image(root.parent)


FORMS = {name: variants.SAME[name] for name in ("xz", "zstd", "syslog", "syslog-rfc3339", "journal")}
FORMS |= {"syslog in pieces": syslog_pieces, "long ids": long_ids}


def with_root(image, change):
    folder = tempfile.TemporaryDirectory(prefix="quell-trace-")
    root = Path(folder.name) / "root"
    shutil.copytree(image / "root", root, symlinks=True, copy_function=shutil.copy)
    subprocess.run(["chmod", "-R", "u+rwX", root], check=True)
    change(root)
    return folder, root


def heads(report):
    """The messages, without what the form of ids changes."""
    return [(LONG_ID.sub(r"\1-\2", m["id"])[:13], m["sender"], m["login"], m["account"], m["ip"], len(m["recipients"]))
            for m in report["messages"]]


def kinds(report, without=None):
    """How many events of each kind each message has; a piece is no event of its own."""
    found = {}
    for event in report["events"]:
        if event["kind"] != without and not re.search(r"\[([2-9]|\d\d+)/\d+\] ", event["text"]):
            key = LONG_ID.sub(r"\1-\2", event["message"] or "")[:13], event["kind"]
            found[key] = found.get(key, 0) + 1
    return found


def questions(root):
    """An id, a Message-ID, addresses of each side, a login, a subject, as the image has them."""
    newest = json.loads(subprocess.run([QUELL, "--root", root, "-o", "json", "top", "--by", "sender", "-n", "3"],
                                       stdout=subprocess.PIPE, check=False).stdout)["rows"]
    senders = [row["key"] for row in newest if row["key"] != "<>"]
    sent = trace(root, senders[0])
    message = sent["messages"][0]
    told = " ".join(e["text"] for e in sent["events"])
    return [senders[0], message["id"], message["recipients"][0]["address"],
            *re.findall(r" id=(\S+@\S+)", told)[:1], *filter(None, [message["ip"], message["login"], message["subject"]])]


class Trace(unittest.TestCase):
    def test_forms(self):
        for image in IMAGES:
            asked = {question: trace(image / "root", question) for question in questions(image / "root")}
            for name, change in FORMS.items():
                folder, root = with_root(image, change)
                with folder:
                    for question, wanted in asked.items():
                        found = trace(root, self.in_form(question, image, name))
                        self.assertTrue(wanted["messages"], f"{image} {question}")
                        self.assertEqual(heads(found), heads(wanted), f"{image} {name} {question}")
                        # the reject log's copy of a refusal in pieces is shown beside the first of them
                        copies = "refused" if name == "syslog in pieces" else None
                        self.assertEqual(kinds(found, copies), kinds(wanted, copies), f"{image} {name} {question}")

    @staticmethod
    def in_form(question, image, name):
        return transcript(image / "root").text(question.encode()).decode() if name == "long ids" else question

    def test_pieces_are_shown(self):
        """All of an entry that syslog holds in pieces."""
        folder, root = with_root(IMAGES[0], syslog_pieces)
        with folder:
            shown = trace(root, questions(root)[0])["events"]
        self.assertTrue(any("[2/" in event["text"] for event in shown))

    def test_order_of_time(self):
        for image in IMAGES:
            for question in questions(image / "root"):
                report = trace(image / "root", question)
                for message in report["messages"]:
                    times = [e["at"] or "9" for e in report["events"] if e["message"] == message["id"]]
                    self.assertEqual(times, sorted(times), f"{image} {message['id']}")

    def test_message_id_of_the_queue(self):
        """Exim made it and logs none."""
        for image in IMAGES:
            found = 0
            for path in sorted((image / "root").glob("var/spool/exim*/input/**/*-H")):
                made = re.search(rb"\d{3}I Message-Id: <(E[^>]+)>", path.read_bytes())
                if made and found < 5:
                    found += 1
                    for form in (made[1].decode(), f"<{made[1].decode()}>"):
                        self.assertIn(path.name[:-2], [m["id"] for m in trace(image / "root", form)["messages"]], form)
            self.assertGreater(found, 0, image)

    def test_encoded_subject_of_the_queue(self):
        """The log has no subjects; people ask for what they read."""
        with tempfile.TemporaryDirectory(prefix="quell-trace-") as folder:
            spool = Path(folder) / "root/var/spool/exim4/input"
            spool.mkdir(parents=True)
            subject = "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_?= =?utf-8?B?S8O2bG4=?=\n"
            (spool / "1xHx96-0002pc-0n-H").write_text(
                "1xHx96-0002pc-0n-H\nshop 1001 1001\n<a@shop.example>\n1794009600 0\n-local\nXX\n1\nb@mail.test\n\n"
                f"{len(subject):03d}  {subject}")
            for asked in ("Grüße aus Köln", "Gr=C3=BC"):
                self.assertEqual([m["id"] for m in trace(spool.parents[3], asked)["messages"]], ["1xHx96-0002pc-0n"], asked)

    def test_all_sources(self):
        """Each kind of event is met somewhere."""
        met = set()
        for image in IMAGES:
            truth = json.loads((image / "truth.json").read_text())
            for incident in truth["incidents"]:
                for asked in [incident["messages"][0], incident.get("mailbox") or incident["ips"][0]] if incident["ips"] else []:
                    met |= {e["kind"] for e in trace(image / "root", asked)["events"]}
        self.assertLessEqual({"main", "web", "login", "queue", "call"}, met)


if __name__ == "__main__":
    sys.argv[1:] = []
    unittest.main()
