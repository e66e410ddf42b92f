# SPDX-License-Identifier: Apache-2.0
"""P5: the second look at a queue of which one message in a hundred has changed, against the first look."""
import os
import shutil
import tempfile

from measure import Ratio, Run, check_verdict, row_of, spool_of


def touch_some(image):
    """Writes one -H in a hundred anew, as Exim does: a new file is renamed over the old one."""
    for number, head in enumerate(sorted(spool_of(image).glob("input/*/*-H"))):
        if number % 100 == 0:
            new = head.with_name("hdr." + head.name)
            shutil.copy(head, new)
            os.rename(new, head)


def measure(bench):
    image = bench.queue_image(bench.queued)
    first, second = [], []
    for _ in range(bench.pairs):
        with tempfile.TemporaryDirectory(dir=bench.folder) as state:
            scan = [bench.quell, "--root", str(image / "root"), "--state", state, "-o", "json", "scan"]
            first.append(Run(scan, (1,), keep=True))
            touch_some(image)
            second.append(Run(scan, (1,), keep=True))
            check_verdict(image, second[-1].output)
    return [row_of("P5", f"second scan : first, queue of {bench.queued}", "CPU <= 0.2", Ratio(second, first), 0.2)]
