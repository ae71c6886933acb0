"""Counts what the firmware costs: flash, statics, stack, instructions. Fails above tests/budgets/firmware.txt.

usage: measure.py TARGET-FOLDER NAME [--profile]   (a name is a board, or board-variant)
  the ELF files are TARGET-FOLDER/firmware-NAME, and firmware-NAME-measure for the counts
usage: measure.py --record TARGET-FOLDER NAME FOLDER: records sessions with `openssl s_server` into FOLDER
"""
import bisect
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import emulator
import servers

HERE = pathlib.Path(__file__).resolve().parent
BUDGETS = HERE.parent / "budgets" / "firmware.txt"
RECORDED = HERE / "recording"
PHASES = {1: "handshake", 2: "request", 3: "handshake, cached", 4: "request, later"}


def symbols(elf):
    listed = subprocess.run(["nm", "-C", elf], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, _, name in (line.split(" ", 2) for line in listed.splitlines() if line[0] != " ")}


def functions(elf):
    listed = subprocess.run(["nm", "-C", "-n", elf], capture_output=True, text=True, check=True).stdout
    found = [line.split(" ", 2) for line in listed.splitlines()]
    return [(int(address, 16) & ~1, re.sub(r"::h[0-9a-f]{16}$", "", name)) for address, kind, name in found if kind in "tTwW" and name[0] != "$"]


def sizes(elf):
    text, data, bss = subprocess.run(["size", elf], capture_output=True, text=True, check=True).stdout.splitlines()[1].split()[:3]
    return int(text) + int(data), int(data) + int(bss)


def count(elf, board, work, plugin):
    """Instructions and stack by phase, and instructions by function."""
    at = symbols(elf)
    sorted_at = functions(elf)
    end = min(address for address, _ in sorted_at if address > at["bench_mark"] & ~1)
    out = work / "profile.out"
    options = f"{plugin},out={out},mark={at['MARKS']:#x},fn={at['bench_mark'] & ~1:#x}:{end:#x},stack={at['_stack_end']:#x}:{at['_stack_start']:#x}"
    said = json.loads((RECORDED / "session.json").read_text())
    run = emulator.run(board, elf, work, (RECORDED / "slot.bin").read_bytes(), anchor=(RECORDED / "anchor.der").read_bytes(),
                       recordings=(RECORDED / "session.bin").read_bytes(), arguments=f"now={said['now']}", plugin=options)
    if run.code != 0 or run.console.count("measured: account ACTIVE") != 2:
        sys.exit(f"the measured run fails, exit code {run.code}: {run.console}")
    instructions, stack, flat = collections.Counter(), {}, collections.defaultdict(collections.Counter)
    addresses = [address for address, _ in sorted_at]
    for line in out.read_text().splitlines():
        kind, phase, *numbers = line.split()
        phase, numbers = int(phase), [int(number) for number in numbers]
        if kind == "stack":
            stack[phase] = numbers[0], sorted_at[bisect.bisect_right(addresses, numbers[1]) - 1][1]
        else:
            instructions[phase] += numbers[1]
            flat[phase][sorted_at[bisect.bisect_right(addresses, numbers[0]) - 1][1]] += numbers[1]
    return instructions, stack, flat


def record(target, name, folder):
    board = name.split("-")[0]
    folder = pathlib.Path(folder)
    with tempfile.TemporaryDirectory() as scratch:
        work = pathlib.Path(scratch)
        os.environ["HOME"] = scratch
        pki = servers.Pki(work)
        server = servers.OpenSsl(pki, "good")
        environment = {**os.environ, "APCA_API_KEY_ID": "PKRECORDED0000000000", "APCA_API_SECRET_KEY": "not/a-real-secret+of-40-characters-00000"}
        subprocess.run([target / "debug" / "provision", "--paper", "--out", work / "slot.bin"], env=environment, check=True, capture_output=True)
        now, recording = int(time.time()), work / "session.bin"
        run = emulator.run(board, target / f"firmware-{name}-measure", work, (work / "slot.bin").read_bytes(), port=server.port, anchor=pki.anchor,
                           arguments=f"now={now}", record=recording)
        server.end()
        if run.code != 0:
            sys.exit(f"the recorded run fails: {run.console}")
        time.sleep(1)
        folder.mkdir(exist_ok=True)
        (folder / "session.bin").write_bytes(recording.read_bytes())
        (folder / "anchor.der").write_bytes(pki.anchor)
        (folder / "slot.bin").write_bytes((work / "slot.bin").read_bytes())
        (folder / "session.json").write_text(json.dumps({"now": now}) + "\n")
        print(f"recorded {recording.stat().st_size} bytes of two sessions")


def main():
    if sys.argv[1] == "--record":
        return record(pathlib.Path(sys.argv[2]), *sys.argv[3:5])
    target, name = pathlib.Path(sys.argv[1]), sys.argv[2]
    board = name.split("-")[0]
    figures = {}
    figures["flash bytes"], figures["static bytes"] = sizes(target / f"firmware-{name}")
    with tempfile.TemporaryDirectory() as scratch:
        work = pathlib.Path(scratch)
        plugin = work / "profile.so"
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", plugin, HERE / "profile.c"], check=True)
        elf = target / f"firmware-{name}-measure"
        instructions, stack, flat = count(elf, board, work, plugin)
        if count(elf, board, work, plugin)[0] != instructions:
            sys.exit("two runs over the same bytes count differently")
    for phase, label in PHASES.items():
        figures[f"{label}: instructions"] = instructions[phase]
    # Phase 0 paints the stack.
    figures["stack bytes"] = max(stack[phase][0] for phase in PHASES)
    figures["heap bytes"] = 0  # no allocator is linked: `alloc` would not link
    if any("__rust_alloc" in symbol for symbol in symbols(target / f"firmware-{name}")):
        sys.exit("an allocator is linked")
    over = False
    limits = {}
    for line in BUDGETS.read_text().splitlines():
        if line and not line.startswith("#"):
            build, figure, limit = re.split(r" {2,}", line.strip())
            if build == name:
                limits[figure] = int(limit)
    for figure, value in figures.items():
        limit = limits.get(figure)
        beyond = limit is None or value > limit
        over |= beyond
        print(f"{name:<12} {figure:<32} {value:>12,} {'' if limit is None else format(limit, ','):>12}{'  OVER' if beyond else ''}")
    for phase, label in PHASES.items():
        print(f"  {label}: deepest stack {stack[phase][0]} in {stack[phase][1][:90]}")
        for function, value in flat[phase].most_common(12 if "--profile" in sys.argv else 3):
            print(f"    {value:>12,} {100 * value / instructions[phase]:5.1f} %  {function[:100]}")
    sys.exit(over)


main()
