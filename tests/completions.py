#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The completions in the shells they are for: bash calls the function, zsh has a terminal and the Tab key pressed.

usage: completions.py FOLDER       FOLDER holds quell.bash and _quell
"""
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "completions").resolve()
# What is typed, and what the last word becomes; several words are those that are offered.
TYPED = {
    "quell sca": "scan", "quell tra": "trace", "quell --roo": "--root", "quell --root / doc": "doctor",
    "quell scan --sin": "--since", "quell queue --newe": "--newest", "quell queue li": "list", "quell queue cou": "count",
    "quell config du": "dump", "quell top --by sub": "subject", "quell queue --by sta": "state", "quell -o jsonl": "jsonl",
    "quell --color ne": "never", "quell purge --send": "--sender", "quell help mal": "malware", "quell undo --al": "--all",
}
SECONDS = 30


class Bash(unittest.TestCase):
    def test_words(self):
        for typed, wanted in TYPED.items():
            script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _quell; printf "%s\\n" "${COMPREPLY[@]}"'
            done = subprocess.run(["bash", "-c", script, "bash", FOLDER / "quell.bash", *typed.split(" ")],
                                  stdout=subprocess.PIPE, check=True, text=True)
            self.assertEqual(done.stdout.split(), [wanted], typed)

    def test_commands(self):
        done = subprocess.run(["bash", "-c", 'source "$1"; COMP_WORDS=(quell ""); COMP_CWORD=1; _quell; echo "${COMPREPLY[@]}"', "bash",
                               FOLDER / "quell.bash"], stdout=subprocess.PIPE, check=True, text=True)
        self.assertLessEqual({"scan", "why", "--root", "queue", "undo"}, set(done.stdout.split()))


class Terminal:
    """An interactive zsh; Ctrl-G writes the line as it stands into a file and empties it."""

    def __init__(self, folder):
        self.lines = Path(folder, "lines")
        self.lines.touch()
        setup = (f"fpath=({FOLDER} $fpath)\nautoload -Uz compinit\ncompinit -u -d {folder}/dump\nPS1=\n"
                 f"show() {{ print -r -- \"$BUFFER\" >>{self.lines}; BUFFER= }}\nzle -N show\nbindkey '^G' show\n")
        Path(folder, ".zshrc").write_text(setup)
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execve(shutil.which("zsh"), ["zsh", "-i"], {"ZDOTDIR": folder, "TERM": "dumb", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        self.pid = pid

    def line_after(self, keys):
        """The line that stands after these keys."""
        before = len(self.lines.read_text().splitlines())
        os.write(self.fd, keys.encode() + b"\x07")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.05)[0]:
                os.read(self.fd, 65536)
            lines = self.lines.read_text().splitlines()
            if len(lines) > before:
                return lines[-1]
        raise TimeoutError(keys)

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(unittest.TestCase):
    def test_tab(self):
        with tempfile.TemporaryDirectory(prefix="quell-zsh-") as folder:
            terminal = Terminal(folder)
            try:
                terminal.line_after("")
                for typed, wanted in TYPED.items():
                    self.assertEqual(terminal.line_after(f"{typed}\t").split()[-1], wanted, typed)
            finally:
                terminal.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
