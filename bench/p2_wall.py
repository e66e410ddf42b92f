# SPDX-License-Identifier: Apache-2.0
"""P2: the wall time of the whole verdict against that of `wc -l`."""
from measure import check_verdict, logs_of, pairs, row_of


def measure(bench):
    image = bench.image(bench.megabytes)
    ratio = pairs(bench.pairs, bench.scan(image), ["wc", "-l", *logs_of(image)], (1,), lambda text: check_verdict(image, text))
    return [row_of("P2", f"scan, plain log of {bench.megabytes} MB : wc -l", "wall <= 2.0", ratio, 2.0, by="wall")]
