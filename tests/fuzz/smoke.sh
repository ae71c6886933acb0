#!/usr/bin/env bash
# Runs each fuzz target for some seconds (default 20) from its seeds; any crash fails.
set -uo pipefail
cd "$(dirname "$0")"
seconds=${1:-20}
target=${CARGO_TARGET_DIR:-$PWD/../../target}
tool=$target/tools/bin/cargo-fuzz
if [ ! -x "$tool" ]; then
  CARGO_TARGET_DIR=$target/tools cargo install --quiet --locked --root "$target/tools" cargo-fuzz 2>"$target/fuzz.log" ||
    { echo "SKIPPED: cargo-fuzz cannot be built: $(tail -n 1 "$target/fuzz.log")"; exit 77; }
fi
# The sanitizers need a compiler that takes unstable flags.
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target/fuzz
for name in response json target; do
  mkdir -p "$target/fuzz/corpus/$name"
  "$tool" fuzz run --fuzz-dir . "$name" "$target/fuzz/corpus/$name" "seeds/$name" -- \
    -max_total_time="$seconds" -max_len=4096 -verbosity=0 -artifact_prefix="$target/fuzz/" >"$target/fuzz/$name.log" 2>&1 ||
    { tail -n 40 "$target/fuzz/$name.log"; exit 1; }
  echo "$name: $seconds s, no crash ($(ls "$target/fuzz/corpus/$name" | wc -l) inputs kept)"
done
