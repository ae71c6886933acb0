#!/usr/bin/env bash
# Builds the firmware for the emulated boards, runs it against real servers, and counts what it costs.
# usage: run.sh  (CARGO_TARGET_DIR and, where rustup has no bare-metal targets, RUSTC are set)
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$CARGO_TARGET_DIR
# shellcheck source=../install.sh
. tests/install.sh
# libnewlib-dev: the headers that the assembly's C names.
for pair in qemu-system-arm:qemu-system-arm llvm-objdump:llvm ld.lld:lld size:binutils gcc:gcc openssl:openssl python3:python3 \
  arm-none-eabi-gcc:gcc-arm-none-eabi+libnewlib-dev; do
  packages=${pair##*:}
  # shellcheck disable=SC2086
  have "${pair%%:*}" --no-install-recommends ${packages//+/ } || { echo "SKIPPED: ${packages//+/ } cannot be installed"; exit 77; }
done
# shellcheck source=build.sh
. tests/firmware/build.sh
# The programs of the host, without the bare-metal compiler.
(unset RUSTC; cargo build --quiet -p alpaca-sandbox -p alpaca-tls-server -p alpaca-auth-examples -p alpaca-p256-vectors --bins)
"$target/debug/alpaca-p256-vectors" "$target/p256-vectors.bin" >"$target/p256-vectors.txt"

# Linking takes one processor: two builds at a time, of targets that share nothing.
lane() { while read -r line; do build "$line" </dev/null; done; }
portable_m4=' - thumbv7em'
(grep -e "$portable_m4" <<<"$checked" | lane) & first=$!
grep -v -e "$portable_m4" <<<"$checked" | lane
manifest=fast program=vectors firmware an386-vectors thumbv7em-none-eabihf an386
wait "$first"

# Two boards at a time, and beside them the ones whose keys are changed: these wait more than they compute.
failed=0
python3 tests/firmware/run.py "$target" an386 an386-rsa an385 >"$target/firmware-run.txt" 2>&1 & first=$!
python3 tests/firmware/provisioning.py "$target" an386 an385 an505 >"$target/firmware-provisioning.txt" 2>&1 & second=$!
python3 tests/firmware/run.py "$target" an505 an386-fast || failed=1
wait "$first" || failed=1
wait "$second" || failed=1
cat "$target/firmware-run.txt" "$target/firmware-provisioning.txt"
python3 tests/firmware/vectors.py "$target" an386 || failed=1
python3 tests/firmware/panics.py "$target/firmware-an386" || failed=1
printf '\n%-16s %-32s %12s %12s\n' build figure value limit
builds=$(cut -d ' ' -f 1 <<<"$checked")
# shellcheck disable=SC2016
xargs -P 2 -I @ sh -c 'python3 tests/firmware/measure.py "$0" @ >"$0/firmware-@.txt" 2>&1' "$target" <<<"$builds" || failed=1
for build in $builds; do cat "$target/firmware-$build.txt"; done
exit "$failed"
