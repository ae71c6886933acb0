#!/usr/bin/env bash
# Each local source against its real counterpart. What cannot be had is skipped loudly.
# usage: tests/sources/local.sh DIRECTORY SOURCE_PROBE
set -uo pipefail
directory=$(realpath -m "$1") probe=$(realpath "$2")
id=PKTEST0000000000000 secret=n0t/aReal+SecretQ7w2Zk9Xv4Lm1Rt8Yb3 other_user=12345
passed=0 failed=0 skipped=0 started=()

umask 077
rm -rf "$directory" && mkdir -p "$directory" && chmod 755 "$directory" || exit 1
end() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
  rm -rf "$directory"
}
trap end EXIT
unset CREDENTIALS_DIRECTORY XDG_CONFIG_HOME DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR
export HOME=$directory/home
mkdir -p "$HOME"

# shellcheck source=../install.sh
. "$(dirname "$0")/../install.sh"

part_skipped() { echo "SKIPPED part: $*"; skipped=$((skipped + 1)); }

pair() { printf '%s\n%s\n' "$id" "$secret"; }

# expect NAME VERDICT TEXT COMMAND…: the probe under COMMAND… gives the verdict, says the text, and
# shows no secret.
expect() {
  local name=$1 verdict=$2 text=$3 said
  shift 3
  said=$(printf '%s\n%s\n' "$id" "$secret" | "$@" 2>&1)
  case $said in
    *"$secret"*) echo "FAILED: $name shows the secret"; failed=$((failed + 1)) ;;
    "$verdict"$'\n'*"$text"*)
      passed=$((passed + 1))
      echo "$name: $verdict, $(sed -n 's/^microseconds //p' <<<"$said") µs" ;;
    *) printf 'FAILED: %s, which should be %s with: %s\n%s\n' "$name" "$verdict" "$text" "$said"; failed=$((failed + 1)) ;;
  esac
}

as_user() { timeout 30 setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }

environment_and_files() {
  expect "environment variables" same "used" env APCA_API_KEY_ID=$id APCA_API_SECRET_KEY=$secret "$probe" standard
  mkdir -p "$HOME/.config/alpaca-auth"
  pair >"$HOME/.config/alpaca-auth/paper"
  expect "the user's file" same "4. file" "$probe" standard
  expect "the user's file for live" none "none of 4" "$probe" --live standard
  pair >"$directory/keys"
  expect "a file" same "used" "$probe" "file:$directory/keys"
  chmod 644 "$directory/keys"
  expect "a file for all" none "mode 0644" "$probe" "file:$directory/keys"
  chmod 600 "$directory/keys"
  [ "$(id -u)" = 0 ] || { part_skipped "files of other users: only root can make them"; return; }
  have setpriv util-linux || { part_skipped "files of other users: setpriv cannot be installed"; return; }
  cp "$probe" "$directory/probe" && chmod 755 "$directory/probe"
  expect "root's file, read by another user" none "may not open it" as_user $other_user "$directory/probe" "file:$directory/keys"
  chown $other_user "$directory/keys"
  expect "another user's file, read by root" none "belongs to user $other_user, and this process runs as user 0" "$probe" "file:$directory/keys"
  expect "another user's file, read by its owner" same "used" as_user $other_user "$directory/probe" "file:$directory/keys"
  ln -s "$directory/keys" "$directory/link"
  expect "a link to another user's file" none "symbolic link" "$probe" "file:$directory/link"
  chmod 640 "$directory/keys"
  chown 0:$other_user "$directory/keys"
  expect "root's file for the user's group" none "mode 0640" as_user $other_user "$directory/probe" "file:$directory/keys"
  mkdir "$directory/shared" && pair >"$directory/shared/keys"
  chmod 777 "$directory/shared"
  expect "a file in a directory where others may write" none "others may write to its directory (mode 0777)" "$probe" "file:$directory/shared/keys"
  chmod 1777 "$directory/shared"
  expect "a file in a directory as /tmp" same "used" "$probe" "file:$directory/shared/keys"
  chown $other_user "$directory/shared" && chmod 755 "$directory/shared"
  expect "a file in another user's directory" none "its directory belongs to user $other_user" "$probe" "file:$directory/shared/keys"
  chown 0:0 "$directory/shared"
  if have setfacl acl && setfacl -m "u:$other_user:r" "$directory/shared/keys" 2>/dev/null; then
    expect "a file with an access control list for another user" none "mode 0640" "$probe" "file:$directory/shared/keys"
    setfacl -b "$directory/shared/keys"
    chmod 600 "$directory/shared/keys"
    setfacl -m "u:$other_user:rwx" "$directory/shared"
    expect "a file in a directory with an access control list for another user" none "others may write to its directory" "$probe" "file:$directory/shared/keys"
    setfacl -b "$directory/shared"
  else
    part_skipped "access control lists of files: setfacl does not work here"
  fi
}

# As systemd makes it: 0500 with files of 0400, of the service's user; or root's with an access
# control list, whose mask shows as the group's permission.
credentials_directory() {
  local credentials=$directory/credentials
  mkdir -p "$credentials"
  printf '%s' $id >"$credentials/alpaca-key-id"
  printf '%s\n' "$secret" >"$credentials/alpaca-secret-key"
  chmod 400 "$credentials"/* && chmod 500 "$credentials"
  export CREDENTIALS_DIRECTORY=$credentials
  expect "credentials directory" same "1. credentials directory" "$probe" standard
  if [ "$(id -u)" = 0 ]; then
    chown -R $other_user "$credentials"
    expect "credentials directory of the service's user" same "used" as_user $other_user "$directory/probe" credentials
    expect "credentials directory of another user" none "belongs to user $other_user" "$probe" credentials
    chown -R 0:0 "$credentials"
    if have setfacl acl && setfacl -R -m "u:$other_user:rX" "$credentials" 2>/dev/null; then
      [ "$(stat -c %a "$credentials/alpaca-key-id")" = 440 ] || echo "note: the mask does not show"
      expect "credentials directory of root with an access control list" same "used" as_user $other_user "$directory/probe" credentials
      setfacl -R -b "$credentials"
    else
      part_skipped "access control lists: setfacl does not work here"
    fi
  fi
  chmod 444 "$credentials/alpaca-secret-key"
  expect "credentials directory with a file for all" none "alpaca-secret-key: others may read" "$probe" credentials
  chmod 400 "$credentials/alpaca-secret-key"
  rm -f "$credentials/alpaca-key-id"
  expect "credentials directory with half a pair" none "alpaca-secret-key is set but alpaca-key-id is not" "$probe" credentials
  unset CREDENTIALS_DIRECTORY
}

# As Kubernetes makes it: the names link to ..data/, which links to the current set.
container_secrets() {
  local volume=$directory/volume
  mkdir -p "$volume/..2026_01" && chmod 755 "$volume" "$volume/..2026_01"
  printf '%s' $id >"$volume/..2026_01/APCA_API_KEY_ID"
  printf '%s' "$secret" >"$volume/..2026_01/APCA_API_SECRET_KEY"
  chmod 444 "$volume/..2026_01"/*
  ln -s ..2026_01 "$volume/..data"
  ln -s ..data/APCA_API_KEY_ID ..data/APCA_API_SECRET_KEY "$volume/"
  expect "container secrets, linked" same "used" "$probe" "container:$volume"
  [ "$(id -u)" = 0 ] && expect "container secrets for another user" same "used" as_user $other_user "$directory/probe" "container:$volume"
  chmod 1777 "$volume"
  expect "container secrets, mounted for all" same "used" "$probe" "container:$volume"
  if [ "$(id -u)" = 0 ]; then
    chown $other_user "$volume/..2026_01/APCA_API_SECRET_KEY"
    expect "container secrets, mounted for all, of another user" none "APCA_API_SECRET_KEY: it belongs to user $other_user" "$probe" "container:$volume"
    chmod 755 "$volume"
    expect "container secrets of the user they have outside" same "used" "$probe" "container:$volume"
  fi
  chmod 777 "$volume"
  expect "container secrets where others may exchange them" none "mode 0777" "$probe" "container:$volume"
  chmod 755 "$volume"
  ln -sf "$directory/keys" "$volume/APCA_API_SECRET_KEY"
  expect "container secrets that lead out" none "APCA_API_SECRET_KEY: it is a link out of its directory" "$probe" "container:$volume"
}

# What Docker, Podman and Compose do: /run/secrets itself, in a file system that only these processes see.
run_secrets() {
  [ "$(id -u)" = 0 ] || { part_skipped "/run/secrets: only root can mount a /run of its own"; return; }
  have unshare util-linux && have setpriv util-linux || { part_skipped "/run/secrets: unshare cannot be installed"; return; }
  local own_run='mount -t tmpfs -o mode=755 tmpfs /run && mkdir -m 755 /run/secrets && cd /run/secrets &&'
  unshare -m bash -c "$own_run true" >/dev/null 2>&1 ||
    { part_skipped "/run/secrets: no mount is allowed here: $(unshare -m bash -c "$own_run true" 2>&1 | tail -n 1)"; return; }
  export id secret other_user
  # in_container SCRIPT COMMAND…: the script makes secrets in /run/secrets, then the command runs.
  in_container() { unshare -m bash -c "$own_run $1"' && shift && exec "$@"' bash "$@"; }
  local both='printf %s "$id" >APCA_API_KEY_ID && printf "%s\n" "$secret" >APCA_API_SECRET_KEY && chmod 444 A*'
  local user="setpriv --reuid $other_user --regid $other_user --clear-groups $directory/probe"
  local variables="env ALPACA_API_KEY=$id ALPACA_SECRET_KEY=$secret $probe standard"
  expect "/run/secrets" same "2. container secrets (/run/secrets): used" in_container "$both" "$probe" standard
  expect "/run/secrets for another user" same "2. container secrets (/run/secrets): used" in_container "$both" $user standard
  expect "/run/secrets before variables" same "3. environment variables (APCA_API_KEY_ID, APCA_API_SECRET_KEY, ALPACA_API_KEY_ID, ALPACA_API_SECRET_KEY, ALPACA_API_KEY, ALPACA_SECRET_KEY, APCA_API_OAUTH_TOKEN, APCA_API_OAUTH): not asked" in_container "$both" env APCA_API_KEY_ID=x APCA_API_SECRET_KEY=y "$probe" standard
  expect "/run/secrets by the names of Alpaca's command line program" same "2. container secrets (/run/secrets): used" in_container 'printf %s "$id" >alpaca_api_key && printf %s "$secret" >alpaca_secret_key' "$probe" standard
  expect "/run/secrets with the live URL" none "the URL beside it is that of live" in_container "$both && printf https://api.alpaca.markets >APCA_API_BASE_URL" "$probe" standard
  expect "/run/secrets with half a pair" none "container secrets (/run/secrets): APCA_API_KEY_ID is set but APCA_API_SECRET_KEY is not" in_container "$both && rm APCA_API_SECRET_KEY" $variables
  expect "/run/secrets that others may exchange" none "mode 0777" in_container "$both && chmod 777 ." $variables
  expect "/run/secrets with a secret that others may write" none "APCA_API_SECRET_KEY: others may read or change it (mode 0646)" in_container "$both && chmod 646 APCA_API_SECRET_KEY" $variables
  expect "/run/secrets of another user" none "belongs to user $other_user" in_container "$both && chown $other_user ." $variables
  expect "/run/secrets that root keeps to itself" none "APCA_API_KEY_ID: this process may not open it" in_container "$both && chmod 400 A*" $user standard
  expect "/run/secrets with a link out of it" none "APCA_API_SECRET_KEY: it is a link out of its directory" in_container "$both && mv APCA_API_SECRET_KEY .. && ln -s ../APCA_API_SECRET_KEY" $variables
  expect "/run/secrets with Kubernetes' own token alone" same "2. container secrets (/run/secrets): passed over, nothing is there" in_container 'mkdir -p kubernetes.io/serviceaccount && echo x >kubernetes.io/serviceaccount/token' $variables
  expect "no /run/secrets" same "2. container secrets (/run/secrets): passed over, it is not set up" in_container 'cd / && rmdir /run/secrets' $variables
}

a_command() {
  have age age && have age-keygen age || { part_skipped "age cannot be installed"; return; }
  age-keygen -o "$directory/age-key" 2>/dev/null
  pair | age -e -i "$directory/age-key" -o "$directory/keys.age"
  expect "age" same "used" "$probe" "command:$(command -v age),-d,-i,$directory/age-key,$directory/keys.age"
  age-keygen -o "$directory/wrong-key" 2>/dev/null
  expect "age with another key" none "ended with 1 and an error text, not shown" "$probe" "command:$(command -v age),-d,-i,$directory/wrong-key,$directory/keys.age"
}

in_session() { timeout 30 keyctl session - bash -c "$1" probe "$probe" 2>&1 | grep -v '^Joined session keyring'; }

kernel_keyring() {
  have keyctl keyutils || { part_skipped "keyctl cannot be installed"; return; }
  keyctl session - true >/dev/null 2>&1 || { part_skipped "this kernel has no keyrings for us: $(keyctl session - true 2>&1 | tail -n 1)"; return; }
  export -f pair
  export id secret
  local add='key=$(pair | keyctl padd user alpaca-auth:paper @s) && '
  expect "kernel keyring" same "used" in_session "$add exec \$1 keyring"
  expect "kernel keyring without the key" none "nothing is there" in_session 'exec $1 keyring'
  expect "kernel keyring for live" none "nothing is there" in_session "$add exec \$1 --live keyring"
  expect "kernel keyring, expired" none "has expired" in_session "$add keyctl timeout \$key 1 && sleep 2 && exec \$1 keyring"
  expect "kernel keyring, revoked" none "was revoked" in_session "$add keyctl revoke \$key && exec \$1 keyring"
  expect "kernel keyring, not readable" none "may not be read" in_session "$add keyctl setperm \$key 0x01010000 && exec \$1 keyring"
  expect "kernel keyring, half" none "line 2 (secret key) is not" in_session 'echo PKTEST | keyctl padd user alpaca-auth:paper @s >/dev/null && exec $1 keyring'
  expect "kernel keyring, too long" none "longer than" in_session 'head -c 20000 /dev/zero | tr "\0" x | keyctl padd user alpaca-auth:paper @s >/dev/null && exec $1 keyring'
}

secret_service() {
  have gnome-keyring-daemon gnome-keyring && have secret-tool libsecret-tools && have dbus-run-session dbus && have gdbus libglib2.0-bin ||
    { part_skipped "gnome-keyring cannot be installed"; return; }
  export XDG_DATA_HOME=$directory/data XDG_CACHE_HOME=$directory/cache XDG_RUNTIME_DIR=$directory/runtime
  mkdir -p "$XDG_DATA_HOME" "$XDG_CACHE_HOME" "$XDG_RUNTIME_DIR"
  export -f pair
  export id secret
  local unlock='printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; '
  local store='pair | secret-tool store --label=test application alpaca-auth environment paper; '
  local lock='gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets --method org.freedesktop.Secret.Service.Lock "[objectpath \"/org/freedesktop/secrets/collection/login\"]" >/dev/null; '
  session() { timeout 60 dbus-run-session -- bash -c "$1" probe "$probe" 2>/dev/null; }
  dbus-run-session -- bash -c "$unlock $store secret-tool lookup application alpaca-auth environment paper" 2>/dev/null | grep -qxF "$secret" ||
    { part_skipped "gnome-keyring does not store secrets here"; return; }
  expect "Secret Service" same "used" session "$unlock $store \$1 secret-service"
  expect "Secret Service for live" none "nothing is there" session "$unlock \$1 --live secret-service"
  expect "Secret Service, locked" none "it is locked" session "$unlock $store $lock \$1 secret-service"
  unset XDG_RUNTIME_DIR
  expect "Secret Service without a session bus" none "does not run here" env -u DBUS_SESSION_BUS_ADDRESS "$probe" secret-service
  expect "Secret Service with a dead bus" none "error text, not shown" env "DBUS_SESSION_BUS_ADDRESS=unix:path=$directory/no-bus" "$probe" secret-service
}

tpm() {
  have swtpm swtpm && have tpm2_unseal tpm2-tools && [ -e "$(ldconfig -p | sed -n 's/.*=> \(.*libtss2-tcti-swtpm.so.0\)$/\1/p' | head -n 1)" ] ||
    { part_skipped "swtpm or tpm2-tools cannot be installed"; return; }
  local port=$((20000 + RANDOM % 20000)) state=$directory/tpm pid
  mkdir -p "$state"
  swtpm socket --tpm2 --tpmstate "dir=$state" --server "type=tcp,port=$port,bindaddr=127.0.0.1" \
    --ctrl "type=tcp,port=$((port + 1)),bindaddr=127.0.0.1" --flags not-need-init,startup-clear >"$state/log" 2>&1 &
  pid=$!
  started+=("$pid")
  export TPM2TOOLS_TCTI=swtpm:host=127.0.0.1,port=$port
  for _ in $(seq 50); do tpm2_getrandom 4 >/dev/null 2>&1 && break; sleep 0.1; done
  (
    cd "$state" &&
      tpm2_createprimary -Q -C o -c primary.ctx && tpm2_flushcontext -Q -t &&
      pair | tpm2_create -Q -C primary.ctx -i - -u sealed.pub -r sealed.priv && tpm2_flushcontext -Q -t &&
      tpm2_load -Q -C primary.ctx -u sealed.pub -r sealed.priv -c sealed.ctx &&
      tpm2_evictcontrol -Q -C o -c sealed.ctx 0x81000001 && tpm2_flushcontext -Q -t
  ) >>"$state/log" 2>&1 || { part_skipped "swtpm seals nothing here: $(grep -m1 ERROR "$state/log")"; return; }
  expect "TPM" same "used" "$probe" tpm:0x81000001
  expect "TPM without the object" none "error text, not shown" "$probe" tpm:0x81000099
  kill "$pid" && wait "$pid" 2>/dev/null
  expect "TPM that does not answer" none "error text, not shown" "$probe" tpm:0x81000001
  unset TPM2TOOLS_TCTI
}

environment_and_files
credentials_directory
container_secrets
run_secrets
a_command
kernel_keyring
secret_service
tpm
echo "local sources: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] || exit 1
[ "$passed" -gt 0 ]
