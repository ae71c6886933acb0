# shellcheck shell=bash
# Functions that build the firmware, for run.sh and table.sh. Need: target.

firmware() { # [manifest=fast] [program=NAME] firmware NAME TARGET FEATURES [OPTION…]: the ELF file firmware-NAME
  local name=$1 triple=$2 features=$3; shift 3
  local linker=CARGO_TARGET_${triple^^}_LINKER program=${program:-alpaca-auth-firmware}; linker=${linker//[-.]/_}
  local flags=CFLAGS_${triple//[-.]/_}
  local built=$target/firmware${manifest:+-$manifest}-build
  (cd "examples/firmware/${manifest:-.}" && env "$linker=ld.lld" "$flags=-isystem /usr/include/newlib" CARGO_TARGET_DIR="$built" \
    cargo build --quiet --locked --release --no-default-features --target "$triple" --features "$features" --bin "$program" "$@")
  cp "$built/$triple/release/$program" "$target/firmware-$name"
}

measured() { # measured NAME TARGET FEATURES [OPTION…]: and firmware-NAME-measure, with the recording's build day
  firmware "$@"
  local name=$1 triple=$2 features=$3; shift 3
  SOURCE_DATE_EPOCH=1795564800 firmware "$name-measure" "$triple" "$features,measure" "$@"
}
