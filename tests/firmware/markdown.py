"""Prints the limits of the firmware as the table of examples/firmware/README.md."""
import collections
import pathlib
import re

COLUMNS = {"flash bytes": "flash", "static bytes": "static", "stack bytes": "stack", "heap bytes": "heap", "handshake: instructions": "handshake",
           "handshake, cached: instructions": "cached", "request: instructions": "request", "assertion: instructions": "assertion"}
builds = collections.defaultdict(dict)
for line in (pathlib.Path(__file__).resolve().parents[1] / "budgets" / "firmware.txt").read_text().splitlines():
    if line and not line.startswith("#"):
        build, figure, limit = re.split(r" {2,}", line.strip())
        builds[build][figure] = int(limit)
print("| build | " + " | ".join(COLUMNS.values()) + " |\n|---" + "|---" * len(COLUMNS) + "|")
for build, figures in builds.items():
    print(f"| `{build}` | " + " | ".join(format(figures[figure], ",") if figure in figures else "" for figure in COLUMNS) + " |")
