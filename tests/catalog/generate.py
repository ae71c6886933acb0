#!/usr/bin/env python3
"""Writes the catalog of operations from Alpaca's OpenAPI files. A build needs neither.

usage: generate.py SPECS [--check]
  SPECS    directory of trading.yaml, data.yaml and broker.yaml, as docs.alpaca.markets has them
  --check  writes nothing; fails where the tree differs from what would be written

It writes core/src/request/catalog/{trading,market_data,broker}/, the vectors in
tests/catalog/operations.txt, and tests/catalog/trading.json, the Trading API's file without its
prose. Needs PyYAML and rustfmt.
"""
import json
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOG = ROOT / "core/src/request/catalog"
VECTORS = ROOT / "tests/catalog/operations.txt"
TRIMMED = ROOT / "tests/catalog/trading.json"

# File, module, type of the API, its name.
APIS = [
    ("trading", "trading", "Trading", "Trading API"),
    ("data", "market_data", "MarketData", "Market Data API"),
    ("broker", "broker", "Broker", "Broker API"),
]

# What changes something and moves no money. All else but GET counts as moving money: orders,
# positions, transfers, journals, banks, tokens, whatever comes with a newer file.
CHANGES = {
    "trading": [
        "PATCH /v2/account/configurations",
        "DELETE /v2/orders",
        "DELETE /v2/orders/{order_id}",
        "DELETE /v2/wallets/whitelists/{whitelisted_address_id}",
        "POST /v2/watchlists",
        "PUT /v2/watchlists/{watchlist_id}",
        "POST /v2/watchlists/{watchlist_id}",
        "DELETE /v2/watchlists/{watchlist_id}",
        "DELETE /v2/watchlists/{watchlist_id}/{symbol}",
        "PUT /v2/watchlists:by_name",
        "POST /v2/watchlists:by_name",
        "DELETE /v2/watchlists:by_name",
    ],
    "data": [],
    "broker": [
        "POST /v1/accounts",
        "PATCH /v1/accounts/{account_id}",
        "POST /v1/accounts/{account_id}/cip",
        "POST /v1/accounts/{account_id}/documents/upload",
        "PATCH /v1/accounts/{account_id}/onfido/sdk",
        "POST /v1/accounts/{account_id}/options/approval",
        "DELETE /v1/accounts/{account_id}/ach_relationships/{ach_relationship_id}",
        "DELETE /v1/accounts/{account_id}/recipient_banks/{bank_id}",
        "DELETE /v1/accounts/{account_id}/wallets/whitelists/{whitelisted_address_id}",
        "POST /v1beta/accounts/{account_id}/funding_wallet",
        "POST /v1beta/accounts/funding_wallet",
        "DELETE /v1beta/accounts/{account_id}/funding_wallet/recipient_bank",
        # A portfolio is a plan; subscribing to it, changing it and running it trade.
        "POST /v1/rebalancing/portfolios",
        "DELETE /v1/rebalancing/portfolios/{portfolio_id}",
        "DELETE /v1/rebalancing/runs/{run_id}",
        "DELETE /v1/rebalancing/subscriptions/{subscription_id}",
        "PATCH /v1/trading/accounts/{account_id}/account/configurations",
        "DELETE /v1/trading/accounts/{account_id}/orders",
        "DELETE /v1/trading/accounts/{account_id}/orders/{order_id}",
        # Changes nothing, but only a GET is a read here.
        "POST /v1/trading/accounts/{account_id}/orders/estimation",
        "POST /v1/trading/accounts/{account_id}/watchlists",
        "PUT /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}",
        "POST /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}",
        "DELETE /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}",
        "DELETE /v1/trading/accounts/{account_id}/watchlists/{watchlist_id}/{symbol}",
    ],
}

METHODS = ["get", "post", "put", "patch", "delete"]


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    files = generate(pathlib.Path(arguments[0]))
    if "--check" in sys.argv:
        check(files)
    else:
        write(files)


def generate(specs):
    """What each file should hold, by its path."""
    files, vectors = {}, []
    for name, module, kind, title in APIS:
        text = (specs / f"{name}.yaml").read_text()
        spec = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        operations = list(read(spec, name, kind))
        unused = set(CHANGES[name]) - {f"{o['method']} {o['path']}" for o in operations}
        if unused:
            sys.exit(f"{name}: CHANGES names what is not there: {sorted(unused)}")
        for operation in operations:
            operation["module"] = module
            vectors.append("\t".join(vector(operation)))
        for group in dict.fromkeys(operation["group"] for operation in operations):
            members = [operation for operation in operations if operation["group"] == group]
            files[CATALOG / module / f"{group}.rs"] = rustfmt(group_file(members, title))
        files[CATALOG / module / "mod.rs"] = rustfmt(module_file(operations, title))
        if name == "trading":
            files[TRIMMED] = json.dumps(trimmed(spec), separators=(",", ":"), sort_keys=True) + "\n"
    head = "# Operations of Alpaca's OpenAPI files: API, method, path, operationId, statuses, reply.\n"
    files[VECTORS] = head + "\n".join(vectors) + "\n"
    return files


def read(spec, name, kind):
    constants = set()
    for path, item in sorted(spec["paths"].items()):
        for method in METHODS:
            if method not in item:
                continue
            source = item[method]
            constant = constant_name(source["operationId"])
            if constant in constants:
                sys.exit(f"{name}: two operations are called {constant}")
            constants.add(constant)
            servers = " ".join(server["url"] for server in source.get("servers", []))
            parameters = [resolve(spec, p) for p in source.get("parameters", []) + item.get("parameters", [])]
            success, reply = answer(source["responses"])
            yield {
                "constant": constant,
                "id": source["operationId"],
                "group": re.sub(r"[^a-z0-9]+", "_", source["tags"][0].lower()),
                "tag": source["tags"][0],
                "kind": "DataStream" if "//stream.data." in servers else kind,
                "method": method.upper(),
                "path": path,
                "effect": effect(name, method.upper(), path),
                # `security: []` is the file's way to say that no credential is needed.
                "authenticated": source.get("security", spec["security"]) != [],
                "success": success,
                "reply": reply,
                "summary": " ".join(source.get("summary", "").split()),
                "query": [p["name"] for p in parameters if p["in"] == "query"],
                "required": [p["name"] for p in parameters if p["in"] == "query" and p.get("required")],
                "body": body(source),
                "deprecated": source.get("deprecated", False),
            }


def effect(name, method, path):
    if method == "GET":
        return "Reads"
    return "Changes" if f"{method} {path}" in CHANGES[name] else "MovesMoney"


def replay(operation):
    """Reads, and deletions of what a path names: the second of two finds it gone."""
    by_id = operation["method"] == "DELETE" and operation["path"].endswith("}")
    safe = operation["method"] == "GET" or by_id and operation["effect"] == "Changes"
    return "Safe" if safe else "Never"


def answer(responses):
    """Statuses of a success, and the reply's name."""
    def of(first):
        return sorted(int(status) for status in responses if str(status).startswith(first))
    success = of("2") or of("3")
    content = responses.get(str(success[0]), responses.get(success[0])).get("content", {})
    if not content:
        return success, ""
    media, value = next(iter(content.items()))
    return success, schema_name(value.get("schema", {})) if media == "application/json" else media


def schema_name(schema):
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if schema.get("type") == "array":
        return f"[{schema_name(schema['items'])}]"
    return "object"


def body(source):
    content = source.get("requestBody", {}).get("content", {})
    return schema_name(content["application/json"].get("schema", {})) if content else ""


def resolve(spec, value):
    while "$ref" in value:
        target = spec
        for part in value["$ref"].lstrip("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        value = target
    return value


def constant_name(operation_id):
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", operation_id)
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words)
    return re.sub(r"[^A-Z0-9]+", "_", words.upper())


def vector(operation):
    statuses = ",".join(map(str, operation["success"]))
    return [operation["module"], operation["method"], operation["path"], operation["id"], statuses, operation["reply"]]


WRITTEN = "//! Written by `tests/catalog/generate.py`: change that, not this.\n\n"


def group_file(operations, title):
    kinds = sorted({operation["kind"] for operation in operations})
    handles = sorted({handle(operation) for operation in operations})
    text = f"//! {operations[0]['tag']}: operations of the {title}.\n//!\n{WRITTEN}"
    text += f"use crate::endpoint::{{ApiKind, {', '.join(kinds)}}};\n"
    text += f"use crate::request::{{{', '.join(handles + ['Effect', 'Method', 'Operation', 'Replay'])}}};\n"
    for operation in operations:
        text += "\n" + documentation(operation) + f"""pub const {operation['constant']}: {handle(operation)}<{operation['kind']}> = {handle(operation)}::of(&Operation {{
    id: "{operation['id']}",
    api: ApiKind::{operation['kind']},
    method: Method::{operation['method'].capitalize()},
    path: "{operation['path']}",
    replay: Replay::{replay(operation)},
    effect: Effect::{operation['effect']},
    authenticated: {str(operation['authenticated']).lower()},
    success: &{operation['success']},
    reply: "{operation['reply']}",
}});
"""
    return text


def documentation(operation):
    summary = operation["summary"].rstrip(".").replace("[", "\\[").replace("<", "\\<")
    lines = [f"`{operation['method']} {operation['path']}`" + (f": {summary}." if summary else ".")]
    query = [f"`{name}`" + (" (required)" if name in operation["required"] else "") for name in operation["query"]]
    if query:
        lines += ["", "Query: " + ", ".join(query) + "."]
    if operation["body"]:
        lines += ["", f"Body: `{operation['body']}`."]
    if operation["deprecated"]:
        lines += ["", "Alpaca calls it deprecated."]
    if operation["success"][0] >= 300:
        lines += ["", "It answers by a redirect, which no transport here follows."]
    return "".join(f"/// {line}".rstrip() + "\n" for line in lines)


def handle(operation):
    return "ReadOperation" if operation["effect"] == "Reads" else "ChangeOperation"


def module_file(operations, title):
    groups = sorted({operation["group"] for operation in operations})
    text = f"//! Operations of the {title}, grouped as Alpaca groups them.\n//!\n{WRITTEN}"
    text += "".join(f"pub mod {group};\n" for group in groups)
    text += "\nuse crate::request::Operation;\n"
    text += f"\n/// All {len(operations)} of them, in the order of their paths. Linked only where it is used.\n"
    text += "pub const ALL: &[&Operation] = &[\n"
    text += "".join(f"    {o['group']}::{o['constant']}.operation(),\n" for o in operations)
    return text + "];\n"


# Not part of what a request must be like.
PROSE = {"description", "summary", "example", "examples", "externalDocs", "x-examples", "tags", "title", "x-readme", "x-stoplight", "deprecated"}


def trimmed(spec):
    """The file without prose and without answers: what judges requests needs the rest."""
    def cut(value, names_are_free=False):
        if isinstance(value, list):
            return [cut(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        # Below `properties` a key is a field's name, whatever it is called.
        return {
            str(key): cut(entry, key in ("properties", "schemas", "parameters") and isinstance(entry, dict))
            for key, entry in value.items()
            if names_are_free or key not in PROSE
        }

    result = {key: spec[key] for key in ("openapi", "info", "security", "servers")}
    result["info"] = {"title": spec["info"]["title"], "version": spec["info"]["version"]}
    result["paths"] = {}
    for path, item in spec["paths"].items():
        result["paths"][path] = entry = {}
        for key, value in item.items():
            entry[key] = cut(value)
            if key in METHODS:
                success = [status for status in value["responses"] if str(status)[0] == "2"][:1]
                entry[key]["responses"] = {str(status): {"description": ""} for status in success}
    components = {key: cut(spec["components"][key], True) for key in ("parameters", "schemas", "securitySchemes")}
    result["components"] = used(result, components)
    return result


def used(start, components):
    """The components that `start` refers to, and those that they refer to."""
    kept = {"securitySchemes": components["securitySchemes"]}
    pending = [start]
    while pending:
        for kind, name in re.findall(r'"#/components/(\w+)/([^"/]+)"', json.dumps(pending.pop(), default=str)):
            if name not in kept.setdefault(kind, {}):
                kept[kind][name] = components[kind][name]
                pending.append(components[kind][name])
    return json.loads(json.dumps(kept, default=str))


def rustfmt(text):
    done = subprocess.run(["rustfmt", "--edition", "2024"], input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"rustfmt: {done.stderr}")
    return done.stdout


def stale(files):
    """What an earlier run wrote and this one does not."""
    return [path for _, module, _, _ in APIS for path in (CATALOG / module).glob("*.rs") if path not in files]


def write(files):
    for path in stale(files):
        path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"{len(files)} files written")


def check(files):
    differing = [path for path, text in files.items() if not path.exists() or path.read_text() != text] + stale(files)
    for path in differing:
        print(f"{path.relative_to(ROOT)} is not what the generator writes")
    if differing:
        sys.exit(1)
    operations = len(files[VECTORS].splitlines()) - 1
    print(f"{len(files)} files are what the generator writes from the OpenAPI files; {operations} operations")


main()
