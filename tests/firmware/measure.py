"""Counts what the firmware costs: flash, statics, stack, instructions. Fails above tests/budgets/firmware.txt.

usage: measure.py TARGET-FOLDER NAME [--profile] [--write | --print]   (a name is a board, or board-variant)
  --write makes the figures the limits, --print lets a build pass that has none
  the ELF files are TARGET-FOLDER/firmware-NAME, and firmware-NAME-measure for the counts
usage: measure.py --record TARGET-FOLDER NAME FOLDER: records sessions with `openssl s_server` into FOLDER
"""
import base64
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
import host
import servers

HERE = pathlib.Path(__file__).resolve().parent
BUDGETS = HERE.parent / "budgets" / "firmware.txt"
RECORDED = HERE / "recording"
PHASES = {1: "handshake", 2: "request", 3: "handshake, cached", 4: "request, later"}
ASSERTION, LOAD, IMPORT = 5, 6, 7


class SigningKey:
    """A key for client assertions, the same in each run, and OpenSSL to verify with."""
    SCALAR = bytes(range(1, 33))

    def __init__(self, work):
        self.work = work
        # RFC 5915: version, scalar, curve.
        der = bytes.fromhex("30310201010420") + self.SCALAR + bytes.fromhex("a00a06082a8648ce3d030107")
        self.public = work / "signing.pem"
        subprocess.run(["openssl", "ec", "-inform", "DER", "-pubout", "-out", self.public], input=der, check=True, capture_output=True)

    def verify(self, form):
        """Ends the program unless the form's assertion says what it should, and is signed by this key."""
        fields = dict(field.split("=", 1) for field in form.split("&"))
        head, claims, signature = fields["client_assertion"].split(".")
        decode = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        said, r_s = json.loads(decode(claims)), decode(signature)
        if json.loads(decode(head)) != {"alg": "ES256", "typ": "JWT", "kid": "device-1"} or said["sub"] != "firmware-client" or said["exp"] - said["iat"] > 300:
            sys.exit(f"not the assertion that was asked for: {form}")
        number = lambda digits: b"\x02" + bytes([len(digits)]) + digits
        der = b"".join(number((b"\0" + half).lstrip(b"\0") if half.lstrip(b"\0")[0] < 0x80 else b"\0" + half.lstrip(b"\0")) for half in (r_s[:32], r_s[32:]))
        (self.work / "signature").write_bytes(b"\x30" + bytes([len(der)]) + der)
        checked = ["openssl", "dgst", "-sha256", "-verify", self.public, "-signature", self.work / "signature"]
        if len(r_s) != 64 or subprocess.run(checked, input=f"{head}.{claims}".encode(), capture_output=True).returncode != 0:
            sys.exit(f"OpenSSL does not verify the assertion: {form}")
        if subprocess.run(checked, input=f"{head}.{claims}x".encode(), capture_output=True).returncode == 0:
            sys.exit("OpenSSL verifies anything")


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


def count(elf, name, board, work, plugin):
    """Instructions and stack by phase, and instructions by function."""
    at = symbols(elf)
    sorted_at = functions(elf)
    end = min(address for address, _ in sorted_at if address > at["bench_mark"] & ~1)
    out = work / "profile.out"
    options = f"{plugin},out={out},mark={at['MARKS']:#x},fn={at['bench_mark'] & ~1:#x}:{end:#x},stack={at['_stack_end']:#x}:{at['_stack_start']:#x}"
    key, stem = SigningKey(work), recorded(name)
    said = json.loads((RECORDED / f"{stem}.json").read_text())
    slot = (RECORDED / "slot.bin").read_bytes()
    imported = emulator.stored(host.ask() + host.put(slot) + host.ask())
    run = emulator.run(board, elf, work, slot, anchor=(RECORDED / f"{stem}-anchor.der").read_bytes(),
                       recordings=(RECORDED / f"{stem}.bin").read_bytes() + imported, signing_key=key.SCALAR, arguments=f"now={said['now']}", plugin=options)
    if run.code != 0 or run.console.count("measured: account ACTIVE") != 2:
        sys.exit(f"the measured run fails, exit code {run.code}: {run.console}")
    if "measured: key number 1 from the first slot" not in run.console:
        sys.exit(f"the key was not read: {run.console}")
    if "import: " in run.console and "measured: imported" not in run.console:
        sys.exit(f"the key was not imported: {run.console}")
    signed = re.search(r"signed: (\S+)", run.console)
    if signed:
        key.verify(signed[1])
    elif name.endswith("es256"):
        sys.exit(f"no assertion was signed: {run.console}")
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


def recorded(name):
    """The recording that this build is measured with."""
    return "rsa" if "rsa" in name.split("-") else "session"


def record(target, name, folder):
    board, stem = name.split("-")[0], recorded(name)
    folder = pathlib.Path(folder)
    with tempfile.TemporaryDirectory() as scratch:
        work = pathlib.Path(scratch)
        os.environ["HOME"] = scratch
        pki = servers.Pki(work)
        certificate, anchor = ("rsa", pki.rsa_anchor) if stem == "rsa" else ("good", pki.anchor)
        server = servers.OpenSsl(pki, certificate)
        environment = {**os.environ, "APCA_API_KEY_ID": "PKRECORDED0000000000", "APCA_API_SECRET_KEY": "not/a-real-secret+of-40-characters-00000"}
        subprocess.run([target / "debug" / "provision", "--paper", "--out", work / "slot.bin"], env=environment, check=True, capture_output=True)
        now, recording = int(time.time()), work / "session.bin"
        run = emulator.run(board, target / f"firmware-{name}-measure", work, (work / "slot.bin").read_bytes(), port=server.port, anchor=anchor,
                           arguments=f"now={now}", record=recording)
        server.end()
        if run.code != 0:
            sys.exit(f"the recorded run fails: {run.console}")
        time.sleep(1)
        folder.mkdir(exist_ok=True)
        (folder / f"{stem}.bin").write_bytes(recording.read_bytes())
        (folder / f"{stem}-anchor.der").write_bytes(anchor)
        (folder / "slot.bin").write_bytes((work / "slot.bin").read_bytes())
        (folder / f"{stem}.json").write_text(json.dumps({"now": now}) + "\n")
        print(f"recorded {recording.stat().st_size} bytes of two sessions")


def compiler():
    return subprocess.run([os.environ.get("RUSTC", "rustc"), "-V"], capture_output=True, text=True, check=True).stdout.strip()


def budgets(name):
    """The limits of a build, and how many percent more another compiler than theirs may take."""
    lines = BUDGETS.read_text().splitlines()
    known = next(line.removeprefix("# compiler: ") for line in lines if line.startswith("# compiler: "))
    split = [re.split(r" {2,}", line.strip()) for line in lines if line and not line.startswith("#")]
    limits = {figure: int(limit) for build, figure, limit in split if build == name}
    if compiler() != known:
        print(f"built by {compiler()}, limits are those of {known}: 5 percent more is let pass")
        return limits, 5
    return limits, 0


def write(name, figures):
    """Makes these figures the limits, with what another path of the sources may take on top (see firmware.txt)."""
    def up(figure, value):
        if "instructions" in figure:
            return -(-value * 102 // 100_000) * 1000
        return value and -(-value // 256) * 256 + 256 * (not figure.startswith("static"))
    lines = [line for line in BUDGETS.read_text().splitlines() if line.split("  ")[0].strip() != name]
    lines = [f"# compiler: {compiler()}" if line.startswith("# compiler: ") else line for line in lines]
    lines += [f"{name:<16} {figure:<33} {up(figure, value)}" for figure, value in figures.items()]
    BUDGETS.write_text("\n".join(lines) + "\n")


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
        instructions, stack, flat = count(elf, name, board, work, plugin)
        # Of one build is enough: it is the emulator's doing.
        if name == "an386" and count(elf, name, board, work, plugin)[0] != instructions:
            sys.exit("two runs over the same bytes count differently")
    for phase, label in PHASES.items():
        figures[f"{label}: instructions"] = instructions[phase]
    # Phase 0 paints the stack.
    figures["stack bytes"] = max(stack[phase][0] for phase in PHASES)
    phases = dict(PHASES)
    if ASSERTION in stack:
        phases[ASSERTION] = "assertion"
        figures["assertion: instructions"] = instructions[ASSERTION]
        figures["assertion: stack bytes"] = stack[ASSERTION][0]
    phases[LOAD] = "slot reader"
    if IMPORT in stack:
        phases[IMPORT] = "import"
    for phase in (LOAD, IMPORT):
        if phase in phases:
            figures[f"{phases[phase]}: instructions"] = instructions[phase]
            figures[f"{phases[phase]}: stack bytes"] = stack[phase][0]
    figures["heap bytes"] = 0  # no allocator is linked: `alloc` would not link
    if any("__rust_alloc" in symbol for symbol in symbols(target / f"firmware-{name}")):
        sys.exit("an allocator is linked")
    if "--write" in sys.argv:
        write(name, figures)
    over, limits, room = False, *budgets(name)
    if gone := [figure for figure in limits if figure not in figures]:
        sys.exit(f"{name}: nothing was measured for {gone}")
    for figure, value in figures.items():
        limit = limits.get(figure)
        if limit is not None and room:
            limit += limit * room // 100
        beyond = value > limit if limit is not None else bool(limits) or "--print" not in sys.argv
        over |= beyond
        print(f"{name:<16} {figure:<32} {value:>12,} {'' if limit is None else format(limit, ','):>12}{'  OVER' if beyond else ''}")
    for phase, label in phases.items():
        print(f"  {label}: deepest stack {stack[phase][0]} in {stack[phase][1][:90]}")
        for function, value in flat[phase].most_common(16 if "--profile" in sys.argv else 2):
            print(f"    {value:>12,} {100 * value / instructions[phase]:5.1f} %  {function[:100]}")
    sys.exit(over)


main()
