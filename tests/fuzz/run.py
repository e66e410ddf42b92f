#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py TARGET SEEDS: fuzzes for FUZZ_SECONDS (default 10), starting from the files in the folder SEEDS (may be missing).

New inputs stay in a temporary folder; an input that fails is kept in the current folder and named in the output.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

target, seeds = sys.argv[1:]
seconds = os.environ.get("FUZZ_SECONDS", "10")
with tempfile.TemporaryDirectory() as corpus:
    folders = [corpus] + [seeds] * pathlib.Path(seeds).is_dir()
    limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=65536", "-print_final_stats=1"]
    done = subprocess.run([target, *limits, *folders], stderr=subprocess.PIPE, text=True, errors="replace")
tail = done.stderr.splitlines()[-40:]
print("\n".join(tail if done.returncode else [line for line in tail if "number_of_executed_units" in line]))
sys.exit(done.returncode)
