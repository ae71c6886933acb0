"""Runs the firmware on emulated boards against real servers, impostors, and damaged flash.

usage: run.py TARGET-FOLDER BUILD...   (ELF files under TARGET-FOLDER/firmware-BUILD; a build is a board, or board-variant)
"""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

import emulator
import servers

target, builds = pathlib.Path(sys.argv[1]), sys.argv[2:]
debug = target / "debug"
failures = 0


def report(build, what, fault):
    global failures
    failures += bool(fault)
    print(f"{build:<10} {what:<34} {'ok' if not fault else 'FAILED: ' + fault}", flush=True)


def image(work, keys, kind="--paper"):
    path = work / "slot.bin"
    path.unlink(missing_ok=True)
    environment = {**os.environ, "APCA_API_KEY_ID": keys[0], "APCA_API_SECRET_KEY": keys[1]}
    subprocess.run([debug / "provision", kind, "--out", path], env=environment, check=True, capture_output=True)
    content = path.read_bytes()
    path.unlink()
    return content


def whole_job(run, rounds):
    """The job was done in every round, and no round took more stack than the second one."""
    stack = [int(used) for used in re.findall(r"round \d+ done, stack (\d+) bytes", run.console)]
    if run.code != 0 or len(stack) != rounds:
        return f"{len(stack)} of {rounds} rounds, exit code {run.code}: {run.console[-300:]}"
    if run.console.count(" ACTIVE equity 100000") != rounds or run.console.count(", then canceled") != rounds:
        return f"not the whole job: {run.console[-300:]}"
    if stack[-1] != stack[1]:
        return f"the stack grows: {stack}"
    return ""


with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    os.environ["HOME"] = folder
    pki = servers.Pki(work)
    for build in builds:
        board = build.split("-")[0]
        elf = target / f"firmware-{build}"
        # One build of each arithmetic gets every case, the others what a core or another feature could change.
        every = build in ("an386", "an386-fast")
        rounds = 10 if every else 3
        sandbox = servers.Sandbox(debug / "alpaca-sandbox", work)
        slot = image(work, sandbox.keys)
        start = lambda **more: emulator.run(board, elf, work, **{"flash": slot, **more})
        try:
            run = start(port=sandbox.port, anchor=sandbox.anchor, arguments=f"rounds={rounds}")
            report(build, f"sandbox, {rounds} times", whole_job(run, rounds))
            # Over a network, by the paint that is left: beside measure.py's, which is over recorded bytes.
            print(f"{build:<10}   {run.console.strip().splitlines()[-1] if run.console.strip() else ''}", flush=True)

            server = servers.OpenSsl(pki, "good")
            run = start(port=server.port, anchor=pki.anchor, arguments=f"rounds={rounds}")
            server.end()
            fault = whole_job(run, rounds)
            if not fault and server.requests != 4 * rounds:
                fault = f"{server.requests} requests, not four in each of {rounds} sessions"
            report(build, f"openssl s_server, {rounds} times", fault)

            # A server with RSA certificates: the job, or, without `rsa`, a refusal. It is offered no RSA.
            server = servers.OpenSsl(pki, "rsa")
            run = start(port=server.port, anchor=pki.rsa_anchor, arguments="rounds=2")
            server.end()
            if "rsa" in build.split("-"):
                report(build, "openssl s_server with RSA, twice", whole_job(run, 2))
            else:
                refused = run.code == 1 and "in common" in run.console and "nothing was sent" in run.console
                report(build, "refuses: RSA certificates", ("" if refused else run.console) or (f"the server received {server.received!r}" if server.received else ""))

            if "rsa" in build.split("-"):
                # What it refuses is refused by the same code as without RSA.
                continue

            # A wrong key is refused by the server, and said so.
            run = start(flash=image(work, ("PKWRONG", "wrong")), port=sandbox.port, anchor=sandbox.anchor)
            report(build, "a key that the server refuses", "" if run.code == 1 and "round 1:" in run.console and "HTTP 40" in run.console else run.console)

            # Servers that must get nothing.
            for certificate, options, reason in (
                ("expired", [], "expired"), ("wrong-name", [], "another name"), ("client", [], "not made for servers"), ("self", [], "no trusted authority"),
                ("strange", [], "no trusted authority"), ("alone", [], "no trusted authority"), ("good", ["-tls1_2"], "TLS 1.3"),
                ("good", ["-groups", "X25519"], "in common"), ("good", ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], "in common"))[:None if every else 2]:
                server = servers.OpenSsl(pki, certificate, *options)
                run = start(port=server.port, anchor=pki.anchor)
                server.end()
                refused = run.code == 1 and reason in run.console and "nothing was sent" in run.console
                fault = "" if refused else run.console
                report(build, f"refuses: {certificate} {' '.join(options)}", fault or (f"the server received {server.received!r}" if server.received else ""))
            for what, reason in (("no-certificate", "did not prove"), ("no-proof", "did not prove"), ("other-key", "does not own the key"),
                                 ("flipped-proof", "does not own the key"), ("flipped-finished", "changed under way"))[0 if every else 3:]:
                server = servers.Impostor([debug / "impostor", what], work / "impostor.der")
                run = start(port=server.port, anchor=server.anchor)
                received = server.end()
                refused = run.code == 1 and reason in run.console and "nothing was sent" in run.console
                report(build, f"refuses: {what}", ("" if refused else run.console) or (f"the server received {received} bytes" if received else ""))
            # The control: the same program, honest, is believed and gets the key.
            server = servers.Impostor([debug / "impostor", "honest"], work / "impostor.der")
            run = start(port=server.port, anchor=server.anchor)
            report(build, "believes: honest", "" if server.end() > 100 and "nothing was sent" not in run.console else run.console)

            # Slots that keep the board off the network.
            damaged = bytearray(slot)
            damaged[200] ^= 0x10
            newer = bytearray(slot)
            newer[4] = 2
            for what, content, reason in (
                ("blank", b"\xff" * len(slot), "is blank"), ("not there", None, "no flash slot"), ("half written", slot[:136] + b"\xff" * (len(slot) - 136), "half written"),
                ("one bit flipped", bytes(damaged), "half written or damaged"), ("newer", bytes(newer), "has version 2"),
                ("of a live account", image(work, ("AKTEST", "secret"), "--live"), "holds a key of live")):
                with socket.create_server(("127.0.0.1", 0)) as nobody:
                    nobody.settimeout(0)
                    run = start(flash=content, port=nobody.getsockname()[1], anchor=pki.anchor)
                    try:
                        connected = nobody.accept()
                    except BlockingIOError:
                        connected = None
                refused = run.code == 1 and "off the network" in run.console and reason in run.console
                report(build, f"slot {what}", ("" if refused else run.console) or ("it connected" if connected else ""))
        finally:
            sandbox.end()
print(f"firmware: {failures} failed")
sys.exit(bool(failures))
