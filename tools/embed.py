#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUT.c HEADER ARRAY FILE...: texts as the array of {name, text} that HEADER declares, each named after its file."""
import json
import pathlib
import sys

out, header, array, *files = sys.argv[1:]
lines = [f'#include "{header}"', "", "#include <stddef.h>", "", f"const struct {array}[] = {{"]
for path in map(pathlib.Path, files):
    lines.append("\t{ " + json.dumps("quell" if path.name == "LICENSE" else path.stem) + ",")
    lines += [f"\t  {json.dumps(line, ensure_ascii=False)}" for line in path.read_text(encoding="utf-8").splitlines(True)]
    lines.append("\t},")
lines += ["\t{ NULL, NULL },", "};", ""]
pathlib.Path(out).write_text("\n".join(lines), encoding="utf-8")
