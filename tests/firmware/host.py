"""The host's end of the board's serial line: a terminal for `provision --serial`, or raw frames."""
import os
import pty
import socket
import struct
import subprocess
import termios
import threading
import time
import tty
import zlib

# Far above what anything takes: a machine may be busy.
SECONDS = 120


class Line:
    """A line to an emulated board. Everything that passes is kept; bytes to the board can be damaged."""

    def __init__(self, path):
        self.damage, self.sent, self.received = set(), b"", b""
        self.socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + SECONDS
        while self.socket.connect_ex(str(path)):
            if time.monotonic() > end:
                raise TimeoutError("the emulator opens no serial line")
            time.sleep(0.01)
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave, termios.TCSANOW)
        self.device = os.ttyname(self.slave)
        self.changed = threading.Condition()
        threading.Thread(target=self.down, daemon=True).start()
        threading.Thread(target=self.up, daemon=True).start()

    def down(self):
        """From the terminal to the board."""
        try:
            while piece := os.read(self.master, 4096):
                self.send(piece)
        except OSError:
            pass  # the test has closed it

    def up(self):
        """From the board to the terminal."""
        try:
            while piece := self.socket.recv(4096):
                os.write(self.master, piece)
                with self.changed:
                    self.received += piece
                    self.changed.notify_all()
        except OSError:
            pass

    def send(self, piece):
        at = len(self.sent)
        self.sent += piece
        piece = bytes(byte ^ 0x10 if at + index in self.damage else byte for index, byte in enumerate(piece))
        try:
            self.socket.sendall(piece)
        except OSError:
            pass  # the board lost its power

    def answers(self, count, seconds=SECONDS):
        """The payloads of the first `count` answers of the board."""
        with self.changed:
            self.changed.wait_for(lambda: self.received.count(SYNC) >= count and len(self.received) >= ANSWER_LEN * count, seconds)
            return [frame[3:11] for frame in self.received.split(SYNC)[1:]][:count]

    def await_board(self):
        """Returns when the board answers: it takes a while to start. What passed until then is forgotten."""
        self.send(ask())
        self.answers(1)
        termios.tcflush(self.slave, termios.TCIFLUSH)
        self.sent = self.received = b""

    def close(self):
        self.socket.close()
        os.close(self.slave)
        os.close(self.master)


SYNC, ANSWER_LEN = b"APKI", 19
STATE, STORED, REFUSED = 0, 1, 2
LINE, NOT_ALLOWED, OTHER_ENVIRONMENT, NO_KEY = 1, 2, 3, 4


def frame(kind, payload=b""):
    """As core/src/credential/flash/import/mod.rs describes it."""
    checked = struct.pack("<BH", kind, len(payload)) + payload
    return SYNC + checked + struct.pack("<I", zlib.crc32(checked))


def ask():
    return frame(1)


def put(slot):
    return frame(2, slot)


def said(code, detail, sequence=None):
    """The payload of an answer."""
    return struct.pack("<BBBBI", code, detail, sequence is not None, 0, sequence or 0)


def numbered(slot, sequence):
    """The same slot under another number."""
    content = slot[:8] + struct.pack("<I", sequence) + slot[12:-4]
    return content + struct.pack("<I", zlib.crc32(content))


def provision(program, line, keys, kind="--paper"):
    """Runs the real host program at a terminal."""
    environment = {**os.environ, "APCA_API_KEY_ID": keys[0], "APCA_API_SECRET_KEY": keys[1]}
    return subprocess.run([program, kind, "--serial", line.device], env=environment, capture_output=True, text=True, timeout=SECONDS)
