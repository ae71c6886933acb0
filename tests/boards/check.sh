#!/usr/bin/env bash
# Builds and links the firmware of each board and prints what it takes.  usage: check.sh  (RUSTC may name a compiler)
# No board is here to run it: that the job's own tests pass, and that it builds and fits, is all that is shown.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-$PWD/target}/boards
skip() { echo "SKIPPED: $*"; exit 77; }
boards="pico2w:thumbv8m.main-none-eabihf esp32c3:riscv32imc-unknown-none-elf"
mkdir -p "$target"

fetch() { # fetch NAME: its crates, or tell that they cannot be had
  cargo fetch --quiet --locked --manifest-path "examples/boards/$1/Cargo.toml" 2>"$target/fetch.log" && return 0
  # A lock file that does not fit is a fault of ours, not of the network.
  grep -q 'needs to be updated' "$target/fetch.log" && { cat "$target/fetch.log"; exit 1; }
  skip "crates of $1 cannot be downloaded: $(tail -n 1 "$target/fetch.log")"
}

# What the job does apart from a board, on this machine.
for part in slots watch; do
  fetch "$part"
  (unset RUSTC; cargo test --quiet --locked --offline --manifest-path "examples/boards/$part/Cargo.toml" --target-dir "$target/host")
done

if [ -n "${RUSTC:-}" ]; then  # Debian's, which has no linker of its own
  # shellcheck source=../install.sh
  . tests/install.sh
  have ld.lld lld || skip "lld cannot be installed"
  export CARGO_TARGET_THUMBV8M_MAIN_NONE_EABIHF_LINKER=ld.lld CARGO_TARGET_RISCV32IMC_UNKNOWN_NONE_ELF_LINKER=ld.lld
fi

# Placeholders: nothing here joins a network.
export WIFI_NETWORK=placeholder WIFI_PASSWORD=placeholder
for board in $boards; do fetch "${board%%:*}"; done
build() { # build NAME: from its folder, for its .cargo/config.toml
  (cd "examples/boards/$1" && CARGO_TARGET_DIR=$target/$1 cargo build --quiet --release --locked --offline)
}
# Linking takes one processor: both boards at a time.
running=()
for board in $boards; do build "${board%%:*}" & running+=($!); done
for build in "${running[@]}"; do wait "$build"; done
for board in $boards; do
  name=${board%%:*} triple=${board#*:}
  python3 tests/boards/size.py "$name" "$target/$name/$triple/release/$name"
done
