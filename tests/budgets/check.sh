#!/usr/bin/env bash
# Measures, prints the table that the README quotes, and fails where a figure exceeds budgets.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# shellcheck source=../install.sh
. tests/install.sh
for pair in objdump:binutils strace:strace curl:curl time:time; do have "${pair%%:*}" "${pair##*:}" || true; done
have valgrind valgrind && have python3 python3 || { echo "SKIPPED: valgrind and python3 are needed"; exit 77; }
bins=(); for name in head chain conduct oauth token_cache lists rotation call; do bins+=(--bin "$name"); done
cargo build --quiet --release -p alpaca-auth-budgets -p alpaca-sandbox "${bins[@]}" --bin alpaca-sandbox
cargo build --quiet --profile small -p alpaca-auth-budgets --bin cold_ours --bin cold_raw
exec python3 tests/budgets/measure.py
