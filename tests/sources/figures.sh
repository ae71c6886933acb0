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

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkdir -p "$directory/alpaca-auth"
printf 'PKTEST\nnot-a-real-secret\n' >"$directory/alpaca-auth/paper"
printf PKTEST >"$directory/alpaca-key-id"
printf not-a-real-secret >"$directory/alpaca-secret-key"
chmod 700 "$directory" && chmod 600 "$directory"/alpaca-*-* "$directory/alpaca-auth/paper"
export APCA_API_KEY_ID=PKTEST APCA_API_SECRET_KEY=not-a-real-secret
export CREDENTIALS_DIRECTORY=$directory XDG_CONFIG_HOME=$directory KEYS=$directory/alpaca-auth/paper

fill() { # fill FEATURE: microseconds, or nothing where the source has no key here
  local program=$CARGO_TARGET_DIR/small/alpaca-auth-source-size
  case $1 in
    secret-service | tpm) ;; # tests/sources/local.sh prints theirs
    kernel-keyring)
      keyctl session - sh -c 'keyctl padd user alpaca-auth:paper @s <"$KEYS" >/dev/null && exec "$1" time' sh "$program" 2>/dev/null || true ;;
    *) "$program" time ;;
  esac
}
median() { # median FEATURE
  local run
  for run in $(seq 21); do fill "$1"; done | sort -n | awk '{ all[NR] = $1 } END { print NR ? all[int((NR + 1) / 2)] : "-" }'
}

base_bytes=$(bytes "") base_crates=$(crates "")
printf '%-16s %6s %12s %6s\n' source crates bytes µs
printf '%-16s %6s %12s\n' "(none)" "$base_crates" "$base_bytes"
for feature in environment directory file command secret-service tpm kernel-keyring; do
  printf '%-16s %+6d %+12d %6s\n' "$feature" $(($(crates "$feature") - base_crates)) $(($(bytes "$feature") - base_bytes)) "$(median "$feature")"
done
