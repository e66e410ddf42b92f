# SPDX-License-Identifier: Apache-2.0
"""P11: start-up, and the size of the program."""
import os
from statistics import median

from measure import pairs, row, spread

STARTS = 200


def measure(bench):
    rows = []
    for words in (["version"], ["-h"]):
        loop = 'n=0; while [ $n -lt %d ]; do "$@" >/dev/null; n=$((n+1)); done' % STARTS
        ratio = pairs(bench.pairs, ["sh", "-c", loop, "sh", bench.quell, *words], ["sh", "-c", loop, "sh", "/bin/true"])
        rows.append(row("P11", f"quell {words[0]} : /bin/true", "wall <= 2", median(ratio.wall) <= 2, spread(ratio.cpu), spread(ratio.wall)))
    size = os.stat(bench.quell).st_size / 1e6
    rows.append(row("P11", "size of the program", "<= 6 MB", size <= 6, note=f"{size:.1f} MB, not stripped"))
    return rows
