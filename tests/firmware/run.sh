#!/usr/bin/env bash
# Builds the firmware for the emulated boards, runs it against real servers, and counts what it costs.
# usage: run.sh  (CARGO_TARGET_DIR and, where rustup has no bare-metal targets, RUSTC are set)
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$CARGO_TARGET_DIR
for pair in qemu-system-arm:qemu-system-arm llvm-objdump:llvm ld.lld:lld size:binutils gcc:gcc openssl:openssl python3:python3; do
  type -P "${pair%%:*}" >/dev/null 2>&1 ||
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${pair##*:}"; } >/dev/null 2>&1 ||
    { echo "SKIPPED: ${pair##*:} cannot be installed"; exit 77; }
done
# The programs of the host.
(unset RUSTC; cargo build --quiet -p alpaca-sandbox -p alpaca-tls-server -p alpaca-auth-examples --bins)

firmware() { # firmware NAME TARGET FEATURES [OPTION…]: the ELF file firmware-NAME
  local name=$1 triple=$2 features=$3; shift 3
  local linker=CARGO_TARGET_${triple^^}_LINKER; linker=${linker//[-.]/_}
  (cd examples/firmware && env "$linker=ld.lld" CARGO_TARGET_DIR="$target/firmware" \
    cargo build --quiet --locked --release --no-default-features --target "$triple" --features "$features" "$@")
  cp "$target/firmware/$triple/release/alpaca-auth-firmware" "$target/firmware-$name"
}
measured() { # measured NAME TARGET FEATURES: with the recording's build day
  firmware "$1" "$2" "$3"
  SOURCE_DATE_EPOCH=1795564800 firmware "$1-measure" "$2" "$3,measure"
}
measured an386 thumbv7em-none-eabihf an386
firmware an385 thumbv7m-none-eabi an385
firmware an505 thumbv8m.main-none-eabihf an505
python3 tests/firmware/run.py "$target" an386 an385 an505
python3 tests/firmware/panics.py "$target/firmware-an386"
printf '\n%-12s %-32s %12s %12s\n' build figure value limit
python3 tests/firmware/measure.py "$target" an386 an386
