#!/usr/bin/env bash
# Builds and measures all feature sets and opt-levels of the firmware, which takes some ten minutes; run.sh has
# what CI checks.  usage: table.sh [--write] [NAME…]  (CARGO_TARGET_DIR, RUSTC and the tools as for run.sh)
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$CARGO_TARGET_DIR
# shellcheck source=build.sh
. tests/firmware/build.sh
write=--print
[ "${1-}" != --write ] || { write=--write; shift; }
failed=0
while read -r line; do
  name=${line%% *}
  [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
  build "$line" </dev/null
  python3 tests/firmware/measure.py "$target" "$name" "$write" </dev/null | grep -v '^ ' || failed=1
done <<<"$checked
$others"
exit "$failed"
