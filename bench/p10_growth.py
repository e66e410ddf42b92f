# SPDX-License-Identifier: Apache-2.0
"""P10: four times the input, at most 4.4 times the CPU."""
from measure import check_verdict, pairs, row_of


def measure(bench):
    rows = []
    for what, few, many in (("log", bench.image(bench.megabytes / 4, 1500, 100), bench.image(bench.megabytes, 1500, 100)),
                            ("queue", bench.queue_image(bench.queued // 4), bench.queue_image(bench.queued))):
        ratio = pairs(bench.pairs, bench.scan(many), ["sh", "-c", '"$@" || true', "sh", *bench.scan(few)], (1,),
                      lambda text, image=many: check_verdict(image, text))
        rows.append(row_of("P10", f"scan, four times the {what}", "CPU <= 4.4", ratio, 4.4))
    return rows
