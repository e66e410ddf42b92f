# SPDX-License-Identifier: Apache-2.0
"""P8: the largest process of a scan."""
from measure import Run, check_verdict, row


def measure(bench):
    image = bench.image(bench.megabytes)
    run = Run(bench.scan(image), (1,), keep=True)
    check_verdict(image, run.output)
    megabytes = run.peak // 1024
    return [row("P8", f"peak of a scan, plain log of {bench.megabytes} MB", "<= 64 MB (256 MB at any size)", megabytes <= 64,
                note=f"{megabytes} MB")]
