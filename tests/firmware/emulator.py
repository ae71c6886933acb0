"""Runs the firmware on QEMU's MPS2 boards, with the flash that it is provisioned with."""
import pathlib
import struct
import subprocess
import sys

BOARDS = {  # board: machine, target, start of flash
    "an386": ("mps2-an386", "thumbv7em-none-eabihf", 0),
    "an385": ("mps2-an385", "thumbv7m-none-eabi", 0),
    "an505": ("mps2-an505", "thumbv8m.main-none-eabihf", 0x10000000),
}
SLOT, ANCHOR, SIGNING_KEY, RECORDING = 0x100000, 0x101000, 0x103000, 0x110000
RELAY = pathlib.Path(__file__).with_name("relay.py")


class Run:
    """What came of a run."""

    def __init__(self, code, console):
        self.code, self.console = code, console


def stored(content):
    """As the firmware reads it: behind its length."""
    return struct.pack("<I", len(content)) + content


def run(board, elf, work, slot, port=None, anchor=None, arguments="", recordings=None, record=None, signing_key=None, plugin=None, seconds=300):
    """Runs `elf` until it ends. Only the server on `port` can be reached, as 10.0.2.100:443."""
    machine, _, flash = BOARDS[board]
    command = ["qemu-system-arm", "-M", machine, "-display", "none", "-monitor", "none", "-serial", "none",
               "-kernel", str(elf), "-semihosting-config", "enable=on,target=native" + "".join(f",arg={a}" for a in ["firmware", *arguments.split()])]
    for name, offset, content in (("slot", SLOT, slot), ("anchor", ANCHOR, anchor and stored(anchor)), ("signing-key", SIGNING_KEY, signing_key and stored(signing_key)),
                                  ("recording", RECORDING, recordings)):
        if content:
            path = work / f"{board}-{name}.bin"
            path.write_bytes(content)
            command += ["-device", f"loader,file={path},addr={flash + offset:#x},force-raw=on"]
    network = "user,restrict=on"
    if port:
        relay = f"{sys.executable} {RELAY} {port}" + (f" {record}" if record else "")
        network += f",guestfwd=tcp:10.0.2.100:443-cmd:{relay}"
    command += ["-nic", network]
    if plugin:
        command += ["-plugin", plugin]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, errors="replace")
    except subprocess.TimeoutExpired as expired:
        return Run(None, (expired.stdout or b"").decode(errors="replace") + f"\n(no end within {seconds} s)")
    return Run(done.returncode, done.stdout + done.stderr)
