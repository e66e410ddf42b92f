# SPDX-License-Identifier: Apache-2.0
"""Turns an image written by an Exim before 4.97 into one with that version's 23-character message ids.

The time stays, the pid is padded, the fraction changes its unit from 5 ms to 1 us. File names, logs (plain and packed),
spool files with their header lengths, message logs and the truth change together.
"""
import bz2
import gzip
import lzma
import os
import random
import re
import shutil
import string
from pathlib import Path

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
OLD = re.compile(rb"[0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}(?![0-9A-Za-z])")
ARRIVAL = re.compile(rb" (" + OLD.pattern + rb") <= ")
UNIT_US = 5000
PACKERS = {".gz": gzip, ".bz2": bz2, ".xz": lzma}


def lengthen(old, chance):
    second, pid, fraction = old.split("-")
    micro = (DIGITS.index(fraction[0]) * 62 + DIGITS.index(fraction[1])) * UNIT_US + chance.randrange(UNIT_US)
    digits = ""
    for _ in range(4):
        micro, digit = divmod(micro, 62)
        digits = DIGITS[digit] + digits
    return f"{second}-{pid:0>11}-{digits}"


def ids_of(root):
    """The ids of an image: of all arrivals in its logs and of its queue."""
    found = {path.name[:-2] for path in root.glob("var/spool/exim*/input/**/*-H")}
    for path in (p for p in root.glob("var/log/**/*") if p.is_file()):
        packer, data = PACKERS.get(path.suffix), path.read_bytes()
        data = packer.decompress(data) if packer else data
        found |= {match.group(1).decode() for match in ARRIVAL.finditer(data)}
    return found


def copy(image, folder, seed):
    """An image and its truth with long ids."""
    shutil.copytree(image, folder, symlinks=True)
    transcript = Transcript(ids_of(folder / "root"), seed)
    transcript.image(folder)
    truth = folder / "truth.json"
    truth.write_bytes(transcript.text(truth.read_bytes()))


class Transcript:
    def __init__(self, ids, seed):
        chance = random.Random(seed)
        self._new = {old.encode(): lengthen(old, chance).encode() for old in sorted(ids)}

    def text(self, data):
        return OLD.sub(lambda m: self._new.get(m.group(), m.group()), data)

    def header_file(self, data):
        """A -H file: every header carries its length."""
        envelope, blank, rest = data.partition(b"\n\n")
        out = [self.text(envelope), blank]
        while rest:
            length, kind = re.match(rb"(\d{3,})(.) ", rest).groups()
            start = len(length) + 2
            header = self.text(rest[start:start + int(length)])
            rest = rest[start + int(length):]
            out.append(b"%03d%b %b" % (len(header), kind, header))
        return b"".join(out)

    def image(self, folder):
        for path in sorted(p for p in Path(folder, "root").rglob("*") if p.is_file() and not p.is_symlink()):
            self._file(path)
        manifest = Path(folder, "MANIFEST.tsv")
        manifest.write_bytes(b"".join(self._row(folder, line) for line in self.text(manifest.read_bytes()).splitlines(True)))

    def _file(self, path):
        state, data = path.stat(), path.read_bytes()
        packer = PACKERS.get(path.suffix)
        if packer:
            new = packer.compress(self.text(packer.decompress(data)))
        else:
            new = self.header_file(data) if path.name.endswith("-H") and "input" in path.parts else self.text(data)
        path.write_bytes(new)
        os.utime(path, (state.st_mtime, state.st_mtime))
        path.rename(path.with_name(self.text(path.name.encode()).decode()))

    def _row(self, folder, line):
        """A manifest line with the size of the file as it is now."""
        cells = line.rstrip(b"\n").split(b"\t")
        if cells[0].startswith(b"/") and cells[1] == b"f" and cells[5] != b"-1":
            cells[5] = b"%d" % Path(folder, "root", cells[0].decode().lstrip("/")).stat().st_size
        return b"\t".join(cells) + b"\n"
