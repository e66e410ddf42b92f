# SPDX-License-Identifier: Apache-2.0
"""P9: a top-N question against `wc -l` of the log that it is about, and what the state directory keeps for it."""
import tempfile

from measure import Run, check_verdict, logs_of, pairs, row, row_of, sum_of_files


def measure(bench):
    image = bench.image(bench.megabytes)
    with tempfile.TemporaryDirectory(dir=bench.folder) as state:
        common = [bench.quell, "--root", str(image / "root"), "--state", state, "-o", "json"]
        scan = Run([*common, "scan"], (1,), keep=True)
        check_verdict(image, scan.output)
        ratio = pairs(bench.pairs, [*common, "top", "--by", "account"], ["wc", "-l", *logs_of(image)])
        share = sum_of_files(state) / (image / "root/var/log/exim_mainlog").stat().st_size
    return [row_of("P9", f"top --by account : wc -l, plain log of {bench.megabytes} MB", "CPU <= 0.1", ratio, 0.1),
            row("P9", "what the state keeps : plain log", "<= 1 %", share <= 0.01, note=f"{share:.2%}")]
