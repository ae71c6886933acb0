"""Joins the emulator's end of a TCP connection (stdin and stdout) to a server on this machine.

usage: relay.py PORT [RECORDING]: what the server sends is appended to RECORDING, behind its length.
"""
import os
import socket
import struct
import sys
import threading

os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # stderr is the connection, too
server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def up():
    while piece := os.read(0, 65536):
        server.sendall(piece)
    server.shutdown(socket.SHUT_WR)


threading.Thread(target=up, daemon=True).start()
received = b""
try:
    while piece := server.recv(65536):
        received += piece
        view = memoryview(piece)
        while view:
            view = view[os.write(1, view):]
except OSError:
    pass  # the device went away
if len(sys.argv) > 2:
    with open(sys.argv[2], "ab") as file:
        file.write(struct.pack("<I", len(received)) + received + bytes(-len(received) % 4))
os._exit(0)
