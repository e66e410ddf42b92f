# SPDX-License-Identifier: Apache-2.0
"""P11: start-up, and the size of the program."""
import os
from statistics import median

from measure import many_times, pairs, row, spread

STARTS = 200


def measure(bench):
    rows = []
    for words in (["version"], ["-h"]):
        ratio = pairs(bench.pairs, many_times(STARTS, [bench.quell, *words]), many_times(STARTS, ["/bin/true"]))
        rows.append(row("P11", f"quell {words[0]} : /bin/true", "wall <= 2", median(ratio.wall) <= 2, spread(ratio.cpu), spread(ratio.wall)))
    size = os.stat(bench.quell).st_size / 1e6
    rows.append(row("P11", "size of the program", "<= 6 MB", size <= 6, note=f"{size:.1f} MB, not stripped"))
    return rows
