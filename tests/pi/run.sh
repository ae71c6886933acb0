#!/usr/bin/env bash
# The programs account and watch for a Raspberry Pi: built for both ARM Linux targets, and run there by
# qemu against the sandbox on this machine, over real HTTPS.
# usage: run.sh FOLDER SANDBOX; Debian's cross compilers and qemu-user-static are there, RUSTC knows the targets.
set -uo pipefail
cd "$(dirname "$0")/../.."
folder=$1 sandbox=$2
targets="aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf"
run=$(mktemp -d)
pids=() bad=0
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$run"' EXIT
complain() { echo "FAILED: $*"; bad=1; }

export CARGO_TARGET_DIR=$folder
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
export CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER=arm-linux-gnueabihf-gcc CC_armv7_unknown_linux_gnueabihf=arm-linux-gnueabihf-gcc
flags=()
for target in $targets; do flags+=(--target "$target"); done
cargo build --quiet --profile small -p alpaca-auth-examples --bin account --bin watch "${flags[@]}" || exit 1

serve() { # serve NAME: starts a sandbox; its line of JSON stands in $run/NAME.json
  "$sandbox" --ca-out "$run/$1.pem" >"$run/$1.json" & pids+=($!)
  for _ in $(seq 100); do [ -s "$run/$1.json" ] && return; sleep 0.1; done
  echo "the sandbox does not start"; exit 1
}
of() { sed -E "s/.*\"$2\":\"(https:..)?([^\"]*)\".*/\2/" "$run/$1.json"; } # of NAME FIELD
serve server; serve impostor
ca=server
id=$(of server paper_key_id) secret=$(of server paper_secret)
here=(--connect "$(of server paper)")
both=("${here[@]}" --connect-data "$(of server data)")
# Half of a pair must not come from the machine that runs this.
unset APCA_API_KEY_ID APCA_API_SECRET_KEY ALPACA_API_KEY_ID ALPACA_API_SECRET_KEY ALPACA_API_KEY ALPACA_SECRET_KEY CREDENTIALS_DIRECTORY
mkdir -m 0500 "$run/credentials"
(umask 0377; echo "$id" >"$run/credentials/alpaca-key-id"; echo "$secret" >"$run/credentials/alpaca-secret-key")

on_arm() { # on_arm PROGRAM ARGUMENT...: the program with the key pair, as this target runs it
  APCA_API_KEY_ID=$id APCA_API_SECRET_KEY=$secret timeout 60 "$qemu" -L "$root" "$programs/$1" --ca "$run/$ca.pem" "${@:2}"
}
expect() { # expect WHAT EXIT-CODE TEXT COMMAND...: the last command's verdict goes into the table
  local what=$1 wanted=$2 text=$3 code; shift 3
  "$@" >"$run/said" 2>&1; code=$?
  if [ "$code" -eq "$wanted" ] && grep -qF -- "$text" "$run/said" && ! grep -qF -- "$secret" "$run/said"; then
    verdicts+="$what "
  else
    complain "$target, $what: exit $code, expected $wanted and \"$text\":"; sed "s|$secret|(THE SECRET)|g" "$run/said"
  fi
}
watch_until_sigterm() {
  CREDENTIALS_DIRECTORY=$run/credentials "$qemu" -L "$root" "$programs/watch" --ca "$run/$ca.pem" "${both[@]}" &
  local pid=$! code; pids+=("$pid")
  for _ in $(seq 200); do grep -q AAPL "$run/said" && break; sleep 0.1; done
  kill -TERM "$pid"; wait "$pid"
}

printf '%-30s %8s %8s  %s\n' target account watch "KiB stripped; verdicts"
for target in $targets; do
  case $target in
    aarch64-*) qemu=qemu-aarch64-static root=/usr/aarch64-linux-gnu ;;
    armv7-*) qemu=qemu-arm-static root=/usr/arm-linux-gnueabihf ;;
  esac
  programs=$folder/$target/small verdicts=
  expect account 0 "ACTIVE" on_arm account "${here[@]}"
  expect watch 0 "AAPL 231.48/231.5" on_arm watch "${both[@]}" --rounds 2 --every 1
  expect embedded-tls 0 "AAPL 231.48/231.5" on_arm watch "${both[@]}" --rounds 1 --transport embedded-tls
  ca=impostor expect impostor-refused 1 "certificate" on_arm account "${here[@]}"
  ca=impostor expect impostor-refused-by-watch 1 "certificate" on_arm watch "${both[@]}" --rounds 1
  secret=WRONGSECRET expect wrong-key-refused 1 "check both halves" on_arm watch "${both[@]}"
  expect sigterm-from-systemd 0 "stopped by SIGTERM" watch_until_sigterm
  sizes=()
  for program in account watch; do
    kib=$(($(stat -c %s "$programs/$program") / 1024))
    sizes+=("$kib")
    limit=$(awk -v t="$target" -v p="$program" '$1 == t && $2 == p { print $3 }' tests/budgets/pi.txt)
    [ -n "$limit" ] && [ "$kib" -le "$limit" ] ||
      complain "$program for $target has $kib KiB; tests/budgets/pi.txt allows ${limit:-nothing}"
  done
  printf '%-30s %8s %8s  %s\n' "$target" "${sizes[@]}" "$verdicts"
done

# The service: what systemd says about it, where systemd is at hand.
if command -v systemd-analyze >/dev/null; then
  unit=examples/systemd/alpaca-watch.service
  sed "s|/usr/local/bin/watch|$(command -v true)|" "$unit" >"$run/alpaca-watch.service"
  systemd-analyze verify "$run/alpaca-watch.service" || complain "systemd does not accept $unit"
  score=$(systemd-analyze security --offline=true --threshold=20 "$run/alpaca-watch.service" 2>&1) ||
    complain "the service is exposed more than 2.0"
  grep -o 'Overall exposure level.*[0-9.]* [A-Z]*' <<<"$score" || complain "no exposure level"
else
  echo "SKIPPED in part: no systemd-analyze, so the service's file is not checked"
fi
exit $bad
