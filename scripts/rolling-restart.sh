#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/rolling-restart.sh [--folder DIR]

Restarts the JVMs of a running scripts/fleet.sh one after the other, so that no
request is lost: each one first says that it is not ready, HAProxy sends no more
to it, it answers what it has in hand and books its clicks; the next one's turn
comes when it is ready again and back in HAProxy.

  --folder DIR   the fleet's folder   (var/fleet)
  --help         this text

Builds first if sources are newer than the last build: then this is a deploy.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"

FLEET=$ROOT/var/fleet
while (($#)); do
  case $1 in
    --folder)
      (($# > 1)) || die '--folder needs a folder'
      FLEET=$(absolute "$2")
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done
running "$(fleet_pid haproxy)" || die "no fleet runs in $FLEET: start one with scripts/fleet.sh, or name its folder"
(($(fleet_value instances) > 1)) || die 'with one JVM a restart is an outage; scripts/fleet.sh --instances 2 has two'

find_java
build_if_needed
fleet_prepare
for name in $(fleet_names); do
  began=$SECONDS
  fleet_restart "$name"
  say "$name restarted in $((SECONDS - began)) s"
done
