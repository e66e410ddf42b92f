#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUT.c SQL...: the migrations as an array of statements, each file one version in the order of its number."""
import json
import pathlib
import sys

out, *files = sys.argv[1:]
lines = ['#include "desk/store/schema.h"', "", "#include <stddef.h>", ""]
names = []
for path in map(pathlib.Path, files):
    name = "version_" + path.stem.split("_")[0]
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--"))
    statements = [" ".join(part.split()) for part in text.split(";") if part.strip()]
    lines.append(f"static const char *const {name}[] = {{")
    lines += [f"\t{json.dumps(statement)}," for statement in statements] + ["\tNULL,", "};", ""]
    names.append(name)
lines.append("const char *const *const schema_versions[] = {")
lines += [f"\t{name}," for name in names] + ["\tNULL,", "};", ""]
pathlib.Path(out).write_text("\n".join(lines))
