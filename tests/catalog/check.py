#!/usr/bin/env python3
"""Holds operations.txt to the OpenAPI files without their generator: reads the text line by line.

usage: check.py SPECS   directory of trading.yaml, data.yaml and broker.yaml
"""
import pathlib
import re
import sys

VECTORS = pathlib.Path(__file__).parent / "operations.txt"
FILES = {"trading": "trading", "market_data": "data", "broker": "broker"}


def operations(text):
    """(method, path, operationId) by indentation: paths at two blanks, methods at four, their keys at six."""
    path = method = None
    for line in text[text.index("\npaths:\n"):].splitlines()[2:]:
        if re.match(r"\S", line):
            break
        if found := re.match(r"  '?(/[^:' ]*(?::[a-z_]+)?)'?:$", line):
            path = found[1]
        elif found := re.match(r"    (get|post|put|patch|delete):$", line):
            method = found[1].upper()
        elif found := re.match(r"      operationId: (\S+)$", line):
            yield method, path, found[1]


def main():
    lines = [line.split("\t") for line in VECTORS.read_text().splitlines() if not line.startswith("#")]
    wrong = 0
    for module, name in FILES.items():
        there = set(operations((pathlib.Path(sys.argv[1]) / f"{name}.yaml").read_text()))
        ours = {(line[1], line[2], line[3]) for line in lines if line[0] == module}
        for operation in sorted(there ^ ours):
            wrong += 1
            print(f"{name}: {' '.join(operation)} stands {'in the file' if operation in there else 'in the vectors'} only")
        print(f"{name}.yaml: {len(there)} operations, {len(there & ours)} of them in the vectors")
    sys.exit(wrong > 0)


main()
