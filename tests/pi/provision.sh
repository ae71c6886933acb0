#!/usr/bin/env bash
# Libraries for Linux on ARM, for the private compiler of tests/no-std/provision.sh. dpkg learns of no
# foreign architecture: apt gets lists of its own. usage: provision.sh FOLDER TARGET...; afterwards
# RUSTC=FOLDER/rustc. A repeat is instant.
set -euo pipefail
bash "$(dirname "$0")/../no-std/provision.sh" "$1"
folder=$(cd "$1" && pwd); shift
version=$(cat "$folder/version")
lists=$folder/apt
apt() {
  apt-get -qq -o Dir::State="$lists/state" -o Dir::State::status="$lists/status" -o Dir::Cache="$lists/cache" \
    -o APT::Architectures::=amd64 -o APT::Architectures::="$architecture" -o APT::Sandbox::User=root \
    -o Acquire::Languages=none "$@"
}
for target in "$@"; do
  case $target in
    aarch64-unknown-linux-gnu) architecture=arm64 ;;
    armv7-unknown-linux-gnueabihf) architecture=armhf ;;
    *) echo "no Debian architecture is known for $target" >&2; exit 1 ;;
  esac
  [ -e "$folder/have-linux-$target" ] && continue
  mkdir -p "$lists/state/lists/partial" "$lists/cache/archives/partial" "$lists/packages"
  : >"$lists/status"
  apt update
  (cd "$lists/packages" && rm -f ./*.deb && apt download "libstd-rust-web-dev:$architecture=$version")
  dpkg-deb --fsys-tarfile "$lists"/packages/*.deb | tar -x -C "$folder" "./usr/lib/rustlib/$target"
  [ -n "$(ls "$folder/usr/lib/rustlib/$target/lib"/libstd-*.rlib)" ]
  touch "$folder/have-linux-$target"
done
rm -rf "$lists"
