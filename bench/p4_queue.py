# SPDX-License-Identifier: Apache-2.0
"""P4: the whole verdict of a large queue against the bare reading of its -H files and against one grep."""
from measure import check_verdict, pairs, row_of


def measure(bench):
    image = bench.image(20, queued=bench.queued)
    spool = image / "root/var/spool/exim/input"
    heads = ["sh", "-c", 'find "$1" -name "*-H" -print0 | xargs -0 cat', "sh", str(spool)]
    grep = ["grep", "-r", "X-PHP-Originating-Script", str(spool)]

    def check(text):
        check_verdict(image, text)
    return [row_of("P4", f"scan, queue of {bench.queued} : grep -r", "CPU <= 0.75",
                   pairs(bench.pairs, bench.scan(image), grep, (1,), check), 0.75),
            row_of("P4", f"scan, queue of {bench.queued} : find | xargs cat", "",
                   pairs(bench.pairs, bench.scan(image), heads, (1,), check), None)]
