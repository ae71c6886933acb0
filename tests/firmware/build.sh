# shellcheck shell=bash
# Functions that build the firmware, for run.sh and table.sh. Need: target.

firmware() { # [manifest=fast] [program=NAME] firmware NAME TARGET FEATURES [OPTION…]: the ELF file firmware-NAME
  local name=$1 triple=$2 features=$3; shift 3
  local linker=CARGO_TARGET_${triple^^}_LINKER program=${program:-alpaca-auth-firmware}; linker=${linker//[-.]/_}
  # The same program wherever the sources are.
  local remap="--remap-path-prefix=$PWD=/alpaca-auth --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
  local flags=CFLAGS_${triple//[-.]/_}
  local built=$target/firmware${manifest:+-$manifest}-${triple%%-*}-build
  # One build day for all, the recording's: with another one the transport and what is above it is built again.
  (cd "examples/firmware/${manifest:-.}" && env SOURCE_DATE_EPOCH=1795564800 "$linker=ld.lld" "$flags=-isystem /usr/include/newlib" CARGO_TARGET_DIR="$built" RUSTFLAGS="$remap" \
    cargo build --quiet --locked --release --no-default-features --target "$triple" --features "$features" --bin "$program" "$@")
  cp "$built/$triple/release/$program" "$target/firmware-$name"
}

measured() { # measured NAME TARGET FEATURES [OPTION…]: and firmware-NAME-measure
  firmware "$@"
  local name=$1 triple=$2 features=$3; shift 3
  firmware "$name-measure" "$triple" "$features,measure" "$@"
}

# Measured builds: name, manifest (- for the portable one), target, features, opt-level (- for the manifest's).
# CI builds the first ones; table.sh all. `fixed`: without `import`, as are the ones with other features.
checked='an386 - thumbv7em-none-eabihf an386,import -
an386-rsa - thumbv7em-none-eabihf an386,rsa -
an386-es256 - thumbv7em-none-eabihf an386,es256 -
an386-fast fast thumbv7em-none-eabihf an386 -
an385 - thumbv7m-none-eabi an385,import -
an505 - thumbv8m.main-none-eabihf an505,import -'
others='an386-fixed - thumbv7em-none-eabihf an386 -
an386-fast-es256 fast thumbv7em-none-eabihf an386,es256 -
an386-fast-rsa fast thumbv7em-none-eabihf an386,rsa -
an385-rsa - thumbv7m-none-eabi an385,rsa -
an505-rsa - thumbv8m.main-none-eabihf an505,rsa -
an505-fast fast thumbv8m.main-none-eabihf an505 -
an386-z - thumbv7em-none-eabihf an386 z
an386-s - thumbv7em-none-eabihf an386 s
an386-3 - thumbv7em-none-eabihf an386 3'

build() { # build LINE: one of the above
  local name manifest triple features level package
  read -r name manifest triple features level <<<"$1"
  local options=()
  if [ "$level" != - ]; then
    [ "$level" = 3 ] || level="\"$level\""
    options=(--config "profile.release.opt-level=$level")
    for package in p256 p384 primeorder primefield crypto-bigint aes ghash polyval sha2 alpaca-auth-embedded-tls elliptic-curve subtle; do
      options+=(--config "profile.release.package.$package.opt-level=$level")
    done
  fi
  manifest=${manifest#-} measured "$name" "$triple" "$features" "${options[@]}"
}
