"""Runs `monitor` against its sandbox and reads what it serves with Prometheus' own Python parser.

usage: read.py MONITOR
"""

import os
import subprocess
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families


def main():
    hidden = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY", "ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY",
              "ALPACA_API_KEY", "ALPACA_SECRET_KEY")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    monitor = subprocess.Popen([sys.argv[1], "--every", "1"], env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        url = monitor.stderr.readline().split()[-1]
        monitor.stdout.readline()  # the first round is over
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.headers.get_content_type() == "text/plain", answer.headers
            assert answer.headers.get_param("version") == "0.0.4", answer.headers
            text = answer.read().decode()
    finally:
        monitor.kill()
        monitor.wait()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = {(sample.name, *sorted(sample.labels.values())): sample.value
               for family in families.values() for sample in family.samples}
    assert all(family.type in ("counter", "gauge") and family.documentation for family in families.values())
    assert samples["alpaca_calls_total",] >= 3, samples
    assert samples["alpaca_attempts_total", "success"] >= 3, samples
    assert samples["alpaca_rate_limit_limit", "trading"] == 200, samples
    assert samples["alpaca_rate_limit_remaining", "trading"] <= 198, samples
    assert samples["alpaca_rate_limit_remaining", "market_data"] <= 199, samples
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(samples) == len(lines), "a sample was lost or stands twice"
    print(f"{len(families)} families, {len(samples)} samples, read by prometheus_client")
    try:
        list(text_string_to_metric_families(text.replace("_total 3", "_total three", 1) + "broken{ 1\n"))
    except ValueError:
        print("control: a broken text is refused")
    else:
        sys.exit("the control passed")


main()
