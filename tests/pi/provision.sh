#!/usr/bin/env bash
# Libraries for Linux on ARM, for the private compiler of tests/no-std/provision.sh: Debian's package
# of the architecture, or else built from Debian's source. dpkg learns of no foreign architecture: apt
# gets lists of its own. usage: provision.sh FOLDER TARGET...; afterwards RUSTC=FOLDER/rustc. A repeat
# is instant.
set -euo pipefail
bash "$(dirname "$0")/../no-std/provision.sh" "$1"
folder=$(cd "$1" && pwd); shift
version=$(cat "$folder/version")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

own_apt() { # own_apt ARCHITECTURE COMMAND...
  local architecture=$1; shift
  apt-get -qq -o Dir::State="$scratch/state" -o Dir::State::status="$scratch/status" -o Dir::Cache="$scratch/cache" \
    -o APT::Architectures::=amd64 -o APT::Architectures::="$architecture" -o APT::Sandbox::User=root \
    -o Acquire::Languages=none "$@"
}

from_package() { # from_package TARGET ARCHITECTURE
  rm -rf "${scratch:?}"/*
  mkdir -p "$scratch/state/lists/partial" "$scratch/cache/archives/partial" "$scratch/packages"
  : >"$scratch/status"
  own_apt "$2" update &&
    (cd "$scratch/packages" && own_apt "$2" download "libstd-rust-web-dev:$2=$version") &&
    dpkg-deb --fsys-tarfile "$scratch"/packages/*.deb | tar -x -C "$folder" "./usr/lib/rustlib/$1"
}

from_source() { # from_source TARGET
  rm -rf "${scratch:?}"/* "${folder:?}/usr/lib/rustlib/$1"
  mkdir "$scratch/src" && echo '#![no_std]' >"$scratch/src/lib.rs"
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n' >"$scratch/Cargo.toml"
  (cd "$scratch" && env -u CARGO_TARGET_DIR RUSTC="$folder/rustc" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
    cargo build -q --release -Zbuild-std=std,panic_abort --target "$1") || return
  rm "$scratch/target/$1/release/deps"/libempty-*
  mkdir -p "$folder/usr/lib/rustlib/$1/lib"
  rm "$scratch/target/$1/release/deps"/libpanic_abort-*
  cp "$scratch/target/$1/release/deps"/lib*.{rlib,rmeta} "$folder/usr/lib/rustlib/$1/lib/"
  # Cargo builds it for unwinding, as it builds the rest; a program that aborts wants it for aborting.
  RUSTC_BOOTSTRAP=1 "$folder/rustc" --edition 2024 --crate-name panic_abort --crate-type rlib -Cpanic=abort -Copt-level=3 \
    -Cembed-bitcode=yes -Zforce-unstable-if-unmarked --target "$1" -o "$folder/usr/lib/rustlib/$1/lib/libpanic_abort-own.rlib" \
    "$folder"/usr/src/rustc-*/library/panic_abort/src/lib.rs
}

for target in "$@"; do
  case $target in
    aarch64-unknown-linux-gnu) architecture=arm64 ;;
    armv7-unknown-linux-gnueabihf) architecture=armhf ;;
    *) echo "no Debian architecture is known for $target" >&2; exit 1 ;;
  esac
  [ -e "$folder/have-linux-$target" ] && continue
  from_package "$target" "$architecture" || from_source "$target"
  ls "$folder/usr/lib/rustlib/$target/lib"/libstd-*.rlib >/dev/null
  touch "$folder/have-linux-$target"
done
