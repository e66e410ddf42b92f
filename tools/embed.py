#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUT.c FILE...: licence texts as the array that cmd/licences.h declares, each named after its file."""
import json
import pathlib
import sys

out, *files = sys.argv[1:]
lines = ['#include "cmd/licences.h"', "", "#include <stddef.h>", "", "const struct licence licences[] = {"]
for path in map(pathlib.Path, files):
    lines.append("\t{ " + json.dumps("quell" if path.name == "LICENSE" else path.stem) + ",")
    lines += [f"\t  {json.dumps(line, ensure_ascii=False)}" for line in path.read_text(encoding="utf-8").splitlines(True)]
    lines.append("\t},")
lines += ["\t{ NULL, NULL },", "};", ""]
pathlib.Path(out).write_text("\n".join(lines), encoding="utf-8")
