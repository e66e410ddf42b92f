# SPDX-License-Identifier: Apache-2.0
"""P7: the tools that a scan replaces, each on the same log. Ratios are theirs to quell's, so larger is better."""
import shutil
from statistics import median

from measure import check_verdict, pairs, row, spread

BY_DIRECTORY = ("grep cwd \"$1\" | grep -v /var/spool | awk -F'cwd=' '{print $2}' | awk '{print $1}' | sort | uniq -c | sort -n")
BY_LOGIN = ("grep dovecot_login \"$1\" | awk -F'A=dovecot_login:' '{print $2}' | awk '{print $1}' | sort | uniq -c | sort -n")


def measure(bench):
    image = bench.image(min(bench.megabytes, 250))
    log = str(image / "root/var/log/exim_mainlog")
    tools = [("directories by grep | awk | sort", ["sh", "-c", BY_DIRECTORY, "sh", log], None),
             ("logins by grep | awk | sort", ["sh", "-c", BY_LOGIN, "sh", log], None),
             ("eximstats", ["eximstats", log], 45),
             ("exigrep of one account", ["exigrep", "office@blue-amber1.example", log], 18)]
    rows = []
    for name, argv, least in tools:
        if not shutil.which(argv[0]):
            rows.append(row("P7", f"{name} : scan", "", None, note="not installed"))
            continue
        ratio = pairs(max(3, bench.pairs // 2), bench.scan(image), argv, (1,), lambda text: check_verdict(image, text))
        cpu, wall = [1 / value for value in ratio.cpu], [1 / value for value in ratio.wall]
        rows.append(row("P7", f"{name} : scan", f"CPU >= {least}" if least else "", median(cpu) >= least if least else None,
                        spread(cpu), spread(wall), "one question each" if least is None else ""))
    return rows
