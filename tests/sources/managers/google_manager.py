"""Google: its own clients judge the stub, then our source reads from it."""
import concurrent.futures
import json
import os
import shutil
import subprocess

os.environ["GCE_METADATA_HOST"] = "169.254.169.254"  # read when the client is imported; no name is resolved here
import google.auth.compute_engine
import google.auth.transport.requests
import google.oauth2.credentials
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.api_core import exceptions
from google.cloud import secretmanager
from google.oauth2 import service_account
from google_crc32c import value as crc32c

import google_stub
from harness import CA, DIRECTORY, LINK_LOCAL, PAIR, SECRETS, check, check_copies, judge, look, raises, serve, time_of

EMAIL = "trader@my-project.iam.gserviceaccount.com"
PROJECT = "my-project"


def key_file(name, port, key, key_id="key-1", **changes):
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    SECRETS.append(pem.splitlines()[2])
    file = {"type": "service_account", "project_id": PROJECT, "private_key_id": key_id, "private_key": pem,
            "client_email": EMAIL, "client_id": "1", "token_uri": f"https://localhost:{port}/token"} | changes
    path = f"{DIRECTORY}/{name}.json"
    with open(path, "w") as out:
        json.dump({name: value for name, value in file.items() if value is not None}, out, indent=2)
    return path


def run():
    state = google_stub.Google()
    port = serve(google_stub.handler(state)).server_address[1]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    state.keys["key-1"] = (EMAIL, key.public_key())
    state.allowed.add((EMAIL, PROJECT))
    payload = json.dumps(PAIR).encode()
    state.secrets[PROJECT, "alpaca-paper"] = [json.dumps({"key_id": "PKOLD", "secret_key": "old"}).encode(), None, payload]
    state.secrets[PROJECT, "alpaca-lines"] = ["{APCA_API_KEY_ID}\n{APCA_API_SECRET_KEY}\n".format(**PAIR).encode()]
    state.secrets[PROJECT, "alpaca-half"] = [b'{"APCA_API_KEY_ID":"PKHALF"}']
    state.secrets[PROJECT, "alpaca-large"] = [b" " * 9000]
    right = key_file("account", port, key)
    os.environ["REQUESTS_CA_BUNDLE"] = CA

    def client(path):
        # The client library would sign each request itself; so it exchanges a signed JWT first, as ours does.
        signer = service_account.Credentials.from_service_account_file(path, scopes=[google_stub.SCOPE])
        signer.refresh(google.auth.transport.requests.Request())
        credentials = google.oauth2.credentials.Credentials(signer.token)
        return secretmanager.SecretManagerServiceClient(
            credentials=credentials, transport="rest", client_options={"api_endpoint": f"localhost:{port}"})
    group = "Google"
    name = f"projects/{PROJECT}/secrets/alpaca-paper/versions/"
    found = client(right).access_secret_version(name=name + "latest")
    judge(group, "a service account reads", found.payload.data == payload and found.payload.data_crc32c == crc32c(payload))
    for what, version, kind in [("a disabled version", "2", exceptions.BadRequest), ("no such version", "9", exceptions.NotFound)]:
        with raises(kind) as seen:
            client(right).access_secret_version(name=name + version)
        judge(group, what, seen)
    with raises(exceptions.Forbidden) as denied:
        client(right).access_secret_version(name=name.replace(PROJECT, "other") + "latest")
    judge(group, "another project", denied)
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = key_file("forged", port, other_key)
    with raises(google.auth.exceptions.RefreshError) as refused:
        client(forged).access_secret_version(name=name + "latest")
    judge(group, "another key is refused", refused)

    token = state.issue(EMAIL)
    SECRETS.append(token)
    account = {"project": PROJECT, "name": "alpaca-paper", "token_port": port}
    ask = lambda at=port, file=right, **settings: look("google", at, file=file, **(account | settings))
    check(group, "a service account", ask(), ["found, lease 0, version 3"])
    before = state.issued
    check(group, "one token serves three looks", ask(looks=3), True)
    judge(group, "one token was issued", state.issued == before + 1)
    check_copies(group, ask(looks=2, copies=1), 0)
    check(group, "a token", look("google", port, token=token, project=PROJECT, name="alpaca-paper"), True)
    time_of("Google, token", "google", port, token=token, project=PROJECT, name="alpaca-paper")
    time_of("Google, service account", "google", port, file=right, **account)
    check(group, "its first version", ask(version=1), ["ANOTHER PAIR, lease 0, version 1"])
    check(group, "two lines", ask(name="alpaca-lines"), True)
    check(group, "no login", look("google", port, project=PROJECT, name="alpaca-paper"), "none of 1 source")
    check(group, "another token", look("google", port, token="ya29.another", project=PROJECT, name="alpaca-paper"), "does not accept the access token")
    check(group, "a disabled version", ask(version=2), "disabled or destroyed")
    check(group, "no such version", ask(version=9), "no such secret or version")
    check(group, "no such secret", ask(name="absent"), "no such secret or version")
    check(group, "another project", ask(project="other"), "may not access this secret")
    check(group, "half a pair", ask(name="alpaca-half"), "is set but")
    check(group, "9 KB", ask(name="alpaca-large"), "longer than 8192 bytes")
    check(group, "another key", ask(file=forged), "does not accept the service account's signature")
    check(group, "an unknown key id", ask(file=key_file("unknown", port, key, "key-2")), "does not accept the service account's signature")
    state.skew = 7200
    check(group, "a clock that is two hours wrong", ask(), "set this machine's clock")
    state.skew = 0
    elliptic = ec.generate_private_key(ec.SECP256R1())
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for what, file, expected in [
        ("a token_uri elsewhere", key_file("elsewhere", port, key, token_uri="https://evil.example/token"), "token_uri"),
        ("a user's file", key_file("user", port, key, type="authorized_user"), "service_account"),
        ("no key", key_file("keyless", port, key, private_key=None), "private_key is missing"),
        ("a key that is no RSA", key_file("elliptic", port, elliptic), "RSA of 2048"),
        ("a key of 1024 bits", key_file("small", port, small), "RSA of 2048"),
    ]:
        code, text = ask(file=file)
        check(group, what, (1, text.replace("not asked", "refused")) if code == 2 else (0, text), expected)

    def changed(change):
        def alter(status, body):
            body = json.loads(json.dumps(body))
            change(body)
            return status, body
        return alter
    wrong = changed(lambda body: body["payload"].update(dataCrc32c=str(int(body["payload"]["dataCrc32c"]) ^ 1)))
    damaged = changed(lambda body: body["payload"].update(data=body["payload"]["data"].replace("PK", "PQ", 1)[:-4] + "ICB9"))
    gcloud_judges(state, wrong, right, forged)
    for what, alter, expected in [
        ("a wrong dataCrc32c", wrong, "CRC-32C differs"),
        ("a damaged payload", damaged, "CRC-32C differs"),
        ("no dataCrc32c", changed(lambda body: body["payload"].pop("dataCrc32c")), "dataCrc32c is missing"),
        ("no payload", changed(lambda body: body.pop("payload")), "payload is missing"),
        ("no base64", changed(lambda body: body["payload"].update(data="***=")), "data is missing"),
        ("another secret's answer", changed(lambda body: body.update(name="projects/1/secrets/other/versions/3")), "another secret or version"),
        ("too many requests", lambda *_: google_stub.failure(429, "RESOURCE_EXHAUSTED", "m"), "too many requests"),
        ("a failure", lambda *_: google_stub.failure(503, "UNAVAILABLE", "m"), "Google failed (HTTP 503)"),
        ("HTML", lambda *_: (200, b"<html>login</html>"), "no JSON object"),
        ("an answer of 20 KB", lambda *_: (200, b'{"x":"' + b"y" * 20000 + b'"}'), "longer than a key can need"),
    ]:
        check(group, what, ask(serve(google_stub.handler(state, alter)).server_address[1]), expected)
    SECRETS.extend(state.tokens)
    if not LINK_LOCAL:
        print("SKIPPED: Google's metadata server (no network namespace)")
        return
    machine = lambda **settings: look("google", port, project=PROJECT, name="alpaca-paper", metadata=1, **settings)
    check(group, "no metadata server", machine(), "none of 1 source")
    served = serve(google_stub.metadata(state, EMAIL), "169.254.169.254", 80, tls=False)
    machine_credentials = google.auth.compute_engine.Credentials()
    machine_credentials.refresh(google.auth.transport.requests.Request())
    judge(group, "the metadata server's token", machine_credentials.token in state.tokens)
    check(group, "the metadata server", machine(), True)
    time_of("Google, metadata server", "google", port, project=PROJECT, name="alpaca-paper", metadata=1)
    served.shutdown()
    served.server_close()
    for what, handler, expected in [
        ("a machine without a service account", google_stub.metadata(state, None), "knows no service account"),
        ("something else at the address", google_stub.metadata(state, EMAIL, "Other"), "malformed"),
    ]:
        served = serve(handler, "169.254.169.254", 80, tls=False)
        check(group, what, machine(), expected)
        served.shutdown()
        served.server_close()


def gcloud_judges(state, wrong, right, forged):
    """gcloud, where it is: it logs in by a service account, takes the right checksum and refuses a wrong one."""
    if not shutil.which("gcloud"):
        print("SKIPPED part: gcloud as a judge (it is not on this machine, and in no registry that is reached)")
        return
    sound = serve(google_stub.handler(state)).server_address[1]
    changed = serve(google_stub.handler(state, wrong)).server_address[1]

    def gcloud(port, name, *command):
        variables = {"CLOUDSDK_CONFIG": f"{DIRECTORY}/gcloud-{name}", "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER": f"https://localhost:{port}/",
                     "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": CA, "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1", "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
                     "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1", "CLOUDSDK_CORE_LOG_HTTP": "0", "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "1"}
        return subprocess.run(["gcloud", *command], env=os.environ | variables, capture_output=True, text=True, timeout=120)
    for name in ("account", "forged"):
        shutil.rmtree(f"{DIRECTORY}/gcloud-{name}", ignore_errors=True)  # of an earlier run
    access = ("secrets", "versions", "access", "latest", "--secret=alpaca-paper", f"--project={PROJECT}")

    def account():
        login = gcloud(sound, "account", "auth", "activate-service-account", f"--key-file={right}")
        return login, gcloud(sound, "account", *access), gcloud(changed, "account", *access)
    # Each takes seconds to start.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        stranger = pool.submit(gcloud, sound, "forged", "auth", "activate-service-account", f"--key-file={forged}")
        login, read, bad = pool.submit(account).result()
    stranger = stranger.result()
    judge("Google", f"gcloud refuses a wrong dataCrc32c {bad.stdout[-200:]}", bad.returncode != 0 and "crc32c" in bad.stderr.lower())
    judge("Google", f"gcloud logs in by a service account {login.stderr[-200:]}", login.returncode == 0)
    judge("Google", f"and reads {read.stderr[-200:]}", read.returncode == 0 and json.loads(read.stdout) == PAIR)
    judge("Google", f"gcloud with another key is refused {stranger.stderr[-200:]}", stranger.returncode != 0 and "Invalid JWT Signature" in stranger.stderr)
