#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a file below src/ includes a header of a layer that src/LAYERS does not allow."""
import pathlib
import re
import sys

src = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
allowed = {}
for line in (src / "LAYERS").read_text().splitlines():
    if line and not line.startswith("#"):
        layer, _, others = line.partition(":")
        allowed[layer.strip()] = set(others.split()) | {layer.strip()}

breaches = []
for path in sorted(src.rglob("*.[ch]")):
    layer = str(path.parent.relative_to(src))
    if layer not in allowed:
        breaches.append(f"{path}: folder {layer} is not in LAYERS")
        continue
    for number, text in enumerate(path.read_text().splitlines(), 1):
        included = re.match(r'#include "([^"]+)"', text)
        if included and str(pathlib.PurePosixPath(included[1]).parent) not in allowed[layer]:
            breaches.append(f"{path}:{number}: {layer} may not include {included[1]}")
print("\n".join(breaches) or f"{len(allowed)} layers, no breach")
sys.exit(bool(breaches))
