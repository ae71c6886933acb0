"""Drives the sandbox with alpaca-py, unchanged: account, clock, submit, list and cancel an order.

usage: alpaca_py.py PATH-OF-alpaca-sandbox
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        ca = os.path.join(folder, "ca.pem")
        sandbox = subprocess.Popen([program, "--ca-out", ca], stdout=subprocess.PIPE, text=True)
        try:
            check(json.loads(sandbox.stdout.readline()), ca)
        finally:
            sandbox.kill()
            sandbox.wait()


def check(says, ca):
    os.environ["REQUESTS_CA_BUNDLE"] = ca
    from alpaca.common.exceptions import APIError
    from alpaca.data.historical import StockHistoricalDataClient
    from alpaca.data.requests import StockBarsRequest, StockLatestQuoteRequest
    from alpaca.data.timeframe import TimeFrame
    from alpaca.trading.client import TradingClient
    from alpaca.trading.enums import OrderSide, QueryOrderStatus, TimeInForce
    from alpaca.trading.requests import GetOrdersRequest, LimitOrderRequest

    keys = (says["paper_key_id"], says["paper_secret"])
    client = TradingClient(*keys, paper=True, url_override=says["paper"])
    account = client.get_account()
    assert account.status.value == "ACTIVE", account
    assert client.get_clock().timestamp is not None
    ticket = LimitOrderRequest(
        symbol="AAPL", qty=1, side=OrderSide.BUY, time_in_force=TimeInForce.DAY,
        limit_price=100, client_order_id="interop-1",
    )
    order = client.submit_order(ticket)
    assert order.client_order_id == "interop-1", order
    try:
        client.submit_order(ticket)
        raise SystemExit("the same client_order_id was accepted twice")
    except APIError as error:
        assert "unique" in str(error), error
    listed = client.get_orders(GetOrdersRequest(status=QueryOrderStatus.OPEN))
    assert [one.id for one in listed] == [order.id], listed
    assert client.get_order_by_client_id("interop-1").id == order.id
    client.cancel_order_by_id(order.id)
    assert client.get_orders(GetOrdersRequest(status=QueryOrderStatus.OPEN)) == []
    assert client.get_all_positions()[0].symbol == "AAPL"
    assert client.get_asset("AAPL").tradable
    try:
        TradingClient(keys[0], "wrong", paper=True, url_override=says["paper"]).get_account()
        raise SystemExit("a wrong secret was accepted")
    except APIError as error:
        assert error.status_code == 401, error
    data = StockHistoricalDataClient(*keys, url_override=says["data"])
    quote = data.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert quote.ask_price > quote.bid_price, quote
    bars = data.get_stock_bars(StockBarsRequest(
        symbol_or_symbols="AAPL", timeframe=TimeFrame.Minute, start=datetime(2024, 1, 2), limit=1500,
    ))["AAPL"]
    assert len(bars) == 1500, len(bars)
    print("alpaca-py: account, clock, submit, list, cancel, positions, asset, quote, bars and refusals work")


if __name__ == "__main__":
    main(sys.argv[1])
