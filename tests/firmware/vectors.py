"""Compares the fast P-256 with RustCrypto's, over the vectors in TARGET-FOLDER/p256-vectors.bin.

usage: vectors.py TARGET-FOLDER BOARD   (the ELF file is TARGET-FOLDER/firmware-BOARD-vectors)
"""
import pathlib
import sys
import tempfile

import emulator

target, board = pathlib.Path(sys.argv[1]), sys.argv[2]
vectors = (target / "p256-vectors.bin").read_bytes()
expected = (target / "p256-vectors.txt").read_text()
with tempfile.TemporaryDirectory() as folder:
    compare = lambda content: emulator.run(board, target / f"firmware-{board}-vectors", pathlib.Path(folder), None, recordings=content)
    run = compare(vectors)
    if run.code != 0 or run.console != expected + "0 differ\n":
        sys.exit(f"p256 differs from RustCrypto's, exit code {run.code}:\n{run.console}expected:\n{expected}")
    print("p256 is RustCrypto's on all vectors: " + ", ".join(expected.splitlines()))
    # The control: a result and a verdict that are changed are found out.
    changed = bytearray(vectors)
    changed[4 + 1] ^= 1
    changed[4 + 204 * 12 + 140] ^= 1
    run = compare(bytes(changed))
    if run.code != 1 or not run.console.endswith("2 differ\n"):
        sys.exit(f"changed vectors are not found out: {run.console}")
