"""OpenBao, a Vault-compatible server that nobody here wrote: initialized, unsealed, in memory, by TLS."""
import contextlib
import json
import os
import subprocess
import time

import hvac

from harness import CA, DIRECTORY


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """What the checks need to know of it."""
    name = "OpenBao"

    def __init__(self, port, root, key):
        self.port, self.root, self.key = port, root, key
        self.issued = []


@contextlib.contextmanager
def start(program):
    port = free_port()
    config = {
        "storage": {"inmem": {}},
        "listener": {"tcp": {"address": f"127.0.0.1:{port}", "tls_cert_file": f"{DIRECTORY}/server.crt", "tls_key_file": f"{DIRECTORY}/server.key"}},
        "api_addr": f"https://localhost:{port}",
        "disable_mlock": True,
    }
    path = f"{DIRECTORY}/openbao.json"
    with open(path, "w") as file:
        json.dump(config, file)
    with open(f"{DIRECTORY}/openbao.log", "w") as log:
        # No more of the environment than this: a VAULT_ or BAO_ variable would set it up.
        server = subprocess.Popen([program, "server", f"-config={path}"], env={"HOME": os.environ["HOME"]}, stdout=log, stderr=log)
    try:
        client = hvac.Client(url=f"https://localhost:{port}", verify=CA)
        for _ in range(1200):
            with contextlib.suppress(OSError):
                if not client.sys.is_initialized():
                    break
            if server.poll() is not None:
                raise SystemExit("OpenBao does not start: " + open(f"{DIRECTORY}/openbao.log").read()[-500:])
            time.sleep(0.05)
        made = client.sys.initialize(1, 1)
        client.sys.submit_unseal_key(made["keys"][0])
        client.token = made["root_token"]
        for _ in range(1200):
            with contextlib.suppress(hvac.exceptions.VaultError):
                if client.is_authenticated():
                    break
            time.sleep(0.05)
        yield Server(port, made["root_token"], made["keys"][0])
    finally:
        server.terminate()
        server.wait()
