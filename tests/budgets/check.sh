#!/usr/bin/env bash
# Measures, prints the table that the README quotes, and fails where a figure exceeds budgets.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
for pair in valgrind:valgrind strace:strace python3:python3 objdump:binutils curl:curl time:time; do
  type -P "${pair%%:*}" >/dev/null 2>&1 || { apt-get -qq update && apt-get -qq -y install "${pair##*:}"; } >/dev/null 2>&1 || true
done
command -v valgrind >/dev/null && command -v python3 >/dev/null || { echo "SKIPPED: valgrind and python3 are needed"; exit 77; }
cargo build --quiet --release -p alpaca-auth-budgets -p alpaca-sandbox
cargo build --quiet --profile small -p alpaca-auth-budgets
exec python3 tests/budgets/measure.py
