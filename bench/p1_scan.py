# SPDX-License-Identifier: Apache-2.0
"""P1: the whole verdict of a plain log against `wc -l` of everything that it reads."""
from measure import check_verdict, logs_of, pairs, row_of


def measure(bench):
    image = bench.image(bench.megabytes)
    ratio = pairs(bench.pairs, bench.scan(image), ["wc", "-l", *logs_of(image)], (1,), lambda text: check_verdict(image, text))
    return [row_of("P1", f"scan, plain log of {bench.megabytes} MB : wc -l", "CPU <= 3.0", ratio, 3.0)]
