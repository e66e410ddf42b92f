# SPDX-License-Identifier: Apache-2.0
"""P6: a second scan after the log has grown by a hundredth, against `wc -l` of the whole log."""
import shutil
import tempfile

from measure import Ratio, Run, check_verdict, logs_of, row_of


def grown(bench, image, state):
    """Scans all but the last hundredth of the main log, then measures the scan of the whole."""
    log = image / "root/var/log/exim_mainlog"
    scan = [bench.quell, "--root", str(image / "root"), "--state", state, "-o", "json", "scan"]
    whole = log.with_name("whole")
    shutil.copy(log, whole)
    end = log.stat().st_size * 99 // 100
    with whole.open("rb") as source, log.open("r+b") as target:
        source.seek(end)
        end += len(source.readline())
        target.truncate(end)
        Run(scan, (1,))
        source.seek(end)
        target.seek(end)
        shutil.copyfileobj(source, target, 1 << 20)
    whole.unlink()
    run = Run(scan, (1,), keep=True)
    check_verdict(image, run.output)
    return run


def measure(bench):
    plain = bench.image(bench.megabytes)
    image = plain.with_name(plain.name + "-grown")
    if not image.exists():
        shutil.copytree(plain, image)
    ones, others = [], []
    for _ in range(bench.pairs):
        with tempfile.TemporaryDirectory(dir=bench.folder) as state:
            ones.append(grown(bench, image, state))
        others.append(Run(["wc", "-l", *logs_of(image)]))
    return [row_of("P6", f"scan after +1 % : wc -l, plain log of {bench.megabytes} MB", "CPU <= 0.15", Ratio(ones, others), 0.15)]
