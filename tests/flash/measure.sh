#!/usr/bin/env bash
# Prints flash and static memory that each build takes on a Cortex-M4F (thumbv7em, opt-level s, compact SHA-2)
# and fails above tests/budgets/flash.txt.  usage: measure.sh   (RUSTC may name a compiler)
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=../install.sh
. ../install.sh
have ld.lld lld && have size binutils || { echo "SKIPPED: lld or binutils cannot be installed"; exit 77; }
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../target}/flash
export CARGO_TARGET_THUMBV7EM_NONE_EABIHF_RUSTFLAGS="-C linker=ld.lld -C link-arg=-T$PWD/memory.x -C link-arg=--gc-sections"
failed=0
printf '%-42s %8s %8s %8s %8s\n' 'thumbv7em' flash limit static limit
while read -r limit ram features name; do
  case $limit in ''|'#'*) continue ;; esac
  [ "$features" = - ] && features=
  cargo build --quiet --release --locked --target thumbv7em-none-eabihf --features "$features"
  read -r bytes statics < <(size "$CARGO_TARGET_DIR/thumbv7em-none-eabihf/release/alpaca-auth-flash" | awk 'NR == 2 { print $1 + $2, $2 + $3 }')
  printf '%-42s %8s %8s %8s %8s\n' "$name" "$bytes" "$limit" "$statics" "$ram"
  [ "$bytes" -le "$limit" ] && [ "$statics" -le "$ram" ] || failed=1
done <../budgets/flash.txt
exit $failed
