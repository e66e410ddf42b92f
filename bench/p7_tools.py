# SPDX-License-Identifier: Apache-2.0
"""P7: what a scan replaces: an administrator's pipelines and Exim's own tools, on the same log or the same queue. Ratios are
theirs to quell's, so larger is better."""
import shutil
from statistics import median

from measure import Ratio, check_verdict, many_times, pairs, row, scaled, spool_of, spread

SAMPLE = 20  # runs of a loop that stand for all of it
BY_DIRECTORY = ("grep cwd \"$1\" | grep -v /var/spool | awk -F'cwd=' '{print $2}' | awk '{print $1}' | sort | uniq -c | sort -n")
BY_LOGIN = ("grep dovecot_login \"$1\" | awk -F'A=dovecot_login:' '{print $2}' | awk '{print $1}' | sort | uniq -c | sort -n")


def table_row(name, least, ratio, note):
    cpu, wall = [1 / value for value in ratio.cpu], [1 / value for value in ratio.wall]
    met = median(cpu) >= least if least else None
    return row("P7", f"{name} : scan", f"CPU >= {least}" if least else "", met, spread(cpu), spread(wall), note)


def compare(bench, image, tools):
    """tools: name, argv, least ratio, of how many runs it is one."""
    for name, argv, least, times in tools:
        if not shutil.which(argv[0]):
            yield row("P7", f"{name} : scan", "", None, note="not installed")
            continue
        sampled = argv if times == 1 else many_times(SAMPLE, argv)
        ratio = pairs(max(3, bench.pairs // 2), bench.scan(image), sampled, (1,), lambda text: check_verdict(image, text))
        scaled(ratio.others, times / SAMPLE if times > 1 else 1)
        note = f"of {SAMPLE} runs for {times}" if times > 1 else "one question"
        yield table_row(name, least, Ratio(ratio.ones, ratio.others), note)


def log_tools(log, accounts):
    return [("directories by grep | awk | sort", ["sh", "-c", BY_DIRECTORY, "sh", log], None, 1),
            ("logins by grep | awk | sort", ["sh", "-c", BY_LOGIN, "sh", log], None, 1),
            (f"grep U= | wc -l for each of {accounts} accounts", ["sh", "-c", 'grep U=blue0001 "$1" | wc -l', "sh", log], 3000, accounts),
            ("eximstats", ["eximstats", log], 45, 1),
            ("exigrep of one account", ["exigrep", "office@blue-amber1.example", log], 18, 1)]


def queue_tools(bench, image):
    """exim itself on the image's spool, by a configuration that names it."""
    spool = spool_of(image)
    conf = bench.folder / "exim.conf"
    conf.write_text(f"spool_directory = {spool}\nlog_file_path = syslog\nkeep_environment =\n")
    head = next(spool.glob("input/*/*-H")).name[:-2]
    return [("exim -bp", ["exim", "-C", str(conf), "-bp"], None, 1),
            ("exiqgrep of one sender", ["exiqgrep", "-C", str(conf), "-c", "-f", "office@"], None, 1),
            ("exipick of one account", ["exipick", "-spool", str(spool), "-c", "$sender_ident eq blue0001"], 28, 1),
            ("exim -Mvh of each message", ["exim", "-C", str(conf), "-Mvh", head], 2500, bench.queued)]


def measure(bench):
    accounts = 3000
    image = bench.image(min(bench.megabytes, 250), accounts)
    queue = bench.queue_image(bench.queued)
    return [*compare(bench, image, log_tools(str(image / "root/var/log/exim_mainlog"), accounts)),
            *compare(bench, queue, queue_tools(bench, queue))]
