"""Servers on this machine that the firmware is run against: the sandbox, OpenSSL, and impostors."""
import base64
import json
import os
import pathlib
import re
import socket
import subprocess
import threading
import time

HOST = "paper-api.alpaca.markets"


def der(pem):
    """The first certificate of a PEM text."""
    return base64.b64decode("".join(pem.split("-----")[2].split()))


class Sandbox:
    """The loopback Alpaca."""

    def __init__(self, binary, work):
        ca = work / "sandbox-ca.pem"
        self.process = subprocess.Popen([binary, "--ca-out", ca], stdout=subprocess.PIPE, text=True)
        said = json.loads(self.process.stdout.readline())
        self.port = int(said["paper"].rsplit(":", 1)[1])
        self.keys = said["paper_key_id"], said["paper_secret"]
        self.anchor = der(ca.read_text())

    def end(self):
        self.process.kill()
        self.process.wait()


class Pki:
    """P-256 under P-256 under a P-384 root, and certificates that are wrong in one way each."""

    def __init__(self, work):
        self.work = work
        self.authority("root", "P-384")
        self.authority("mid", "P-256", "root")
        self.leaf("good")
        self.leaf("expired", end=-1)
        self.leaf("wrong-name", names="DNS:elsewhere.test")
        self.leaf("client", eku="clientAuth")
        self.authority("stranger", "P-256")
        self.leaf("strange", issuer="stranger")
        self.leaf("alone", chain=False)
        # As RSA hosts have them: 2048 bits under 2048 under 4096.
        self.authority("rsa-root", "RSA-4096")
        self.authority("rsa-mid", "RSA-2048", "rsa-root")
        self.leaf("rsa", "rsa-mid", key="RSA-2048")
        self.openssl("req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "self.key", "-subj", "/CN=self",
                     "-addext", f"subjectAltName=DNS:{HOST}", "-addext", "basicConstraints=CA:FALSE", "-days", "30", "-out", "self.pem")
        self.anchor = der((work / "root.pem").read_text())
        self.rsa_anchor = der((work / "rsa-root.pem").read_text())

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.work, check=True, capture_output=True)

    def key(self, name, kind):
        bits = kind.removeprefix("RSA-")
        algorithm = ("EC", f"ec_paramgen_curve:{kind}") if bits == kind else ("RSA", f"rsa_keygen_bits:{bits}")
        self.openssl("genpkey", "-algorithm", algorithm[0], "-pkeyopt", algorithm[1], "-out", f"{name}.key")

    def authority(self, name, kind, issuer=None):
        self.key(name, kind)
        by = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"] if issuer else []
        self.openssl("req", "-x509", "-new", "-key", f"{name}.key", *by, "-subj", f"/CN=firmware {name}", "-days", "3650", "-out", f"{name}.pem",
                     "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
                     *(["-sha384"] if kind == "P-384" or issuer == "root" else []))

    def leaf(self, name, issuer="mid", names=f"DNS:{HOST}", eku="serverAuth", end=30, chain=True, key="P-256"):
        self.key(name, key)
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        (self.work / f"{name}.ext").write_text(f"subjectAltName={names}\nextendedKeyUsage={eku}\nbasicConstraints=CA:FALSE\n")
        folder = self.work / f"{name}.ca"
        folder.mkdir()
        (folder / "index").touch()
        self.openssl("rand", "-hex", "-out", f"{name}.ca/serial", "8")
        (self.work / f"{name}.cnf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={name}.ca/index\nserial={name}.ca/serial\nnew_certs_dir={name}.ca\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        day = lambda days: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))
        self.openssl("ca", "-batch", "-notext", "-config", f"{name}.cnf", "-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key", "-in", f"{name}.csr",
                     "-extfile", f"{name}.ext", "-startdate", day(-60), "-enddate", day(end), "-out", f"{name}.leaf")
        text = (self.work / f"{name}.leaf").read_text()
        (self.work / f"{name}.pem").write_text(text + ((self.work / f"{issuer}.pem").read_text() if chain else ""))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port, process):
    """Without connecting: a server that serves one connection would have served it."""
    for _ in range(200):
        listening = pathlib.Path("/proc/net/tcp").read_text() + pathlib.Path("/proc/net/tcp6").read_text()
        if re.search(rf":{port:04X} 0+:0000 0A", listening):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"no server on port {port}")


# What the sandbox says, in the size and with the fields that Alpaca uses.
ORDER = "61e69015-8549-4bfd-b9c3-01e75843f47d"
ACCOUNT = json.dumps({
    "id": "e6fe16f3-64a4-4921-8928-cadf02f92f98", "account_number": "PA3OPENSSL01", "status": "ACTIVE", "crypto_status": "ACTIVE", "currency": "USD",
    "buying_power": "200000.25", "regt_buying_power": "200000.25", "daytrading_buying_power": "0", "options_buying_power": "100000", "cash": "100000.125",
    "portfolio_value": "100000.125", "trading_blocked": False, "transfers_blocked": False, "account_blocked": False, "created_at": "2026-01-05T14:30:00.123456789Z",
    "trade_suspended_by_user": False, "multiplier": "2", "shorting_enabled": True, "equity": "100000.125", "last_equity": "99999.5", "long_market_value": "0",
    "short_market_value": "0", "initial_margin": "0", "maintenance_margin": "0", "last_maintenance_margin": "0", "sma": "0", "options_approved_level": 2,
    "options_trading_level": 2, "intraday_adjustments": "0", "pending_reg_taf_fees": "0", "accrued_fees": "0", "non_marginable_buying_power": "100000.125"}).encode()


def reply(request):
    """The whole answer to the head of a request."""
    method, target = request.split(b" ")[:2]
    status, body = b"200 OK", ACCOUNT
    if method == b"POST":
        body = b'{"id":"%s","status":"accepted","symbol":"AAPL","qty":"1"}' % ORDER.encode()
    elif method == b"DELETE":
        return b"HTTP/1.1 204 No Content\r\nX-Request-ID: 0123456789abcdef0123456789abcdef\r\n\r\n"
    return (b"HTTP/1.1 " + status + b"\r\nDate: Wed, 25 Nov 2026 12:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(body) +
            b"X-Request-ID: 0123456789abcdef0123456789abcdef\r\nX-RateLimit-Limit: 200\r\nX-RateLimit-Remaining: 199\r\nX-RateLimit-Reset: 1795608000\r\n\r\n" + body)


class OpenSsl:
    """`openssl s_server`, answering each request that comes over it, one connection after the other."""

    def __init__(self, pki, certificate, *options):
        self.port = free_port()
        self.requests, self.received = 0, b""
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", f"{certificate}.pem", "-cert_chain", f"{certificate}.pem",
                   "-key", f"{certificate}.key", "-quiet", *options]
        self.log = open(pki.work / "s_server.log", "w+b")
        self.process = subprocess.Popen(command, cwd=pki.work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        await_port(self.port, self.process)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        buffered = b""
        while piece := os.read(self.process.stdout.fileno(), 65536):
            self.received += piece
            buffered += piece
            while b"\r\n\r\n" in buffered:
                head, rest = buffered.split(b"\r\n\r\n", 1)
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                length = int(length[1]) if length else 0
                if len(rest) < length:
                    break
                buffered = rest[length:]
                self.requests += 1
                self.process.stdin.write(reply(head))
                self.process.stdin.flush()

    def end(self):
        """Returns what the server said about its connections."""
        self.process.kill()
        self.process.wait()
        self.thread.join(5)
        self.log.seek(0)
        return self.log.read()


class Impostor:
    """A process that prints its port first, and what it received as application data at its end."""

    def __init__(self, command, pki_anchor_file):
        self.process = subprocess.Popen([*command, pki_anchor_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.anchor = der(pathlib.Path(pki_anchor_file).read_text()) if str(pki_anchor_file).endswith("pem") else pathlib.Path(pki_anchor_file).read_bytes()

    def end(self):
        """Returns how many bytes of application data came."""
        said, _ = self.process.communicate(timeout=20)
        return int(said.split()[-1])
