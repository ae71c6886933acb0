#!/usr/bin/env bash
# Prints the crates and the stripped bytes that each local source adds to a program with a client, and
# the time from asking to a filled slot (median of 21 runs; it differs from machine to machine).
# usage: tests/sources/figures.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
manifest=tests/sources/size/Cargo.toml

bytes() { # bytes FEATURE
  cargo build --quiet --profile small --manifest-path "$manifest" --features "$1"
  stat -c %s "$CARGO_TARGET_DIR/small/alpaca-auth-source-size"
}
crates() { # crates FEATURE
  cargo tree --manifest-path "$manifest" --features "$1" -e normal --prefix none | awk '{ print $1 }' | sort -u | wc -l
}

base_bytes=$(bytes "") base_crates=$(crates "")
printf '%-16s %6s %12s\n' source crates bytes
printf '%-16s %6s %12s\n' "(none)" "$base_crates" "$base_bytes"
for feature in environment directory file command secret-service tpm kernel-keyring; do
  printf '%-16s %+6d %+12d\n' "$feature" $(($(crates "$feature") - base_crates)) $(($(bytes "$feature") - base_bytes))
done

cargo build --quiet --release -p alpaca-auth-promises --bin source_probe
probe=$CARGO_TARGET_DIR/release/source_probe
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
printf 'PKTEST\nnot-a-real-secret\n' >"$directory/keys"
printf PKTEST >"$directory/alpaca-key-id"
printf not-a-real-secret >"$directory/alpaca-secret-key"
chmod 700 "$directory" && chmod 600 "$directory"/*
export APCA_API_KEY_ID=PKTEST APCA_API_SECRET_KEY=not-a-real-secret CREDENTIALS_DIRECTORY=$directory
median() { # median NAME SOURCE
  local run
  for run in $(seq 21); do "$probe" "$2" </dev/null | sed -n 's/^microseconds //p'; done |
    sort -n | awk -v name="$1" '{ all[NR] = $1 } END { printf "%-16s %6d µs\n", name, all[int((NR + 1) / 2)] }'
}
median environment env
median directory credentials
median file "file:$directory/keys"
median "command (cat)" "command:/bin/cat,$directory/keys"
if command -v keyctl >/dev/null && keyctl session - true >/dev/null 2>&1; then
  export probe
  export -f median
  keyctl session - bash -c 'printf "PKTEST\nnot-a-real-secret\n" | keyctl padd user alpaca-auth:paper @s >/dev/null && median kernel-keyring keyring' 2>/dev/null
fi
