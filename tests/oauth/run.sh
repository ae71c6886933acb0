#!/usr/bin/env bash
# Our token requests at an authorization server that nobody here wrote, and at the sandbox.
# Then the programs, as a person runs them: broker_token at the sandbox, by either kind of key.
# usage: tests/oauth/run.sh DIRECTORY PROGRAMS   DIRECTORY has oidc-provider installed
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
directory=$1 programs=$2 program=$2/oauth_interop
cd "$directory" || exit 1
{
  for name in es256 other-es256; do openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $name.pem; done
  for name in rs256 other-rs256; do openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out $name.pem; done
  for name in es256 rs256; do openssl pkey -in $name.pem -pubout -out $name.pub; done
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=interop CA" -keyout ca.key -out ca.crt \
    -addext "keyUsage=critical,keyCertSign"
  openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr
  printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >server.ext
  openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt
} >openssl.log 2>&1 || { cat openssl.log; exit 1; }

: >causes.log
node "$here/server.mjs" "$directory" >causes.log 2>server.log &
server=$!
trap 'kill $server 2>/dev/null' EXIT
for _ in $(seq 100); do
  port=$(sed -n "s/^port\t//p" causes.log)
  [ -n "$port" ] && break
  sleep 0.1
done
[ -n "$port" ] || { echo "the server does not start:"; cat server.log; exit 1; }

"$program" "$directory" "$port" >foreign.log
foreign=$?
: >sandbox-causes.log
"$program" "$directory" >sandbox.log
sandbox=$?
refused=$(grep -c $'\trefused\t' foreign.log)
for _ in $(seq 20); do # the server writes behind its answer
  [ "$(grep -c "^cause" causes.log)" -ge "$refused" ] && break
  sleep 0.1
done

causes() { # causes LOG CAUSES: each case with the server's own cause; one for another reason proves nothing
  local ended
  ended=$(grep -c 'the token is ended$' "$1")
  [ "$(grep -c '^ended' "$2")" -eq "$ended" ] || { echo "  it has not ended $ended tokens"; return 1; }
  sed -n 's/^cause\t//p' "$2" | awk -F '\t' '
    BEGIN {
      right["wrong client secret"] = "invalid secret"; right[", replayed jti"] = "only be used once"
      right[", wrong audience"] = "audience"; right[", another key"] = "signature verification failed"
      right[", unknown kid"] = "no applicable key"; right[", expired"] = "expired"
      right[", wrong client secret"] = "invalid secret"; right[", another client"] = "not authorized to revoke"
      right["code, denied by the user"] = "the user denies"; right["code, reused"] = "code already consumed"
      right["code, wrong verifier"] = "code_verifier does not match"
      right["code, no verifier"] = "code_verifier"; right["code, wrong app secret"] = "invalid secret"
      right["code, another app"] = "client mismatch"; right["code, another redirect URI"] = "redirect_uri mismatch"
    }
    NR == FNR { cause[++causes] = $0; next }
    $2 != "refused" { printf "  %-32s %-9s %s\n", $1, $2, $3; next }
    {
      fault = $1; sub(/^[a-z0-9]+256/, "", fault); sub(/^(, )?revocation/, "", fault); at++
      good = (fault in right) && index(cause[at], right[fault])
      printf "  %-32s %-9s %s%s\n", $1, $2, cause[at], good ? "" : "  <- NOT THE CAUSE"
      if (!good) failed = 1
    }
    END { if (at != causes) { print "  " causes " causes for " at " refusals"; failed = 1 }; exit failed }' - "$1"
}

echo "oidc-provider $(node -p "require('oidc-provider/package.json').version" 2>/dev/null), and its own cause for each refusal:"
causes foreign.log causes.log
foreign_causes=$?
echo "the sandbox, and its own:"
causes sandbox.log sandbox-causes.log
sandbox_causes=$?

"$programs/alpaca-sandbox" --ca-out sandbox-ca.crt --client-key es256=es256.pub --client-key rs256=rs256.pub >sandbox.json &
server="$server $!"
for _ in $(seq 100); do
  [ -s sandbox.json ] && break
  sleep 0.1
done
place() { sed -n "s/.*\"$1\":\"https:\/\/\([^\"]*\)\".*/\1/p" sandbox.json; }
programs_failed=0
for key in es256 rs256; do
  said=$(ALPACA_CLIENT_ID=$key ALPACA_CLIENT_KEY_FILE=$key.pem "$programs/broker_token" --refresh --revoke \
    --authx "$(place authx)" --broker "$(place broker)" --ca sandbox-ca.crt 2>&1) && [[ $said == *"the token is revoked" ]] ||
    { echo "$said"; programs_failed=1; continue; }
  echo "broker_token, $key: $(grep -c '^account' <<<"$said") accounts, and the token is revoked"
done
[ "$foreign$sandbox$foreign_causes$sandbox_causes$programs_failed" = 00000 ]
