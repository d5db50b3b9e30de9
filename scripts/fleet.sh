#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/fleet.sh [options]

Runs several Shortwave JVMs behind HAProxy on this machine, with the embedded
PostgreSQL and, from two JVMs on, Redis; in the foreground, until Ctrl-C stops
all of it in order. Needs haproxy and, from two JVMs on, redis-server, on the
PATH or where Debian and Homebrew have them.

  --instances N   JVMs                               (2)
  --port N        HAProxy's port, loopback only      (8080; 0 takes a free one)
  --folder DIR    data, logs and process ids         (var/fleet)
  --seeds DIR     CSV files to load, '' for none     (seeds)
  --stop          stop the fleet in --folder instead
  --help          this text

While it runs, scripts/rolling-restart.sh restarts one JVM after the other. A
PostgreSQL that ends is started again; to try what happens without it, stop it
in its tracks: kill -STOP "$(head -n 1 var/fleet/postgres/postmaster.pid)"; and
kill -CONT brings it back.
SHORTWAVE_… variables count for every JVM, PROXY_… ones (haproxy/haproxy.cfg)
for HAProxy; here one client has no limits unless PROXY_WRITES,
PROXY_CLIENT_REQUESTS and PROXY_CLIENT_MAXCONN say so.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"

instances=2
port=8080
seeds=$ROOT/seeds
FLEET=$ROOT/var/fleet
stop=
while (($#)); do
  case $1 in
    --instances | --port | --folder | --seeds) (($# > 1)) || die "$1 needs a value (try --help)" ;;
  esac
  case $1 in
    --instances)
      { [[ $2 =~ ^[1-9][0-9]?$ ]] && ((10#$2 <= 16)); } || die "--instances takes a number from 1 to 16, not '$2'"
      instances=$2
      shift
      ;;
    --port)
      { [[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 <= 65535)); } || die "--port takes a port number from 0 to 65535, not '$2'"
      port=$2
      shift
      ;;
    --folder) FLEET=$(absolute "$2"); shift ;;
    --seeds) seeds=${2:+$(absolute "$2")}; shift ;;
    --stop) stop=yes ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done

if [[ -n $stop ]]; then
  fleet_lives >/dev/null || die "no fleet runs in $FLEET"
  # The process that started it stops it; after run-tier.sh --keep there is none.
  if running "$(fleet_value runner)"; then
    kill -TERM "$(fleet_value runner)"
    ended "$(fleet_value runner)" 120 || die "$FLEET does not stop"
  else
    fleet_stop
  fi
  exit
fi

find_java
fleet_tools "$instances"
! left=$(fleet_lives) || die "a fleet runs in $FLEET already, or what is left of one ($left); end it with --stop"
# Two HAProxies may have the same port, and the system would share the clients out among them.
((!port)) || require_free_port "$port" "HAProxy's" '--port names another one'
build_if_needed

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP
  say 'stopping'
  fleet_stop
  rm -f "$FLEET/runner"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 0' INT TERM HUP
(umask 077 && mkdir -p "$FLEET")
echo $$ >"$FLEET/runner"
fleet_start "$instances" "$port" "$seeds"
say "ready at $(fleet_url) with $instances JVMs; statistics: http://127.0.0.1:$(fleet_value haproxy.stats)/; logs: $FLEET; Ctrl-C stops all"
while running "$(fleet_pid haproxy)"; do
  sleep 1 &
  wait $! || true
done
fleet_failed haproxy 'ended'
