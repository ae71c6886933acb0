#!/usr/bin/env bash
# What must not stand in the tree: machine paths, unfinished work, panics in library code.
set -uo pipefail
cd "$(dirname "$0")/.."
bad=0
complain() { [ -z "$2" ] || { printf '%s\n%s\n' "$1" "$2"; bad=1; }; }
complain "machine paths:" "$(git grep -nIE '(^|[^a-z.])/(work|farm|root)/|/tmp/[a-z]' -- . ':!Cargo.lock' ':!tests/hygiene.sh')"
complain "unfinished work:" "$(git grep -nE '\b(FIXME|TODO)\b|#\[ignore' -- '*.rs')"
complain "unfinished code:" "$(git grep -nE '\b(todo!|unimplemented!|dbg!)' -- '*.rs' | grep -vE '^[^:]+:[0-9]+: *//')"
complain "unsafe code:" "$(git grep -nE '\bunsafe\b' -- 'core/*.rs' 'transports/*.rs' | grep -vE 'forbid\(unsafe_code\)|//[/!]')"
complain "a host name outside endpoint.rs:" "$(git grep -nE 'alpaca\.markets' -- 'core/src/*.rs' 'transports/*.rs' ':!core/src/endpoint.rs' | grep -vE '//[/!]|docs\.alpaca\.markets|cfg\(test\)|paper-api\.alpaca\.markets\\r')"
for manifest in core transports/ureq transports/embedded-tls; do
  grep -q '^\[lints\]' "$manifest/Cargo.toml" || { echo "$manifest does not take the workspace's lints"; bad=1; }
  grep -q 'forbid(unsafe_code)' "$manifest/src/lib.rs" || { echo "$manifest allows unsafe code"; bad=1; }
done
exit $bad
