#!/usr/bin/env bash
# The core holds no reachable panic and no allocator: it is linked, without std, with a panic handler
# that calls a function nobody defines. What libraries leave is listed in allowed.txt, and no more.
set -uo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../target}/no-panic
mkdir -p "$target"
target=$(cd "$target" && pwd)
archive=$target/release/libalpaca_auth_no_panic.a

build() { cargo build --quiet --release --target-dir "$target" ${1:+--features "$1"}; }
link() { gcc -O2 -Wl,--gc-sections -o "$target/image" "$@" main.c "$archive" >"$target/link.log" 2>&1; }
# Functions of other than the core library that branch to a panic of the core library.
callers() {
  objdump -d --no-show-raw-insn -C "$target/image" |
    awk '/^[0-9a-f]+ <.*>:$/ { sub(/^[0-9a-f]+ </, ""); sub(/>:$/, ""); name = $0 }
         /(call|jmp) .*<core::(panicking|slice::index::slice_index_fail|slice::copy_from_slice|str::slice_error|option::(unwrap|expect)|result::unwrap)/ && name !~ /^core::(panicking|slice::index::slice_|slice::copy_from_slice|str::slice_error|option::|result::)/ { print name }' |
    sort -u
}

command -v gcc >/dev/null && command -v objdump >/dev/null || { echo "SKIPPED: gcc and objdump are needed"; exit 77; }

build "" || exit 1
if ! link; then
  echo "a panic or an allocator is reachable in the core:"; cat "$target/link.log"
  link -DSTUB && callers
  exit 1
fi
for symbol in __rust_alloc malloc __rg_alloc; do
  if nm "$target/image" | grep -qE " [TU] $symbol(@|$)"; then echo "the core allocates: $symbol"; exit 1; fi
done
echo "core: no reachable panic, no allocator"
# The bounds count the entry points' own buffers: a target and header values; a body of 4 KB. A chain
# keeps what one source gives on the stack.
stack() { python3 ../budgets/stack.py "$target/image" "$@"; }
for bound in request=2560 order=2560 response=5120 token=1536 replies=4096 listing=6144 source=4096 conduct=3072 revocation=2304 \
  connect_login=2304; do
  stack "${bound%=*}" "${bound#*=}" || exit 1
done

build control || exit 1
if link; then echo "the control panics, and the check did not see it"; exit 1; fi
echo "control: seen"

for feature in head es256 managers; do
  build "$feature" || exit 1
  link -DSTUB -D"${feature^^}" || { cat "$target/link.log"; exit 1; }
  while read -r name; do
    if grep -qF -f <(sed -n "s/^$feature //p" allowed.txt) <<<"$name"; then
      echo "$feature: listed: ${name:0:100}"
    else
      echo "$feature: not listed in allowed.txt: $name"; exit 1
    fi
  done < <(callers)
  case $feature in head) stack head 4096 ;; es256) stack es256 4608 ;; managers) stack managers 28672 ;; esac || exit 1
done
