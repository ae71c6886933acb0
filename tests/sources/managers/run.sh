#!/usr/bin/env bash
# Our sources of keys at secret managers' real counterparts, or at stubs that their own clients judge.
# usage: tests/sources/managers/run.sh DIRECTORY PYTHON MANAGERS_INTEROP OPENBAO [PART...]
# Parts: vault openbao aws google; all, if none is named. They run at the same time, each in a network of its
# own, where the metadata services' fixed addresses are put on the loopback. Their times are steady only when
# one runs alone. OPENBAO may be empty: its part is skipped then.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
directory=$1 python=$2 program=$3 openbao=$4
shift 4
# Key files in directories that others may write to are refused.
umask 022
[ $# -gt 0 ] || set -- vault openbao aws google
mkdir -p "$directory/home"
cd "$directory" || exit 1
{
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=managers CA" \
    -keyout ca.key -out ca.crt -addext "keyUsage=critical,keyCertSign"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr
  printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >server.ext
  openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt
} >openssl.log 2>&1 || { cat openssl.log; exit 1; }
export HOME=$directory/home PYTHONPYCACHEPREFIX=$directory/pycache
unset "${!AWS_@}" "${!APCA_@}" "${!VAULT_@}" "${!BAO_@}" "${!GOOGLE_@}" http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
links='ip link set lo up && for address in 169.254.169.254 169.254.170.2; do ip address add $address/32 dev lo; done'
own=()
if unshare -n bash -c "$links" >unshare.log 2>&1; then
  own=(unshare -n bash -c "$links && exec \"\$@\"" managers)
else
  echo "no network namespace ($(tail -n 1 unshare.log)): the metadata services' addresses cannot be had"
fi
parts=() runs=() verdict=0
for part in "$@"; do
  if [ "$part" = openbao ] && [ -z "$openbao" ]; then
    echo "SKIPPED part: OpenBao cannot be had, so Vault is our stub alone"
    continue
  fi
  "${own[@]}" "$python" "$here/run.py" "$directory" "$program" "$part" "$openbao" ${own:+link-local} >"$part.txt" 2>&1 &
  parts+=("$part") runs+=($!)
done
for at in "${!parts[@]}"; do
  wait "${runs[at]}" || { verdict=1; echo "${parts[at]}: FAILED"; }
  cat "${parts[at]}.txt"
done
exit $verdict
