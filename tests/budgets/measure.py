"""Measures what budgets.txt limits, and what only a comparison can judge. Run by check.sh."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from stack import stack

TARGET = os.environ["CARGO_TARGET_DIR"]
RELEASE, SMALL = f"{TARGET}/release", f"{TARGET}/small"
CALLS = (101, 201)
# Counts are the same whatever runs beside them, so one runs on each processor.
COUNTS = ThreadPoolExecutor(os.cpu_count())


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def instructions(*command):
    """User instructions of a whole process, by callgrind."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "out")
        run("valgrind", "--tool=callgrind", f"--callgrind-out-file={file}", *command)
        with open(file) as text:
            return int(re.search(r"^(?:summary|totals): (\d+)", text.read(), re.M).group(1))


def peak_stack(*command):
    """The deepest stack of a whole process, by massif."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "out")
        run("valgrind", "--tool=massif", "--stacks=yes", "--heap=no", "--detailed-freq=1",
            f"--massif-out-file={file}", *command)
        with open(file) as text:
            return max(map(int, re.findall(r"^mem_stacks_B=(\d+)", text.read(), re.M)))


class per_unit:
    """The difference between two counts, per unit: start and end cancel out. A future, as the counts are."""

    def __init__(self, low, high, *command, after=()):
        self.units = high - low
        # The longer one first.
        self.high, self.low = (COUNTS.submit(instructions, *command, str(count), *after) for count in (high, low))

    def result(self):
        return round((self.high.result() - self.low.result()) / self.units)


class beyond:
    """What one figure is above another."""

    def __init__(self, whole, part):
        self.whole, self.part = whole, part

    def result(self):
        return self.whole.result() - self.part.result()


def crates(package, *options):
    tree = run("cargo", "tree", "-p", package, *options, "-e", "normal", "--prefix", "none")
    return len({line.split()[0] for line in tree.splitlines() if line}) - 1


def system_calls(*command):
    if not shutil.which("strace"):
        return None
    counts = []
    for count in CALLS:
        with tempfile.NamedTemporaryFile(mode="r") as file:
            run("strace", "-f", "-qq", "-o", file.name, *command, str(count))
            counts.append(sum(1 for line in file if "resumed>" not in line and "(" in line))
    return round((counts[1] - counts[0]) / (CALLS[1] - CALLS[0]), 1)


def cold(*command):
    """CPU and wall milliseconds (median of 15) and peak memory of a whole process."""
    cpu, wall = [], []
    for _ in range(15):
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall.append((time.monotonic() - started) * 1000)
        assert status == 0, command
        cpu.append((usage.ru_utime + usage.ru_stime) * 1000)
    peak = None
    if shutil.which("time"):
        # A small process in between: a child starts with its parent's peak.
        said = subprocess.run(["time", "-f", "%M", *command], check=True, capture_output=True, text=True)
        peak = round(int(said.stderr.split()[-1]) / 1024, 1)
    return sorted(cpu)[7], sorted(wall)[7], peak


def main():
    figures = {}
    head = f"{RELEASE}/head"
    figures["head: instructions"] = per_unit(1000, 2000, head)
    figures["head: instructions, wiping included"] = per_unit(1000, 2000, head, after=("wipe",))
    figures["head: stack bytes"] = stack(head, "budget_write_head")
    figures["head: allocations"] = 0  # the core links without an allocator: stage no_panic
    figures["crates: core"] = crates("alpaca-auth")
    figures["crates: with ureq"] = crates("alpaca-auth-ureq")

    figures["crates: with embedded-tls"] = crates("alpaca-auth-embedded-tls")
    chain = f"{RELEASE}/chain"
    for kind in ("ec", "rsa"):
        # Signatures are new in each run and take a few more or less: a larger difference evens that out.
        figures[f"chain, {kind}: instructions"] = per_unit(10, 40, chain, kind)
        figures[f"chain, {kind}: instructions, cached"] = per_unit(10, 410, chain, kind, after=("cached",))
        # Of the whole process, so a little more than the verdict's own.
        figures[f"chain, {kind}: stack bytes"] = COUNTS.submit(peak_stack, chain, kind, "1")

    measure_oauth(figures)
    for mode in ("decide", "record", "policy"):
        name = f"{mode}: instructions"
        figures[name] = per_unit(1000, 2000, f"{RELEASE}/conduct", mode)
    measure_lists(figures)
    measure_rotation(figures)
    # Before the calls: their times are of a quiet machine.
    figures = {name: figure.result() if hasattr(figure, "result") else figure for name, figure in figures.items()}

    with tempfile.TemporaryDirectory() as folder:
        ca = os.path.join(folder, "ca.pem")
        server = subprocess.Popen(
            [f"{RELEASE}/alpaca-sandbox", "--ca-out", ca, "--rate-limit", "1000000"],
            stdout=subprocess.PIPE, text=True)
        try:
            says = json.loads(server.stdout.readline())
            measure_calls(figures, says, ca)
        finally:
            server.kill()
            server.wait()
    report(figures)


def measure_oauth(figures):
    figures["crates: core with es256"] = crates("alpaca-auth", "--features", "es256")
    figures["crates: core with pkcs8"] = crates("alpaca-auth", "--features", "pkcs8")
    figures["crates: with ureq and pem-key"] = crates("alpaca-auth-ureq", "--features", "pem-key")
    oauth = f"{RELEASE}/oauth"
    figures["token form, secret: instructions"] = per_unit(1000, 2000, oauth, "secret")
    figures["assertion, formatted: instructions"] = per_unit(1000, 2000, oauth, "assertion")
    figures["assertion, ES256: instructions"] = per_unit(20, 60, oauth, "es256")
    figures["token reply: instructions"] = per_unit(1000, 2000, oauth, "reply")
    figures["assertion, formatted: stack bytes"] = stack(oauth, "budget_assertion")
    figures["token reply: stack bytes"] = stack(oauth, "budget_token_reply")
    # Of the whole process, so a little more than the signature's own.
    figures["assertion, ES256: stack bytes"] = COUNTS.submit(peak_stack, oauth, "es256", "2")
    print(run(f"{RELEASE}/token_cache"))


def measure_lists(figures):
    lists = f"{RELEASE}/lists"
    for what in ("orders", "bars"):
        cost = {who: per_unit(200, 1200, lists, what, who) for who in ("none", "ours", "serde_json")}
        for who in ("ours", "serde_json"):
            figures[f"{what}, {who}: instructions per element"] = beyond(cost[who], cost["none"])
    ours, theirs, body = map(int, run(lists, "memory").split())
    figures["500 orders, ours: bytes of memory"] = ours
    figures["500 orders, serde_json: bytes of memory"] = theirs
    print(f"500 orders have {body} bytes, {body // 500} each")


def measure_rotation(figures):
    figures["crates: core with sealed-slot"] = crates("alpaca-auth", "--features", "sealed-slot")
    rotation = f"{RELEASE}/rotation"
    for mode in ("shared", "core"):
        figures[f"rotation, {mode}: instructions"] = per_unit(1000, 2000, rotation, mode)
    for mode in ("slot", "pair", "sealed"):
        figures[f"flash {mode}: instructions"] = per_unit(100, 200, rotation, mode)
        figures[f"flash {mode}: stack bytes"] = stack(rotation, f"budget_read_{mode}")


def measure_calls(figures, says, ca):
    port = says["paper"].rsplit(":", 1)[1]
    for mode in ("ours", "raw"):
        command = (f"{RELEASE}/call", mode, port, ca)
        figures[f"call, {mode}: instructions"] = per_unit(*CALLS, *command).result()
        allocations, _ = map(int, run(*command, "2001").split())
        figures[f"call, {mode}: allocations"] = allocations
        figures[f"call, {mode}: system calls"] = system_calls(*command)
        runs = sorted(int(run(*command, "2001").split()[1]) for _ in range(5))
        figures[f"call, {mode}: CPU µs"] = round(runs[2] / 1000, 1)
    os.environ["APCA_API_KEY_ID"], os.environ["APCA_API_SECRET_KEY"] = says["paper_key_id"], says["paper_secret"]
    programs = {
        "ours": (f"{SMALL}/cold_ours", port, ca),
        "raw": (f"{SMALL}/cold_raw", port, ca),
    }
    if shutil.which("curl"):
        programs["curl"] = ("curl", "-s", "--cacert", ca, "-H", f"APCA-API-KEY-ID: {says['paper_key_id']}",
                            "-H", f"APCA-API-SECRET-KEY: {says['paper_secret']}", f"{says['paper']}/v2/account")
    for name, command in programs.items():
        cpu, wall, peak = cold(*command)
        figures[f"cold, {name}: CPU ms"] = round(cpu, 1)
        figures[f"cold, {name}: wall ms"] = round(wall, 1)
        figures[f"cold, {name}: peak MiB"] = peak
        if name != "curl":
            figures[f"cold, {name}: stripped KiB"] = round(os.path.getsize(command[0]) / 1024)


def report(figures):
    limits = {}
    with open(os.path.join(os.path.dirname(__file__), "budgets.txt")) as file:
        for line in file:
            if match := re.match(r"([^#\s].*?)\s{2,}(\d+)$", line.rstrip()):
                limits[match.group(1)] = int(match.group(2))
    failed = [name for name in limits if name not in figures]
    print(f"{'figure':<44}{'measured':>12}{'limit':>10}")
    for name, figure in figures.items():
        limit = limits.get(name)
        print(f"{name:<44}{'not measured' if figure is None else figure:>12}{'' if limit is None else limit:>10}")
        if limit is not None and figure > limit:
            failed.append(name)
    # On 64 bits RSA is so cheap that hashing the certificates is an eighth of it.
    for kind, least in (("ec", 10), ("rsa", 5)):
        whole, hit = (figures[f"chain, {kind}: instructions{what}"] for what in ("", ", cached"))
        if hit * least > whole:
            failed.append(f"chain, {kind}: a cache hit ({hit}) is too near the cost of the chain ({whole})")
    # What a request pays for rotation, beside the whole of a call on a kept connection.
    rotation, call = figures["rotation, shared: instructions"], figures["call, ours: instructions"]
    if rotation * 100 > call:
        failed.append(f"rotation ({rotation}) is more than 1 % of a call ({call})")
    # The same work, in the same run: ours may not cost more than the library below it.
    # Instructions stay above raw ureq's, which reads no JSON and checks no framing: budgets.txt.
    for what in ("allocations", "system calls"):
        ours, raw = figures[f"call, ours: {what}"], figures[f"call, raw: {what}"]
        if ours is not None and ours >= raw:
            failed.append(f"call: {what} ({ours}, raw ureq {raw})")
    table(figures)
    if failed:
        sys.exit("over budget: " + "; ".join(failed))


def table(figures):
    """The rows that the README quotes."""
    print()
    for name in ("head: instructions", "head: instructions, wiping included", "head: stack bytes",
                 "head: allocations", "crates: core", "crates: with ureq", "crates: with embedded-tls",
                 *(f"chain, {kind}: {what}" for kind in ("ec", "rsa")
                   for what in ("instructions", "instructions, cached", "stack bytes"))):
        print(f"| {name} | {figures[name]} | | |")
    for what, unit in (("orders", "instructions per element"), ("bars", "instructions per element"),
                       ("500 orders", "bytes of memory")):
        ours, theirs = (figures[f"{what}, {who}: {unit}"] for who in ("ours", "serde_json"))
        print(f"| {what}: {unit} | {ours} | {theirs} (`serde_json`) | |")
    for kind, whats in (("call", ("instructions", "allocations", "system calls", "CPU µs")),
                        ("cold", ("CPU ms", "wall ms", "peak MiB", "stripped KiB"))):
        for what in whats:
            row = (figures.get(f"{kind}, {who}: {what}", "") for who in ("ours", "raw", "curl"))
            print(f"| {kind}: {what} | " + " | ".join(str(cell) for cell in row) + " |")


main()
