"""Changes the key of emulated boards over their serial line, with the real `provision`, and cuts their power.

usage: provisioning.py TARGET-FOLDER BUILD...   (ELF files under TARGET-FOLDER/firmware-BUILD, with feature `import`)
Each case is named for its promise. The first build gets all of them, the others what depends on the board.
"""
import mmap
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import emulator
import host
import servers

target, builds = pathlib.Path(sys.argv[1]), sys.argv[2:]
provision = target / "debug" / "provision"
# For two minutes somebody may come. An import ends this, or the test.
STRAP = "import=120000"
SECRETS = {
    "PKREVOKED00000000000": "revoked/not-a-real+secret-0123456789abcd",
    "PKOLDER0000000000000": "older-not-a-real-secret-0123456789abcdef",
    "AKLIVE00000000000000": "live/not-a-real-secret+0123456789abcdefg",
}
failures = 0


def image(work, key, kind="--paper", number=1):
    """The slot that `provision` writes."""
    path = work / "slot.bin"
    path.unlink(missing_ok=True)
    environment = {**os.environ, "APCA_API_KEY_ID": key, "APCA_API_SECRET_KEY": SECRETS[key]}
    subprocess.run([provision, kind, "--out", path, "--sequence", str(number)], env=environment, check=True, capture_output=True)
    content = path.read_bytes()
    path.unlink()
    return content


def expect(run, code, *parts):
    missing = [part for part in parts if part not in run.console]
    return "" if run.code == code and not missing else f"exit code {run.code}, {missing} is missing in {run.console!r}"


def shows_secret(text):
    """Whether eight characters of a secret stand in it."""
    return any(secret[at:at + 8].encode() in text for secret in SECRETS.values() for at in range(len(secret) - 7))


class Bench:
    """A board on the desk, with its flash and its line. No run may show a secret on console or line."""

    def __init__(self, build, work, sandbox):
        self.board, self.elf, self.build, self.work, self.sandbox = build.split("-")[0], target / f"firmware-{build}", build, work, sandbox
        self.key = sandbox.keys[0]
        SECRETS[self.key] = sandbox.keys[1]
        self.good = image(work, self.key, number=4)
        self.older = image(work, "PKOLDER0000000000000", number=3)
        self.count = 0

    def flash(self, first=b"\xff", second=None):
        self.count += 1
        return emulator.Flash(self.work / f"{self.board}-{self.count}.flash", first, second)

    def start(self, flash, arguments):
        """A board with somebody at its line."""
        path = self.work / f"{self.board}.line"
        path.unlink(missing_ok=True)
        process = emulator.start(self.board, self.elf, self.work, flash, self.sandbox.port, self.sandbox.anchor, arguments, line=path)
        return process, host.Line(path)

    def end(self, process, line):
        run = emulator.end(process)
        if shows_secret(run.console.encode()) or line and shows_secret(line.received):
            run = emulator.Run(None, f"a secret stands on console or line: {run.console}")
        if line:
            line.close()
        return run

    def alone(self, flash, arguments="rounds=0"):
        """A board with nobody at its line."""
        process = emulator.start(self.board, self.elf, self.work, flash, self.sandbox.port, self.sandbox.anchor, arguments)
        return self.end(process, None)

    def report(self, promise, fault):
        global failures
        failures += bool(fault)
        print(f"{self.build:<8} {promise:<88} {'ok' if not fault else 'FAILED: ' + str(fault)}", flush=True)


def a_blank_board_is_provisioned(bench):
    flash = bench.flash()
    process, line = bench.start(flash, f"{STRAP} rounds=1")
    line.await_board()
    said = host.provision(provision, line, (bench.key, SECRETS[bench.key]))
    if said.returncode:
        process.kill()
    run = bench.end(process, line)
    fault = "" if said.returncode == 0 and "slot number 1 in its first sector" in said.stdout else said.stdout + said.stderr
    fault = fault or expect(run, 0, "key number 1 is in the first slot", "key number 1 from the first slot", "ACTIVE equity", "round 1 done")
    fault = fault or expect(bench.alone(flash), 0, "key number 1 from the first slot")
    # The control: where the secret does pass, it is seen.
    fault = fault or ("" if shows_secret(line.sent) else "nobody looks for the secret")
    bench.report("a blank board is provisioned over its serial line and fetches the account", fault)


def the_device_numbers(bench):
    for held, sent, stored in ((4, 0, 5), (4, 4, 5), (4, 2**31 + 9, 5), (2**32 - 1, 7, 0)):
        old, new = host.numbered(bench.older, held), host.numbered(bench.good, sent)
        flash = bench.flash(old)
        process, line = bench.start(flash, f"{STRAP} rounds=0")
        line.send(host.ask() + host.put(new) + host.ask())
        answers = line.answers(3)
        fault = expect(bench.end(process, line), 0, f"key number {stored} from the second slot")
        if answers != [host.said(host.STATE, ord("P"), held), host.said(host.STORED, 1, stored), host.said(host.STATE, ord("P"), stored)]:
            fault = fault or f"answers {answers}"
        if flash.slots() != (old, host.numbered(new, stored)):
            fault = fault or "the flash holds something else"
        bench.report(f"after number {held} comes number {stored} in the other slot, even if {sent} is sent", fault)


def a_refused_key_is_replaced(bench):
    revoked = image(bench.work, "PKREVOKED00000000000")
    process, line = bench.start(bench.flash(), f"{STRAP} rounds=1")
    line.send(host.put(revoked) + host.ask())
    emulator.await_text(process, "round 1: ")
    line.send(host.put(bench.good) + host.ask())
    run = bench.end(process, line)
    bench.report("a board whose key the server refuses takes another one and does its job",
                 expect(run, 0, "key number 1 from the first slot", "HTTP 401", "key number 2 from the second slot", "round 1 done"))
    run = bench.alone(bench.flash(revoked), "rounds=2")
    bench.report("without somebody at its line it ends at the first refusal", expect(run, 1, "round 1: ") or ("it tries again" if "round 2" in run.console else ""))


def unchanged(bench, flash, fault):
    """The flash keeps what it has, and the board uses it."""
    if flash.slots() != (bench.good, b"\xff" * emulator.SLOT_LEN):
        fault = fault or "the flash has changed"
    return fault or expect(bench.alone(flash), 0, "key number 4 from the first slot\n")


def nothing_changes(bench, promise, frames, wanted):
    flash = bench.flash(bench.good)
    process, line = bench.start(flash, STRAP)
    line.send(frames)
    answers = line.answers(len(wanted))
    process.kill()
    fault = expect(bench.end(process, line), -9)
    bench.report(promise, unchanged(bench, flash, fault or ("" if answers == wanted else f"answers {answers}")))


def what_is_refused_changes_nothing(bench):
    live = image(bench.work, "AKLIVE00000000000000", "--live")
    newer = bytearray(bench.older)
    newer[4] = 2
    flipped = bytearray(host.put(bench.older))
    flipped[60] ^= 1
    torn = bytearray(bench.older)
    torn[60] ^= 1
    refused = lambda *refusals: [host.said(host.REFUSED, refusal) for refusal in refusals]
    nothing_changes(bench, "a key of a live account is refused", host.put(live), refused(host.OTHER_ENVIRONMENT))
    nothing_changes(bench, "frames that are damaged, of a newer version or undefined are refused",
                    bytes(flipped) + host.put(bytes(torn)) + host.put(bytes(newer)) + host.frame(3) + host.frame(2, bench.older[:271]),
                    refused(host.LINE, host.LINE, host.NO_KEY, host.LINE, host.LINE))
    nothing_changes(bench, "noise and a line that echoes get no answer", b"I (312) boot APK" + host.frame(0x81, host.said(host.STATE, ord("P"), 9)) + b"\0APKAPK" + host.ask(),
                    [host.said(host.STATE, ord("P"), 4)])


def without_the_strap_it_keeps_its_key(bench):
    flash = bench.flash(bench.good)
    process, line = bench.start(flash, "rounds=2")
    # It listens for a moment after each round, and a busy machine may cut the first key short.
    line.send(host.ask() + 2 * host.put(bench.older))
    fault = expect(bench.end(process, line), 0, "round 2 done", "refused: the device does not import now")
    answers = line.answers(2, 0)
    if answers[:1] != [host.said(host.STATE, ord("P"), 4)] or host.said(host.REFUSED, host.NOT_ALLOWED) not in answers:
        fault = fault or f"answers {answers}"
    bench.report("without the strap it refuses a key, keeps its own, and does its job", unchanged(bench, flash, fault))


def the_host_program_is_told(bench):
    for promise, kind, key, damage, part in (
            ("`provision` does not even send a live key to a board for paper", "--live", "AKLIVE00000000000000", (), "the key was not sent"),
            ("`provision` says so when every frame is damaged", "--paper", "PKOLDER0000000000000", [11 + 283 * n + 100 for n in range(3)], "check speed and parity")):
        flash = bench.flash(bench.good)
        process, line = bench.start(flash, STRAP)
        line.await_board()
        line.damage = set(damage)
        said = host.provision(provision, line, (key, SECRETS[key]), kind)
        process.kill()
        fault = expect(bench.end(process, line), -9)
        if said.returncode != 1 or part not in said.stderr:
            fault = fault or said.stdout + said.stderr
        if SECRETS[key] in said.stdout + said.stderr or (kind == "--live" and SECRETS[key].encode() in line.sent):
            fault = fault or "the secret went out"
        bench.report(promise, unchanged(bench, flash, fault))
    flash = bench.flash(bench.older)
    process, line = bench.start(flash, f"{STRAP} rounds=1")
    line.await_board()
    line.damage = {11 + 100}
    said = host.provision(provision, line, (bench.key, SECRETS[bench.key]))
    if said.returncode:
        process.kill()
    run = bench.end(process, line)
    bench.report("`provision` sends a damaged frame again, and the board does its job with the new key",
                 expect(run, 0, "refused: the device got a damaged frame", "key number 4 from the second slot", "round 1 done") or ("" if said.returncode == 0 else said.stderr))


def a_line_that_goes_silent_is_forgotten(bench):
    flash = bench.flash(bench.older)
    process, line = bench.start(flash, f"{STRAP} rounds=0")
    line.send(host.ask() + host.put(bench.older)[:150])
    line.answers(1)
    time.sleep(2.5)
    line.send(host.put(bench.good) + host.ask())
    answers = line.answers(3)
    fault = expect(bench.end(process, line), 0, "key number 4 from the second slot") or ("" if answers[1:2] == [host.said(host.STORED, 1, 4)] else f"answers {answers}")
    bench.report("a frame that was cut is forgotten after a second, and the next one is taken", fault)


def a_damaged_slot_is_named(bench):
    damaged = bytearray(host.numbered(bench.older, 5))
    damaged[100] ^= 4
    run = bench.alone(bench.flash(bench.good, bytes(damaged)), "rounds=1")
    bench.report("a board whose newest slot is damaged uses the other one and says so",
                 expect(run, 0, "key number 4 from the first slot; the second slot is not used: the flash slot is half written or damaged", "round 1 done"))
    run = bench.alone(bench.flash(bytes(damaged), host.numbered(bench.good, 6)))
    bench.report("the same the other way round", expect(run, 0, "key number 6 from the second slot; the first slot is not used: "))
    run = bench.alone(bench.flash(bytes(damaged), bytes(damaged)))
    bench.report("two damaged slots keep it off the network", expect(run, 1, "off the network: both slots: the flash slot is half written or damaged"))
    run = bench.alone(bench.flash(bench.good, host.numbered(image(bench.work, "AKLIVE00000000000000", "--live"), 5)))
    bench.report("a newer key of a live account is not passed over for the older one", expect(run, 1, "off the network: the second slot is the newest: ", "holds a key of live"))


UNITS = emulator.SLOT_LEN // 16


def units(slot, new):
    """How many units of the new slot stand in the flash."""
    return sum(slot[at:at + 16] == new[at:at + 16] for at in range(0, emulator.SLOT_LEN, 16))


def power_is_cut(bench, stages):
    """Kills the emulator while it writes; its flash stays as it is. `stages`: at how many units written."""
    new = host.numbered(bench.older, 5)
    # The older slot, so that erasing is seen, too.
    before = host.numbered(image(bench.work, "PKREVOKED00000000000"), 3)
    torn = 0
    for stage in stages:
        for _ in range(5):
            flash = bench.flash(bench.good, before)
            process, line = bench.start(flash, f"{STRAP} rounds=0")
            with open(flash.path, "rb") as file, mmap.mmap(file.fileno(), 2 * emulator.SECTOR, prot=mmap.PROT_READ) as seen:
                slot = lambda: seen[emulator.SECTOR:][:emulator.SLOT_LEN]
                line.send(host.put(new))
                end, erased = time.monotonic() + host.SECONDS, False
                # Zeros stand in both: units count from the moment when all is erased.
                while time.monotonic() < end and process.poll() is None and (held := slot()) != new:
                    erased = erased or held == b"\xff" * emulator.SLOT_LEN
                    if held != before and (stage == 0 or erased and units(held, new) >= stage):
                        break
                process.kill()
                process.wait()
            process.stdout.close()
            line.close()
            first, second = flash.slots()
            if second not in (before, new) or stage == UNITS:
                break
        torn += second not in (before, new)
        expected = "key number 5 from the second slot" if second == new else "key number 4 from the first slot"
        fault = expect(bench.alone(flash, "rounds=1" if stage == stages[0] else "rounds=0"), 0, expected)
        if first != bench.good:
            fault = fault or "the other slot was touched"
        bench.report(f"power cut with {units(second, new)} of {UNITS} units written: {expected}", fault)
    bench.report("the power was cut in the middle of updates", "" if torn >= (len(stages) + 1) // 2 else f"only {torn} times")
    # Nothing has to be remembered: the next import repairs it.
    process, line = bench.start(flash, f"{STRAP} rounds=0")
    line.send(host.put(bench.good) + host.ask())
    line.answers(2)
    run = bench.end(process, line)
    bench.report("after a cut the import begins again", expect(run, 0, "from the second slot" if second != new else "key number 6 from the first slot"))


with tempfile.TemporaryDirectory() as folder:
    os.environ["HOME"] = folder
    for build in builds:
        work = pathlib.Path(folder) / build
        work.mkdir()
        sandbox = servers.Sandbox(target / "debug" / "alpaca-sandbox", work)
        try:
            bench = Bench(build, work, sandbox)
            a_blank_board_is_provisioned(bench)
            if build != builds[0]:
                power_is_cut(bench, [UNITS // 2])
                continue
            the_device_numbers(bench)
            a_refused_key_is_replaced(bench)
            what_is_refused_changes_nothing(bench)
            without_the_strap_it_keeps_its_key(bench)
            the_host_program_is_told(bench)
            a_line_that_goes_silent_is_forgotten(bench)
            a_damaged_slot_is_named(bench)
            power_is_cut(bench, [0, 1, UNITS // 2, UNITS - 1, UNITS])
        finally:
            sandbox.end()
print(f"provisioning: {failures} failed")
sys.exit(bool(failures))
