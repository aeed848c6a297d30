#!/bin/sh
# Java 17 or newer and Maven, which the local stack needs: installed on Debian and Ubuntu where they are
# missing and this user may, otherwise the one line to type is printed. Silent when everything is there.
# With the word psql also PostgreSQL's psql, with which the bench copies.
set -eu

java_is_new_enough() {
  for java in "${JAVA_HOME:+$JAVA_HOME/bin/java}" java; do
    [ -n "$java" ] && command -v "$java" >/dev/null 2>&1 || continue
    major=$("$java" -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9][0-9]*\).*/\2/p' | head -n 1)
    [ "${major:-0}" -ge 17 ] && return 0
  done
  return 1
}

maven_is_there() {
  command -v mvn >/dev/null 2>&1
}

psql_is_there() {
  [ "$wanted" != psql ] || command -v psql >/dev/null 2>&1
}

wanted="${1:-}"
who="The local stack"
[ "$wanted" != psql ] || who="The bench"
as_root=""
give_up() {
  echo "$who needs $missing, and $1. Type:" >&2
  echo "  apt-get install -y openjdk-17-jre-headless maven${wanted:+ postgresql-client}" >&2
  exit 1
}

java_is_new_enough && maven_is_there && psql_is_there && exit 0
missing=""
java_is_new_enough || missing="Java 17 or newer"
maven_is_there || missing="${missing:+$missing and }Maven"
psql_is_there || missing="${missing:+$missing and }psql"

command -v apt-get >/dev/null 2>&1 || give_up "this system has no apt-get to install it with"
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null || give_up "this user may not install it"
  as_root="sudo -n"
fi

echo "Installing $missing (apt-get)" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  # sudo hands no variables on, hence env behind it
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 </dev/null && return 0
  tail -n 5 "$log" >&2
  give_up "apt-get $1 failed"
}

install update
packages=""
if ! java_is_new_enough; then
  # Debian 13 has no 17 any more; its default is 21.
  if apt-cache show openjdk-17-jre-headless >/dev/null 2>&1; then
    packages="openjdk-17-jre-headless"
  else
    packages="default-jre-headless"
  fi
fi
maven_is_there || packages="$packages maven"
psql_is_there || packages="$packages postgresql-client"
# shellcheck disable=SC2086 # one word a package
install install -y --no-install-recommends $packages

java_is_new_enough || give_up "$packages brought no Java 17 or newer into PATH"
maven_is_there || give_up "$packages brought no mvn into PATH"
psql_is_there || give_up "$packages brought no psql into PATH"
