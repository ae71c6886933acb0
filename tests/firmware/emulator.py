"""Runs the firmware on QEMU's MPS2 boards, with the flash that it is provisioned with."""
import os
import pathlib
import struct
import subprocess
import sys

BOARDS = {  # board: machine, target, start of flash
    "an386": ("mps2-an386", "thumbv7em-none-eabihf", 0),
    "an385": ("mps2-an385", "thumbv7m-none-eabi", 0),
    "an505": ("mps2-an505", "thumbv8m.main-none-eabihf", 0x10000000),
}
ANCHOR, SIGNING_KEY, RECORDING = 0x101000, 0x103000, 0x110000
RELAY = pathlib.Path(__file__).with_name("relay.py")
# The RAM that stands for NOR flash: two sectors at its start, in a file of the host that outlives the emulator.
RAM, SECTOR, SLOT_LEN = 16 << 20, 4096, 272


class Flash:
    """The file that holds the flash of the key: as a part's flash, it keeps what was written when the power goes."""

    def __init__(self, path, first=None, second=None):
        """Two slots, blank where none is given. `None` for both: memory that was never flash."""
        self.path = path
        with open(path, "wb") as file:
            if first or second:
                for slot in (first, second):
                    file.write((slot or b"").ljust(SECTOR, b"\xff"))
            file.truncate(RAM)

    def slots(self):
        """What both slots hold now."""
        with open(self.path, "rb") as file:
            content = file.read(2 * SECTOR)
        return content[:SLOT_LEN], content[SECTOR:][:SLOT_LEN]


class Run:
    """What came of a run."""

    def __init__(self, code, console):
        self.code, self.console = code, console


def stored(content):
    """As the firmware reads it: behind its length."""
    return struct.pack("<I", len(content)) + content


def start(board, elf, work, flash, port=None, anchor=None, arguments="", recordings=None, record=None, signing_key=None, plugin=None, line=None):
    """Starts `elf`. Only the server on `port` can be reached, as 10.0.2.100:443. `flash` is a Flash, or the first slot
    of a new one. With `line`, a path, the serial line is a socket there, and the board waits for somebody to connect."""
    machine, _, base = BOARDS[board]
    if not isinstance(flash, Flash):
        flash = Flash(work / f"{board}-flash.bin", flash)
    command = ["qemu-system-arm", "-M", f"{machine},memory-backend=flash", "-object", f"memory-backend-file,id=flash,size={RAM},mem-path={flash.path},share=on",
               "-display", "none", "-monitor", "none",
               "-kernel", str(elf), "-semihosting-config", "enable=on,target=native" + "".join(f",arg={a}" for a in ["firmware", *arguments.split()])]
    command += ["-chardev", f"socket,id=line,path={line},server=on,wait=on", "-serial", "chardev:line"] if line else ["-serial", "none"]
    for name, offset, content in (("anchor", ANCHOR, anchor and stored(anchor)), ("signing-key", SIGNING_KEY, signing_key and stored(signing_key)),
                                  ("recording", RECORDING, recordings)):
        if content:
            path = work / f"{board}-{name}.bin"
            path.write_bytes(content)
            command += ["-device", f"loader,file={path},addr={base + offset:#x},force-raw=on"]
    network = "user,restrict=on"
    if port:
        relay = f"{sys.executable} {RELAY} {port}" + (f" {record}" if record else "")
        network += f",guestfwd=tcp:10.0.2.100:443-cmd:{relay}"
    command += ["-nic", network]
    if plugin:
        command += ["-plugin", plugin]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    process.seen = b""
    return process


def await_text(process, text):
    """Returns when the board has printed `text`, or has ended."""
    while text.encode() not in process.seen and (piece := os.read(process.stdout.fileno(), 4096)):
        process.seen += piece


def end(process, seconds=300):
    """Waits for the end of a run."""
    late = ""
    try:
        console, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        console, _ = process.communicate()
        late = f"\n(no end within {seconds} s)"
    return Run(None if late else process.returncode, (process.seen + console).decode(errors="replace") + late)


def run(*arguments, **more):
    """Runs until the end."""
    return end(start(*arguments, **more))
