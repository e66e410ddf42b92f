# SPDX-License-Identifier: Apache-2.0
"""P4: the whole verdict of a large queue against the bare reading of its -H files and against one grep."""
from measure import check_verdict, pairs, row_of, spool_of


def measure(bench):
    image = bench.queue_image(bench.queued)
    spool = str(spool_of(image) / "input")
    yardsticks = [("open + read + close of each -H", [bench.tool("spoolwalk"), spool], 1.25),
                  ("grep -r", ["grep", "-r", "X-PHP-Script", spool], 0.75),
                  ("find | xargs cat", ["sh", "-c", 'find "$1" -name "*-H" -print0 | xargs -0 cat', "sh", spool], None)]
    return [row_of("P4", f"scan, queue of {bench.queued} : {name}", f"CPU <= {limit}" if limit else "",
                   pairs(bench.pairs, bench.scan(image), argv, (1,), lambda text: check_verdict(image, text)), limit)
            for name, argv, limit in yardsticks]
