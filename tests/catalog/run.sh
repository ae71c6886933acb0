#!/usr/bin/env bash
# The catalog before an OpenAPI mock that nobody here wrote, which judges path, query, body and key headers.
# usage: tests/catalog/run.sh DIRECTORY CATALOG_PRISM   DIRECTORY has prism-cli installed
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
directory=$1 program=$2
cd "$directory" || exit 1
mkdir -p home
port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
HOME=$PWD/home NO_COLOR=1 node node_modules/@stoplight/prism-cli/dist/index.js \
  mock -h 127.0.0.1 -p "$port" "$here/trading.json" >prism.log 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null' EXIT
for _ in $(seq 300); do
  grep -q "Prism is listening" prism.log && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
grep -q "Prism is listening" prism.log || { echo "prism does not start:"; tail -n 5 prism.log; exit 1; }
echo "prism $(node -p "require('@stoplight/prism-cli/package.json').version"), on the Trading API's OpenAPI file:"
"$program" "$port" "$here/trading.json"
