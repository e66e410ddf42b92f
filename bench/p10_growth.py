# SPDX-License-Identifier: Apache-2.0
"""P10: four times the input, at most 4.4 times the CPU."""
from measure import check_verdict, pairs, row_of


def measure(bench):
    rows = []
    for what, small, large in (("log", (bench.megabytes / 8, 1500, 100), (bench.megabytes / 2, 1500, 100)),
                               ("queue", (4, 300, bench.queued // 8), (4, 300, bench.queued // 2))):
        few, many = (bench.image(*size) for size in (small, large))
        ratio = pairs(bench.pairs, bench.scan(many), ["sh", "-c", '"$@" || true', "sh", *bench.scan(few)], (1,),
                      lambda text, image=many: check_verdict(image, text))
        rows.append(row_of("P10", f"scan, four times the {what}", "CPU <= 4.4", ratio, 4.4))
    return rows
