"""A Vault as its public HTTP API documentation describes it: KV v1 and v2, tokens, AppRole, namespaces, wrapping, seal.

Written from developer.hashicorp.com/vault/api-docs (2026-11), not from Vault's source. `hvac` judges it.
"""
import secrets
import threading
import time

from harness import Quiet

ROOT = "hvs." + secrets.token_urlsafe(24)


class Vault:
    name, root = "Vault stub", ROOT

    def __init__(self):
        self.lock = threading.RLock()
        self.sealed = False
        self.key = secrets.token_hex(16)
        self.namespaces = {""}
        self.v2, self.v1 = {}, {}
        self.tokens = {ROOT: Token(None, ["root"])}
        self.roles, self.secret_ids, self.wrapped = {}, {}, {}
        self.issued = []

    def issue(self, namespace, policies, ttl, **more):
        token = "hvs." + secrets.token_urlsafe(24)
        self.issued.append(token)
        self.tokens[token] = Token(namespace, policies, ttl, **more)
        return token

    def holder(self, token, namespace):
        """A token that is good here, or None."""
        found = self.tokens.get(token)
        if not found:
            return None
        if found.end is not None and time.monotonic() >= found.end:
            del self.tokens[token]
            return None
        return found if found.namespace is None or found.namespace == namespace else None


class Token:
    def __init__(self, namespace, policies, ttl=None, maximum=None, renewable=True, kind="service"):
        self.namespace, self.policies, self.ttl, self.kind = namespace, list(policies), ttl, kind
        self.renewable = renewable and kind == "service"
        self.last = None if not maximum else time.monotonic() + maximum
        self.end = None
        if ttl is not None:
            self.renew()

    def renew(self):
        """The whole TTL once more, up to the maximum."""
        end = time.monotonic() + self.ttl
        self.end = end if self.last is None else min(end, self.last)

    def left(self):
        """In whole seconds, cut as Vault cuts them."""
        return 0 if self.end is None else int(self.end - time.monotonic() + 0.001)


def seconds(text):
    """A duration as Vault writes it: 30, 30s, 5m, 1h."""
    text = str(text)
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:])
    return int(text[:-1]) * unit if unit else int(text)


def listed(value):
    """A list, or a text with commas."""
    return value.split(",") if isinstance(value, str) else list(value or [])


class Fail(Exception):
    def __init__(self, status, *errors, body=None):
        self.status, self.body = status, body if body is not None else {"errors": list(errors)}


def reply(data=None, auth=None, lease=0, wrap=None, warnings=None):
    return {"request_id": secrets.token_hex(8), "lease_id": "", "renewable": False, "lease_duration": lease,
            "data": data, "wrap_info": wrap, "warnings": warnings, "auth": auth, "mount_type": "kv"}


def handler(vault, override=None):
    class Handler(Quiet):
        def do(self):
            import json
            raw = self.body()
            self.namespace = (self.headers.get("X-Vault-Namespace") or "").strip("/")
            self.token = self.headers.get("X-Vault-Token") or ""
            changed = override and override(self)
            if changed:
                return self.answer(*changed)
            try:
                with vault.lock:
                    status, body = self.route(json.loads(raw) if raw else {})
                    body = self.wrap(body)
            except Fail as fail:
                status, body = fail.status, fail.body
            except (ValueError, KeyError) as error:
                status, body = 400, {"errors": [f"failed to parse: {type(error).__name__}"]}
            if status == 204:
                self.send_response(204)
                return self.end_headers()
            self.answer(status, body, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])

        do_GET = do_POST = do_PUT = do_DELETE = do_LIST = do

        def wrap(self, body):
            lifetime = self.headers.get("X-Vault-Wrap-TTL")
            if not lifetime or not body:
                return body
            token = "hvs." + secrets.token_urlsafe(24)
            lifetime = seconds(lifetime)
            vault.wrapped[token] = (body, time.monotonic() + lifetime)
            return reply(wrap={"token": token, "accessor": secrets.token_hex(8), "ttl": lifetime,
                               "creation_time": "2026-11-25T10:00:00Z", "creation_path": self.path[4:]})

        def need(self, policy):
            held = vault.holder(self.token, self.namespace)
            if held is None or not {"root", policy} & set(held.policies):
                raise Fail(403, "permission denied")

        def route(self, body):
            path, _, query = self.path.partition("?")
            parts = path.removeprefix("/v1/").split("/")
            if path == "/v1/sys/seal-status":
                return 200, {"sealed": vault.sealed, "t": 1, "n": 1, "progress": 0, "initialized": True, "type": "shamir",
                             "version": "1.20.0"}
            if path == "/v1/sys/unseal":
                vault.sealed &= body.get("key") != vault.key
                return 200, {"sealed": vault.sealed, "t": 1, "n": 1, "progress": 0}
            if vault.sealed:
                raise Fail(503, "Vault is sealed")
            if self.namespace not in vault.namespaces:
                raise Fail(404, "namespace not found")
            if path == "/v1/sys/seal":
                self.need("root")
                vault.sealed = True
                return 204, None
            if parts[0] == "sys" and parts[1] in ("mounts", "auth", "policy", "namespaces"):
                self.need("root")
                if parts[1] == "namespaces":
                    vault.namespaces.add("/".join(parts[2:]))
                    return 200, reply({"path": "/".join(parts[2:]) + "/"})
                return 204, None  # what the checks set up is there from the start
            if path == "/v1/sys/wrapping/unwrap":
                token = body.get("token") or self.token
                inner, end = vault.wrapped.pop(token, (None, 0))
                if inner is None or time.monotonic() >= end:
                    raise Fail(400, "wrapping token is not valid or does not exist")
                return 200, inner
            if parts[:2] == ["auth", "token"]:
                return self.tokens(parts[2:], body)
            if parts[0] == "auth" and parts[2:] == ["login"] and parts[1] != "approle":
                raise Fail(403, "permission denied")
            if parts[:2] == ["auth", "approle"]:
                return self.app_role(parts[2:], body)
            if parts[0] == "secret" and len(parts) > 2 and parts[1] in ("data", "metadata"):
                return self.kv2(parts[1], "/".join(parts[2:]), query, body)
            if parts[0] == "kv" and len(parts) > 1:
                return self.kv1("/".join(parts[1:]), body)
            if parts[0] == "secret":
                raise Fail(404, body=reply(warnings=["Invalid path for a versioned K/V secrets engine."]))
            raise Fail(404, f'no handler for route "{"/".join(parts)}". route entry not found.')

        def tokens(self, parts, body):
            if parts == ["create"]:
                self.need("root")
                policies = listed(body.get("policies")) + ["default"] * (not body.get("no_default_policy"))
                token = vault.issue(self.namespace, policies, seconds(body.get("ttl") or body.get("period") or 3600), maximum=seconds(body.get("explicit_max_ttl") or 0),
                                    renewable=body.get("renewable") is not False, kind=body.get("type") or "service")
                return 200, reply(auth=self.auth(token))
            held = vault.holder(self.token, self.namespace)
            if held is None:
                raise Fail(403, "permission denied")
            # Of the policies that the checks write, this one allows to look up and not to renew.
            if not {"root", "default"} & set(held.policies) and (parts != ["lookup-self"] or "lookup" not in held.policies):
                raise Fail(403, "1 error occurred:\n\t* permission denied\n\n")
            if parts == ["lookup-self"]:
                return 200, reply(self.looked_up(held))
            if parts == ["renew-self"]:
                if held.ttl is None:
                    raise Fail(400, "invalid lease ID")
                if not held.renewable:
                    raise Fail(400, "batch tokens cannot be renewed" if held.kind == "batch" else "lease is not renewable")
                held.renew()
                return 200, reply(auth=self.auth(self.token))
            if parts == ["revoke-self"]:
                del vault.tokens[self.token]
                return 204, None
            raise Fail(404)

        def looked_up(self, held):
            ends = held.end is not None
            body = {"id": self.token, "accessor": secrets.token_hex(8), "policies": held.policies, "ttl": held.left(), "num_uses": 0,
                    "creation_ttl": held.ttl or 0, "expire_time": "2026-11-25T12:24:39.799375638Z" if ends else None, "type": held.kind}
            return body | ({"renewable": held.renewable} if ends else {})

        @staticmethod
        def auth(token):
            held = vault.tokens[token]
            return {"client_token": token, "accessor": secrets.token_hex(8), "policies": held.policies, "token_policies": held.policies,
                    "metadata": None, "lease_duration": held.left(), "renewable": held.renewable, "entity_id": "", "token_type": held.kind,
                    "orphan": True, "mfa_requirement": None, "num_uses": 0}

        def app_role(self, parts, body):
            if parts == ["login"]:
                role = next((role for role in vault.roles.values() if role["role_id"] == body["role_id"]), None)
                uses = vault.secret_ids.get((self.namespace, body.get("secret_id")))
                if role is None or role["namespace"] != self.namespace or not uses or uses[0] is not role or uses[1] == 0:
                    raise Fail(400, "invalid role or secret ID")
                uses[1] -= 1
                token = vault.issue(self.namespace, role["policies"], role["ttl"], maximum=role["maximum"], kind=role["kind"])
                return 200, reply(auth=self.auth(token))
            self.need("root")
            key = (self.namespace, parts[1])
            if parts[2:] == ["role-id"]:
                return 200, reply({"role_id": vault.roles[key]["role_id"]})
            if parts[2:] == ["secret-id"]:
                secret_id = secrets.token_hex(16)
                uses = int(body.get("num_uses") or 0) or -1
                vault.secret_ids[self.namespace, secret_id] = [vault.roles[key], uses]
                return 200, reply({"secret_id": secret_id, "secret_id_accessor": secrets.token_hex(8), "secret_id_ttl": 0,
                                   "secret_id_num_uses": max(uses, 0)})
            vault.roles[key] = {"role_id": secrets.token_hex(16), "policies": listed(body.get("token_policies")) + ["default"],
                                "ttl": seconds(body.get("token_ttl") or 1200), "maximum": seconds(body.get("token_max_ttl") or 0),
                                "kind": body.get("token_type") or "service", "namespace": self.namespace}
            return 204, None

        def kv2(self, kind, path, query, body):
            versions = vault.v2.get((self.namespace, path), [])
            if kind == "data" and self.command in ("POST", "PUT"):
                self.need("root")
                versions = vault.v2.setdefault((self.namespace, path), versions)
                versions.append([body["data"], self.metadata(len(versions) + 1)])
                return 200, reply(versions[-1][1])
            self.need("read")
            if kind == "data" and self.command == "DELETE":
                self.need("root")
                versions[-1][1]["deletion_time"] = "2026-11-25T10:00:00.123456789Z"
                return 204, None
            if kind == "data" and self.command == "GET":
                number = int(dict(pair.split("=") for pair in query.split("&") if pair).get("version") or 0) or len(versions)
                if not 0 < number <= len(versions):
                    raise Fail(404)
                data, metadata = versions[number - 1]
                if metadata["deletion_time"]:
                    raise Fail(404, body=reply({"data": None, "metadata": metadata}))
                return 200, reply({"data": data, "metadata": metadata})
            raise Fail(405, "unsupported operation")

        @staticmethod
        def metadata(version):
            return {"created_time": "2026-11-25T09:00:00.123456789Z", "custom_metadata": None, "deletion_time": "",
                    "destroyed": False, "version": version}

        def kv1(self, path, body):
            if self.command in ("POST", "PUT"):
                self.need("root")
                vault.v1[self.namespace, path] = body
                return 204, None
            self.need("read")
            if (self.namespace, path) not in vault.v1:
                raise Fail(404)
            return 200, reply(vault.v1[self.namespace, path], lease=2764800)

    return Handler
