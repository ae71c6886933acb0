"""Writes the example replies of Alpaca's OpenAPI files to one file for each reply type.

usage: extract.py FOLDER, which holds trading.yaml, data.yaml and broker.yaml. Needs PyYAML. Each line of a file is
{"source": where the example stands, "reply": the example}. A test needs neither this script nor the OpenAPI files.
"""

import json
import os
import sys

import yaml

# Which schema, or path for replies without a named schema, is read as which type.
SCHEMAS = {
    "trading": {
        "Account": "Account", "AccountConfigurations": "AccountConfigurations", "legacy_clock": "Clock",
        "legacy_calendar_day": "CalendarDay", "Order": "Order", "OrderLeg": "Order", "Position": "Position",
        "Assets": "Asset", "TradingActivities": "Activity", "NonTradeActivities": "Activity",
        "PortfolioHistory": "PortfolioHistory",
    },
    "data": {
        "stock_trade": "Trade", "option_trade": "Trade", "crypto_trade": "Trade",
        "stock_quote": "Quote", "option_quote": "Quote", "crypto_quote": "Quote",
        "stock_bar": "Bar", "option_bar": "Bar", "crypto_bar": "Bar",
        "stock_latest_trades_resp_single": "LatestTrade", "stock_latest_quotes_resp_single": "LatestQuote",
        "stock_latest_bars_resp_single": "LatestBar", "stock_bars_resp_single": "Bars",
        "stock_bars_resp": "BarsBySymbol", "crypto_bars_resp": "BarsBySymbol", "option_bars_resp": "BarsBySymbol",
        "stock_snapshots_resp_single": "Snapshot", "crypto_snapshots_resp": "Snapshots",
        "option_snapshots_resp": "Snapshots", "stock_snapshots_resp": "EntriesOfSnapshots",
        "crypto_latest_trades_resp": "CryptoLatestTrades", "stock_latest_trades_resp": "CryptoLatestTrades",
        "option_latest_trades_resp": "CryptoLatestTrades", "news_resp": "News", "news": "NewsItem",
    },
    "broker": {
        "AccountExtended": "BrokerAccount", "Account": "BrokerAccount", "Transfer": "Transfer", "Journal": "Journal",
        "TradeAccount": "Account", "AccountConfigurations": "AccountConfigurations", "Order": "Order",
        "Position": "Position", "Asset": "Asset", "Activity": "Activity", "PortfolioHistory": "PortfolioHistory",
        "legacy_clock": "Clock", "legacy_calendar_day": "CalendarDay",
    },
}


def follow(spec, node):
    while isinstance(node, dict) and "$ref" in node:
        target = spec
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def name_of(node):
    return node.get("$ref", "").rsplit("/", 1)[-1]


def examples(spec, content):
    if "example" in content:
        yield "example", content["example"]
    for name, example in (content.get("examples") or {}).items():
        yield name, follow(spec, example).get("value")


def of_schema(spec, name):
    schema = spec["components"]["schemas"].get(name, {})
    if "example" in schema:
        yield "example", schema["example"]
    for label, example in (schema.get("x-examples") or {}).items():
        yield label, example
    # A schema of simple members that each have an example.
    members = schema.get("properties", {})
    parts = {key: follow(spec, member).get("example") for key, member in members.items()}
    if parts and all(part is not None for part in parts.values()):
        yield "examples of its members", parts


def main(folder):
    found = {}

    def add(kind, source, reply):
        replies = found.setdefault(kind, {})
        text = json.dumps(reply, default=str, ensure_ascii=False)
        replies.setdefault(text, source)

    for api, schemas in SCHEMAS.items():
        with open(os.path.join(folder, f"{api}.yaml")) as file:
            spec = yaml.safe_load(file)
        for name, kind in schemas.items():
            for label, example in of_schema(spec, name):
                add(kind, f"{api} schema {name}, {label}", example)
        for path, operations in spec["paths"].items():
            for method, operation in operations.items():
                if not isinstance(operation, dict):
                    continue
                for status, response in operation.get("responses", {}).items():
                    content = (follow(spec, response).get("content") or {}).get("application/json")
                    if not content or not str(status).startswith("2"):
                        continue
                    schema = content.get("schema", {})
                    is_list = schema.get("type") == "array"
                    kind = schemas.get(name_of(schema.get("items", {}) if is_list else schema))
                    if not kind:
                        continue
                    for label, example in examples(spec, content):
                        source = f"{api} {method.upper()} {path} {status}, {label}"
                        for reply in example if isinstance(example, list) else [example]:
                            add(kind, source, reply)
    here = os.path.dirname(os.path.abspath(__file__))
    for kind, replies in sorted(found.items()):
        with open(os.path.join(here, f"{kind}.jsonl"), "w") as out:
            for text, source in replies.items():
                out.write(f'{{"source": {json.dumps(source)}, "reply": {text}}}\n')
        print(f"{kind}: {len(replies)}")


main(sys.argv[1])
