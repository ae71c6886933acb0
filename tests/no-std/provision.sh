#!/usr/bin/env bash
# A compiler with bare-metal libraries from Debian's packages, unpacked apart: rustup and dpkg stay as
# they are. usage: provision.sh FOLDER TARGET...; afterwards RUSTC=FOLDER/rustc. A repeat is instant.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd); shift
apt-get -qq update
version=$(apt-cache policy rustc-web | awk '/Candidate:/ { print $2 }')
case ${version:-"(none)"} in "(none)") echo "Debian's lists have no rustc-web" >&2; exit 1 ;; esac
series=$(sed -E 's/^([0-9]+\.[0-9]+)\..*/\1/' <<<"$version")
if [ "$(cat "$folder/version" 2>/dev/null)" != "$version" ]; then
  rm -rf "${folder:?}"/usr "$folder"/have-*
  mkdir -p "$folder/packages" && cd "$folder/packages"
  llvm=$(apt-cache depends "libstd-rust-web-$series=$version" | awk '/libllvm/ { print $NF; exit }')
  apt-get -qq -o APT::Sandbox::User=root download "rustc-web=$version" "libstd-rust-web-$series=$version" \
    "libstd-rust-web-dev=$version" "rust-web-src=$version" "$llvm"
  for package in *.deb; do dpkg-deb -x "$package" "$folder"; done
  cd "$folder" && rm -rf packages
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu exec %s/usr/bin/rustc "$@"\n' "$folder" "$folder" >rustc
  chmod +x rustc
  echo "$version" >version
fi
for target in "$@"; do
  [ -e "$folder/have-bitcode-$target" ] && continue
  empty=$(mktemp -d)
  mkdir "$empty/src" && echo '#![no_std]' >"$empty/src/lib.rs"
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n' >"$empty/Cargo.toml"
  (cd "$empty" && env -u CARGO_TARGET_DIR RUSTC="$folder/rustc" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
    cargo build -q --release -Zbuild-std=core,alloc --target "$target")
  library=$folder/usr/lib/rustlib/$target/lib
  mkdir -p "$library"
  cp "$empty/target/$target/release/deps"/lib{core,alloc,compiler_builtins}-*.{rlib,rmeta} "$library/"
  rm -rf "$empty" && touch "$folder/have-bitcode-$target"
done
