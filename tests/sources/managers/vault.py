"""Vault: hvac fills and judges a server, OpenBao or our stub of Vault, then our source reads from it."""
import concurrent.futures
import contextlib
import time

import hvac

import vault_server
import vault_stub
from harness import CA, PAIR, SECRETS, check, check_copies, example, judge, look, raises, serve, tally, time_of

POOL = concurrent.futures.ThreadPoolExecutor(32)
POLICY = """
path "secret/*" { capabilities = ["read"] }
path "kv/*" { capabilities = ["read"] }
"""
LOOKUP = 'path "auth/token/lookup-self" { capabilities = ["read"] }'


def run_stub():
    vault = vault_stub.Vault()
    vault.port = serve(vault_stub.handler(vault)).server_address[1]
    checks(vault)
    faults(vault)


def run_openbao(program):
    with vault_server.start(program) as server:
        checks(server)


def set_up(client):
    """The engines, the policy and the login that the checks use, in the client's namespace."""
    client.sys.enable_secrets_engine("kv", "secret", options={"version": "2"})
    client.sys.enable_secrets_engine("kv", "kv", options={"version": "1"})
    client.sys.create_or_update_policy("read", POLICY)
    client.sys.create_or_update_policy("lookup", LOOKUP)
    client.sys.enable_auth_method("approle")
    for _ in range(100):  # a new KV v2 engine is not ready at once
        with contextlib.suppress(hvac.exceptions.InvalidRequest):
            return client.secrets.kv.v2.create_or_update_secret("ready", {"is": "ready"})
        time.sleep(0.05)
    raise SystemExit("the KV v2 engine does not get ready")


def checks(vault):
    """What holds of every server that speaks Vault's API."""
    group, port = vault.name, vault.port
    url = f"https://localhost:{port}"

    def client(token=vault.root, namespace=None):
        return hvac.Client(url=url, token=token, verify=CA, namespace=namespace)

    root = client()
    set_up(root)
    root.sys.create_namespace("trading")
    set_up(client(namespace="trading"))
    judge(group, "a token is known", root.is_authenticated())
    judge(group, "another is not", not client("hvs.other").is_authenticated())
    kv = root.secrets.kv.v2
    first = kv.create_or_update_secret("alpaca/paper", {"key_id": "PKOLD", "secret_key": "old"})
    kv.create_or_update_secret("alpaca/paper", PAIR | {"environment": "paper"})
    judge(group, "the first version is 1", first["data"]["version"] == 1)
    read = kv.read_secret_version("alpaca/paper", raise_on_deleted_version=True)["data"]
    judge(group, "the latest is 2, and what was written", read["data"] == PAIR | {"environment": "paper"} and read["metadata"]["version"] == 2)
    kv.create_or_update_secret("alpaca/live", PAIR | {"environment": "live"})
    kv.create_or_update_secret("alpaca/half", {"APCA_API_KEY_ID": "PKHALF"})
    kv.create_or_update_secret("alpaca/other", {"user": "x", "password": "y"})
    kv.create_or_update_secret("alpaca/gone", PAIR)
    kv.delete_latest_version_of_secret("alpaca/gone")
    with raises(hvac.exceptions.InvalidPath) as gone:
        kv.read_secret_version("alpaca/gone", raise_on_deleted_version=True)
    judge(group, "a deleted version is not found", gone)
    with raises(hvac.exceptions.InvalidPath) as absent:
        kv.read_secret_version("alpaca/absent", raise_on_deleted_version=True)
    judge(group, "an absent one neither", absent)
    root.secrets.kv.v1.create_or_update_secret("alpaca", PAIR, mount_point="kv")
    v1 = root.secrets.kv.v1.read_secret("alpaca", mount_point="kv")
    judge(group, "KV v1 has a lease", v1["data"] == PAIR and v1["lease_duration"] > 0)

    reader = root.auth.token.create(policies=["read"], ttl="1h")["auth"]["client_token"]
    stranger = root.auth.token.create(policies=["none"], ttl="1h")["auth"]["client_token"]
    with raises(hvac.exceptions.Forbidden) as denied:
        client(stranger).secrets.kv.v2.read_secret_version("alpaca/paper", raise_on_deleted_version=True)
    judge(group, "a token without the policy is denied", denied)
    spaced = client(namespace="trading")
    spaced.secrets.kv.v2.create_or_update_secret("alpaca/paper", PAIR)
    spaced.auth.approle.create_or_update_approle("trader", token_policies=["read"], token_ttl="3s")
    role = spaced.auth.approle.read_role_id("trader")["data"]["role_id"]
    secret_id = spaced.auth.approle.generate_secret_id("trader")["data"]["secret_id"]
    once = spaced.adapter.post("/v1/auth/approle/role/trader/secret-id", json={"num_uses": 1})["data"]["secret_id"]
    wrapping = lambda: spaced.auth.approle.generate_secret_id("trader", wrap_ttl="60s")["wrap_info"]["token"]
    own = hvac.Client(url=url, verify=CA, namespace="trading")
    own.auth.approle.login(role, secret_id)
    judge(group, "an AppRole logs in and reads", own.secrets.kv.v2.read_secret_version("alpaca/paper", raise_on_deleted_version=True)["data"]["data"] == PAIR)
    with raises(hvac.exceptions.InvalidRequest) as refused:
        own.auth.approle.login(role, "another")
    judge(group, "another secret id is refused", refused)
    token = wrapping()
    judge(group, "a wrapped secret id is unwrapped", spaced.sys.unwrap(token)["data"]["secret_id"])
    with raises(hvac.exceptions.InvalidRequest) as spent:
        spaced.sys.unwrap(token)
    judge(group, "and not twice", spent)

    made = root.auth.token.create(policies=["read"], ttl="9s", explicit_max_ttl="60s")["auth"]
    held = client(made["client_token"])
    told = held.auth.token.lookup_self()["data"]
    judge(group, "a token tells its TTL", made["lease_duration"] == 9 and 7 <= told["ttl"] <= 9 and told["renewable"] is True and told["expire_time"])
    judge(group, "it renews itself", held.auth.token.renew_self()["auth"]["lease_duration"] == 9)
    capped = client(root.auth.token.create(policies=["read"], ttl="9s", explicit_max_ttl="4s")["auth"]["client_token"]).auth.token
    judge(group, "not past its maximum TTL", 2 <= capped.renew_self()["auth"]["lease_duration"] <= 4)
    for name, options, kind in [
        ("one that is not renewable does not", {"ttl": "9s", "renewable": False}, hvac.exceptions.InvalidRequest),
        ("a batch token neither", {"ttl": "9s", "type": "batch"}, hvac.exceptions.InvalidRequest),
        ("nor one without a policy for it", {"ttl": "9s", "no_default_policy": True}, hvac.exceptions.Forbidden),
    ]:
        own_token = client(root.auth.token.create(**({"policies": ["read"]} | options))["auth"]["client_token"]).auth.token
        with raises(kind) as unrenewed:
            own_token.renew_self()
        judge(group, name, unrenewed)
    ends = root.auth.token.lookup_self()["data"]
    judge(group, "a root token has no end", ends["ttl"] == 0 and ends["expire_time"] is None)

    def wrapped_answer():
        return root.adapter.get("/v1/secret/data/alpaca/paper", wrap_ttl="60s")["wrap_info"]["token"]

    SECRETS.extend([vault.root, reader, stranger, secret_id, once])
    ask = lambda **settings: look("vault", port, **settings)
    paper = {"path": "alpaca/paper"}
    waiting = [(name, expected, POOL.submit(ask, **settings)) for name, expected, settings in leases(root, spaced)]
    check(group, "KV v2 by token", ask(token=reader, **paper), True)
    check_copies(group, ask(token=reader, looks=2, copies=1, **paper), 2)
    program = lambda token: example({"VAULT_TOKEN": token}, "--vault", "secret/alpaca/paper", "--port", str(port))
    tally(group, program(reader) == (True, False), "the example program")
    tally(group, program(stranger) == (False, True), "the example program, without the policy")
    check(group, "its second version", ask(token=reader, version=2, **paper), True)
    check(group, "KV v1, whose lease is told", ask(token=reader, mount="kv", engine=1, path="alpaca"), ["found, lease 2764800"])
    check(group, "no login", ask(**paper), "none of 1 source")
    check(group, "another token", ask(token="hvs.another-token-of-nobody", **paper), "does not allow this")
    check(group, "a token without the policy", ask(token=stranger, **paper), "does not allow this")
    check(group, "no such secret", ask(token=reader, path="alpaca/absent"), "no such secret")
    check(group, "no such version", ask(token=reader, version=9, **paper), "no such secret")
    check(group, "a deleted version", ask(token=reader, path="alpaca/gone"), "was deleted")
    check(group, "KV v1 where v2 is", ask(token=reader, engine=1, **paper), "v1 or v2")
    check(group, "KV v2 where v1 is", ask(token=reader, mount="kv", path="alpaca"), "v1 or v2")
    check(group, "half a pair", ask(token=reader, path="alpaca/half"), "is set but")
    check(group, "no pair", ask(token=reader, path="alpaca/other"), "no name that is known")
    check(group, "keys that say they are live", ask(token=reader, path="alpaca/live"), "live")
    role_of = {"namespace": "trading", "role_id": role, "path": "alpaca/paper"}
    check(group, "AppRole in a namespace", ask(secret_id=secret_id, **role_of), True)
    time_of(f"{group}, token", "vault", port, token=reader, **paper)
    time_of(f"{group}, AppRole", "vault", port, secret_id=secret_id, **role_of)
    check(group, "another secret id", ask(secret_id="another", **role_of), "does not accept the role id")
    check(group, "another namespace", ask(secret_id=secret_id, **(role_of | {"namespace": "other"})), "no such login; check the namespace")
    check(group, "a namespace without this role", ask(secret_id=secret_id, **{name: value for name, value in role_of.items() if name != "namespace"}), "does not accept the role id")
    check(group, "another login method", ask(secret_id=secret_id, method="absent", **role_of), "no such login; check the namespace")
    check(group, "another namespace, by token", ask(token=reader, namespace="other", **paper), "no such secret; check mount, path and namespace")
    check(group, "a token of another namespace", ask(token=reader, namespace="trading", **paper), "does not allow this")
    token = wrapping()
    SECRETS.append(token)
    check(group, "a wrapped secret id", ask(wrapped_secret_id=token, looks=2, **role_of), True)
    check(group, "that was unwrapped", ask(wrapped_secret_id=token, **role_of), "wrapping token is not valid")
    token = wrapped_answer()
    SECRETS.append(token)
    check(group, "a wrapped answer, once", ask(wrapped=token, looks=2, **paper), ["found", "wrapping token is not valid"])
    check(group, "that somebody unwrapped", ask(wrapped=token, **paper), "wrapping token is not valid")
    for name, expected, waited in waiting:
        check(group, name, waited.result(), expected)

    root.sys.seal()
    judge(group, "it is sealed", root.sys.is_sealed())
    with raises(hvac.exceptions.VaultDown) as down:
        kv.read_secret_version("alpaca/paper", raise_on_deleted_version=True)
    judge(group, "and answers nothing", down)
    check(group, "sealed", ask(token=reader, **paper), "Vault is sealed; let its operator unseal it")
    root.sys.submit_unseal_key(vault.key)
    judge(group, "it is unsealed", not root.sys.is_sealed())
    check(group, "unsealed", ask(token=reader, **paper), True)

    token = wrapped_answer()
    SECRETS.append(token)
    check(group, "nobody there, with a token of one use", look("vault", 1, wrapped=token, looks=2, **paper), "no connection")
    check(group, "which is still good", ask(wrapped=token, **paper), True)
    SECRETS.extend(vault.issued)


def leases(root, spaced):
    """Looks with pauses between them, which run while others are checked: name, what comes of them, and the settings."""
    def token(**options):
        made = root.auth.token.create(**({"policies": ["read"]} | options))["auth"]["client_token"]
        SECRETS.append(made)
        return {"path": "alpaca/paper", "renewed": made}

    def role(name, uses=0, **options):
        spaced.auth.approle.create_or_update_approle(name, token_policies=["read"], **options)
        role_id = spaced.auth.approle.read_role_id(name)["data"]["role_id"]
        made = spaced.adapter.post(f"/v1/auth/approle/role/{name}/secret-id", json={"num_uses": uses})["data"]["secret_id"]
        SECRETS.append(made)
        return {"path": "alpaca/paper", "namespace": "trading", "role_id": role_id, "secret_id": made}

    def unrenewed(**options):
        made = token(**options)
        return {"path": made["path"], "token": made["renewed"]}
    again = lambda looks, pause: {"looks": looks, "pause": pause}
    ended = ["found", "cannot be renewed; take a renewable one"]
    yield "a token of 8 s, renewed for 10 s", True, token(ttl="8s") | again(3, 5000)
    yield "one without renewal", ["found", "does not allow this"], unrenewed(ttl="4s") | again(2, 5000)
    yield "a lease that the caller states", ["found", "lease of the Vault token has ended; log in again"], unrenewed(ttl="60s") | {"lease_ms": 3000} | again(2, 3500)
    yield "a periodic token", True, token(period="8s") | again(3, 5000)
    yield "a token that cannot be renewed", ended, token(ttl="6s", renewable=False) | again(2, 7000)
    yield "a batch token", ended, token(ttl="6s", type="batch") | again(2, 7000)
    yield "a token at its maximum TTL", ["found", "found", "reached its maximum TTL"], token(ttl="8s", explicit_max_ttl="10s") | again(3, 5000)
    yield "a token that may not be looked up", "auth/token/lookup-self", token(ttl="60s", no_default_policy=True)
    yield "a token that may not renew itself", ["found", "found", "may not renew itself"], token(ttl="8s", policies=["read", "lookup"], no_default_policy=True) | again(3, 4500)
    yield "a token that nobody issued, renewed", "auth/token/lookup-self", {"path": "alpaca/paper", "renewed": "hvs.another-token-of-nobody"}
    yield "a root token has no end", ["found, lease 0"] * 2, {"path": "alpaca/paper", "renewed": root.token, "looks": 2}
    yield "AppRole, one login for 10 s of tokens of 8 s", True, role("one-login", 1, token_ttl="8s") | again(3, 5000)
    yield "AppRole, a lease that nobody renewed, and no second login", ["found", "does not accept the role id"], role("late", 1, token_ttl="4s") | again(2, 5000)
    yield "AppRole, a lease that nobody renewed", True, role("later", token_ttl="4s") | again(2, 5000)
    yield "AppRole at its maximum TTL logs in again", True, role("maximum", token_ttl="8s", token_max_ttl="10s") | again(3, 5000)
    yield "AppRole with batch tokens logs in again", True, role("batch", token_ttl="8s", token_type="batch") | again(2, 7000)


def faults(vault):
    """Answers that a sound server does not give."""
    group, paper = vault.name, {"path": "alpaca/paper"}
    token = vault.issue(None, {"read"}, 3600)
    whole = '{"lease_duration":0,"renewable":false,"data":{"data":{"key_id":"PKX","secret_key":"x"},"metadata":{"version":1,"destroyed":false}}}'
    for name, changed, expected in [
        ("too many requests", (429, {"errors": ["rate limit quota exceeded"]}), "too many requests"),
        ("a node that stands by", (473, {}), "stands by"),
        ("a failure", (500, {"errors": ["internal error"]}), "Vault failed (HTTP 500)"),
        ("HTML", (200, b"<html>login</html>"), "no JSON object"),
        ("an answer cut short", (200, whole[:-3].encode()), "no JSON object"),
        ("an answer of 20 KB", (200, b'{"x":"' + b"y" * 20000 + b'"}'), "longer than a key can need"),
        ("a member missing", (200, whole.replace("lease_duration", "lease").encode()), "lease_duration is missing"),
        ("a redirect", (307, b"", [("Location", "https://localhost:1/")]), "redirects"),
        ("a wrapped answer where none is asked for", (200, whole.replace('"data":{"data"', '"wrap_info":{"token":"x"},"data":{"data"').encode()), "wrapped"),
    ]:
        broken = serve(vault_stub.handler(vault, lambda _, changed=changed: changed)).server_address[1]
        check(group, name, look("vault", broken, token=token, **paper), expected)
    check(group, "nobody there", look("vault", 1, token=token, **paper), "no connection")
    SECRETS.extend(vault.issued)
