#!/usr/bin/env bash
# Runs each fuzz target over its seeds and a fixed number of mutations of them (default 200,000, the
# same ones on every run); any crash fails. SECONDS_EACH=600 explores for that long instead.
set -uo pipefail
cd "$(dirname "$0")"
runs=${1:-200000}
target=${CARGO_TARGET_DIR:-$PWD/../../target}
tool=$target/tools/bin/cargo-fuzz
if [ ! -x "$tool" ]; then
  CARGO_TARGET_DIR=$target/tools cargo install --quiet --locked --root "$target/tools" cargo-fuzz 2>"$target/fuzz.log" ||
    { echo "SKIPPED: cargo-fuzz cannot be built: $(tail -n 1 "$target/fuzz.log")"; exit 77; }
fi
# The sanitizers need a compiler that takes unstable flags.
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target/fuzz
for name in response json document elements decimal timestamp target ticket catalog token callback managers session server chain; do
  case $name in
    session | server | chain) count=$((runs / 20)) ;; # a run makes a key exchange or verifies signatures
    elements | managers) count=$((runs / 4)) ;; # read again by serde_json, member by member
    *) count=$runs ;;
  esac
  corpus=$target/fuzz/corpus/$name
  if [ -n "${SECONDS_EACH:-}" ]; then
    how=(-max_total_time="$SECONDS_EACH")
  else
    rm -rf "$corpus"
    how=(-seed=1 -runs="$count" -max_total_time=120)
  fi
  mkdir -p "$corpus"
  "$tool" fuzz run --fuzz-dir . "$name" "$corpus" "seeds/$name" -- \
    "${how[@]}" -max_len=4096 -verbosity=0 -artifact_prefix="$target/fuzz/" >"$target/fuzz/$name.log" 2>&1 ||
    { tail -n 40 "$target/fuzz/$name.log"; exit 1; }
  echo "$name: ${how[*]}: no crash ($(ls "$corpus" | wc -l) inputs kept)"
done
