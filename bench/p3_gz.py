# SPDX-License-Identifier: Apache-2.0
"""P3: a rotated set of gzip files against the programs that only unpack it."""
import gzip
import shutil

from measure import check_verdict, pairs, row, row_of

PARTS = 8


def packed_image(bench):
    """The image of P1 with its main log cut at line ends into parts of which all but the last are packed."""
    plain = bench.image(bench.megabytes)
    folder = plain.parent / (plain.name + "-gz")
    if (folder / "planted.json").exists():
        return folder
    shutil.copytree(plain, folder, ignore=shutil.ignore_patterns("planted.json"))
    log = folder / "root/var/log/exim_mainlog"
    part_bytes = log.stat().st_size // PARTS + 1
    with log.open("rb") as lines:
        for part in range(PARTS):
            with gzip.open(f"{log}.{PARTS - part}.gz", "wb", compresslevel=6) as out:
                shutil.copyfileobj(_Upto(lines, part_bytes), out, 1 << 20)
                out.write(lines.readline())
    log.unlink()
    shutil.copy(plain / "planted.json", folder)
    return folder


class _Upto:
    """The next bytes of a file, at most so many."""

    def __init__(self, source, left):
        self.source, self.left = source, left

    def read(self, size):
        data = self.source.read(min(size, self.left))
        self.left -= len(data)
        return data


def measure(bench):
    image = packed_image(bench)
    files = sorted(map(str, (image / "root/var/log").glob("exim_mainlog*.gz")))
    yardsticks = [("libdeflate-gunzip", ["libdeflate-gunzip", "-c", *files], 1.5),
                  ("igzip", ["igzip", "-dc", *files], None),
                  ("zcat | wc -l", ["sh", "-c", 'zcat "$@" | wc -l', "sh", *files], 0.6)]
    rows = []
    for name, argv, limit in yardsticks:
        if not shutil.which(argv[0]):
            rows.append(row("P3", f"scan, {PARTS} gz files : {name}", "", None, note="not installed"))
            continue
        ratio = pairs(bench.pairs, bench.scan(image), argv, (1,), lambda text: check_verdict(image, text))
        rows.append(row_of("P3", f"scan, {PARTS} gz files : {name}", f"CPU <= {limit}" if limit else "", ratio, limit))
    return rows
