#!/usr/bin/env bash
# Prints the flash that each build takes on a Cortex-M4F (thumbv7em, opt-level s, compact SHA-2)
# and fails above tests/budgets/flash.txt.  usage: measure.sh   (RUSTC may name a compiler)
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=../install.sh
. ../install.sh
have ld.lld lld && have size binutils || { echo "SKIPPED: lld or binutils cannot be installed"; exit 77; }
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../target}/flash
export CARGO_TARGET_THUMBV7EM_NONE_EABIHF_RUSTFLAGS="-C linker=ld.lld -C link-arg=-T$PWD/memory.x -C link-arg=--gc-sections"
failed=0
printf '%-36s %8s %8s\n' 'flash, thumbv7em' bytes limit
while read -r limit features name; do
  case $limit in ''|'#'*) continue ;; esac
  [ "$features" = - ] && features=
  cargo build --quiet --release --target thumbv7em-none-eabihf --features "$features"
  bytes=$(size "$CARGO_TARGET_DIR/thumbv7em-none-eabihf/release/alpaca-auth-flash" | awk 'NR == 2 { print $1 + $2 }')
  printf '%-36s %8s %8s\n' "$name" "$bytes" "$limit"
  [ "$bytes" -le "$limit" ] || failed=1
done <../budgets/flash.txt
exit $failed
