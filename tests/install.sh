# shellcheck shell=bash
# have COMMAND PACKAGE…: the command (or file) is there, or Debian's packages bring it now. To be sourced.
# Stages run side by side: one installs at a time, and the lists are read once an hour.
have() {
  local what=$1; shift
  at_hand "$what" && return
  (
    lock=${TMPDIR:-/tmp}/alpaca-auth-install
    exec 9>>"$lock" && flock 9 || exit
    at_hand "$what" && exit
    [ -n "$(find "$lock.lists" -mmin -60 2>/dev/null)" ] || { apt-get -qq update && : >"$lock.lists"; }
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$@"
  ) >/dev/null 2>&1
  at_hand "$what"
}

at_hand() { [ -e "$1" ] || type -P "$1" >/dev/null; }
